import { holds } from "../../engine/gate/handling.ts";
import type { GateState, Hold } from "../../engine/state.ts";
import { isStopClass } from "../../protocol/acp/stop-class.ts";
import type { BreakGlass, GateRow } from "../contract/gate.ts";

const held = (hold: Hold): { by: string; at: number; until: number } => ({
  by: hold.by,
  at: hold.at,
  until: hold.until,
});

/** What operators do with a request short of deciding it, as far as it still holds; and what may be done with it. */
export function handlingOf(
  gate: GateState,
  nowS: number,
): Pick<
  GateRow,
  | "claim"
  | "shelf"
  | "deferrals"
  | "offersModify"
  | "modified"
  | "breakGlassAllowed"
  | "breakGlass"
  | "commitFirst"
  | "stopClass"
  | "grantable"
  | "withdrawn"
> {
  const pending = gate.status === "pending";
  const [role, ...others] = gate.roles;
  const single = role !== undefined && others.length === 0 && role.approvals === 1;
  return {
    claim: pending && holds(gate.claim, nowS) ? held(gate.claim) : null,
    shelf: pending && holds(gate.shelf, nowS) ? { ...held(gate.shelf), reason: gate.shelf?.reason ?? "" } : null,
    deferrals: pending ? gate.deferrals.filter((hold) => holds(hold, nowS)).map(held) : [],
    offersModify: gate.claims.options.includes("modify") && gate.claims.task.args !== undefined && single,
    modified: gate.modified !== null,
    breakGlassAllowed: !single && gate.rules.length > 0 && gate.rules.every((rule) => rule.break_glass),
    breakGlass: breakGlassOf(gate),
    commitFirst: gate.rules.some((rule) => rule.commit_first),
    stopClass: isStopClass(gate.rules),
    grantable:
      single && gate.claims.consequence !== "irreversible" && gate.rules.every((rule) => rule.action === "approve"),
    withdrawn: gate.withdrawn?.settled ?? null,
  };
}

function breakGlassOf({ breakGlass }: GateState): BreakGlass | null {
  if (breakGlass === null) return null;
  const { by, decision, at, reason, dueAt, overdue, review } = breakGlass;
  return {
    ...{ by, decision, at, reason, dueAt, overdue },
    review: review === null ? null : { by: review.by, at: review.at, verdict: review.verdict, reason: review.reason },
  };
}

/** One person approved it alone, and nobody has reviewed that yet. */
export const isUnreviewed = ({ breakGlass }: GateState): boolean => breakGlass !== null && breakGlass.review === null;
