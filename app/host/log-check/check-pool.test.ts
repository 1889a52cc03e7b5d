import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { toBase64url } from "../../base/bytes.ts";
import { ids, startedWorkflow } from "../../engine/engine.fixture.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { entryLeaf } from "../../protocol/audit/entry.ts";
import { QUESTIONS } from "../../protocol/audit/questions.ts";
import { type LogReport, type LogToVerify, verifyLog } from "../../protocol/audit/verify-log.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { openCheckPool } from "./check-pool.ts";
import { channelWorkers } from "./check-worker.fixture.ts";

const sha256 = await createSha256();
let entries: readonly LedgerEntry[];
let log: Omit<LogToVerify, "entries">;

beforeAll(async () => {
  const bench = await startedWorkflow();
  for (const name of ["a", "b"]) {
    await bench.submit(await bench.intent(bench.task(name), "build_site"));
    await bench.engine.submit({ kind: "effect", wid: bench.wid, task: bench.task(name), latch: null });
    await bench.submit(await bench.ect(bench.task(name), "build_site"));
  }
  // An identity in the middle, whose key the tokens behind it need.
  await bench.person("bob", ["viewer"]);
  await bench.submit(await bench.stop());
  const read: LedgerEntry[] = [];
  for await (const chunk of bench.storage.log.read(ids.domain, 0, 1000)) read.push(...chunk);
  entries = read;
  const [heads, head] = [await bench.storage.log.heads(ids.domain), await bench.storage.log.head(ids.domain)];
  const expected = must(head.ok ? head.value : null, "a head");
  log = { logId: ids.logId, ownIds: [ids.pepId, ids.logId], heads: heads.ok ? heads.value : [], expected };
});

async function byWorkers(given: readonly LedgerEntry[], workers: number, batch: number): Promise<LogReport> {
  const fake = channelWorkers(sha256);
  const checker = openCheckPool(fake.ports(workers), log.ownIds, batch);
  const report = await verifyLog({ ...log, entries: [given] }, sha256, { checker });
  checker.close();
  expect(fake.made()).toBeLessThanOrEqual(workers);
  expect(fake.alive()).toBe(0);
  return report;
}

const reseal = (entry: LedgerEntry): LedgerEntry => ({ ...entry, leaf: toBase64url(entryLeaf(entry, sha256)) });
type Change = (all: readonly LedgerEntry[], at: number) => readonly LedgerEntry[];
const replaced =
  (make: (entry: LedgerEntry, all: readonly LedgerEntry[], at: number) => LedgerEntry): Change =>
  (all, at) =>
    all.map((entry, seq) => (seq === at ? make(entry, all, at) : entry));
const CHANGES: Readonly<Record<string, Change>> = {
  untouched: (all) => all,
  altered: replaced((entry) => ({ ...entry, submitter: "urn:other" })),
  "altered and sealed anew": replaced((entry) => reseal({ ...entry, submitter: "urn:other" })),
  "with another's signature": replaced((entry, all, at) => {
    const other = all[(at + 1) % all.length]?.token ?? "";
    return reseal({
      ...entry,
      token: entry.token.replace(/[^.]+$/, other.slice(other.lastIndexOf(".") + 1)),
    });
  }),
  repeated: replaced((entry, all, at) => reseal({ ...entry, token: all[at === 0 ? 1 : at - 1]?.token ?? "" })),
  "dated back": replaced((entry) => reseal({ ...entry, received_at: 1 })),
  "not a token": replaced((entry) => reseal({ ...entry, token: "a.b.c" })),
  removed: (all, at) => all.filter((_, seq) => seq !== at),
  "removed and numbered anew": (all, at) =>
    all.filter((_, seq) => seq !== at).map((entry, seq) => reseal({ ...entry, seq })),
  "brought behind all others": (all, at) =>
    [...all.filter((_, seq) => seq !== at), must(all[at], "an entry")].map((entry, seq) => reseal({ ...entry, seq })),
  "cut off": (all, at) => all.slice(0, at),
};

describe("verifying with workers", () => {
  it("[XA-20] passes an untouched log, and every worker is ended", async () => {
    const report = await byWorkers(entries, 3, 4);
    expect(QUESTIONS.map((question) => report[question].result)).toEqual(Array(5).fill("passed"));
    expect(report.size).toBe(entries.length);
  });

  it("[XA-20] the report is the same for any number of workers, and for none, whatever was done to the log", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(CHANGES)),
        fc.nat({ max: 200 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 9 }),
        async (change, at, workers, batch) => {
          const given = must(CHANGES[change], "a change")(entries, at % entries.length);
          const here = await verifyLog({ ...log, entries: [given] }, sha256);
          expect(await byWorkers(given, workers, batch)).toEqual(here);
          expect(here.firstBad === null).toBe(JSON.stringify(given) === JSON.stringify(entries));
        },
      ),
      { numRuns: 25 },
    );
  });

  it("[XA-20] a worker that ends before it has answered fails the verification and says nothing of the log", async () => {
    const fake = channelWorkers(sha256, (batch) => batch === 2);
    const checker = openCheckPool(fake.ports(2), log.ownIds, 3);
    const report = await verifyLog({ ...log, entries: [entries] }, sha256, { checker });
    expect(report.unfinished?.code).toBe("verification_worker_lost");
    expect(report.firstBad).toBeNull();
    expect(QUESTIONS.map((question) => report[question].result)).toEqual(Array(5).fill("not_checked"));
    expect(fake.alive()).toBe(0);
    const later = await checker.check({ first: 0, entries, keys: neverAsked, identities: new Set() });
    expect(later.ok).toBe(false);
  });

  it("[XA-20] a verification that is cancelled ends without an answer", async () => {
    const cancel = new AbortController();
    const progress: number[] = [];
    cancel.abort();
    const report = await verifyLog({ ...log, entries: [entries] }, sha256, {
      signal: cancel.signal,
      progress: (checked) => progress.push(checked),
    });
    expect([report.unfinished?.code, report.size, progress]).toEqual(["verification_cancelled", 0, []]);
    expect(QUESTIONS.filter((question) => report[question].result === "passed")).toEqual([]);
  });
});

const neverAsked = {
  at: () => must<never>(null, "no key is asked for"),
  bind: () => undefined,
  bindings: () => [],
};
