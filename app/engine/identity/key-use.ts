import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Fact } from "../fact.ts";
import type { State } from "../state.ts";

/** A key that is enrolled for stops signs nothing else (COM-19): it lies ready while its person's own key is locked. */
export function keyUseProblem(state: State, token: Verified<unknown>, fact: Fact): Refusal | null {
  const use = state.keys.get(token.key.kid)?.use;
  // Beside the border it answers for what is undone of its own domain's trail, which its rollback then checks (CAS-37).
  if (use === "border" && fact.typ !== "rollback-result+jwt")
    return refusal("token_key_restricted", "this key of another domain's gateway is heard at the border only");
  if (use === "settlement" && fact.typ !== "settlement+jwt")
    return refusal("token_key_restricted", "this key of another domain signs messages about settlements only");
  if (use === "query" && !isOfQueryKey(fact.typ))
    return refusal("token_key_restricted", "this key is heard in questions to this domain's trail only");
  if (use === "verifier" && !isOfVerifierKey(fact.typ))
    return refusal("token_key_restricted", "this key of another domain's verifier signs results only");
  if (use !== "stop") return null;
  if (fact.typ === "override+jwt" && fact.claims.action === "stop") return null;
  return refusal("token_key_restricted", "this key signs stops only: unlock your own key");
}

/**
 * What a person of the console says to another domain: questions, decisions about them, requests for evidence, orders (XDA-71),
 * and what finance says of its accounts (XDA-82).
 */
export const isOfQueryKey = (typ: string): boolean =>
  typ === "audit-query+jwt" ||
  typ === "audit-query-decision+jwt" ||
  typ === "evidence-request+jwt" ||
  typ === "domain-order+jwt" ||
  FINANCE.has(typ);

const FINANCE: ReadonlySet<string> = new Set([
  "tariff+jwt",
  "settlement+jwt",
  "usage-correction+jwt",
  "ledger-import+jwt",
]);

/** What another domain's verifier says: what it makes of an agent, and what a benchmark of it came to (BEH-27). */
export const isOfVerifierKey = (typ: string): boolean => typ === "ear+jwt" || typ === "bench-result+jwt";
