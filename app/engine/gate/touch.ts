import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { challengeText } from "../../protocol/acp/touch.ts";
import { assertionProblem } from "../../protocol/identity/assertion.ts";
import type { EnrolledPasskey } from "../../protocol/identity/passkey.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Fact, FactOf } from "../fact.ts";
import type { EnrolledKey, GateState } from "../state.ts";

/** Oldest authentication an approval of what cannot be undone may rest on, seconds (ACP-50). */
export const FRESH_AUTH_S = 120;

type Decision = FactOf<"hitl-decision+jwt">;

/**
 * What cannot be undone is approved by a person who authenticated after it was asked, moments ago, and, where the log knows
 * their passkey, by a touch of it for exactly this (ACP-50, ACP-51, F2). The touch itself was verified on arrival.
 */
export function freshnessProblem(
  gate: GateState,
  { claims }: Decision,
  key: EnrolledKey | undefined,
  nowS: number,
): Refusal | null {
  const approves = claims.outcome === "approve" || claims.outcome === "modify";
  if (!approves || gate.claims.consequence !== "irreversible") return null;
  if (claims.auth_time < gate.openedAt || nowS - claims.auth_time > FRESH_AUTH_S)
    return refusal(
      "hitl_auth_stale",
      `what cannot be undone is approved within ${FRESH_AUTH_S} s of authenticating for it: authenticate again`,
      { claim: "auth_time" },
    );
  if (key?.passkey !== undefined && claims.touch?.kind !== "passkey")
    return refusal("hitl_touch_missing", "what cannot be undone is approved with a touch of the enrolled passkey", {
      claim: "touch",
    });
  return null;
}

/**
 * A touch that comes with a decision is for exactly that decision, and, where the log knows the passkey, made by it with its
 * person verified. Null for everything else.
 */
export async function touchRefusal(
  fact: Fact,
  passkey: EnrolledPasskey | undefined,
  sha256: Sha256,
): Promise<Refusal | null> {
  if (fact.typ !== "hitl-decision+jwt" || fact.claims.touch === undefined) return null;
  const { touch, view, request, outcome, modified } = fact.claims;
  const text = challengeText({ request, outcome, viewHash: view?.hash ?? "", argsHash: modified?.args_hash });
  if (view === undefined || touch.challenge !== toBase64url(sha256(utf8(text))))
    return refusal("hitl_touch_invalid", "the touch was given for another decision", { claim: "touch" });
  if (touch.kind !== "passkey" || passkey === undefined) return null;
  const problem = await assertionProblem(touch, passkey);
  return problem === null
    ? null
    : refusal("hitl_touch_invalid", `the touch is not that of the enrolled passkey: ${problem}`, { claim: "touch" });
}
