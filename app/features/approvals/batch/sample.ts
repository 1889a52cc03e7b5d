/** At least this many of a batch are opened, whatever its size. */
export const LEAST_SAMPLE = 3;
/** And one in this many. */
const ONE_IN = 10;

/**
 * Which members must be opened before all are decided: the one that differs most from the others, and others by chance, so
 * that nobody can arrange which are looked at. `chance` gives numbers from 0 to 1.
 */
export function sampleOf(
  members: readonly { readonly request: string; readonly weight: number }[],
  chance: () => number,
): readonly string[] {
  const size = Math.min(members.length, Math.max(LEAST_SAMPLE, Math.ceil(members.length / ONE_IN)));
  const heaviest = members.toSorted((a, b) => b.weight - a.weight)[0];
  const pool = members.filter((member) => member !== heaviest).map((member) => member.request);
  const chosen = heaviest === undefined ? [] : [heaviest.request];
  while (chosen.length < size) {
    const [taken] = pool.splice(Math.min(pool.length - 1, Math.floor(chance() * pool.length)), 1);
    if (taken === undefined) break;
    chosen.push(taken);
  }
  return chosen;
}

/** Chance from the browser's own generator. */
export function browserChance(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}
