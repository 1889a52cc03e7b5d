import type { BorderPolicyText } from "../../protocol/audit/border-policy.ts";
import type { BorderPolicy } from "../../protocol/audit/handoff.ts";
import type { DisclosureClaim, RegProfile } from "../../protocol/audit/stitch-claims.ts";

/** What a domain is under, and what it takes from others. */
export interface DomainProfile {
  readonly reg: RegProfile;
  readonly policy: Omit<BorderPolicy, "domain" | "trusted">;
  /** Domains its policy names as those it works with. Heard is who has a key in its log. */
  readonly declares: readonly string[];
  readonly jurisdictions: readonly string[];
  readonly disclosure: DisclosureClaim;
}

const DAY_S = 86_400;

/** `xd-2` is the policy that rounds what it counts (XDA-S8). */
const hashOnly = (
  pairwise: boolean,
  audience_rules: DisclosureClaim["audience_rules"] = [],
  policy_id: "xd-1" | "xd-2" = "xd-1",
): DisclosureClaim => ({ policy_id, pairwise, default: "hash_only", audience_rules });

const network = (change: Partial<RegProfile>): RegProfile => ({
  regime: "NIS2",
  role: "provider",
  data_classes: ["operational"],
  retention_min_s: 180 * DAY_S,
  retention_max_s: 730 * DAY_S,
  transfer: "allowed",
  purpose: "operation of the network",
  ...change,
});

/** The domains of the bundled three-domain scenario; like the scenario they are ours and stand for nobody [ours]. */
const KNOWN: Readonly<Record<string, DomainProfile>> = {
  "core.example": {
    declares: ["access.example", "metro.example"],
    reg: network({}),
    policy: { minLevel: 3, regimes: ["NIS2"], dataClasses: ["operational", "public", "personal"] },
    jurisdictions: ["EU"],
    disclosure: hashOnly(false, [
      { role: "operator", reveal: ["inp_hash", "out_hash"] },
      { role: "safety_officer", reveal: ["inp_hash", "out_hash", "evidence"] },
    ]),
  },
  "metro.example": {
    declares: ["access.example", "core.example"],
    reg: network({ regime: "DORA", role: "processor", retention_min_s: 365 * DAY_S, retention_max_s: 1825 * DAY_S }),
    policy: { minLevel: 3, regimes: ["DORA", "NIS2"], dataClasses: ["operational", "public", "financial"] },
    jurisdictions: ["EU"],
    disclosure: hashOnly(true, [{ role: "safety_officer", reveal: ["evidence"] }], "xd-2"),
  },
  "access.example": {
    declares: ["core.example", "metro.example"],
    reg: network({
      regime: "GDPR",
      role: "controller",
      legal_basis: "contract with the customer",
      retention_min_s: 180 * DAY_S,
      retention_max_s: 365 * DAY_S,
      purpose: "service of the customers",
    }),
    policy: { minLevel: 2, regimes: ["GDPR"], dataClasses: ["operational", "public", "personal"] },
    jurisdictions: ["DE"],
    disclosure: hashOnly(true),
  },
};

/** A domain that a recorded run names and nobody has said anything about: it takes what is operational or public. */
const UNKNOWN: DomainProfile = {
  declares: [],
  reg: network({ regime: "none", role: "none", purpose: "work of its agents" }),
  policy: { minLevel: 2, regimes: ["none"], dataClasses: ["operational", "public"] },
  jurisdictions: [],
  disclosure: hashOnly(true),
};

export function profileOf(domain: string): DomainProfile {
  return KNOWN[domain] ?? UNKNOWN;
}

/** What is said of a domain here, as it is signed where somebody changes it (XDA-72). */
export const policyOf = ({ reg, policy, declares, jurisdictions, disclosure }: DomainProfile): BorderPolicyText => ({
  reg,
  takes: {
    level_min: policy.minLevel,
    regimes: [...policy.regimes],
    data_classes: [...policy.dataClasses],
  },
  works_with: [...declares],
  jurisdictions: [...jurisdictions],
  disclosure,
});

export const profileFrom = ({
  reg,
  takes,
  works_with,
  jurisdictions,
  disclosure,
}: BorderPolicyText): DomainProfile => ({
  reg,
  policy: {
    minLevel: takes.level_min as 1 | 2 | 3, // as its schema has it
    regimes: takes.regimes,
    dataClasses: takes.data_classes,
  },
  declares: works_with,
  jurisdictions,
  disclosure,
});
