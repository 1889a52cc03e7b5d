import type { RunDomains } from "./run-domains.ts";

/**
 * Which domain asked for each task of a run over a border, by task index: null where its own domain began it, and where its
 * agent lives in the console's own domain. Work goes from domain to domain as calls do: what comes back to a domain that it
 * came through is that domain's own again, so that nobody owes for having been answered (XDA-80). Where several domains asked,
 * it is the one that did so first in the order of the run: a task is charged once.
 */
export function askersOf({ of, local, crossings }: RunDomains, order: readonly number[]): (string | null)[] {
  const placeOf = new Map(order.map((index, place) => [index, place]));
  /** By task, the domains its work came through, its own last. */
  const ways = new Map<number, readonly string[]>();
  for (const index of order) {
    const domain = of[index];
    if (domain === null || domain === undefined) continue;
    const before = [...(local[index] ?? []), ...(crossings[index] ?? []).flatMap(({ last }) => last)];
    const found = before
      .toSorted((a, b) => (placeOf.get(a) ?? 0) - (placeOf.get(b) ?? 0))
      .flatMap((at) => {
        const way = ways.get(at);
        return way === undefined ? [] : [onwards(way, domain)];
      });
    // What it began itself it goes on with itself, whoever else has a part in it.
    ways.set(index, found.find((way) => way.length === 1) ?? found[0] ?? [domain]);
  }
  return of.map((_, index) => ways.get(index)?.at(-2) ?? null);
}

/** The way on into a domain: back to where it was there before, or one further. */
function onwards(way: readonly string[], domain: string): readonly string[] {
  const at = way.indexOf(domain);
  return at < 0 ? [...way, domain] : way.slice(0, at + 1);
}
