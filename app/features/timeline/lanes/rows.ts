import type { Grouping, Lane } from "./lanes.ts";

/** What stands below each other: heads of domains that are open, and lanes. */
export type LaneRow =
  | { readonly kind: "head"; readonly domain: string; readonly entries: number }
  | {
      readonly kind: "lane";
      readonly lane: number;
      /** A lane that is a whole domain can be opened where there is something to group by. */
      readonly opens: boolean;
    };

/** Height of a row and of the axis above them, px. */
export const ROW_PX = 28;
export const AXIS_PX = 24;

/** Rows of some lanes; those of two runs side by side have no heads. */
export function rowsOf(lanes: readonly Lane[], by: Grouping, isAligned: boolean): readonly LaneRow[] {
  if (isAligned) return lanes.map((_, lane) => ({ kind: "lane", lane, opens: false }));
  const rows: LaneRow[] = [];
  lanes.forEach((lane, at) => {
    const { domain } = lane.log;
    if (lane.what === "domain") rows.push({ kind: "lane", lane: at, opens: by !== "domain" });
    else {
      if (lanes[at - 1]?.log.domain !== domain) {
        const own = lanes.filter((other) => other.log.domain === domain);
        rows.push({ kind: "head", domain, entries: own.reduce((sum, other) => sum + other.entries.length, 0) });
      }
      rows.push({ kind: "lane", lane: at, opens: false });
    }
  });
  return rows;
}

/** The row of each lane. */
export function rowOfLane(rows: readonly LaneRow[]): Int32Array {
  const own = new Int32Array(rows.length).fill(-1);
  rows.forEach((row, at) => {
    if (row.kind === "lane") own[row.lane] = at;
  });
  return own;
}
