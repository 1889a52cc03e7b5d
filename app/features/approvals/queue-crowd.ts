import type { GateRow } from "../../api/contract/gate.ts";
import { chatterRuns, FLOOD_WINDOW_S, LIMITS } from "../../protocol/attention/limits.ts";
import { byRisk, groupRows, type QueueGroup, type QueueItem, rowsIn } from "./queue-model.ts";

/** The groups that somebody has opened, by their key. */
export type OpenedGroups = ReadonlySet<string> | "all";

const came = (a: GateRow, b: GateRow): number => a.seq - b.seq;

/** Whether more of what waits came within ten minutes than one person can take in (A1, A6). It ends as they are answered. */
export function isFlood(waiting: readonly GateRow[]): boolean {
  const times = waiting.map(({ openedAt }) => openedAt).toSorted((a, b) => a - b);
  const more = LIMITS.tenMinutes.flood;
  return times.some((at, index) => at - (times[index - more] ?? Number.NEGATIVE_INFINITY) < FLOOD_WINDOW_S);
}

/** What holds them, whatever they are: in a flood the groups are few only so. */
export function causeKey({ wid, ruleIds }: GateRow): string {
  return JSON.stringify([wid, ruleIds.toSorted()]);
}

/** Stays in view however many there are, and comes before the rest in a flood (A6): more of it is so, the higher. */
const gravity = (row: GateRow): number => Number(row.consequence === "irreversible") + Number(row.stopClass);

const byGravity = (a: GateRow, b: GateRow): number => gravity(b) - gravity(a) || byRisk(a, b);

/** By cause: that of the first to come first, then those with the gravest, then the riskiest, request. */
function byCause(waiting: readonly GateRow[]): readonly QueueGroup[] {
  const groups = new Map<string, GateRow[]>();
  for (const row of waiting.toSorted(came)) {
    const key = causeKey(row);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [row]);
    else known.push(row);
  }
  const [first, ...others] = [...groups].map(([key, rows]) => ({ key, rows }));
  if (first === undefined) return [];
  const ranked = others.map((group) => ({ group, gravest: group.rows.toSorted(byGravity)[0] }));
  const byGravest = ({ gravest: a }: (typeof ranked)[number], { gravest: b }: (typeof ranked)[number]): number =>
    a === undefined || b === undefined ? 0 : byGravity(a, b);
  return [first, ...ranked.toSorted(byGravest).map(({ group }) => group)];
}

/** How many of a group came as chatter, three or more within a minute (A4). */
export function chatterIn(rows: readonly GateRow[]): number {
  const times = rows.map(({ openedAt }) => openedAt).toSorted((a, b) => a - b);
  return chatterRuns(times).reduce((sum, [from, to]) => sum + to - from + 1, 0);
}

/**
 * What the list shows: what waits by risk, in a flood by cause and otherwise by likeness, then what was settled as the host
 * orders it. A group of a flood or of chatter is folded into the first that came, the gravest, what cannot be undone and what is stop-class, until
 * it is opened. Nothing is left out but by a line that says how many.
 */
export function queueItems(
  rows: readonly GateRow[],
  opened: OpenedGroups = new Set(),
  selected?: string | undefined,
): readonly QueueItem[] {
  const waiting = rows.filter(({ state }) => state === "pending");
  const settled = rows.filter(({ state }) => state !== "pending");
  const flood = isFlood(waiting);
  const groups = flood ? byCause(waiting) : groupRows(waiting);
  return [
    ...groups.flatMap((group, index) => groupItems(group, { opened, selected, flood, isFirst: index === 0 })),
    ...settled.map((row): QueueItem => ({ kind: "row", key: row.request, row, block: row.request })),
  ];
}

interface Shown {
  readonly opened: OpenedGroups;
  readonly selected: string | undefined;
  readonly flood: boolean;
  readonly isFirst: boolean;
}

function groupItems(group: QueueGroup, { opened, selected, flood, isFirst }: Shown): readonly QueueItem[] {
  const { key, rows } = group;
  const chatter = chatterIn(rows);
  const isCrowd = rows.length > 1 && (flood || chatter > 0);
  const [first] = rows.toSorted(came);
  const item = (row: GateRow): QueueItem => ({
    ...{ kind: "row", key: row.request, row, block: key },
    ...((flood || isCrowd) && row === first ? { firstOut: flood && isFirst ? "all" : "group" } : {}),
  });
  const head: QueueItem = { kind: "group", key: `group ${key}`, group, by: flood ? "cause" : "likeness", chatter };
  const kept = isCrowd ? keptOf(rows, first) : rows;
  const inView = new Set(kept);
  const folded = rows.filter((row) => !inView.has(row));
  const isOpen = opened === "all" || opened.has(key) || isIn(folded, selected);
  return [
    ...(rows.length < 2 ? [] : [head]),
    ...kept.map(item),
    ...(folded.length === 0
      ? []
      : [{ kind: "more" as const, key: `more ${key}`, group: key, count: folded.length, isOpen }]),
    ...(isOpen ? folded.map(item) : []),
  ];
}

/** Which of a folded group stay in view: the first that came, all that is grave, and the gravest where that is graver. */
function keptOf(rows: readonly GateRow[], first: GateRow | undefined): readonly GateRow[] {
  const [gravest, ...others] = rows.filter((row) => row !== first).toSorted(byGravity);
  if (first === undefined || gravest === undefined) return rows;
  const isGraver = first.consequence === "none" && gravest.consequence !== "none";
  return [first, ...(gravity(gravest) > 0 || isGraver ? [gravest] : []), ...others.filter((row) => gravity(row) > 0)];
}

const isIn = (rows: readonly GateRow[], request: string | undefined): boolean =>
  rows.some((row) => row.request === request);

/** The first request in view of a group. */
const firstOf = (items: readonly QueueItem[], group: string): string | null =>
  items.flatMap((item) => (item.kind === "row" && item.block === group ? [item.row.request] : []))[0] ?? null;

/** The group that a request in view belongs to. */
export const blockOf = (items: readonly QueueItem[], request: string | undefined): string | null =>
  items.flatMap((item) => (item.kind === "row" && item.row.request === request ? [item.block] : []))[0] ?? null;

/** What is open once that group is folded: the same request, or the first of the group where it was folded away with it. */
export function foldedTo(
  rows: readonly GateRow[],
  opened: OpenedGroups,
  group: string,
  selected: string | undefined,
): string | undefined {
  const own = blockOf(queueItems(rows, "all"), selected);
  const items = queueItems(rows, opened);
  return own !== group || isIn(rowsIn(items), selected) ? selected : (firstOf(items, group) ?? selected);
}

/** The first request in view of the next group or of the one before; what stands by itself is a group of its own. */
export function stepGroup(items: readonly QueueItem[], selected: string | undefined, by: 1 | -1): string | null {
  const blocks = [...new Set(items.flatMap((item) => (item.kind === "row" ? [item.block] : [])))];
  const own = blockOf(items, selected);
  const at = own === null ? (by === 1 ? -1 : blocks.length) : blocks.indexOf(own);
  const next = blocks[Math.max(0, Math.min(blocks.length - 1, at + by))];
  return next === undefined ? null : firstOf(items, next);
}

/** Look-alikes of a request that waits, the riskiest first; what is decided together is alike, whatever it is grouped by. */
export function alikeTo(waiting: readonly GateRow[], request: string | undefined): readonly GateRow[] {
  const alike = groupRows(waiting).find(({ rows }) => isIn(rows, request));
  return alike === undefined || alike.rows.length < 2 ? [] : alike.rows;
}
