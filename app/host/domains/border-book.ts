import type { Sha256 } from "../../base/ports.ts";
import type { BorderVersionName } from "../../protocol/audit/border-policy.ts";
import { type BorderHistory, borderHistory, inForceOf } from "../../protocol/audit/border-versions.ts";
import type { DomainLedger } from "./domain-ledger.ts";
import { type DomainProfile, policyOf, profileFrom } from "./domain-profiles.ts";

/** What a domain is under now, and the version of its border policy that says so. */
export interface BorderNow {
  readonly profile: DomainProfile;
  readonly name: BorderVersionName;
}

/** One domain's border policy as its log has it: the versions in order, and the one in force (XDA-72). */
export interface BorderBook {
  now(): BorderNow;
  history(): BorderHistory;
}

export function createBorderBook(
  first: DomainProfile,
  { orders }: Pick<DomainLedger, "orders">,
  nowS: () => number,
  sha256: Sha256,
): BorderBook {
  const base = policyOf(first);
  const history = (): BorderHistory => borderHistory(base, orders(), nowS(), sha256);
  // What is in force changes with an order only: every record that is made asks for it.
  let known: { readonly orders: number; readonly now: BorderNow } | null = null;
  return {
    history,
    now: () => {
      const { length } = orders();
      if (known?.orders === length) return known.now;
      const { version, hash, policy } = inForceOf(history());
      const now = { profile: version === 0 ? first : profileFrom(policy), name: { version, hash } };
      known = { orders: length, now };
      return now;
    },
  };
}
