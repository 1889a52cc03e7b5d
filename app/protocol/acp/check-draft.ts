import type * as z from "zod";
import { utf8 } from "../../base/bytes.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { acceptanceProblems } from "./accept-acp.ts";
import { type AcpClaims, acpClaimsSchema } from "./claims.ts";

/** What is wrong with a policy that is being written, with the code under which its token would be refused (P1). */
export interface DraftProblem {
  readonly code: string;
  /** Where in the claims, e.g. `dag.nodes.2.actions`; `text` where it is all of them. */
  readonly place: string;
  readonly message: string;
}

/** A token is at most 16,384 bytes (COM-1): base64url makes four characters of three bytes, header and signature come on top. */
export const MAX_POLICY_BYTES = 12_000;

export function policyBytes(policy: object): number {
  return utf8(JSON.stringify(policy)).length;
}

/**
 * Whether claims are a policy that the enforcement point would take, by the same rules (P1 steps 2 to 8, ACP-15); with all that
 * is wrong at the first step that fails.
 */
export function checkDraft(document: unknown): Result<AcpClaims, readonly DraftProblem[]> {
  const parsed = acpClaimsSchema.safeParse(document);
  if (!parsed.success) return err(parsed.error.issues.flatMap(problemsOf));
  const bytes = policyBytes(parsed.data);
  if (bytes > MAX_POLICY_BYTES)
    return err([
      {
        code: "token_too_large",
        place: "dag",
        message: `the policy has ${bytes} bytes; a token holds ${MAX_POLICY_BYTES}: use patterns`,
      },
    ]);
  const problems = acceptanceProblems(parsed.data);
  return problems.length === 0
    ? ok(parsed.data)
    : err(problems.map(({ code, at, detail }) => ({ code, place: at, message: detail })));
}

/** The same for a text that is being typed. */
export function checkDraftText(text: string): Result<AcpClaims, readonly DraftProblem[]> {
  try {
    return checkDraft(JSON.parse(text));
  } catch (error) {
    const message = error instanceof Error ? error.message : "not JSON";
    return err([{ code: "json_malformed", place: "text", message }]);
  }
}

/** ACP-9: an unknown limit has a code of its own and is named. */
function problemsOf(issue: z.core.$ZodIssue): DraftProblem[] {
  const place = issue.path.join(".");
  if (issue.code === "unrecognized_keys" && issue.path.at(-1) === "constraints")
    return issue.keys.map((name) => ({
      code: "acp_unknown_constraint",
      place: `${place}.${name}`,
      message: `no constraint is called "${name}"`,
    }));
  return [{ code: "acp_claim_invalid", place: place === "" ? "text" : place, message: issue.message }];
}
