import type { State } from "../../engine/state.ts";
import { trustDomainOf } from "../../protocol/audit/trust-domain.ts";
import type { DomainHost } from "./domain-hosts.ts";

/**
 * What one domain's trust in another rests on. `declared`: its policy names the other one, whose gateway's key is in its log
 * and in force. `pinned`: that key is, and no policy names the domain. `asserted`: nothing but the other one's own word.
 */
export type TrustBasis = "declared" | "pinned" | "asserted";

export interface PeerTrust {
  /** Who trusts, and whom. */
  readonly of: string;
  readonly domain: string;
  readonly basis: TrustBasis;
  /** Until when the pinned identity is in force, epoch s; of a lapsed one, until when it was. Null where there is none. */
  readonly until: number | null;
}

/** Domains whose gateways this log hears at the border now, with when that ends, epoch s. */
export function heardAtBorder(state: Pick<State, "keys">, nowS: number): ReadonlyMap<string, number> {
  const until = new Map<string, number>();
  for (const { use, subject, exp } of state.keys.values()) {
    const domain = trustDomainOf(subject);
    if (domain !== null && use === "border" && exp > nowS) until.set(domain, Math.max(until.get(domain) ?? 0, exp));
  }
  return until;
}

/** How a domain trusts each of the others. */
export async function trustIn(of: DomainHost, others: readonly string[]): Promise<PeerTrust[]> {
  const nowS = Math.floor(of.host.ports.clock.nowMs() / 1000);
  const [heard, ever] = await of.host.engine.read((state) => [heardAtBorder(state, nowS), heardAtBorder(state, 0)]);
  return others.map((domain) => ({
    ...{ of: of.domain, domain, until: ever.get(domain) ?? null },
    basis: !heard.has(domain) ? "asserted" : of.profile.declares.includes(domain) ? "declared" : "pinned",
  }));
}
