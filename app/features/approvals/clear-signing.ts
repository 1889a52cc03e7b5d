import { must } from "../../base/assert.ts";
import type { Json } from "../../base/json.ts";
import { hitlRequestClaimsSchema } from "../../protocol/acp/claims.ts";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { parseStrictJson } from "../../protocol/jcs/strict-json.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import type { GateDetail } from "./gate-detail.ts";
import { sha256Text } from "./shown-view.ts";

/** One thing this page recomputed before it lets a person approve. */
export interface SigningCheck {
  readonly id: "request_token" | "request_claims" | "args_canonical" | "args_digest" | "host_verified";
  readonly label: string;
  readonly passed: boolean;
  readonly detail: string;
}

const check = (id: SigningCheck["id"], label: string, passed: boolean, yes: string, no: string): SigningCheck => ({
  id,
  label,
  passed,
  detail: passed ? yes : no,
});

/**
 * Recomputes on the page that what is drawn is what will be signed for and run (F4, ACP-11): the request's token has the
 * digest the decision will name and says what is shown; the arguments are canonical and have the digest the request names.
 * `token` is the request's compact token as logged.
 */
export async function checkRequest(detail: GateDetail, token: string): Promise<readonly SigningCheck[]> {
  const named = detail.claims.task.args_hash;
  const failed = detail.steps.filter((step) => step.result === "failed");
  const [tokenHash, argsHash] = await Promise.all([sha256Text(token), sha256Text(detail.canonicalArgs)]);
  return [
    check(
      "request_token",
      "Request token",
      tokenHash === detail.digest,
      "its SHA-256 is the digest a decision names",
      "the logged token does not have the digest a decision would name",
    ),
    check(
      "request_claims",
      "Request as shown",
      claimsAgree(token, detail.claims),
      "what is shown is what the token says",
      "what is shown differs from what the token says",
    ),
    check(
      "args_canonical",
      "Arguments text",
      isCanonical(detail.canonicalArgs),
      "canonical JSON: it can be read one way only",
      "not canonical JSON: it could be read in more than one way",
    ),
    check(
      "args_digest",
      "Arguments digest",
      argsHash === detail.argsHash && argsHash === named,
      "SHA-256 of the text shown is the digest the request names",
      named === undefined
        ? "the request names no digest of its arguments, so nothing binds them"
        : "SHA-256 of the text shown is not the digest the request names",
    ),
    check(
      "host_verified",
      "Agent's signature",
      failed.length === 0 && detail.steps.some((step) => step.result === "passed"),
      "the host verified the request token step by step",
      failed[0] === undefined
        ? "the host did not verify the request"
        : `${failed[0].check}: ${failed[0].code ?? "failed"}`,
    ),
  ];
}

function isCanonical(text: string): boolean {
  const value = parseStrictJson(text);
  if (!value.ok) return false;
  const again = canonicalText(value.value);
  return again.ok && again.value === text;
}

function claimsAgree(token: string, shown: GateDetail["claims"]): boolean {
  const parsed = parseCompact(token);
  if (!parsed.ok) return false;
  const claims = hitlRequestClaimsSchema.safeParse(parsed.value.payload);
  if (!claims.success) return false;
  return textOf(claims.data) === textOf(shown);
}

function textOf(claims: GateDetail["claims"]): string {
  const text = canonicalText(JSON.parse(JSON.stringify(claims)) as Json);
  return must(text.ok ? text.value : null, "parsed claims have a canonical form");
}
