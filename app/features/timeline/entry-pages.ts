import type { EntryRow, Position } from "../../api/contract/common.ts";

/** Pages of the list. The log only grows, so a page once read never changes; only its two ends are asked again. */

export type Order = "newest" | "oldest";

/** Which page: towards newer or older entries, from `cursor` on (exclusive); without a cursor from that end of the log. */
export interface PageParam {
  readonly towards: "newer" | "older";
  readonly cursor: number | null;
}

export interface EntryPage {
  readonly position: Position;
  /** In the list's order. */
  readonly rows: readonly EntryRow[];
  /** Entries that match over the whole log, when this page was read. */
  readonly total: number;
  /** Nothing lay beyond this page in the direction it was read, at that time. */
  readonly ended: boolean;
  /** False where the index for queries was still being made: what is here is not all. */
  readonly complete: boolean;
  readonly towards: "newer" | "older";
}

export const PAGE_ROWS = 500;
/** Rows shown above an entry that the list is opened at. */
const LEAD_ROWS = 8;

interface PageInput {
  readonly order: Order;
  readonly limit: number;
  readonly cursor?: number;
}

/** The first page: from the end the order begins at, or around an entry. */
export function firstParam(order: Order, at: number | null): PageParam {
  if (order === "newest") return { towards: "older", cursor: at === null ? null : at + LEAD_ROWS + 1 };
  return { towards: "newer", cursor: at === null ? null : Math.max(-1, at - LEAD_ROWS - 1) };
}

/** The operation's input for a page; reading towards newer entries is oldest first. */
export function pageInput(param: PageParam): PageInput {
  return {
    order: param.towards === "older" ? "newest" : "oldest",
    limit: PAGE_ROWS,
    ...(param.cursor === null || param.cursor < 0 ? {} : { cursor: param.cursor }),
  };
}

/** An answer as a page of the list: rows in the list's order. */
export function pageOf(
  answer: {
    readonly position: Position;
    readonly rows: readonly EntryRow[];
    readonly total: number;
    readonly next: number | null;
    readonly complete?: boolean;
  },
  param: PageParam,
  order: Order,
): EntryPage {
  const read = param.towards === "older" ? "newest" : "oldest";
  return {
    position: answer.position,
    rows: read === order ? answer.rows : [...answer.rows].reverse(),
    total: answer.total,
    ended: answer.next === null,
    complete: answer.complete !== false,
    towards: param.towards,
  };
}

/** The page after the last one in the list's order, or null at the end. */
export function paramAfter(pages: readonly EntryPage[], order: Order, newest: number | null): PageParam | null {
  const last = pages.flatMap((page) => page.rows).at(-1);
  return paramBeyond(pages, last, order === "newest" ? "older" : "newer", newest);
}

/** The page before the first one in the list's order, or null at the beginning. */
export function paramBefore(pages: readonly EntryPage[], order: Order, newest: number | null): PageParam | null {
  const first = pages.flatMap((page) => page.rows)[0];
  return paramBeyond(pages, first, order === "newest" ? "newer" : "older", newest);
}

function paramBeyond(
  pages: readonly EntryPage[],
  edge: EntryRow | undefined,
  towards: "newer" | "older",
  newest: number | null,
): PageParam | null {
  if (towards === "newer") {
    // Whether newer entries match is known from the newest matching one, which is asked again at every notice.
    if (newest === null || (edge !== undefined && newest <= edge.seq)) return null;
    return { towards, cursor: edge?.seq ?? null };
  }
  if (edge === undefined || edge.seq === 0) return null;
  return pages.some((page) => page.towards === "older" && page.ended) ? null : { towards, cursor: edge.seq };
}

/** All rows of the list, each once. */
export function rowsOf(pages: readonly EntryPage[]): readonly EntryRow[] {
  return pages.flatMap((page) => page.rows);
}

/**
 * How many matching entries are newer than the first row of a list that begins at the log's newest end: what matches now,
 * less what matched when the list was begun, less what was read since.
 */
export function newerCount(pages: readonly EntryPage[], totalNow: number): number {
  const begun = pages.find((page) => page.towards === "older");
  if (begun === undefined) return 0;
  const since = pages.filter((page) => page.towards === "newer").reduce((sum, page) => sum + page.rows.length, 0);
  return Math.max(0, totalNow - begun.total - since);
}
