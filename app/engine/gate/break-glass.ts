import { err, ok, type Result } from "../../base/result.ts";
import type { HitlDecisionClaims } from "../../protocol/acp/claims.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { roleProblem } from "../identity/roles.ts";
import { type HostIds, recordDraft, tokenDraft } from "../records.ts";
import type { GateState, State } from "../state.ts";
import { namedGate } from "./named-gate.ts";
import { approvalsDue } from "./terms.ts";

/** The touch an approval by one person alone rests on is fresh, seconds [ours]. */
export const BREAK_GLASS_AUTH_AGE_S = 120;
/** How long somebody else has to look at it (D6). */
export const REVIEW_WITHIN_S = 86_400;
/** Who may say whether it was right. */
export const MAY_REVIEW: readonly string[] = ["duty_manager", "safety_officer"];
/** Oldest authentication a review may rest on, seconds: as a decision's (P3). */
const REVIEW_AUTH_AGE_S = 900;

/** D5, D6: one person stands in for several only where every rule that asks says so, freshly authenticated, with a reason. */
export function breakGlassProblem(
  gate: GateState,
  claims: Pick<HitlDecisionClaims, "iss" | "outcome" | "break_glass" | "auth_time" | "reason">,
  principal: string | undefined,
  nowS: number,
): Refusal | null {
  if (claims.break_glass !== true) return null;
  const denied = (detail: string) => refusal("hitl_break_glass_denied", detail, { claim: "break_glass" });
  if (claims.outcome !== "approve") return denied("only an approval is given alone");
  if (approvalsDue(gate.roles) <= 1) return denied("one approval is enough here: give it as usual");
  const strict = gate.rules.find((rule) => !rule.break_glass);
  if (strict !== undefined) return denied(`rule "${strict.id}" always needs all its approvals (D5)`);
  if (claims.iss === principal)
    return refusal("hitl_not_distinct", "who started the workflow never approves alone in place of several", {
      claim: "iss",
    });
  if (nowS - claims.auth_time > BREAK_GLASS_AUTH_AGE_S)
    return refusal("hitl_auth_stale", `approving alone rests on a touch of the last ${BREAK_GLASS_AUTH_AGE_S} s`, {
      claim: "auth_time",
    });
  if ((claims.reason ?? "").trim() === "")
    return refusal("hitl_reason_missing", "approving alone needs a reason", { claim: "reason" });
  return null;
}

/** Somebody else looks at what was approved alone, and says whether it was right; once (D6). */
export function decideReview(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"hitl-review+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const named = namedGate(state, claims.request);
  if (!named.ok) return named;
  const gate = named.value;
  if (gate.wid !== claims.wid)
    return err(refusal("object_hash_mismatch", "the request belongs to another workflow", { claim: "wid" }));
  const alone = gate.breakGlass;
  if (alone === null || alone.decision !== claims.decision)
    return err(refusal("hitl_review_needless", "that decision was not given alone", { claim: "decision" }));
  if (alone.review !== null) return err(refusal("hitl_reviewed", "it has been reviewed", { jti: gate.request }));
  if (!MAY_REVIEW.includes(claims.role))
    return err(refusal("hitl_role_denied", `a review is given as ${MAY_REVIEW.join(" or ")}`, { claim: "role" }));
  const unheld = roleProblem(state, claims.iss, [claims.role], moment.nowS, {
    code: "hitl_role_denied",
    what: "this review",
    claim: "role",
  });
  if (unheld !== null) return err(unheld);
  if (claims.iss === alone.by)
    return err(refusal("hitl_not_distinct", "nobody reviews what they approved themselves", { claim: "iss" }));
  if (moment.nowS - claims.auth_time > REVIEW_AUTH_AGE_S || claims.auth_time > moment.nowS + 30)
    return err(refusal("hitl_auth_stale", "the authentication is too old: authenticate again", { claim: "auth_time" }));
  return ok([tokenDraft(token, fact)]);
}

/**
 * A day is over and nobody has looked: the log says so, and the console goes on saying it until somebody has. That it is
 * over is for the host's timer to say, as with a deadline: a clock that was set back delays no alarm (ACP-S6).
 */
export function decideReviewDue(state: State, request: string, ids: HostIds, moment: Moment): Result<Draft[], Refusal> {
  const gate = state.gates.get(request);
  const alone = gate?.breakGlass ?? null;
  if (gate === undefined || alone === null)
    return err(refusal("hitl_review_needless", "nothing is to be reviewed there", { jti: request }));
  if (alone.review !== null || alone.overdue) return err(refusal("hitl_reviewed", "it is reviewed or said already"));
  const data = { request, task: gate.task, agent: gate.agent, decision: alone.decision, by: alone.by };
  return ok([recordDraft(ids, moment, "review_overdue", gate.wid, { timer: "review_due", of: request }, data)]);
}
