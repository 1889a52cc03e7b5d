import type { GateRow } from "../../../api/contract/gate.ts";
import type { DecidedAlike } from "../../../protocol/acp/draft-from-decisions.ts";

/** Fewer equal answers are no habit [ours]. */
export const MIN_ALIKE = 3;

export interface AlikeGroup extends DecidedAlike {
  readonly likeness: string;
  readonly count: number;
}

/**
 * Look-alikes that people answered the same way each time, the most frequent first (N5, R2). What nobody answered, what
 * changed before it ran and what one person let through in an emergency is no habit, and neither is a class with two answers.
 */
export function decidedAlike(rows: readonly GateRow[]): AlikeGroup[] {
  const groups = new Map<string, { first: GateRow; rules: Set<string>; answers: Set<string>; count: number }>();
  for (const row of rows) {
    const answer = answerOf(row);
    if (answer === null) continue;
    const group = groups.get(row.likeness) ?? { first: row, rules: new Set(), answers: new Set(), count: 0 };
    groups.set(row.likeness, group);
    for (const id of row.ruleIds) group.rules.add(id);
    group.answers.add(answer);
    group.count += 1;
  }
  return [...groups]
    .filter(([, { answers, count }]) => answers.size === 1 && count >= MIN_ALIKE)
    .map(([likeness, { first, rules, answers, count }]) => ({
      likeness,
      count,
      agent: first.agent,
      execAct: first.action,
      ruleIds: [...rules],
      outcome: answers.has("approved") ? ("approved" as const) : ("rejected" as const),
    }))
    .toSorted((a, b) => b.count - a.count);
}

/** `other`: answered, but neither plainly yes nor plainly no. Null where nobody has answered yet, or it was not needed. */
function answerOf(row: GateRow): "approved" | "rejected" | "other" | null {
  if (row.state === "pending" || row.state === "withdrawn") return null;
  if (row.modified || row.breakGlass !== null || row.timedOut || row.state === "aborted") return "other";
  if (row.state === "rejected") return "rejected";
  return row.approvals.given >= row.approvals.required ? "approved" : "other";
}
