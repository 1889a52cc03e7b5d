import { diffArguments } from "../argument-diff.ts";
import type { GateDetail } from "../gate-detail.ts";

/** One place in which requests that look alike differ, with each request's own value there. */
export interface DifferingPlace {
  readonly path: string;
  /** JSON text by request; null where it is not there. */
  readonly values: ReadonlyMap<string, string | null>;
}

export interface Differences {
  readonly places: readonly DifferingPlace[];
  /** Places in which all are equal. */
  readonly same: number;
  readonly complete: boolean;
}

/** Where the members of a group differ, each against the first: target first, then the arguments in their order. */
export function differencesOf(details: readonly GateDetail[]): Differences {
  const [first, ...others] = details;
  if (first === undefined) return { places: [], same: 0, complete: true };
  const target = (detail: GateDetail): string | null => detail.claims.task.target ?? null;
  const places = new Map<string, Map<string, string | null>>();
  const firstValues = new Map<string, string | null>();
  let same = Number.POSITIVE_INFINITY;
  let complete = true;
  for (const other of others) {
    const diff = diffArguments(first.canonicalArgs, other.canonicalArgs);
    same = Math.min(same, diff.same);
    complete &&= diff.complete;
    for (const { path, before, after } of diff.changes) {
      firstValues.set(path, before);
      places.set(path, (places.get(path) ?? new Map()).set(other.row.request, after));
    }
  }
  const argumentPlaces = [...places].map(([path, changed]): DifferingPlace => {
    const unchanged = firstValues.get(path) ?? null;
    const values = details.map(
      ({ row }) => [row.request, changed.get(row.request) ?? held(changed, row.request, unchanged)] as const,
    );
    return { path, values: new Map(values) };
  });
  const targets = new Map(details.map((detail) => [detail.row.request, target(detail)]));
  const differs = new Set(targets.values()).size > 1;
  return {
    places: [...(differs ? [{ path: "(target)", values: targets }] : []), ...argumentPlaces],
    same: Number.isFinite(same) ? same : 0,
    complete,
  };
}

/** A value that is not among the changes is the first one's; one that is there as null is not there at all. */
function held(changed: ReadonlyMap<string, string | null>, request: string, unchanged: string | null): string | null {
  return changed.has(request) ? null : unchanged;
}
