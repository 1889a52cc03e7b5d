import type { Sha256 } from "../../app/base/ports.ts";
import { systemClock } from "../../app/base/system.ts";
import { turn } from "../../app/base/turn.ts";
import { readPastEntry } from "../../app/engine/past/read-entry.ts";
import type { EventLog, LogHead } from "../../app/engine/ports.ts";
import type { HostIds } from "../../app/engine/records.ts";
import { decodeState } from "../../app/engine/snapshot-codec.ts";
import { createPastDesk, type PastDesk } from "../../app/host/past/past-desk.ts";
import type { PublicJwk } from "../../app/protocol/identity/claims.ts";
import { type AppendTarget, playChain } from "./append.ts";
import { type LoadShape, openLoad, value } from "./signed-load.ts";

export interface PastOptions extends LoadShape {
  /** Entries that are opened, by chance. */
  readonly instants: number;
}

/** Ms, each beside its floor of the same moment. */
export interface PastSample {
  readonly entries: number;
  /** The newest instant, asked for first, and its floor: the log's newest snapshot decoded and the entries since read. */
  readonly newest: number;
  readonly newestFloor: number;
  /** The first instant of a log whose ladder is not made yet, and making the whole ladder. */
  readonly first: number;
  readonly ladder: number;
  /** Opening an instant that nobody has asked for: the rung and the fold of the rest. */
  readonly cold: readonly number[];
  /** Reading the same entries from the same storage and parsing their tokens, nothing folded. */
  readonly tail: readonly number[];
  /** Opening it again. */
  readonly warm: readonly number[];
  /** A message to the own thread and nothing else. */
  readonly message: readonly number[];
  /** Reading and parsing the whole log, nothing folded. */
  readonly whole: number;
  /** How long others who asked for the thread had to wait, while the ladder was made and while instants were opened. */
  readonly waited: {
    readonly newest: readonly number[];
    readonly ladder: readonly number[];
    readonly open: readonly number[];
  };
  /** Heap that the ladder takes, bytes; null where the platform does not tell. */
  readonly ladderBytes: number | null;
}

/** Opens instants of one log in storage, one after the other; `heap` collects garbage first. */
export async function measurePast(
  target: AppendTarget,
  sha256: Sha256,
  options: PastOptions,
  heap: (() => number) | null,
): Promise<PastSample> {
  const { log, remove } = await target.openLog();
  const written = await writtenTo(log, sha256, options);
  const ports = { log, domain: written.domain, clock: systemClock, sha256, head: async () => written.head };
  const { size } = written.head;
  const { ids, logKey } = written;
  const early = createPastDesk({ ...ports, snapshots: { ids, logKey: async () => logKey } });
  const newest = await waits(() => opened(early, size));
  early.close();
  const newestFloor = await timed(async () => {
    const snapshot = value(await log.snapshot(written.domain));
    if (snapshot === null || decodeState(snapshot.bytes) === undefined) throw new Error("the log has no snapshot");
    await readOnly(log, written.domain, snapshot.size, size, sha256);
  });
  const before = heap?.() ?? null;
  const desk = createPastDesk(ports);
  const first = await waits(() => opened(desk, Math.floor(size / 2)));
  const rest = await waits(async () => {
    desk.prepare();
    while (desk.reach() < size - 256) await turn();
  });
  const ladderBytes = before === null || heap === null ? null : heap() - before;
  const found = { cold: [] as number[], tail: [] as number[], warm: [] as number[], message: [] as number[] };
  const waited: number[] = [];
  for (let at = 0; at < options.instants; at += 1) {
    const instant = 1 + Math.floor(Math.random() * (size - 1));
    const rung = instant - (instant % 256);
    found.tail.push((await timed(() => readOnly(log, written.domain, rung, instant, sha256))).ms);
    const cold = await waits(() => opened(desk, instant));
    found.cold.push(cold.ms);
    waited.push(...cold.waited);
    found.warm.push((await timed(() => opened(desk, instant))).ms);
    found.message.push((await timed(turn)).ms);
  }
  desk.close();
  const whole = await timed(() => readOnly(log, written.domain, 0, size, sha256));
  await remove();
  return {
    entries: size,
    newest: newest.ms,
    newestFloor: newestFloor.ms,
    first: first.ms,
    ladder: first.ms + rest.ms,
    ...found,
    whole: whole.ms,
    waited: { newest: newest.waited, ladder: [...first.waited, ...rest.waited], open: waited },
    ladderBytes,
  };
}

interface Written {
  readonly domain: string;
  readonly ids: HostIds;
  readonly logKey: PublicJwk | null;
  readonly head: LogHead;
}

async function writtenTo(log: EventLog, sha256: Sha256, shape: LoadShape): Promise<Written> {
  const load = await openLoad(log, sha256, shape);
  await Promise.all(load.chains.map((chain) => playChain(load, chain)));
  const { ids } = load.engine;
  const logKey = await load.engine.read(
    (state) => [...state.keys.values()].findLast(({ subject }) => subject === ids.logId)?.jwk ?? null,
  );
  return { domain: ids.domain, ids, logKey, head: value(await log.head(ids.domain)) };
}

async function opened(desk: PastDesk, at: number): Promise<void> {
  value(await desk.open(at));
}

async function readOnly(log: EventLog, domain: string, from: number, to: number, sha256: Sha256): Promise<void> {
  let seq = from;
  for await (const chunk of log.read(domain, from, to))
    for (const entry of chunk) {
      value(readPastEntry(entry, seq, sha256));
      seq += 1;
    }
}

async function timed(work: () => Promise<void>): Promise<{ readonly ms: number }> {
  const since = performance.now();
  await work();
  return { ms: performance.now() - since };
}

/** How long it took, and how long each time somebody had to wait who asked for the thread again and again. */
async function waits(work: () => Promise<void>): Promise<{ readonly ms: number; readonly waited: readonly number[] }> {
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
  const { ms } = await timed(work);
  over = true;
  await watching;
  return { ms, waited };
}
