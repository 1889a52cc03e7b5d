import type { PolicyRow } from "../../../api/contract/policy.ts";
import type { WorkflowSummary } from "../../../api/contract/workflow.ts";
import { err, ok, type Result } from "../../../base/result.ts";
import { checkDraftText } from "../../../protocol/acp/check-draft.ts";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { forRun, type Issue, reissued } from "../../../protocol/acp/reissue.ts";
import { formatInstant } from "../../../ui/instant.tsx";
import { cutText, shortenMiddle, visibleText } from "../../../ui/visible-text.ts";

/** A policy that a start can begin with. */
export interface PolicySource {
  readonly id: string;
  readonly jti: string;
  /** In words, with everything unseen named: names of runs are of whoever recorded them. */
  readonly name: string;
  /** The draft; null where the policy is to be fetched. */
  readonly text: string | null;
}

export interface Known {
  /** Texts by the id of the policy they were made of. */
  readonly drafts: Readonly<Record<string, string>>;
  readonly policies: readonly PolicyRow[];
  readonly workflows: readonly WorkflowSummary[];
  /** The recording that is started, and under which id. */
  readonly digest: string;
  readonly wid: string;
}

const MAX_NAME = 60;

/** Drafts first, whatever recording they are for; then the policies under which this recording ran, the newest first. */
export function policySources({ drafts, policies, workflows, digest, wid }: Known): PolicySource[] {
  const nameOf = (policy: PolicyRow | undefined): string => {
    const name = policy?.workflow?.runName ?? "";
    return visibleText(cutText(name === "" ? shortenMiddle(policy?.jti ?? "") : name, MAX_NAME).head);
  };
  const ran = new Set(workflows.filter((one) => one.run.digest === digest && one.wid !== wid).map((one) => one.wid));
  return [
    ...Object.entries(drafts).map(([jti, text]) => {
      const policy = policies.find((one) => one.jti === jti);
      const about = policy === undefined ? shortenMiddle(jti) : nameOf(policy);
      return { id: `draft ${jti}`, jti, text, name: `draft of the policy for ${about}` };
    }),
    ...policies
      .filter((policy) => policy.parent === null && ran.has(policy.wid))
      .toSorted((a, b) => b.seq - a.seq)
      .map((policy) => ({
        ...{ id: `policy ${policy.jti}`, jti: policy.jti, text: null },
        name: `an earlier run of ${nameOf(policy)}, ${formatInstant(policy.iat * 1000)}`,
      })),
  ];
}

export interface SourceProblem {
  readonly code: "not_a_policy" | "agents_missing";
  readonly detail: string;
}

export interface NewRun extends Issue {
  readonly wid: string;
  readonly agents: readonly string[];
}

/** A policy as the JSON of one for a new run: its agents, its ids, its issuer, the same lifetime (ACP-62). */
export function adaptedText(text: string, { wid, agents, ...issue }: NewRun): Result<string, SourceProblem> {
  const checked = checkDraftText(text);
  if (!checked.ok)
    return err({ code: "not_a_policy", detail: `it is no policy yet: ${checked.error[0]?.message ?? "not JSON"}` });
  // Checked: and members that this version does not know go along.
  const document = JSON.parse(text) as AcpClaims;
  const adapted = forRun(document, { wid, agents });
  if (adapted.ok) return ok(JSON.stringify(reissued(adapted.value, issue), null, 2));
  const { code, names } = adapted.error;
  return err({ code, detail: `this run has no agent of the name ${names.join(", ")}` });
}
