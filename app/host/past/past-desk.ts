import pLimit from "p-limit";
import type { Clock, Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { turn } from "../../base/turn.ts";
import { createLadder, type Ladder, type PastFold, type PastState } from "../../engine/past/ladder.ts";
import { readPastEntry } from "../../engine/past/read-entry.ts";
import type { EventLog, LogHead } from "../../engine/ports.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";

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
}

/** Entries from rung to rung, and rungs at most: a longer log has wider steps. */
const SPACING = 256;
const MAX_RUNGS = 1024;
/** States kept for the next question about the same entry. */
const RECENT = 8;
/** Work at a time, ms and entries. */
const SLICE_MS = 4;
const SLICE_ENTRIES = 64;
/** After this long without a question the ladder is given up, ms. */
const IDLE_MS = 600_000;

export function createPastDesk(ports: PastPorts, spacing = SPACING): PastDesk {
  const { log, domain, clock, sha256 } = ports;
  const inTurn = pLimit(1);
  const recent = new Map<number, Promise<Result<PastState, Refusal>>>();
  let ladder: Ladder | null = null;
  let preparing = false;
  let closed = false;
  let endIdle = (): void => undefined;

  let sliceMs = clock.monotonicMs();
  let sliced = 0;
  /** Between two pieces of work. */
  const breathe = async (): Promise<void> => {
    sliced += 1;
    if (sliced < SLICE_ENTRIES && clock.monotonicMs() - sliceMs < SLICE_MS) return;
    await turn();
    sliceMs = clock.monotonicMs();
    sliced = 0;
  };

  const forget = (): void => {
    ladder = null;
    recent.clear();
  };
  const used = (): void => {
    endIdle();
    endIdle = clock.after(IDLE_MS, () => void inTurn(forget));
  };

  const ladderFor = (size: number): Ladder => {
    if (ladder !== null && size <= ladder.spacing * MAX_RUNGS) return ladder;
    ladder = createLadder(spacing * Math.max(1, Math.ceil(size / spacing / (MAX_RUNGS / 2))), sha256);
    return ladder;
  };

  const foldTo = async (fold: Pick<PastFold, "fold" | "size">, to: number): Promise<Result<void, Refusal>> => {
    for await (const chunk of log.read(domain, fold.size(), to))
      for (const entry of chunk) {
        const read = readPastEntry(entry, fold.size(), sha256);
        if (!read.ok) return read;
        fold.fold(read.value);
        await breathe();
      }
    if (fold.size() === to) return ok(undefined);
    return err(refusal("past_unreadable", `entry ${fold.size()} is not there`));
  };

  const make = async (at: number, head: LogHead): Promise<Result<PastState, Refusal>> => {
    const steps = ladderFor(head.size);
    const climbed = await foldTo(steps, Math.max(steps.size(), at - (at % steps.spacing)));
    if (!climbed.ok) return climbed;
    const opening = steps.open(at);
    let step = opening.next();
    for (; step.done !== true; step = opening.next()) await turn();
    const folded = await foldTo(step.value, at);
    if (!folded.ok) return folded;
    const past = step.value.end();
    if (at === head.size && past.root !== head.root)
      return err(refusal("past_contradicts_head", "the stored entries do not give the root of the log"));
    return ok(past);
  };

  /** What breaks off may have left the ladder between two entries: it is made anew. */
  const tried = async (at: number, head: LogHead): Promise<Result<PastState, Refusal>> => {
    try {
      return await make(at, head);
    } catch (error) {
      ladder = null;
      return err(refusal("past_unreadable", error instanceof Error ? error.message : "the log could not be read"));
    }
  };

  const open: PastDesk["open"] = async (at) => {
    if (!Number.isSafeInteger(at) || at < 1)
      return err(refusal("at_before_log", "there is no state before the first entry"));
    const head = await ports.head();
    if (at > head.size) return err(refusal("at_beyond_log", `the log has ${head.size} entries, not ${at}`));
    used();
    const made = recent.get(at) ?? inTurn(() => tried(at, head));
    recent.delete(at);
    recent.set(at, made);
    for (const oldest of recent.keys()) if (recent.size > RECENT) recent.delete(oldest);
    const result = await made;
    if (!result.ok) recent.delete(at);
    return result;
  };

  const prepare = async (): Promise<void> => {
    for (;;) {
      const { size } = await ports.head();
      // One rung at a time, so that whoever asks for an entry meanwhile is next.
      const more = await inTurn(async () => {
        const steps = ladderFor(size);
        const next = steps.size() - (steps.size() % steps.spacing) + steps.spacing;
        return !closed && next <= size && (await foldTo(steps, next)).ok;
      });
      if (!more) return;
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
      if (preparing) return;
      preparing = true;
      used();
      // What cannot be read now is read again, and refused, when an entry is asked for.
      prepare().then(
        () => {
          preparing = false;
        },
        () => {
          preparing = false;
          ladder = null;
        },
      );
    },
    reach: () => ladder?.size() ?? 0,
    close: () => {
      closed = true;
      endIdle();
      forget();
    },
  };
}
