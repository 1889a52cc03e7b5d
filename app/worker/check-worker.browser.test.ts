import { beforeAll, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import { ids, startedWorkflow } from "../engine/engine.fixture.ts";
import { openCheckPool } from "../host/log-check/check-pool.ts";
import type { FromCheckWorker } from "../host/log-check/messages.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";
import { QUESTIONS } from "../protocol/audit/questions.ts";
import { type LogToVerify, verifyLog } from "../protocol/audit/verify-log.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";

/** A log in this thread, checked in real workers. */
let entries: readonly LedgerEntry[];
let log: Omit<LogToVerify, "entries">;
const workers: Worker[] = [];
/** Those that have said that they hold their lock: the end of one that has not is not seen by it. */
const ready = new Set<Worker>();

beforeAll(async () => {
  const bench = await startedWorkflow();
  await bench.submit(await bench.intent(bench.task("a"), "build_site"));
  const read: LedgerEntry[] = [];
  for await (const chunk of bench.storage.log.read(ids.domain, 0, 1000)) read.push(...chunk);
  entries = read;
  const head = await bench.storage.log.head(ids.domain);
  const expected = must(head.ok ? head.value : null, "a head");
  log = { logId: ids.logId, ownIds: [ids.pepId, ids.logId], heads: [], expected };
});

function openPool(name: string) {
  const spawn = (): Worker => {
    const worker = new Worker(new URL("./check-worker.ts", import.meta.url), { type: "module" });
    workers.push(worker);
    worker.addEventListener("message", ({ data }: MessageEvent<FromCheckWorker>) => {
      if (data.t === "ready") ready.add(worker);
    });
    return worker;
  };
  const free = (lock: string, signal: AbortSignal) => navigator.locks.request(lock, { signal }, () => undefined);
  return openCheckPool({ spawn, workers: 2, name: () => name, free }, log.ownIds, 4);
}

it("[XA-20] real workers come to the report of this thread", async () => {
  const sha256 = await createSha256();
  const checker = openPool("clean");
  const report = await verifyLog({ ...log, entries: [entries] }, sha256, { checker });
  checker.close();
  expect(report).toEqual(await verifyLog({ ...log, entries: [entries] }, sha256));
  expect(report.authentic.result).toBe("passed");
  expect(workers.length).toBeGreaterThan(0);
});

it("[XA-20] the end of a worker, seen by its lock, fails the verification", async () => {
  const sha256 = await createSha256();
  const checker = openPool("ended");
  const first = entries.slice(0, 4);
  const already = workers.length;
  const ended = async function* () {
    yield first;
    await expect.poll(() => workers.slice(already).some((worker) => ready.has(worker))).toBe(true);
    must(workers[already], "a worker").terminate();
    await expect
      .poll(async () => (await navigator.locks.query()).held?.some(({ name }) => name === "ended-0"))
      .toBe(false);
    yield entries.slice(4);
  };
  const report = await verifyLog({ ...log, entries: ended() }, sha256, { checker });
  expect(report.unfinished?.code).toBe("verification_worker_lost");
  expect(QUESTIONS.filter((question) => report[question].result !== "not_checked")).toEqual([]);
});
