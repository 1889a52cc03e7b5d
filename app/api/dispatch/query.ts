import type * as z from "zod";
import { toBase64url } from "../../base/bytes.ts";
import type { Host } from "../../host/open-host.ts";
import type { QueryAnswer, queryInputSchema, selectedSchema } from "../contract/query.ts";
import { positionOf } from "./base.ts";
import { readRuns, showRow } from "./entries.ts";

/** One page of the entries that a query selects. */
export async function queryPage(
  host: Host,
  { expression, order, cursor, limit }: z.infer<typeof queryInputSchema>,
): Promise<QueryAnswer> {
  const { bits, complete, indexed, tookMs, problems } = await host.queries.select(expression);
  const runs = await readRuns(host);
  const newest = order === "newest";
  const step = (seq: number): number => (newest ? bits.previous(seq) : bits.next(seq));
  const rows = [];
  let seq = step(cursor ?? (newest ? bits.size : -1));
  for (; seq !== -1 && rows.length < limit; seq = step(seq)) {
    const row = host.index.row(seq);
    if (row !== undefined) rows.push(showRow(host, runs, row));
  }
  return {
    position: await positionOf(host),
    rows,
    total: bits.count(),
    next: seq === -1 ? null : (rows.at(-1)?.seq ?? null),
    complete,
    indexed,
    tookMs,
    problems: [...problems],
  };
}

/** The entries that a query selects, a bit each. */
export async function selectedOf(host: Host, expression: string): Promise<z.infer<typeof selectedSchema>> {
  const { bits, complete, indexed, problems } = await host.queries.select(expression);
  return {
    position: await positionOf(host),
    bits: toBase64url(bits.bytes()),
    total: bits.count(),
    complete,
    indexed,
    problems: [...problems],
  };
}
