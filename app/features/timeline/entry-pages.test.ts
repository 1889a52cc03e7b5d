import { describe, expect, it } from "vitest";
import type { EntryRow } from "../../api/contract/common.ts";
import {
  type EntryPage,
  firstParam,
  newerCount,
  type Order,
  PAGE_ROWS,
  type PageParam,
  pageInput,
  pageOf,
  paramAfter,
  paramBefore,
  rowsOf,
} from "./entry-pages.ts";
import { filterOf, timelineSearchSchema } from "./timeline-search.ts";

const row = (seq: number): EntryRow => ({
  domain: "console.local",
  seq,
  receivedAt: seq,
  typ: "record+jwt",
  jti: null,
  iss: null,
  wid: null,
  action: "a",
  outcome: null,
  task: null,
  taskName: null,
  severity: "info",
  submitter: "urn:x",
});

/** A host in miniature, as the contract describes it: the entries with these places match, the log ends at `size`. */
function host(matching: readonly number[]) {
  return (param: PageParam, order: Order): EntryPage => {
    const input = pageInput(param);
    const { cursor } = input;
    const newest = input.order === "newest";
    const sorted = [...matching].sort((a, b) => (newest ? b - a : a - b));
    const beyond = sorted.filter((seq) => cursor === undefined || (newest ? seq < cursor : seq > cursor));
    const rows = beyond.slice(0, input.limit).map(row);
    const next = beyond.length > rows.length ? (rows.at(-1)?.seq ?? null) : null;
    const position = { domain: "d", size: 1, root: "r", atMs: 0 };
    return pageOf({ position, rows, total: matching.length, next }, param, order);
  };
}
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
const seqs = (pages: readonly EntryPage[]): number[] => rowsOf(pages).map(({ seq }) => seq);

/** Reads on at both ends until they end. */
function readAll(matching: readonly number[], order: Order, at: number | null): EntryPage[] {
  const read = host(matching);
  const newest = matching.at(-1) ?? null;
  const pages = [read(firstParam(order, at), order)];
  for (let param = paramAfter(pages, order, newest); param !== null; param = paramAfter(pages, order, newest))
    pages.push(read(param, order));
  for (let param = paramBefore(pages, order, newest); param !== null; param = paramBefore(pages, order, newest))
    pages.unshift(read(param, order));
  return pages;
}

describe("entry pages", () => {
  it.each([
    ["newest", null],
    ["oldest", null],
    ["newest", 1_200],
    ["oldest", 1_200],
    ["newest", 3],
    ["oldest", 3],
  ] as const)("reads every matching entry once, %s first from %s", (order, at) => {
    const dense = range(0, 2_345);
    const sparse = dense.filter((seq) => seq % 7 === 3);
    for (const matching of [dense, sparse]) {
      const expected = order === "newest" ? [...matching].reverse() : matching;
      expect(seqs(readAll(matching, order, at))).toEqual(expected);
    }
    expect(seqs(readAll([], order, at))).toEqual([]);
  });

  it("begins a few rows above an entry it is opened at", () => {
    const page = host(range(0, 3_000))(firstParam("newest", 1_000), "newest");
    expect(page.rows.findIndex(({ seq }) => seq === 1_000)).toBe(8);
    expect(page.rows).toHaveLength(PAGE_ROWS);
  });

  it("reads what arrived since without reading the rest again, and counts it", () => {
    const order = "newest";
    const pages = [host(range(0, 1_000))(firstParam(order, null), order)];
    pages.push(host(range(0, 1_010))(paramAfter(pages, order, 1_009) as PageParam, order));
    expect(newerCount(pages, 1_010)).toBe(10);
    const param = paramBefore(pages, order, 1_009) as PageParam;
    expect(param).toEqual({ towards: "newer", cursor: 999 });
    pages.unshift(host(range(0, 1_010))(param, order));
    expect(seqs(pages)).toEqual(range(0, 1_010).reverse());
    expect(newerCount(pages, 1_010)).toBe(0);
    expect(paramBefore(pages, order, 1_009)).toBeNull();
  });
});

describe("timeline search", () => {
  it("reads a link, drops what is not a filter, and keeps to what the contract takes", () => {
    const search = timelineSearchSchema.parse({
      wid: "x",
      agent: "urn:a",
      entry: "12",
      order: "up",
    });
    expect(search.entry).toBe(12);
    expect(search.order).toBeUndefined();
    expect(filterOf(search)).toEqual({ agent: "urn:a" });
    expect(filterOf(timelineSearchSchema.parse({ outcome: "  ", entry: "-3" }))).toEqual({});
  });
});
