import type { DomainLedger } from "./domain-ledger.ts";

/** Which workflows tell of one and the same crossing: a crossing is of one, and what says otherwise is to be seen together. */
export interface LinkedWorkflows {
  /** What a domain's log has of a workflow; read again only where it is not as it was. */
  told(wid: string, stamp: string, ledger: Pick<DomainLedger, "domain" | "crossingsOf">): void;
  /** The workflow and all that are linked with it, in order. */
  of(wid: string): readonly string[];
}

export function linkedWorkflows(): LinkedWorkflows {
  const stamps = new Map<string, string>();
  const tellers = new Map<string, Set<string>>();
  const linked = new Map<string, Set<string>>();
  return {
    told: (wid, stamp, ledger) => {
      const place = `${ledger.domain} ${wid}`;
      if (stamps.get(place) === stamp) return;
      stamps.set(place, stamp);
      for (const id of ledger.crossingsOf(wid)) {
        const wids = tellers.get(id) ?? new Set();
        tellers.set(id, wids.add(wid));
        if (wids.size < 2) continue;
        const all = new Set([...wids].flatMap((one) => [...(linked.get(one) ?? [one])]));
        for (const one of all) linked.set(one, all);
      }
    },
    of: (wid) => [...(linked.get(wid) ?? [wid])].toSorted(),
  };
}
