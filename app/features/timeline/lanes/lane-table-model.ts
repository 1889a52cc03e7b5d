import type { Lane } from "./lanes.ts";

/** A line of the grouped table: the head of a lane, or one of its entries. */
export type TableLine =
  | { readonly kind: "head"; readonly lane: number }
  | { readonly kind: "entry"; readonly lane: number; readonly seq: number };

/** The lines of the table, found by their numbers: there are as many as entries, and none is made before it is looked at. */
export interface TableLines {
  readonly count: number;
  at(line: number): TableLine | undefined;
  /** The line of an entry, or -1 where its lane is closed or it is not shown. */
  lineOf(domain: string, seq: number): number;
}

export function tableLines(
  lanes: readonly Lane[],
  places: ReadonlyMap<string, Int32Array>,
  closed: ReadonlySet<string>,
  order: "newest" | "oldest",
): TableLines {
  const begins: number[] = [];
  let count = 0;
  for (const lane of lanes) {
    begins.push(count);
    count += 1 + (closed.has(lane.key) ? 0 : lane.entries.length);
  }
  const seqAt = ({ entries }: Lane, place: number): number =>
    entries[order === "oldest" ? place : entries.length - 1 - place] as number;
  const laneAt = (line: number): number => {
    let low = 0;
    let high = begins.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((begins[middle] as number) <= line) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    count,
    at: (line) => {
      if (line < 0 || line >= count) return undefined;
      const at = laneAt(line);
      const lane = lanes[at] as Lane;
      const place = line - (begins[at] as number) - 1;
      return place < 0 ? { kind: "head", lane: at } : { kind: "entry", lane: at, seq: seqAt(lane, place) };
    },
    lineOf: (domain, seq) => {
      const at = places.get(domain)?.[seq] ?? -1;
      const lane = lanes[at];
      if (lane === undefined || closed.has(lane.key)) return -1;
      const place = placeOf(lane, seq);
      if (place < 0) return -1;
      return (begins[at] as number) + 1 + (order === "oldest" ? place : lane.entries.length - 1 - place);
    },
  };
}

/** The place of an entry in its lane, which is in the order of time, ties in the order of the log. */
function placeOf({ entries, log }: Lane, seq: number): number {
  const atMs = log.ms[seq] as number;
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = entries[middle] as number;
    const ms = log.ms[other] as number;
    if (ms < atMs || (ms === atMs && other < seq)) low = middle + 1;
    else high = middle;
  }
  return entries[low] === seq ? low : -1;
}
