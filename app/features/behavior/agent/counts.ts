/** One action of a window beside the same of another. */
export interface CountRow {
  readonly key: string;
  readonly count: number;
  /** Of all tasks of the window, and of the other one, 0..1. */
  readonly share: number;
  readonly otherShare: number;
}

type Counts = Readonly<Record<string, number>>;

const sumOf = (counts: Counts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Every action of either window, those whose share differs most first. */
export function compareCounts(counts: Counts, other: Counts): CountRow[] {
  const [all, otherAll] = [Math.max(1, sumOf(counts)), Math.max(1, sumOf(other))];
  return [...new Set([...Object.keys(counts), ...Object.keys(other)])]
    .map((key) => {
      const count = counts[key] ?? 0;
      return { key, count, share: count / all, otherShare: (other[key] ?? 0) / otherAll };
    })
    .toSorted(
      (a, b) =>
        Math.abs(b.share - b.otherShare) - Math.abs(a.share - a.otherShare) ||
        b.count - a.count ||
        a.key.localeCompare(b.key),
    );
}
