/**
 * The last `10 * bucketMs` milliseconds of something counted, in ten buckets (C1). A bucket leaves whole, so the window
 * reaches back between nine and ten buckets. Plain data, never changed in place.
 */
export interface SlidingWindow<T> {
  readonly bucketMs: number;
  /** Number of the newest bucket: its start divided by `bucketMs`. */
  readonly newest: number;
  /** The bucket numbered n is at n modulo ten. */
  readonly buckets: readonly T[];
  readonly sum: T;
}

/** What is counted, and how two counts are put together. */
export interface Counting<T> {
  readonly nothing: T;
  plus(one: T, other: T): T;
}

const BUCKETS = 10;

export function emptySliding<T>({ nothing }: Counting<T>, lengthMs: number, atMs: number): SlidingWindow<T> {
  const bucketMs = lengthMs / BUCKETS;
  return {
    bucketMs,
    newest: Math.floor(atMs / bucketMs),
    buckets: Array.from({ length: BUCKETS }, () => nothing),
    sum: nothing,
  };
}

/** The window as it is at `atMs`: what is too old has left. A time before the newest bucket is taken for that bucket. */
export function slidingAt<T>(counting: Counting<T>, window: SlidingWindow<T>, atMs: number): SlidingWindow<T> {
  const newest = Math.floor(atMs / window.bucketMs);
  if (!(newest > window.newest)) return window;
  const buckets = window.buckets.slice();
  for (let number = Math.max(window.newest + 1, newest - BUCKETS + 1); number <= newest; number += 1)
    buckets[placeOf(number)] = counting.nothing;
  // Added up anew and not subtracted from: durations need not be whole numbers.
  return { ...window, newest, buckets, sum: buckets.reduce((sum, bucket) => counting.plus(sum, bucket)) };
}

export function addSliding<T>(counting: Counting<T>, window: SlidingWindow<T>, one: T, atMs: number): SlidingWindow<T> {
  const moved = slidingAt(counting, window, atMs);
  const place = placeOf(moved.newest);
  const buckets = moved.buckets.slice();
  buckets[place] = counting.plus(buckets[place] ?? counting.nothing, one);
  return { ...moved, buckets, sum: counting.plus(moved.sum, one) };
}

/** JavaScript's remainder of a negative number is negative, and a clock may start anywhere. */
const placeOf = (number: number): number => ((number % BUCKETS) + BUCKETS) % BUCKETS;
