import { must } from "../../base/assert.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import type { ArgumentsForm } from "./arguments-text.ts";
import { type DecisionTerms, PLAIN } from "./decision.ts";
import type { GateDetail } from "./gate-detail.ts";

/** How the arguments stood on screen when the decision was given. */
export interface ArgumentsShown {
  readonly form: ArgumentsForm;
  /** Characters of that form, and how many of them were unfolded. */
  readonly characters: number;
  readonly charactersShown: number;
}

/**
 * What the operator was shown, as one JSON value (C1, ACP-11). Everything comes from the request as drawn, so that another
 * argument, target, rule or text gives another digest.
 */
export function shownView(detail: GateDetail, shown: ArgumentsShown, terms: DecisionTerms = PLAIN): Json {
  const { claims } = detail;
  const { less, alone, committed } = terms;
  return {
    view_ver: 3,
    request: { jti: claims.jti, hash: detail.digest },
    wid: claims.wid,
    agent: claims.iss,
    action: claims.task.exec_act,
    target: claims.task.target ?? null,
    args_hash: detail.argsHash,
    args_text: detail.canonicalArgs,
    args_shown: { form: shown.form, characters: shown.characters, characters_shown: shown.charactersShown },
    consequence: claims.consequence,
    rule_ids: [...claims.rule_ids],
    role: claims.role,
    approvals: claims.approvals,
    on_timeout: detail.row.onTimeout,
    agents_words: detail.narrative,
    alternatives: [...claims.explanation.alternatives],
    confidence: claims.explanation.confidence,
    predecessors: detail.predecessors.map((task) => task.jti),
    follows: { direct: detail.follows.direct, all: detail.follows.all },
    reach: {
      agents: detail.reach.agents.map((one) => [one.agent, one.tasks, one.irreversible]),
      limits: Object.fromEntries(detail.reach.limits.map(({ name, values }) => [name, values])),
    },
    lineage: detail.lineage === null ? null : lineageShown(detail.lineage),
    evidence: detail.evidence.map(({ jti, level }) => ({ jti, level })),
    previous:
      detail.previous === null
        ? null
        : { jti: detail.previous.request, state: detail.previous.state, args_hash: detail.previous.argsHash },
    modified: less === null ? null : { args_hash: less.argsHash, args_text: less.canonicalArgs },
    alone,
    // The agent's words were there only after this.
    committed: committed === null ? null : { outcome: committed.outcome, at: committed.at },
  };
}

function lineageShown({ policy, steps }: NonNullable<GateDetail["lineage"]>): Json {
  return {
    policy: policy.jti,
    nodes: steps.map(({ node, from, narrowed }) => ({
      node,
      from,
      narrowed: Object.fromEntries(narrowed.map(({ name, value }) => [name, value])),
    })),
  };
}

/** base64url SHA-256 of bytes or of a text's UTF-8. */
export async function sha256Text(text: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text))));
}

/** Digest of a shown view over its RFC 8785 text: `view.hash` of the decision. */
export async function viewDigest(view: Json): Promise<string> {
  const text = canonicalText(view);
  return sha256Text(must(text.ok ? text.value : null, "a shown view has a canonical form"));
}
