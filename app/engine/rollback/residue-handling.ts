import { err, ok, type Result } from "../../base/result.ts";
import { residuesOf } from "../../protocol/cascade/rollback-state.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { MAY_RELEASE, roleProblem } from "../identity/roles.ts";
import { tokenDraft } from "../records.ts";
import type { State } from "../state.ts";

/** A person takes a residue on, gives it to another, or says that it is dealt with (CAS-33). */
export function decideResidueHandling(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"residue-handling+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const problem = handlingProblem(state, fact.claims, moment.nowS);
  return problem === null ? ok([tokenDraft(token, fact)]) : err(problem);
}

function handlingProblem(
  state: State,
  { iss, rb_id: rbId, n, verb, assignee }: FactOf<"residue-handling+jwt">["claims"],
  nowS: number,
): Refusal | null {
  const denied = isHuman(iss)
    ? roleProblem(state, iss, MAY_RELEASE, nowS, { code: "rollback_denied", what: "handling what is left" })
    : refusal("rollback_denied", "what is left is handled by people");
  if (denied !== null) return denied;
  const rollback = state.rollbacks.get(rbId);
  const run = rollback?.run ?? null;
  if (rollback === undefined || run === null)
    return refusal("rollback_unknown", "no such rollback in this log", { claim: "rb_id" });
  if (rollback.endedAt === null) return refusal("residue_not_final", "it still goes on: what is left is not known yet");
  if (!residuesOf(run).some((residue) => residue.n === n))
    return refusal("residue_unknown", "this step has left nothing", { claim: "n" });
  const isSettled = (rollback.residues.get(n)?.settled ?? null) !== null;
  if (isSettled !== (verb === "reopen"))
    return refusal("residue_state", isSettled ? "it is dealt with: open it again first" : "it is open", {
      claim: "verb",
    });
  const known = [...state.keys.values()].some(({ subject }) => subject === assignee);
  return assignee === undefined || (isHuman(assignee) && known)
    ? null
    : refusal("residue_assignee_unknown", "nobody is enrolled under this name", { claim: "assignee" });
}

export function evolveResidueHandling(
  state: State,
  logged: LoggedFact,
  { claims }: FactOf<"residue-handling+jwt">,
): void {
  const rollback = state.rollbacks.get(claims.rb_id);
  if (rollback === undefined) return;
  const before = rollback.residues.get(claims.n);
  const settled =
    claims.verb === "settle" ? { by: claims.iss, at: logged.receivedAt, reason: claims.reason ?? "" } : null;
  rollback.residues.set(claims.n, {
    assignee: claims.assignee ?? before?.assignee ?? null,
    settled,
    reopened: claims.verb === "reopen" ? (claims.reason ?? null) : (before?.reopened ?? null),
    entry: logged.seq,
  });
}
