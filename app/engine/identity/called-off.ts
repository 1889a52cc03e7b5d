import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { AUDIT_EXT } from "../audit/statement.ts";
import type { State } from "../state.ts";
import { isHuman } from "./human.ts";
import { MAY_STOP, roleProblem } from "./roles.ts";

/**
 * Why somebody may not call off a drill or a benchmark, or null. It is not signed: it ends what is only a rehearsal or a measure,
 * at once, like a stop. Whoever may stop may, and who it was is on record by the console's word (BEH-68), as a read is (XA-18).
 */
export function callOffProblem(state: State, by: string, nowS: number, code: string): Refusal | null {
  const isEnrolled = [...state.keys.values()].some((key) => key.subject === by && key.use === "all" && key.exp > nowS);
  if (!isHuman(by) || !isEnrolled)
    return refusal("role_subject_unknown", "nobody is enrolled under this id now", { claim: "by" });
  return roleProblem(state, by, MAY_STOP, nowS, { code, what: "calling it off", claim: "by" });
}

/** What its record says of who called it off. */
export const calledOff = (by: string) => ({ called_off_by: by, [AUDIT_EXT.asserted]: ["called_off_by"] });
