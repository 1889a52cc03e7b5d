import { type Refusal, refusal } from "../jose/refusal.ts";
import type { DataClass, RegProfile } from "./stitch-claims.ts";

/** What holds for a whole record that several profiles apply to (XDA-9). Times in seconds. */
export interface Strictest {
  readonly regimes: readonly string[];
  readonly dataClasses: readonly DataClass[];
  readonly transfer: RegProfile["transfer"];
  readonly retentionMinS: number;
  readonly retentionMaxS: number;
  /** `retention_conflict`: one regime keeps what another has deleted by then. */
  readonly conflict: Refusal | null;
}

const STRICTNESS = { allowed: 0, restricted: 1, forbidden: 2 } as const;

/** XDA-9: the strictest of every regime applies; keeping takes the longest minimum and the shortest maximum. */
export function strictestOf(profiles: readonly RegProfile[]): Strictest {
  const retentionMinS = Math.max(0, ...profiles.map((profile) => profile.retention_min_s));
  const retentionMaxS = Math.min(Number.MAX_SAFE_INTEGER, ...profiles.map((profile) => profile.retention_max_s));
  return {
    regimes: [...new Set(profiles.map(({ regime }) => regime))].toSorted(),
    dataClasses: [...new Set(profiles.flatMap((profile) => profile.data_classes))].toSorted(),
    transfer: profiles.reduce<RegProfile["transfer"]>(
      (strictest, { transfer }) => (STRICTNESS[transfer] > STRICTNESS[strictest] ? transfer : strictest),
      "allowed",
    ),
    retentionMinS,
    retentionMaxS,
    conflict:
      retentionMinS <= retentionMaxS
        ? null
        : refusal(
            "retention_conflict",
            `kept for at least ${retentionMinS} s by one regime and at most ${retentionMaxS} s by another`,
            { claim: "reg" },
          ),
  };
}

/** What a domain takes from others. */
export interface TransferTerms {
  /** Regimes this domain works under itself: what is restricted goes only where its own regime holds too [ours]. */
  readonly regimes: readonly string[];
  readonly dataClasses: readonly DataClass[];
}

/** X1: why a record may not come into a domain (`xd_transfer_forbidden`), or null. No profile at all says nothing is allowed (XDA-1). */
export function transferProblem(profiles: readonly RegProfile[], terms: TransferTerms): Refusal | null {
  const no = (detail: string): Refusal => refusal("xd_transfer_forbidden", detail, { claim: "reg" });
  if (profiles.length === 0) return no("it says under which regime it stands nowhere");
  const forbidden = leavingProblem(profiles);
  if (forbidden !== null) return forbidden;
  const foreign = profiles.find(({ transfer, regime }) => transfer === "restricted" && !terms.regimes.includes(regime));
  if (foreign !== undefined) return no(`${foreign.regime} restricts it to domains under that regime`);
  const { dataClasses } = strictestOf(profiles);
  const unwanted = dataClasses.filter((of) => !terms.dataClasses.includes(of));
  return unwanted.length === 0 ? null : no(`data of class ${unwanted.join(", ")} is not taken here`);
}

/** XDA-8: what must not leave is kept back by its sender, whatever a receiver would take. */
export function leavingProblem(profiles: readonly RegProfile[]): Refusal | null {
  const kept = profiles.find(({ transfer }) => transfer === "forbidden");
  return kept === undefined
    ? null
    : refusal("xd_transfer_forbidden", `${kept.regime} forbids that it leaves its domain`, { claim: "reg" });
}
