/** The time axis: when the log's entries were received, from a few samples of it and from what the list has loaded. */

/** An entry whose place and time are known. `at` is epoch seconds. */
export interface Sample {
  readonly seq: number;
  readonly at: number;
}

/** Most samples asked for; the curve between two of them is drawn straight. */
const MAX_SAMPLES = 64;

/**
 * Places at which a log of `size` entries is sampled: multiples of a power of two, so that a growing log keeps what it has,
 * and the last entry.
 */
export function samplePlaces(size: number): readonly number[] {
  if (size <= 0) return [];
  let stride = 1;
  while (size / stride > MAX_SAMPLES) stride *= 2;
  const places: number[] = [];
  for (let seq = 0; seq < size; seq += stride) places.push(seq);
  if (places.at(-1) !== size - 1) places.push(size - 1);
  return places;
}

/** Samples with everything the list has loaded, which is exact: by place, each once. */
export function mergeSamples(
  samples: readonly Sample[],
  rows: readonly { readonly seq: number; readonly receivedAt: number }[],
): readonly Sample[] {
  const known = new Map(samples.map((sample) => [sample.seq, sample.at]));
  for (const row of rows) known.set(row.seq, row.receivedAt);
  return [...known].map(([seq, at]) => ({ seq, at })).sort((a, b) => a.seq - b.seq);
}

/** A span of time, epoch seconds, at least one second long. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export function spanOf(samples: readonly Sample[]): Span | null {
  const first = samples[0];
  const last = samples.at(-1);
  return first === undefined || last === undefined ? null : { from: first.at, to: Math.max(first.at + 1, last.at) };
}

/** Entries per bin of a span: those between two samples are spread evenly over the time between them. */
export function histogram(samples: readonly Sample[], span: Span, bins: number): readonly number[] {
  const counts = new Array<number>(bins).fill(0);
  const place = (at: number): number => ((at - span.from) / (span.to - span.from)) * bins;
  const add = (bin: number, count: number): void => {
    const index = Math.min(bins - 1, Math.max(0, Math.floor(bin)));
    counts[index] = (counts[index] ?? 0) + count;
  };
  samples.forEach((sample, index) => {
    const next = samples[index + 1];
    if (next === undefined || next.seq - sample.seq === 1 || next.at === sample.at) {
      add(place(sample.at), next === undefined ? 1 : next.seq - sample.seq);
      return;
    }
    const from = place(sample.at);
    const to = place(next.at);
    for (let bin = Math.floor(from); bin < to; bin += 1) {
      const share = Math.min(bin + 1, to) - Math.max(bin, from);
      add(bin, ((next.seq - sample.seq) * share) / (to - from));
    }
  });
  return counts;
}

/** The place in the log that lies nearest to a time, by the samples. */
export function placeAt(samples: readonly Sample[], at: number): number | null {
  const after = samples.findIndex((sample) => sample.at >= at);
  if (after === -1) return samples.at(-1)?.seq ?? null;
  const right = samples[after];
  const left = samples[after - 1];
  if (right === undefined || left === undefined || right.at === left.at) return right?.seq ?? null;
  return Math.round(left.seq + ((at - left.at) / (right.at - left.at)) * (right.seq - left.seq));
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** Times to label, at most `most` of them, on round steps of local time (`zoneOffsetS` east of UTC). */
export function ticks(
  span: Span,
  most: number,
  zoneOffsetS: number,
): { readonly at: readonly number[]; readonly stepS: number } {
  const length = span.to - span.from;
  let stepS = STEPS_S.find((step) => length / step <= most) ?? 86_400;
  while (length / stepS > most) stepS *= 2;
  const first = Math.ceil((span.from + zoneOffsetS) / stepS) * stepS - zoneOffsetS;
  const at: number[] = [];
  for (let time = first; time <= span.to; time += stepS) at.push(time);
  return { at, stepS };
}

/** Parts of the axis an arrow key moves by, and with Shift or a page key. */
const STEP = 1 / 160;
const LEAP = 1 / 16;

/** Where a key leads from a place on the axis (0 to 1); undefined for keys that do not move on it. */
export function shareAfterKey(key: string, from: number, shift: boolean): number | undefined {
  const to = (by: number): number => Math.min(1, Math.max(0, from + by));
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return to(shift ? LEAP : STEP);
    case "ArrowLeft":
    case "ArrowDown":
      return to(shift ? -LEAP : -STEP);
    case "PageUp":
      return to(LEAP);
    case "PageDown":
      return to(-LEAP);
    case "Home":
      return 0;
    case "End":
      return 1;
    default:
      return undefined;
  }
}
