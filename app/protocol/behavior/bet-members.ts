import { actionKeys } from "./action-key.ts";
import { NO_FINDINGS, type SeverityTally, tallyOf } from "./compliance.ts";
import type { BetClaims, Violation } from "./evidence.ts";
import { minusTally, sumOf } from "./gather-findings.ts";
import { type Metric, metricSchema } from "./metrics.ts";
import type { Observation } from "./observe-window.ts";
import type { Baseline } from "./profile.ts";

/**
 * A token holds 16,384 bytes, and an agent could make so many names and offences that no evidence of it fits into one. So
 * what is too much is put together, and counted [ours].
 */
const NAMES_CHARS = 2048;
const VIOLATIONS_CHARS = 6000;
const MAX_VIOLATIONS = 256;
/** Fewer than this always fit: where less is listed nothing may be left out. */
const LEAST_LISTED = 24;
/** Names of actions that match nothing in the baseline, once there are too many. */
export const OTHER_ACTIONS = "(other)";
/** Findings that were counted and not listed, by severity 1 to 5. */
export const CUT_EXT = "org.signalbox.cut";
/** Rules of order that could not be judged of some task, by their ids [ours, BEH-63]. */
export const UNJUDGED_EXT = "org.signalbox.unjudged";
/** Tasks of other logs that violations are about (B1). */
export const EXTERNAL_EXT = "org.signalbox.external";

export type BetMembers = Pick<
  BetClaims,
  "counts" | "samples" | "violations" | "metrics" | "compliance" | "dag_root"
> & {
  readonly drift?: number;
  readonly ect_ext?: NonNullable<BetClaims["ect_ext"]>;
};

/** What an observer claims of a window, as a BET has it. */
export function betMembers(observation: Observation, baseline: Baseline | undefined): BetMembers {
  const { samples, compliance, drift, metrics, dagRoot: dag_root } = observation;
  const { listed, cut } = listable(observation);
  const unjudged = observation.unjudged.map(({ rule_id }) => rule_id);
  const ext = {
    ...(cut === NO_FINDINGS ? {} : { [CUT_EXT]: [...cut] }),
    ...(unjudged.length === 0 ? {} : { [UNJUDGED_EXT]: unjudged }),
  };
  return {
    counts: countable(observation.counts, baseline),
    samples,
    violations: [...listed],
    metrics: knownMetrics(metrics),
    compliance,
    ...(drift === null ? {} : { drift: drift.overall }),
    dag_root,
    ...(Object.keys(ext).length === 0 ? {} : { ect_ext: ext }),
  };
}

/** Rules that evidence says it could not judge; what is no list of ids says nothing. */
export function unjudgedBy({
  claims: { ect_ext: ext = {} },
}: {
  readonly claims: Pick<BetClaims, "ect_ext">;
}): string[] {
  const told = ext[UNJUDGED_EXT];
  const ids = Array.isArray(told) ? told.slice(0, 64) : [];
  return ids.filter((id): id is string => typeof id === "string" && id.length > 0 && id.length <= 63);
}

/** The tally that a BET's compliance is of: what it lists and what it says it left out; null where that cannot be. */
export function claimedTally({ violations, ect_ext: ext = {} }: BetClaims): SeverityTally | null {
  const tally = tallyOf(violations.map(({ severity }) => severity));
  const cut = ext[CUT_EXT];
  if (cut === undefined) return tally;
  if (!Array.isArray(cut) || cut.length !== 5 || violations.length < LEAST_LISTED) return null;
  const counts = cut.map((count) =>
    typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : null,
  );
  if (counts.includes(null)) return null;
  return [0, 1, 2, 3, 4].map((at) => (tally[at] ?? 0) + (counts[at] ?? 0)) as unknown as SeverityTally; // five of five
}

/** The gravest, then the earliest, as many as fit; without their details, which whoever has the log finds anew. */
function listable({ findings, tally }: Pick<Observation, "findings" | "tally">): {
  readonly listed: readonly Violation[];
  readonly cut: SeverityTally;
} {
  const byGravity = findings.toSorted((one, other) => other.severity - one.severity || one.at - other.at);
  const listed: Violation[] = [];
  let chars = 0;
  for (const { rule_id, severity, jti, at } of byGravity.slice(0, MAX_VIOLATIONS)) {
    const violation = { rule_id, severity, jti, at };
    chars += JSON.stringify(violation).length + 1;
    if (chars > VIOLATIONS_CHARS) break;
    listed.push(violation);
  }
  const left = minusTally(tally, tallyOf(listed.map(({ severity }) => severity)));
  return {
    listed: listed.sort((one, other) => one.at - other.at),
    cut: sumOf(left) === 0 ? NO_FINDINGS : left,
  };
}

/** The most frequent names as they are; the rest under what they count for in the baseline, so that drift stays what it is. */
function countable(counts: ReadonlyMap<string, number>, baseline: Baseline | undefined): Record<string, number> {
  const keyOf = actionKeys(Object.keys(baseline?.action_freq ?? {}));
  const told = new Map<string, number>();
  let chars = 0;
  for (const [name, count] of [...counts].sort((one, other) => other[1] - one[1])) {
    chars += JSON.stringify(name).length;
    const key = chars <= NAMES_CHARS && isPlain(name) ? name : (keyOf(name) ?? OTHER_ACTIONS);
    told.set(key, (told.get(key) ?? 0) + count);
  }
  return Object.fromEntries(told);
}

/** A name that a JSON object can have as a member everywhere: readers leave this one out, and the sum would be wrong. */
const isPlain = (name: string): boolean => name !== "__proto__" && name.length <= 256;

function knownMetrics(metrics: Observation["metrics"]): NonNullable<BetClaims["metrics"]> {
  const known: Partial<Record<Metric, number>> = {};
  for (const metric of metricSchema.options) {
    const value = metrics[metric];
    if (value !== undefined && value !== null) known[metric] = value;
  }
  return known;
}
