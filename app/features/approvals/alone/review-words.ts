import type { BreakGlass, GateRow } from "../../../api/contract/gate.ts";
import { formatAge } from "../../../ui/duration.ts";

/** Who may say whether an approval given alone was right (ACP-43). */
export const REVIEWERS: readonly string[] = ["duty_manager", "safety_officer"];

export type Due = Pick<GateRow, "request" | "action"> & { readonly breakGlass: BreakGlass };

/** Approvals given alone that nobody has reviewed, the most urgent first. */
export function reviewsDue(rows: readonly GateRow[]): readonly Due[] {
  return rows
    .flatMap(({ request, action, breakGlass }) =>
      breakGlass === null || breakGlass.review !== null ? [] : [{ request, action, breakGlass }],
    )
    .toSorted((a, b) => a.breakGlass.dueAt - b.breakGlass.dueAt);
}

/** Its day is over: by the host's word, or by the clock here where the host has not said so yet. */
export const isOverdue = ({ overdue, dueAt }: BreakGlass, nowS: number): boolean => overdue || nowS >= dueAt;

/** "review due in 23 h", or for how long it is overdue. */
export function dueWords(alone: BreakGlass, nowS: number): string {
  if (isOverdue(alone, nowS)) return `review overdue for ${formatAge(Math.max(0, nowS - alone.dueAt) * 1000)}`;
  return `review due in ${formatAge((alone.dueAt - nowS) * 1000)}`;
}

/** Why somebody cannot review it; null where they can. Where their roles are not known the host judges. */
export function reviewProblem(
  alone: BreakGlass,
  operator: { readonly subject: string; readonly roles: readonly string[] } | null,
): string | null {
  if (operator === null) return "Sign in to review it.";
  if (operator.subject === alone.by) return "You approved it: another duty manager or safety officer reviews it.";
  if (operator.roles.length > 0 && !operator.roles.some((role) => REVIEWERS.includes(role)))
    return "A duty manager or a safety officer reviews it.";
  return null;
}

/** Said in a row of the queue that one person approved alone. */
export function aloneNote({ breakGlass }: Pick<GateRow, "breakGlass">): string | null {
  if (breakGlass === null) return null;
  if (breakGlass.review === null) return "alone, not reviewed";
  return breakGlass.review.verdict === "justified" ? "alone, justified" : "alone, not justified";
}
