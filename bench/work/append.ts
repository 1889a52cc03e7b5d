import type { Sha256 } from "../../app/base/ports.ts";
import type { EventLog } from "../../app/engine/ports.ts";
import type { LedgerEntry } from "../../app/protocol/audit/claims.ts";
import { type RawEntry, rawEntries, rawSign, rawVerify } from "./raw-crypto.ts";
import { type LoadShape, openLoad, type SignedLoad, type SignedTask, value } from "./signed-load.ts";

/** Batches of entries, ready to be written: each in one durable write, with nothing else around it. */
export interface RawLog {
  append(batch: number): Promise<void>;
  remove(): Promise<void>;
}

/** CPU time of this process so far, ms, of all its threads: where a platform tells it. It holds when others are at work. */
export type CpuClock = () => number;

/** A technology under test: an empty log of ours, and an empty raw one that will take these batches. */
export interface AppendTarget {
  openLog(): Promise<{ readonly log: EventLog; remove(): Promise<void> }>;
  openRaw(batches: readonly (readonly LedgerEntry[])[]): Promise<RawLog>;
}

export interface AppendOptions extends LoadShape {
  readonly warmups: number;
  readonly repetitions: number;
}

/** Entries a second, of one repetition: ours and the floors, one right after the other. */
export interface AppendSample {
  readonly engine: number;
  /** Raw durable writes of the same entries, 1,000 a write. */
  readonly raw: number;
  /** Raw durable writes with the boundaries the engine chose. */
  readonly rawSameFrames: number;
  /** Raw signatures (verify what came in, sign what the host states), leaf hashes, then raw writes of 1,000. */
  readonly rawSigned: number;
  readonly entries: number;
  readonly frames: number;
  readonly bytes: number;
  /** CPU microseconds an entry, ours and of the floor with signatures; null where the platform does not tell. */
  readonly cpuUs: { readonly ours: number; readonly floor: number } | null;
}

/** Entries a raw write carries: a full segment of ours. */
const RAW_BATCH = 1000;

/** Ours against the floors, in turn, so many times. The first repetitions warm up and are not told. */
export async function measureAppend(
  target: AppendTarget,
  sha256: Sha256,
  options: AppendOptions,
  cpu: CpuClock | null,
): Promise<AppendSample[]> {
  const samples: AppendSample[] = [];
  for (let turn = 0; turn < options.warmups + options.repetitions; turn += 1) {
    const sample = await once(target, sha256, options, cpu);
    if (turn >= options.warmups) samples.push(sample);
  }
  return samples;
}

async function once(
  target: AppendTarget,
  sha256: Sha256,
  shape: LoadShape,
  cpu: CpuClock | null,
): Promise<AppendSample> {
  const { log, remove } = await target.openLog();
  const load = await openLoad(log, sha256, shape);
  const ours = await timed(() => Promise.all(load.chains.map((chain) => playChain(load, chain))), cpu);
  const entries = load.frames.flatMap((frame) => frame.entries);
  const perSecond = (ms: number): number => (entries.length / ms) * 1000;
  await remove();

  const rawMs = await rawly(target, cut(entries, RAW_BATCH));
  const sameMs = await rawly(
    target,
    load.frames.map((frame) => frame.entries),
  );
  const raw = rawEntries(entries, load.publicKeys, new Set([load.engine.ids.pepId]));
  const signed = await rawlySigned({ target, entries, raw, pepKey: load.pepSigner.key, sha256, cpu });
  return {
    engine: perSecond(ours.ms),
    raw: perSecond(rawMs),
    rawSameFrames: perSecond(sameMs),
    rawSigned: perSecond(signed.ms),
    entries: entries.length,
    frames: load.frames.length,
    bytes: entries.reduce((sum, entry) => sum + entry.token.length + entry.submitter.length + entry.leaf.length, 0),
    cpuUs: perEntry(ours, signed, entries.length),
  };
}

/** One agent's way through its tasks: ask, act, state; each step waits until the one before it is durable. */
export async function playChain({ engine, wid }: SignedLoad, chain: readonly SignedTask[]): Promise<void> {
  for (const { task, intent, ect } of chain) {
    const asked = value(await engine.receive(intent));
    value(await engine.submit({ kind: "token", ...asked }));
    value(await engine.submit({ kind: "effect", wid, task, latch: null }));
    const done = value(await engine.receive(ect));
    value(await engine.submit({ kind: "token", ...done }));
  }
}

async function rawly(target: AppendTarget, batches: readonly (readonly LedgerEntry[])[]): Promise<number> {
  const raw = await target.openRaw(batches);
  const { ms } = await timed(async () => {
    for (const at of batches.keys()) await raw.append(at);
  }, null);
  await raw.remove();
  return ms;
}

/** While one batch is written, the next is verified, signed and hashed. */
async function rawlySigned(given: {
  target: AppendTarget;
  entries: readonly LedgerEntry[];
  raw: readonly RawEntry[];
  pepKey: CryptoKey;
  sha256: Sha256;
  cpu: CpuClock | null;
}): Promise<Spent> {
  const { pepKey, sha256 } = given;
  const log = await given.target.openRaw(cut(given.entries, RAW_BATCH));
  const spent = await timed(async () => {
    let writing: Promise<void> = Promise.resolve();
    for (const [at, batch] of cut(given.raw, RAW_BATCH).entries()) {
      await Promise.all(
        batch.map((entry): Promise<unknown> => (entry.signedHere ? rawSign(pepKey, entry.signed) : rawVerify(entry))),
      );
      for (const entry of batch) sha256(entry.leaf);
      await writing;
      writing = log.append(at);
    }
    await writing;
  }, given.cpu);
  await log.remove();
  return spent;
}

/** In pieces of at most this many. */
export function cut<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}

export interface Spent {
  readonly ms: number;
  readonly cpuMs: number | null;
}

/** How long it takes until it is done, and what the process spent on it. */
export async function timed(run: () => Promise<unknown>, cpu: CpuClock | null): Promise<Spent> {
  const cpuBefore = cpu?.() ?? 0;
  const startedMs = performance.now();
  await run();
  const ms = performance.now() - startedMs;
  return { ms, cpuMs: cpu === null ? null : cpu() - cpuBefore };
}

/** CPU microseconds an entry of both, where they are known. */
export function perEntry(ours: Spent, floor: Spent, entries: number): AppendSample["cpuUs"] {
  if (ours.cpuMs === null || floor.cpuMs === null) return null;
  return { ours: (ours.cpuMs / entries) * 1000, floor: (floor.cpuMs / entries) * 1000 };
}
