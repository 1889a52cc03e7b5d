import type { LaneLog } from "./lane-log.ts";

/** What lanes of a domain are made by; `domain` is one lane for each domain. */
export const GROUPINGS = ["domain", "agent", "kind", "workflow"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** One lane: entries of one log, in the order of time. */
export interface Lane {
  /** Names it over time: domain and what it is made by. */
  readonly key: string;
  readonly log: LaneLog;
  /** What its entries have in common, as it stands in the tokens; null for a lane of a whole domain, and for what has nothing. */
  readonly value: string | null;
  readonly what: "domain" | "group" | "none" | "others";
  /** How many values lie in the lane of the others. */
  readonly values: number;
  readonly entries: Uint32Array;
  /** Places in `entries` of those of each severity, by its number; the first, of what is normal, is empty. */
  readonly marked: readonly Uint32Array[];
}

/** Most lanes of a domain; what is left shares one. */
export const MAX_LANES = 60;

const COLUMN = { agent: "actor", kind: "typ", workflow: "wid" } as const;

export interface LaneChoice {
  readonly by: Grouping;
  /** Domains shown as one lane. */
  readonly closed: ReadonlySet<string>;
  /** Whether an entry is shown at all. */
  shows?(log: LaneLog, seq: number): boolean;
}

/** Lanes of all logs: domain after domain, within it by first appearance. */
export function lanesOf(logs: readonly LaneLog[], { by, closed, shows }: LaneChoice): readonly Lane[] {
  return logs.flatMap((log) => {
    const visible = shows === undefined ? null : (seq: number): boolean => shows(log, seq);
    if (by === "domain" || closed.has(log.domain)) return [wholeLane(log, visible)];
    return groupedLanes(log, COLUMN[by], by, visible);
  });
}

function wholeLane(log: LaneLog, visible: ((seq: number) => boolean) | null): Lane {
  const entries = inTime(log, visible);
  return {
    key: `${log.domain} `,
    log,
    value: null,
    what: "domain",
    values: 1,
    entries,
    marked: markedOf(log, entries),
  };
}

function groupedLanes(
  log: LaneLog,
  column: "actor" | "typ" | "wid",
  by: Grouping,
  visible: ((seq: number) => boolean) | null,
): readonly Lane[] {
  const place = log.word[column];
  const ordered = inTime(log, visible);
  const counts = new Uint32Array(log.words[column].length);
  const first: number[] = [];
  for (const seq of ordered) {
    const value = place[seq] as number;
    if (counts[value] === 0) first.push(value);
    counts[value] = (counts[value] as number) + 1;
  }
  const kept = new Set(
    first.length <= MAX_LANES
      ? first
      : [...first].sort((a, b) => (counts[b] as number) - (counts[a] as number)).slice(0, MAX_LANES - 1),
  );
  const lanes = first.filter((value) => kept.has(value));
  const others = first.length - lanes.length;
  const laneAt = new Int32Array(counts.length).fill(lanes.length);
  lanes.forEach((value, at) => {
    laneAt[value] = at;
  });
  const sizes = new Uint32Array(lanes.length + 1);
  for (const value of first)
    sizes[laneAt[value] as number] = (sizes[laneAt[value] as number] as number) + (counts[value] as number);
  const entries = Array.from(sizes, (size) => new Uint32Array(size));
  const filled = new Uint32Array(sizes.length);
  for (const seq of ordered) {
    const at = laneAt[place[seq] as number] as number;
    const to = filled[at] as number;
    (entries[at] as Uint32Array)[to] = seq;
    filled[at] = to + 1;
  }
  const lane = (at: number, rest: Pick<Lane, "key" | "value" | "what" | "values">): Lane => {
    const own = entries[at] as Uint32Array;
    return { ...rest, log, entries: own, marked: markedOf(log, own) };
  };
  const made = lanes.map((value, at) =>
    value === 0
      ? lane(at, { key: `${log.domain} ${by} none`, value: null, what: "none", values: 1 })
      : lane(at, {
          key: `${log.domain} ${by} ${log.words[column][value]}`,
          value: log.words[column][value] ?? null,
          what: "group",
          values: 1,
        }),
  );
  if (others > 0)
    made.push(lane(lanes.length, { key: `${log.domain} ${by} others`, value: null, what: "others", values: others }));
  return made;
}

function inTime(log: LaneLog, visible: ((seq: number) => boolean) | null): Uint32Array {
  const ordered = log.byTime ?? Uint32Array.from({ length: log.size }, (_, seq) => seq);
  return visible === null ? ordered : ordered.filter(visible);
}

function markedOf(log: LaneLog, entries: Uint32Array): readonly Uint32Array[] {
  const counts = [0, 0, 0, 0];
  for (const seq of entries) {
    const severity = log.severity[seq] as number;
    counts[severity] = (counts[severity] ?? 0) + 1;
  }
  const marked = counts.map((count, severity) => new Uint32Array(severity === 0 ? 0 : count));
  const filled = [0, 0, 0, 0];
  entries.forEach((seq, at) => {
    const severity = log.severity[seq] as number;
    if (severity === 0) return;
    const list = marked[severity];
    if (list === undefined) return;
    list[filled[severity] ?? 0] = at;
    filled[severity] = (filled[severity] ?? 0) + 1;
  });
  return marked;
}

/** The first place in a lane's entries that is not before a time. */
export function placeInLane(lane: Pick<Lane, "entries" | "log">, atMs: number): number {
  const { ms } = lane.log;
  let low = 0;
  let high = lane.entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ms[lane.entries[middle] as number] as number) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Which lane each entry is in, by domain: its place in the list, -1 for what is not shown. */
export function lanePlaces(lanes: readonly Lane[]): ReadonlyMap<string, Int32Array> {
  const places = new Map<string, Int32Array>();
  lanes.forEach(({ log, entries }, at) => {
    const own = places.get(log.domain) ?? new Int32Array(log.size).fill(-1);
    places.set(log.domain, own);
    for (const seq of entries) own[seq] = at;
  });
  return places;
}
