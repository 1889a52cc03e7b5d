import { must } from "../../app/base/assert.ts";
import type { Sha256 } from "../../app/base/ports.ts";
import type { CheckPool } from "../../app/host/log-check/check-pool.ts";
import type { LedgerEntry } from "../../app/protocol/audit/claims.ts";
import { QUESTIONS } from "../../app/protocol/audit/questions.ts";
import { type LogReport, type LogToVerify, verifyLog } from "../../app/protocol/audit/verify-log.ts";
import { createMemoryStorage } from "../../app/storage/memory/memory-storage.ts";
import { type AppendSample, type CpuClock, cut, perEntry, playChain, timed } from "./append.ts";
import { type RawEntry, rawEntries, rawVerify } from "./raw-crypto.ts";
import { type LoadShape, openLoad, value } from "./signed-load.ts";

export interface VerifyOptions extends LoadShape {
  readonly warmups: number;
  readonly repetitions: number;
}

/** Entries a second, of one repetition. */
export interface VerifySample {
  /** Our verification: every check of every token, leaves, root, heads. */
  readonly log: number;
  /** `crypto.subtle.verify` and `crypto.subtle.digest` of the same bytes, 1,000 at a time. */
  readonly subtle: number;
  /** `crypto.subtle.verify` and the synchronous hasher that we use. */
  readonly hasher: number;
  readonly entries: number;
  /** CPU microseconds an entry, ours and of the first floor; null where the platform does not tell. */
  readonly cpuUs: AppendSample["cpuUs"];
  /** By check workers, their making included, and by as many workers that do only what `subtle` does; empty where there are none. */
  readonly crews: readonly { readonly workers: number; readonly log: number; readonly floor: number }[];
}

/** Workers beside this thread, where the platform has them. */
export interface VerifyCrew {
  readonly cores: number;
  pool(workers: number, ownIds: readonly string[]): CheckPool;
  /** Workers that have their share of the entries already. */
  floor(workers: number, raws: readonly RawEntry[]): Promise<{ run(): Promise<void>; close(): void }>;
}

/** Entries handed over at once, as our storage reads them. */
const CHUNK = 1000;

/** Verifies one log in memory, ours and raw in turn. Reading from a disk is the other row's business. */
export async function measureVerify(
  sha256: Sha256,
  options: VerifyOptions,
  cpu: CpuClock | null,
  crew: VerifyCrew | null = null,
): Promise<VerifySample[]> {
  const { log, publicKeys } = await writtenLog(sha256, options);
  const entries = log.entries;
  const raws = rawEntries(entries, publicKeys, new Set());
  const perSecond = (ms: number): number => (entries.length / ms) * 1000;
  const sizes = crew === null ? [] : [...new Set([1, crew.cores])];
  const samples: VerifySample[] = [];
  for (let turn = 0; turn < options.warmups + options.repetitions; turn += 1) {
    const ours = await timed(
      async () => intact(await verifyLog({ ...log, entries: cut(entries, CHUNK) }, sha256)),
      cpu,
    );
    const subtle = await timed(() => rawlyVerified(raws, (entry) => crypto.subtle.digest("SHA-256", entry.leaf)), cpu);
    const hasher = await timed(() => rawlyVerified(raws, (entry) => sha256(entry.leaf)), null);
    const crews: { workers: number; log: number; floor: number }[] = [];
    for (const workers of sizes) {
      const { ms, floorMs } = await byWorkers(must(crew, "sizes are a crew's"), workers, {
        log,
        entries,
        raws,
        sha256,
      });
      crews.push({ workers, log: perSecond(ms), floor: perSecond(floorMs) });
    }
    if (turn < options.warmups) continue;
    samples.push({
      log: perSecond(ours.ms),
      subtle: perSecond(subtle.ms),
      hasher: perSecond(hasher.ms),
      entries: entries.length,
      cpuUs: perEntry(ours, subtle, entries.length),
      crews,
    });
  }
  return samples;
}

interface Work {
  readonly log: WrittenLog;
  readonly entries: readonly LedgerEntry[];
  readonly raws: readonly RawEntry[];
  readonly sha256: Sha256;
}

async function byWorkers(crew: VerifyCrew, workers: number, { log, entries, raws, sha256 }: Work) {
  const ours = await timed(async () => {
    const checker = crew.pool(workers, log.ownIds);
    intact(await verifyLog({ ...log, entries: cut(entries, CHUNK) }, sha256, { checker }));
    checker.close();
  }, null);
  const floor = await crew.floor(workers, raws);
  const least = await timed(() => floor.run(), null);
  floor.close();
  return { ms: ours.ms, floorMs: least.ms };
}

type WrittenLog = Omit<LogToVerify, "entries"> & { readonly entries: readonly LedgerEntry[] };

/** A log as our engine writes it, with its signed heads. */
async function writtenLog(
  sha256: Sha256,
  shape: LoadShape,
): Promise<{ readonly log: WrittenLog; readonly publicKeys: ReadonlyMap<string, CryptoKey> }> {
  const { log } = createMemoryStorage();
  const load = await openLoad(log, sha256, shape);
  const { engine, publicKeys } = load;
  await Promise.all(load.chains.map((chain) => playChain(load, chain)));
  await engine.issueHead();
  const expected = value(await log.head(engine.ids.domain));
  const entries: LedgerEntry[] = [];
  for await (const chunk of log.read(engine.ids.domain, 0, expected.size)) entries.push(...chunk);
  return {
    log: {
      logId: engine.ids.logId,
      ownIds: [engine.ids.pepId, engine.ids.logId],
      heads: value(await log.heads(engine.ids.domain)),
      expected,
      entries,
    },
    publicKeys,
  };
}

async function rawlyVerified(raws: readonly RawEntry[], hash: (entry: RawEntry) => unknown): Promise<void> {
  for (const chunk of cut(raws, CHUNK))
    await Promise.all(chunk.flatMap((entry) => [rawVerify(entry), hash(entry)] as Promise<unknown>[]));
}

function intact(report: LogReport): void {
  const open = QUESTIONS.filter((question) => report[question].result !== "passed");
  if (open.length > 0) throw new Error(`the bench's log does not verify: ${JSON.stringify(report)}`);
}
