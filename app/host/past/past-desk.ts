import pLimit from "p-limit";
import type { Clock, Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { createSlices } from "../../base/slices.ts";
import { turn } from "../../base/turn.ts";
import { createLadder, type Ladder, type PastFold, type PastState } from "../../engine/past/ladder.ts";
import { readPastEntry } from "../../engine/past/read-entry.ts";
import type { EventLog, LogHead } from "../../engine/ports.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { type Climb, createClimb } from "./climb.ts";
import { type SnapshotPorts, type SnapshotStart, snapshotStarts } from "./snapshot-start.ts";

/**
 * The states of the past of one log, for reading: any entry's, out of a ladder that is made when it is first asked for and
 * forgotten when nobody has asked for a while. Works in slices, so that what goes on now, a stop above all, never waits for it.
 */
export interface PastDesk {
  /** The state after the first `at` entries. Several who ask for the same share it: it must not be changed. */
  open(at: number): Promise<Result<PastState, Refusal>>;
  /** How many entries had come by then (epoch s); 0 before the first. */
  sizeAt(timeS: number): Promise<number>;
  /** When an entry came (epoch s); null where it is not there. */
  receivedAt(seq: number): Promise<number | null>;
  /** Begins to make the ladder, so that the first entry asked for need not wait for it. */
  prepare(): void;
  /** Entries that the ladder reaches by now. */
  reach(): number;
  close(): void;
}

export interface PastPorts {
  readonly log: EventLog;
  readonly domain: string;
  readonly clock: Clock;
  readonly sha256: Sha256;
  head(): Promise<LogHead>;
  /** By which the log's own snapshots are known; without, every ladder begins at the first entry. */
  readonly snapshots?: Omit<SnapshotPorts, "log" | "sha256">;
}

/** Entries from rung to rung, and rungs at most: a longer log has wider steps. */
const SPACING = 256;
const MAX_RUNGS = 1024;
/** States kept for the next question about the same entry. */
const RECENT = 8;
/** Work at a time, ms. */
const SLICE_MS = 2;
/** Rungs that are made rather than looking for a snapshot to begin at. */
const NEAR_RUNGS = 8;
/** Ladders from snapshots at once: each holds states of its own. */
const UPPERS = 2;
/** After this long without a question the ladder is given up, ms. */
const IDLE_MS = 600_000;

const nothing = (): void => undefined;

export function createPastDesk(ports: PastPorts, spacing = SPACING): PastDesk {
  const { log, domain, clock, sha256 } = ports;
  const inTurn = pLimit(1);
  const recent = new Map<number, Promise<Result<PastState, Refusal>>>();
  /** From the first entry on, and from snapshots on, by their sizes; what was asked for last comes last. */
  let climb: Climb | null = null;
  let starts: Promise<readonly SnapshotStart[]> | null = null;
  const uppers = new Map<number, Promise<Climb | null>>();
  /** Sizes of snapshots that are not what the log has signed. */
  const doubted = new Set<number>();
  /** The newest entry that is being opened. */
  let opening: Promise<void> = Promise.resolve();
  let closed = false;
  let endIdle = nothing;
  const breathe = createSlices(clock, SLICE_MS);

  const forget = (): void => {
    climb = null;
    starts = null;
    uppers.clear();
    doubted.clear();
    recent.clear();
  };
  const used = (): void => {
    endIdle();
    endIdle = clock.after(IDLE_MS, forget);
  };

  const foldTo = async (
    fold: Pick<PastFold, "fold" | "size">,
    to: number,
    between?: () => Promise<void>,
  ): Promise<Result<void, Refusal>> => {
    for await (const chunk of log.read(domain, fold.size(), to))
      for (const entry of chunk) {
        const read = readPastEntry(entry, fold.size(), sha256);
        if (!read.ok) return read;
        fold.fold(read.value);
        const rest = breathe();
        if (rest === undefined) continue;
        await rest;
        await between?.();
      }
    if (fold.size() === to) return ok(undefined);
    return err(refusal("past_unreadable", `entry ${fold.size()} is not there`));
  };

  const climbUp = (ladder: Ladder): Climb =>
    createClimb(
      ladder,
      (to, between) => foldTo(ladder, to, between),
      async () => {
        if (closed) throw new Error("the host was closed");
        // An entry that the ladder reaches already is opened first.
        if (inTurn.activeCount > 0) await opening;
      },
    );

  const climbFor = (size: number): Climb => {
    if (climb !== null && size <= climb.ladder.spacing * MAX_RUNGS) return climb;
    climb = climbUp(createLadder(spacing * Math.max(1, Math.ceil(size / spacing / (MAX_RUNGS / 2))), sha256));
    return climb;
  };

  /** What reaches an entry soonest: the one ladder, or where that is far away the one from the nearest snapshot before it. */
  const climbTo = async (at: number, size: number): Promise<Climb> => {
    const whole = climbFor(size);
    const { ladder } = whole;
    if (ports.snapshots === undefined || ladder.rung(at) - ladder.size() <= NEAR_RUNGS * ladder.spacing) return whole;
    starts ??= snapshotStarts({ log, sha256, ...ports.snapshots }).catch(() => []);
    for (const from of (await starts).toReversed()) {
      // What is not exactly what the log has signed leaves it to the one before.
      if (from.size > at || doubted.has(from.size)) continue;
      const up = await upperFrom(from, ladder.spacing);
      if (up !== null) return up;
      uppers.delete(from.size);
      doubted.add(from.size);
    }
    return whole;
  };

  const upperFrom = (from: SnapshotStart, steps: number): Promise<Climb | null> => {
    const known = uppers.get(from.size);
    const made =
      known ??
      from.ladder(steps).then(
        (begun) => (begun === null ? null : climbUp(begun)),
        () => null,
      );
    uppers.delete(from.size);
    uppers.set(from.size, made);
    for (const oldest of uppers.keys()) if (uppers.size > UPPERS) uppers.delete(oldest);
    return made;
  };

  const openAt = async ({ ladder }: Climb, at: number, head: LogHead): Promise<Result<PastState, Refusal>> => {
    const steps = ladder.open(at);
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) await turn();
    const folded = await foldTo(step.value, at);
    if (!folded.ok) return folded;
    const past = step.value.end();
    if (at === head.size && past.root !== head.root)
      return err(refusal("past_contradicts_head", "the stored entries do not give the root of the log"));
    return ok(past);
  };

  const make = async (at: number, head: LogHead): Promise<Result<PastState, Refusal>> => {
    const up = await climbTo(at, head.size);
    try {
      const climbed = await up.to(up.ladder.rung(at));
      if (!climbed.ok) return climbed;
      const opened = inTurn(() => openAt(up, at, head));
      opening = opened.then(nothing, nothing);
      return await opened;
    } catch (error) {
      // What breaks off may have left the ladder between two entries: it is made anew.
      if (climb === up) climb = null;
      else uppers.clear();
      return err(refusal("past_unreadable", error instanceof Error ? error.message : "the log could not be read"));
    }
  };

  const open: PastDesk["open"] = async (at) => {
    if (!Number.isSafeInteger(at) || at < 1)
      return err(refusal("at_before_log", "there is no state before the first entry"));
    const head = await ports.head();
    if (at > head.size) return err(refusal("at_beyond_log", `the log has ${head.size} entries, not ${at}`));
    used();
    const made = recent.get(at) ?? make(at, head);
    recent.delete(at);
    recent.set(at, made);
    for (const oldest of recent.keys()) if (recent.size > RECENT) recent.delete(oldest);
    const result = await made;
    if (!result.ok) recent.delete(at);
    return result;
  };

  /** What came last is mostly asked for first. */
  const prepare = async (): Promise<void> => {
    const { size } = await ports.head();
    const whole = climbFor(size);
    try {
      const up = await climbTo(size, size);
      const made = await up.to(up.ladder.rung(size));
      const below = up === whole ? undefined : (await starts)?.at(-1);
      if (made.ok && below !== undefined) await whole.to(whole.ladder.rung(below.size));
    } catch {
      // What cannot be read now is read again, and refused, when an entry is asked for.
      climb = null;
      uppers.clear();
    }
  };

  const receivedAt: PastDesk["receivedAt"] = async (seq) => {
    for await (const [entry] of log.read(domain, seq, seq + 1)) return entry?.received_at ?? null;
    return null;
  };

  return {
    open,
    receivedAt,
    sizeAt: async (timeS) => {
      const { size } = await ports.head();
      let low = 0;
      let high = size;
      while (low < high) {
        const middle = (low + high) >> 1;
        const at = await receivedAt(middle);
        if (at !== null && at <= timeS) low = middle + 1;
        else high = middle;
      }
      return low;
    },
    prepare: () => {
      used();
      // Without a head there is nothing to make yet.
      prepare().catch(nothing);
    },
    reach: () => climb?.ladder.size() ?? 0,
    close: () => {
      closed = true;
      endIdle();
      forget();
    },
  };
}
