/** Where a tile lies on the screen, px. */
export interface Place {
  readonly top: number;
  /** Of its middle, from the left. */
  readonly middle: number;
}

/** Where a key leads from tile `at` of `count`; undefined for other keys. */
export function placeAfterKey(
  key: string,
  at: number,
  count: number,
  places: () => readonly Place[],
): number | undefined {
  const within = (to: number): number => Math.max(0, Math.min(count - 1, to));
  switch (key) {
    case "ArrowRight":
      return within(at + 1);
    case "ArrowLeft":
      return within(at - 1);
    case "ArrowDown":
      return nearestIn(places(), at, 1);
    case "ArrowUp":
      return nearestIn(places(), at, -1);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}

/** The tile of the next row, below or above, that lies nearest; the same where there is no such row. */
function nearestIn(places: readonly Place[], at: number, step: 1 | -1): number {
  const from = places[at];
  if (from === undefined) return at;
  const beyond = places.filter(({ top }) => (top - from.top) * step > 0).map(({ top }) => top * step);
  const row = Math.min(...beyond) * step;
  let nearest = at;
  let best = Number.POSITIVE_INFINITY;
  for (const [place, { top, middle }] of places.entries()) {
    const far = Math.abs(middle - from.middle);
    if (top === row && far < best) [nearest, best] = [place, far];
  }
  return nearest;
}
