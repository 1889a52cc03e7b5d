import type { Refusal } from "../jose/refusal.ts";
import { actionKeys } from "./action-key.ts";
import { unjudgedBy } from "./bet-members.ts";
import type { ActionDrift } from "./drift.ts";
import type { JudgedFinding } from "./hidden-violations.ts";
import type { Observation } from "./observe-window.ts";
import type { ProfileBody } from "./profile.ts";
import type { Reason, Verdict } from "./result.ts";
import type { VerifiedBet } from "./verify-bet.ts";

/** Reasons that are no rule of the profile; rules have no underscores in their names. */
export const REASONS = {
  conflict: "observer_conflict",
  hidden: "hidden_violation",
  drift: "drift",
  coverage: "coverage_differs",
  insufficient: "samples_below_minimum",
  unverifiable: "evidence_missing",
  limit: "limit_unknown",
  order: "order_unknown",
} as const;

/** A token holds 16,384 bytes, other members included. */
const REASONS_CHARS = 6000;

interface Appraisal {
  readonly verdict: Verdict;
  /** Gravest first. */
  readonly findings: readonly JudgedFinding[];
  readonly conflict: boolean;
  readonly drift: number | null;
  readonly accepted: readonly VerifiedBet[];
  readonly refused: readonly Refusal[];
  readonly telling: readonly ActionDrift[];
  readonly observation: Observation | null;
  readonly profile: ProfileBody;
}

/** BEH-20: rules and tasks. What is said once comes first, so that no number of offences hides it. */
export function appraisalReasons(appraisal: Appraisal): readonly Reason[] {
  const { verdict, findings, conflict, refused } = appraisal;
  const reasons: Reason[] = [];
  if (verdict === "insufficient") reasons.push({ rule_id: REASONS.insufficient });
  if (verdict === "unverifiable") reasons.push({ rule_id: REASONS.unverifiable });
  if (conflict) reasons.push({ rule_id: REASONS.conflict });
  for (const { code, jti } of refused) reasons.push({ rule_id: code, ...(jti === undefined ? {} : { jti }) });
  reasons.push(...coverageReasons(appraisal), ...driftReasons(appraisal), ...unknownRules(appraisal));
  for (const { rule_id, severity, jti, hidden } of findings) {
    reasons.push({ rule_id, severity, jti });
    if (hidden) reasons.push({ rule_id: REASONS.hidden, severity, jti });
  }
  return reasons;
}

/** As many as a token has room for. */
export function fittingReasons(reasons: readonly Reason[]): readonly Reason[] {
  let chars = 0;
  const beyond = reasons.findIndex((reason) => {
    chars += JSON.stringify(reason).length + 1;
    return chars > REASONS_CHARS;
  });
  return beyond < 0 ? reasons : reasons.slice(0, beyond);
}

/** Evidence that is not of the same tasks as the log has. */
function coverageReasons({ accepted, observation }: Appraisal): readonly Reason[] {
  if (observation === null) return [];
  return accepted
    .filter(({ claims: { dag_root } }) => dag_root !== undefined && dag_root !== observation.dagRoot)
    .map(({ ref }) => ({ rule_id: REASONS.coverage, jti: ref.jti }));
}

/** What could not be judged is said, and is not taken for kept. */
const unknownRules = ({ observation, accepted }: Appraisal): readonly Reason[] => [
  ...(observation?.unjudged.map(({ rule_id, jti }) => ({ rule_id: `${REASONS.order}:${rule_id}`, jti })) ??
    [...new Set(accepted.flatMap(unjudgedBy))].map((id) => ({ rule_id: `${REASONS.order}:${id}` }))),
  ...(observation?.unknownLimits ?? []).map((id) => ({ rule_id: `${REASONS.limit}:${id}` })),
];

/** The most telling actions, each with the newest task that was one, and the numbers that drifted. */
function driftReasons({ drift, telling, observation, profile }: Appraisal): readonly Reason[] {
  const { drift_warn } = profile.thresholds;
  if (drift === null || drift < drift_warn) return [];
  const keyOf = actionKeys(Object.keys(profile.baseline?.action_freq ?? {}));
  const examples = new Map(
    [...(observation?.examples ?? [])].map(([name, jti]) => [keyOf(name) ?? name, jti] as const),
  );
  const numbers = (observation?.drift?.numeric ?? []).filter((number) => number.drift >= drift_warn);
  const actions = (observation?.drift?.actions ?? 0) >= drift_warn ? telling : [];
  const reasons = [
    ...numbers.map(({ metric }): Reason => ({ rule_id: `${REASONS.drift}:${metric}` })),
    ...actions.flatMap(({ action }): Reason[] => {
      const jti = examples.get(action);
      return jti === undefined ? [] : [{ rule_id: REASONS.drift, jti }];
    }),
  ];
  return reasons.length === 0 ? [{ rule_id: REASONS.drift }] : reasons;
}
