import type { Sha256 } from "../../app/base/ports.ts";
import { systemClock } from "../../app/base/system.ts";
import { turn } from "../../app/base/turn.ts";
import { createAuditIndex } from "../../app/host/audit-index.ts";
import { entryDoc } from "../../app/host/query-index/entry-doc.ts";
import { createQueryDesk, type QueryDesk } from "../../app/host/query-index/query-desk.ts";
import { parseCompact } from "../../app/protocol/jose/compact.ts";
import type { QueryDoc } from "../../app/protocol/query/document.ts";
import { matcherOf, type QueryWorld } from "../../app/protocol/query/matches.ts";
import { parseQuery } from "../../app/protocol/query/parse.ts";
import { createMemoryStorage } from "../../app/storage/memory/memory-storage.ts";
import { playChain } from "./append.ts";
import { type LoadShape, openLoad, value } from "./signed-load.ts";

export interface QueryOptions extends LoadShape {
  /** How often each expression is asked. */
  readonly repetitions: number;
}

/** Ms. */
export interface QuerySample {
  readonly entries: number;
  readonly expressions: number;
  /** From the text of the expression to the entries, by the index. */
  readonly index: readonly number[];
  /** The same by looking at every entry, once for each time. */
  readonly scan: readonly number[];
  /** The slowest expression and its median. */
  readonly slowest: { readonly expression: string; readonly ms: number };
  /** Making the index, and its floor: reading the log and parsing its tokens. */
  readonly build: number;
  readonly read: number;
  /** How long others who asked for the thread had to wait while it was made. */
  readonly waited: readonly number[];
  /** Heap that the index takes beside the list of rows, bytes; null where the platform does not tell. */
  readonly indexBytes: number | null;
}

/** Asks a dozen typical questions of one log in memory, by the index and by looking at every entry, in turn. */
export async function measureQuery(
  sha256: Sha256,
  options: QueryOptions,
  heap: (() => number) | null,
): Promise<QuerySample> {
  const { log } = createMemoryStorage();
  const load = await openLoad(log, sha256, options);
  await Promise.all(load.chains.map((chain) => playChain(load, chain)));
  const { domain } = load.engine.ids;
  const audit = createAuditIndex(log, domain, sha256);
  await audit.catchUp();
  const rows = audit.rows();
  const nameOf = ({ seq }: { readonly seq: number }): string => `stage ${seq % 997} of site ${seq % 31}`;
  const names = async () => nameOf;
  const before = heap?.() ?? null;
  const desk = createQueryDesk({ log, domain, index: audit, clock: systemClock, sha256, names });
  const made = await watched(() => whole(desk));
  const indexBytes = before === null || heap === null ? null : heap() - before;

  const docs: QueryDoc[] = [];
  const readSince = performance.now();
  for await (const chunk of log.read(domain, 0, rows.length)) for (const { token } of chunk) parseCompact(token);
  const read = performance.now() - readSince;
  for await (const chunk of log.read(domain, 0, rows.length))
    for (const entry of chunk) {
      const row = rows[entry.seq];
      if (row !== undefined) docs.push(entryDoc(row, nameOf(row), entry, sha256));
    }
  const { counts, causes } = audit.causes(0, rows.length);
  const starts = new Uint32Array(counts.length + 1);
  for (let at = 0; at < counts.length; at += 1) starts[at + 1] = (starts[at] ?? 0) + (counts[at] ?? 0);
  const world: Omit<QueryWorld, "nowS"> = {
    docs,
    causesOf: (seq) => Array.from(causes.subarray(starts[seq] ?? 0, starts[seq + 1] ?? 0)),
  };

  const found = { index: [] as number[], scan: [] as number[] };
  let slowest = { expression: "", ms: 0 };
  const expressions = questions(docs);
  for (const expression of expressions) {
    const own: number[] = [];
    for (let at = 0; at < options.repetitions; at += 1) {
      const since = performance.now();
      const { bits, problems } = await desk.select(expression);
      own.push(performance.now() - since);
      if (problems.length > 0) throw new Error(`${expression}: ${problems[0]?.detail}`);
      const scanSince = performance.now();
      const parsed = value(parseQuery(expression));
      const matches = docs.filter(matcherOf(parsed, { ...world, nowS: Math.floor(Date.now() / 1000) })).length;
      found.scan.push(performance.now() - scanSince);
      if (matches !== bits.count()) throw new Error(`${expression}: ${bits.count()} by the index, ${matches} in fact`);
    }
    found.index.push(...own);
    const middle = own.sort((a, b) => a - b)[own.length >> 1] ?? 0;
    if (middle > slowest.ms) slowest = { expression, ms: middle };
  }
  return {
    entries: rows.length,
    expressions: expressions.length,
    ...found,
    slowest,
    build: made.ms,
    read,
    waited: made.waited,
    indexBytes,
  };
}

/** Questions of each kind, about what is in this log. */
function questions(docs: readonly QueryDoc[]): readonly string[] {
  const middle = docs[docs.length >> 1];
  const [from = 0, to = 0] = [
    docs[Math.floor(docs.length / 3)]?.receivedAt,
    docs[Math.floor(docs.length / 2)]?.receivedAt,
  ];
  const digest = middle?.digests[0] ?? "";
  return [
    "typ:exec",
    "typ:intent outcome:asked by:a7",
    "severity>=notice or outcome:refused",
    "not typ:record",
    `received:${from}..${to} typ:exec`,
    "last:1h by:spiffe*",
    `jti:${middle?.jti}`,
    `digest:${digest.slice(0, 16)}*`,
    "site 17",
    '"stage 42 of site" action:build*',
    `before:${middle?.seq}`,
    "after:200 (typ:record or seq>50000)",
  ];
}

async function whole(desk: QueryDesk): Promise<void> {
  let selection = await desk.select("");
  while (!selection.complete) selection = await desk.select("");
}

/** How long it took, and how long each time somebody had to wait who asked for the thread again and again. */
async function watched(
  work: () => Promise<void>,
): Promise<{ readonly ms: number; readonly waited: readonly number[] }> {
  let over = false;
  const waited: number[] = [];
  const watch = async (): Promise<void> => {
    while (!over) {
      const since = performance.now();
      await turn();
      waited.push(performance.now() - since);
    }
  };
  const watching = watch();
  const since = performance.now();
  await work();
  const ms = performance.now() - since;
  over = true;
  await watching;
  return { ms, waited };
}
