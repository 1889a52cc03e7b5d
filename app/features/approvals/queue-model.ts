import type { GateRow } from "../../api/contract/gate.ts";
import type { ApprovalsSearch } from "./approvals-search.ts";

/** Requests that wait for the same cause and look alike: same rules, agent, action and shape of the arguments. */
export interface QueueGroup {
  readonly key: string;
  readonly rows: readonly GateRow[];
}

const GRAVITY: Readonly<Record<GateRow["consequence"], number>> = { irreversible: 2, reversible: 1, none: 0 };
/** Below this a deadline comes before how much follows. */
const SOON_MS = 120_000;

/** What is riskier first: the graver consequence, then a near deadline, then how much follows, then the nearer deadline. */
export function byRisk(a: GateRow, b: GateRow): number {
  const soon = (row: GateRow): number => ((row.remainingMs ?? Number.POSITIVE_INFINITY) <= SOON_MS ? 1 : 0);
  const left = (row: GateRow): number => row.remainingMs ?? Number.POSITIVE_INFINITY;
  return (
    GRAVITY[b.consequence] - GRAVITY[a.consequence] ||
    soon(b) - soon(a) ||
    (b.blast?.irreversible ?? 0) - (a.blast?.irreversible ?? 0) ||
    (b.blast?.tasks ?? 0) - (a.blast?.tasks ?? 0) ||
    compare(left(a), left(b)) ||
    compare(a.request, b.request)
  );
}

const compare = <T extends number | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

export function groupKey(row: GateRow): string {
  const cause = [...row.ruleIds].sort();
  return JSON.stringify([row.wid, row.likeness, cause, row.consequence, row.roles, row.escalated]);
}

/** Groups in the order of their riskiest request; within a group the riskiest first. */
export function groupRows(rows: readonly GateRow[]): readonly QueueGroup[] {
  const groups = new Map<string, GateRow[]>();
  for (const row of [...rows].sort(byRisk)) {
    const key = groupKey(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups].map(([key, group]) => ({ key, rows: group }));
}

/** The line above a group, a request, or the line that stands for those of a group that are folded away (A4, A6). */
export type QueueItem =
  | {
      readonly kind: "group";
      readonly key: string;
      readonly group: QueueGroup;
      /** What its requests have in common: they look alike, or, in a flood, the same rules hold them. */
      readonly by: "likeness" | "cause";
      /** How many of them came as chatter. */
      readonly chatter: number;
    }
  | {
      readonly kind: "row";
      readonly key: string;
      readonly row: GateRow;
      /** The group it is in; its own id where it is settled. */
      readonly block: string;
      /** It came first: of its group, or of a whole flood. */
      readonly firstOut?: "group" | "all";
    }
  | {
      readonly kind: "more";
      readonly key: string;
      /** Key of the group that it opens. */
      readonly group: string;
      readonly count: number;
      readonly isOpen: boolean;
    };

export function rowsIn(items: readonly QueueItem[]): readonly GateRow[] {
  return items.flatMap((item) => (item.kind === "row" ? [item.row] : []));
}

/** Waiting requests of one person above which irreversible ones are never decided together; here they never are (ACP-S4). */
export const MANY_WAIT = 10;
/** Requests decided together at most. */
export const MAX_TOGETHER = 50;

/** Why a group is not decided together; null where it can be. Never what cannot be undone (ACP-S4). */
export function togetherProblem(rows: readonly GateRow[]): string | null {
  if (rows.some((row) => row.consequence === "irreversible")) return "What cannot be undone is decided one by one.";
  if (rows.some((row) => row.commitFirst)) return "Each is judged before its agent's words are read.";
  if (rows.length < 2) return "There is only one.";
  return null;
}

/** The rows of the chosen state. What ran out of time ended like what somebody rejected or aborted, and is apart from it. */
export function rowsOf(rows: readonly GateRow[], { state }: ApprovalsSearch): readonly GateRow[] {
  return state === undefined || state === "all" ? rows : rows.filter((row) => row.timedOut === (state === "timed_out"));
}

/** The filters of the URL, beside state and workflow. */
export function isShown(row: GateRow, search: ApprovalsSearch): boolean {
  return (
    (search.consequence === undefined || row.consequence === search.consequence) &&
    (search.agent === undefined || row.agent === search.agent) &&
    (search.action === undefined || row.action === search.action)
  );
}
