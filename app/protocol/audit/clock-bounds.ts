/**
 * How far two domains' clocks are apart, from the crossings between them (L7). What travels is late and never early, so
 * each message bounds the offset from one side: nothing is known but that it lies between.
 */
export interface CrossingTimes {
  /** `there`: sent by us and heard by the peer. `back`: sent by the peer and heard by us. */
  readonly way: "there" | "back";
  /** By the sender's clock, epoch ms. */
  readonly sentMs: number;
  /** By the receiver's clock, epoch ms. */
  readonly heardMs: number;
}

/** The peer's clock minus ours, ms. A bound nothing was heard for is null. */
export interface OffsetBounds {
  readonly lowMs: number | null;
  readonly highMs: number | null;
  /** The bounds contradict each other: a clock was set, or a time in a token is not true. */
  readonly contradictory: boolean;
  readonly messages: number;
}

/** Messages of each way that are looked at: an offset of yesterday says nothing about today. */
const NEWEST = 64;

/** Bounds from the newest messages of each way, oldest first. */
export function offsetBounds(times: readonly CrossingTimes[]): OffsetBounds {
  const newest = (of: CrossingTimes["way"]) => times.filter(({ way }) => way === of).slice(-NEWEST);
  const there = newest("there").map(({ sentMs, heardMs }) => heardMs - sentMs);
  const back = newest("back").map(({ sentMs, heardMs }) => sentMs - heardMs);
  const highMs = there.length === 0 ? null : Math.min(...there);
  const lowMs = back.length === 0 ? null : Math.max(...back);
  return {
    lowMs,
    highMs,
    contradictory: lowMs !== null && highMs !== null && lowMs > highMs,
    messages: there.length + back.length,
  };
}

/** Whether the offset is surely above a tolerance, in either direction: then times of the two tell no order (L7). */
export function surelyApart({ lowMs, highMs, contradictory }: OffsetBounds, toleranceMs: number): boolean {
  return contradictory || (lowMs !== null && lowMs > toleranceMs) || (highMs !== null && highMs < -toleranceMs);
}
