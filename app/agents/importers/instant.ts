/** Epoch nanoseconds of a time with its zone and up to nine digits of a second; null for what is no time. */
export function instantNs(text: string): bigint | null {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null) return null;
  const wholeMs = Date.parse(`${match[1]}${match[3]}`);
  return Number.isNaN(wholeMs) ? null : BigInt(wholeMs) * 1_000_000n + BigInt((match[2] ?? "").padEnd(9, "0"));
}

/** Milliseconds between two times, exact to the nanosecond for spans of less than a hundred days; never less than none. */
export const msBetween = (fromNs: bigint, toNs: bigint): number => (toNs <= fromNs ? 0 : Number(toNs - fromNs) / 1e6);
