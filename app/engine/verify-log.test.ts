import { describe, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import { toBase64url } from "../base/bytes.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";
import { entryLeaf } from "../protocol/audit/entry.ts";
import { type LogToVerify, verifyLog } from "../protocol/audit/verify-log.ts";
import { type Bench, ids, sha256, startedWorkflow } from "./engine.fixture.ts";

async function stored(bench: Bench): Promise<LogToVerify & { entries: readonly (readonly LedgerEntry[])[] }> {
  const entries: LedgerEntry[] = [];
  for await (const chunk of bench.storage.log.read(ids.domain, 0, 10_000)) entries.push(...chunk);
  const heads = await bench.storage.log.heads(ids.domain);
  const head = await bench.storage.log.head(ids.domain);
  const { size, root } = must(head.ok ? head.value : null, "a head");
  return {
    logId: ids.logId,
    ownIds: [ids.pepId, ids.logId],
    entries: [entries],
    heads: heads.ok ? heads.value : [],
    expected: { size, root },
  };
}

async function busyLog(): Promise<LogToVerify & { entries: readonly (readonly LedgerEntry[])[] }> {
  const bench = await startedWorkflow();
  for (const name of ["a", "b", "c"]) {
    bench.clock.advance(1);
    await bench.submit(await bench.intent(bench.task(name), "build_site"));
    await bench.engine.submit({ kind: "effect", wid: bench.wid, task: bench.task(name), latch: null });
    await bench.submit(await bench.ect(bench.task(name), "build_site"));
  }
  await bench.submit(await bench.stop());
  return stored(bench);
}

const reseal = (entry: LedgerEntry): LedgerEntry => ({ ...entry, leaf: toBase64url(entryLeaf(entry, sha256)) });
const renumber = (entries: readonly LedgerEntry[]): LedgerEntry[] =>
  entries.map((entry, seq) => reseal({ ...entry, seq }));

describe("verifying a log", () => {
  it("[XA-20] gives five separate answers, all passed for an untouched log", async () => {
    const log = await busyLog();
    const report = await verifyLog(log, sha256);
    expect(report.firstBad).toBeNull();
    expect(
      [report.authentic, report.included, report.consistent, report.complete, report.plausible].map(
        (answer) => answer.result,
      ),
    ).toEqual(Array(5).fill("passed"));
    expect(report.size).toBe(log.expected.size);
  });

  const at = 9;
  const mutations: [string, (entries: readonly LedgerEntry[]) => readonly LedgerEntry[], string, number][] = [
    [
      "altered",
      (all) => all.map((entry, seq) => (seq === at ? { ...entry, submitter: "urn:other" } : entry)),
      "log_leaf_mismatch",
      at,
    ],
    [
      "altered with its leaf made anew",
      (all) => all.map((entry, seq) => (seq === at ? reseal({ ...entry, token: all[at - 1]?.token ?? "" }) : entry)),
      "token_replayed",
      at,
    ],
    ["deleted", (all) => all.filter((_, seq) => seq !== at), "log_gap", at],
    ["inserted", (all) => all.flatMap((entry, seq) => (seq === at ? [entry, entry] : [entry])), "log_gap", at + 1],
    [
      "swapped with the next",
      (all) =>
        all.map((entry, seq) => (seq === at ? (all[at + 1] ?? entry) : seq === at + 1 ? (all[at] ?? entry) : entry)),
      "log_gap",
      at,
    ],
    ["cut off with all after it", (all) => all.slice(0, at), "log_truncated", at],
    [
      "dated back",
      (all) => all.map((entry, seq) => (seq === at ? reseal({ ...entry, received_at: 1 }) : entry)),
      "log_time_order",
      at,
    ],
  ];

  it.each(mutations)("[XA-S1] [C2] an entry %s is found and located", async (_what, mutate, code, seq) => {
    const log = await busyLog();
    const report = await verifyLog({ ...log, entries: [mutate(log.entries[0] ?? [])] }, sha256);
    expect([report.firstBad?.code, report.firstBad?.seq, report.entriesBefore]).toEqual([code, seq, seq]);
    expect(
      [report.authentic, report.included, report.consistent, report.complete, report.plausible].filter(
        (answer) => answer.result === "passed",
      ),
    ).toEqual([]);
  });

  it("[XA-S1] an entry left out and the rest numbered anew is found by the signed heads", async () => {
    const log = await busyLog();
    const rest = renumber((log.entries[0] ?? []).filter((_, seq) => seq !== at));
    const report = await verifyLog(
      { ...log, entries: [rest], expected: { size: rest.length, root: log.expected.root } },
      sha256,
    );
    expect(report.firstBad?.code).toMatch(/log_truncated|log_root_mismatch|token_/);
  });

  it("[XA-12] [C2] a tail cut with its heads is found by whoever remembers an earlier head", async () => {
    const bench = await startedWorkflow();
    const before = await stored(bench);
    await bench.submit(await bench.intent(bench.task("a"), "build_site"));
    const after = await stored(bench);
    expect((await verifyLog({ ...before, pinned: after.expected }, sha256)).firstBad?.code).toBe("log_truncated");
    expect((await verifyLog({ ...after, pinned: before.expected }, sha256)).firstBad).toBeNull();
    const other = await stored(await startedWorkflow());
    expect((await verifyLog({ ...after, pinned: other.expected }, sha256)).firstBad?.code).toBe("log_inconsistent");
  });
});
