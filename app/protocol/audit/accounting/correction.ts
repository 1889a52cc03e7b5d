import { Exact, sumOf, textOf } from "./decimals.ts";

/** One resource of a correction: what finance ordered, and what the metering point recorded. */
export interface CorrectionLine {
  readonly resource: string;
  /** Signed differences; null where there is none of the resource. */
  readonly ordered: string | null;
  readonly recorded: string | null;
  readonly differs: boolean;
}

interface Ordered {
  readonly resource: string;
  readonly difference: string;
}
interface Recorded {
  readonly resource: string;
  readonly quantity: string;
}

/** A correction beside the order that it follows, line by line (XDA-51). */
export function correctionLines(order: readonly Ordered[], items: readonly Recorded[]): CorrectionLine[] {
  const resources = new Set([...order, ...items].map(({ resource }) => resource));
  return [...resources].map((resource) => {
    const wanted = order.filter((line) => line.resource === resource).map(({ difference }) => difference);
    const found = items.filter((line) => line.resource === resource).map(({ quantity }) => quantity);
    const ordered = wanted.length === 0 ? null : textOf(sumOf(wanted));
    const recorded = found.length === 0 ? null : textOf(sumOf(found));
    const differs = ordered === null || recorded === null || !new Exact(ordered).eq(recorded);
    return { resource, ordered, recorded, differs };
  });
}

/** Where a correction is not the ordered one, a sentence for each line; empty where it is. */
export function correctionProblems(order: readonly Ordered[], items: readonly Recorded[]): string[] {
  return correctionLines(order, items).flatMap(({ resource, ordered, recorded, differs }) =>
    differs ? [`${resource}: ${ordered ?? "nothing"} ordered, ${recorded ?? "nothing"} recorded`] : [],
  );
}
