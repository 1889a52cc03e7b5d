import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Fact } from "../fact.ts";
import type { State } from "../state.ts";

/** A key that is enrolled for stops signs nothing else (COM-19): it lies ready while its person's own key is locked. */
export function keyUseProblem(state: State, token: Verified<unknown>, fact: Fact): Refusal | null {
  const use = state.keys.get(token.key.kid)?.use;
  if (use === "border")
    return refusal("token_key_restricted", "this key of another domain's gateway is heard at the border only");
  if (use === "settlement" && fact.typ !== "settlement+jwt")
    return refusal("token_key_restricted", "this key of another domain signs messages about settlements only");
  if (use === "query" && !isOfQueryKey(fact.typ))
    return refusal("token_key_restricted", "this key is heard in questions to this domain's trail only");
  if (use !== "stop") return null;
  if (fact.typ === "override+jwt" && fact.claims.action === "stop") return null;
  return refusal("token_key_restricted", "this key signs stops only: unlock your own key");
}

/** What a person of the console says to another domain: questions, decisions about them, requests for evidence (XDA-71). */
export const isOfQueryKey = (typ: string): boolean =>
  typ === "audit-query+jwt" || typ === "audit-query-decision+jwt" || typ === "evidence-request+jwt";
