import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { appraisalReasons, fittingReasons } from "./appraisal-reasons.ts";
import { CUT_EXT, unjudgedBy } from "./bet-members.ts";
import type { CompiledProfile } from "./compile-profile.ts";
import { complianceOf, plusTally, tallyOf } from "./compliance.ts";
import type { ActionDrift } from "./drift.ts";
import type { Observer } from "./evidence.ts";
import { type JudgedFinding, judgeFindings, unlistedTally } from "./hidden-violations.ts";
import type { Observation } from "./observe-window.ts";
import type { Window } from "./observed.ts";
import { ACTION_RULES, type ProfileRef } from "./profile.ts";
import { type BehaviorExtension, type Reason, VERDICT_STATUS, type Verdict } from "./result.ts";
import { seesAlone } from "./sees-alone.ts";
import { belowFloor, startTrust, type Trust, type TrustChange, trustAfter } from "./trust.ts";
import { DECISIVE, verdictFor, type WindowFigures, worseVerdict } from "./verdict-for.ts";
import { stepVerdict, unverified, type VerdictChange, type VerdictState } from "./verdict-state.ts";
import type { VerifiedBet } from "./verify-bet.ts";

/** Where an agent stands, by its standing id: what appraisals change. */
export interface Standing {
  readonly verdict: VerdictState;
  readonly trust: Trust;
  /** Windows in a row that nobody but the agent itself observed (BEH-8). */
  readonly selfOnly: number;
}

export const newStanding = (atS: number): Standing => ({
  verdict: unverified(atS),
  trust: startTrust(atS),
  selfOnly: 0,
});

export interface AppraisalInput {
  readonly compiled: CompiledProfile;
  readonly profile: ProfileRef;
  /** Agent id of one workflow. */
  readonly subject: string;
  readonly window: Window;
  /** The verifier's own replay of the log; null where the log is not at hand. */
  readonly observation: Observation | null;
  /** Evidence of all observers, verified (B1) or refused. */
  readonly evidence: readonly Result<VerifiedBet, Refusal>[];
  readonly standing: Standing;
  readonly nowS: number;
}

export interface Appraised {
  readonly verdict: Verdict;
  /** 0 where nothing is known. */
  readonly compliance: number;
  readonly drift: number | null;
  /** Gravest first, all of them; `hidden` ones with the severity they have for it. */
  readonly findings: readonly JudgedFinding[];
  /** BEH-20: what led to the verdict, all of it; what is no rule first. */
  readonly reasons: readonly Reason[];
  readonly conflict: boolean;
  /** The three most telling actions, where there is a baseline. */
  readonly telling: readonly ActionDrift[];
  readonly accepted: readonly VerifiedBet[];
  readonly refused: readonly Refusal[];
  readonly standing: Standing;
  readonly change: VerdictChange | null;
  readonly trustChanges: readonly TrustChange[];
  /** Never softer than the verdict's own (BEH-9). */
  readonly status: (typeof VERDICT_STATUS)[Verdict];
  /** With as many reasons as a token has room for. */
  readonly extension: BehaviorExtension;
}

/** Observers whose compliance is further apart than this do not agree. */
const DISAGREEMENT = 0.1;
/** Whose numbers stand where the log is not at hand: whoever depends least on the agent. */
const INDEPENDENCE: readonly Observer[] = ["gateway", "peer", "sidecar", "self"];
const TELLING = 3;
const ACTION_IDS: ReadonlySet<string> = new Set(Object.values(ACTION_RULES));

/** B4, of one window: what was found and claimed, the verdict, and where the agent stands from now on. */
export function appraise(input: AppraisalInput): Appraised {
  const { compiled, window, observation, evidence, standing, nowS } = input;
  const inForce = evidence.map((one) => (one.ok ? underProfile(one.value, input.profile) : one));
  const accepted = inForce.flatMap((one) => (one.ok ? [one.value] : []));
  const refused = inForce.flatMap((one) => (one.ok ? [] : [one.error]));
  const findings = judgeFindings(compiled, observation?.findings ?? claimedFindings(accepted), accepted).toSorted(
    (one, other) => other.severity - one.severity || one.at - other.at,
  );
  const conflict = disagree(accepted);
  const { verdict, figures } = decide(input, accepted, findings, conflict);
  const gravest = figures?.gravest ?? 0;

  const newer = standing.verdict.counted === null || window.from >= standing.verdict.counted.to;
  // Many workflows at once earn no more than one does.
  const earned = verdict !== "conformant" || newer;
  const { trust, changes } = earned
    ? trustAfter(standing.trust, verdict, gravest >= DECISIVE, nowS)
    : { trust: standing.trust, changes: [] };
  const step = stepVerdict(standing.verdict, {
    kind: "appraised",
    verdict,
    window,
    trustBelowFloor: belowFloor(trust, nowS),
    atS: nowS,
  });
  const independent = accepted.some(({ observer }) => observer !== "self");
  const telling = (observation?.drift?.contributions ?? []).filter(({ part }) => part > 0).slice(0, TELLING);
  const compliance = figures?.compliance ?? 0;
  const drift = figures?.drift ?? null;
  const reasons = appraisalReasons({
    verdict,
    findings,
    conflict,
    drift,
    accepted,
    refused,
    telling,
    observation,
    profile: compiled.profile,
  });
  return {
    verdict,
    compliance,
    drift,
    findings,
    reasons,
    conflict,
    telling,
    accepted,
    refused,
    standing: { verdict: step.state, trust, selfOnly: independent ? 0 : standing.selfOnly + 1 },
    change: step.change,
    trustChanges: changes,
    status: step.state.state === "quarantined" ? "contraindicated" : VERDICT_STATUS[verdict],
    extension: {
      subject: input.subject,
      profile: input.profile,
      verdict,
      compliance,
      drift,
      trust: trust.score,
      bets: accepted.slice(0, 16).map(({ ref }) => ref),
      window: { from: window.from, to: window.to },
      reasons: [...fittingReasons(reasons)],
    },
  };
}

/** BEH-5: an older version may have allowed more. */
function underProfile(bet: VerifiedBet, { profile_id, version, hash }: ProfileRef): Result<VerifiedBet, Refusal> {
  const { jti, profile } = bet.claims;
  return profile.profile_id === profile_id && profile.version === version && profile.hash === hash
    ? ok(bet)
    : err(refusal("bet_profile_mismatch", "it is under another version of the profile than is in force", { jti }));
}

interface Decided {
  readonly verdict: Verdict;
  /** Null where neither log nor evidence is there. */
  readonly figures: WindowFigures | null;
}

function decide(
  { compiled, observation }: AppraisalInput,
  accepted: readonly VerifiedBet[],
  findings: readonly JudgedFinding[],
  conflict: boolean,
): Decided {
  const own = observation === null ? null : ownFigures(compiled, observation, findings, accepted);
  // With the log at hand what other agents say is told and decides nothing [ours]: nobody is put out by a rival's word.
  const weighed = accepted.filter(({ observer }) => own === null || observer !== "peer");
  const claimed = weighed.sort(byIndependence).map(figuresOf);
  const first = own ?? claimed[0] ?? null;
  if (first === null) return { verdict: "unverifiable", figures: null };
  const { profile } = compiled;
  const verdict = verdictFor(profile, first);
  if (accepted.length === 0) {
    // Findings of the log need no evidence beside them; a good name does (BEH-10).
    const holds = verdict === "drifting" || verdict === "nonconformant";
    return { verdict: holds ? verdict : "unverifiable", figures: first };
  }
  if (!conflict) return { verdict, figures: first };
  return {
    verdict: claimed.map((figures) => verdictFor(profile, figures)).reduce(worseVerdict, verdict),
    figures: {
      samples: first.samples,
      compliance: Math.min(first.compliance, ...claimed.map(({ compliance }) => compliance)),
      drift: [first, ...claimed].reduce<number | null>(
        (most, { drift }) => (drift === null ? most : Math.max(most ?? 0, drift)),
        null,
      ),
      gravest: Math.max(first.gravest, ...claimed.map(({ gravest }) => gravest)),
      unjudged: first.unjudged === true,
    },
  };
}

/** All over what each can know: one that sees one agent alone is compared over its actions and nothing else (BEH-57). */
function disagree(accepted: readonly VerifiedBet[]): boolean {
  const whole = accepted.filter(({ observer }) => !seesAlone(observer)).map(({ compliance }) => compliance);
  const actions = accepted.filter(({ claims }) => claims.ect_ext?.[CUT_EXT] === undefined).map(actionCompliance);
  return areApart(whole) || areApart(actions);
}

const areApart = (all: readonly number[]): boolean =>
  all.length > 1 && Math.max(...all) - Math.min(...all) > DISAGREEMENT + 1e-9;

/** By findings about what was allowed and forbidden alone. */
function actionCompliance({ claims: { samples, violations } }: VerifiedBet): number {
  const about = violations.filter(({ rule_id }) => ACTION_IDS.has(rule_id));
  return complianceOf(samples, tallyOf(about.map(({ severity }) => severity)));
}

/** What hidden findings weigh more, and what only others could see, counted in. */
function ownFigures(
  compiled: CompiledProfile,
  { findings: listed, samples, drift, unlisted, unjudged }: Observation,
  findings: readonly JudgedFinding[],
  accepted: readonly VerifiedBet[],
): WindowFigures {
  const tally = plusTally(
    tallyOf(findings.map(({ severity }) => severity)),
    unlistedTally(compiled, listed, unlisted, accepted),
  );
  return {
    samples,
    compliance: complianceOf(samples, tally),
    drift: drift?.overall ?? null,
    gravest: tally.findLastIndex((count) => count > 0) + 1,
    unjudged: unjudged.length > 0,
  };
}

/** Compliance is worked out from all of them; only the gravest are listed, so a grave one is among them. */
const figuresOf = ({ claims, compliance, drift }: VerifiedBet): WindowFigures => ({
  samples: claims.samples,
  compliance,
  drift,
  gravest: Math.max(0, ...claims.violations.map(({ severity }) => severity)),
  unjudged: unjudgedBy({ claims }).length > 0,
});

const byIndependence = (one: VerifiedBet, other: VerifiedBet): number =>
  INDEPENDENCE.indexOf(one.observer) - INDEPENDENCE.indexOf(other.observer);

/** Without the log, what the most independent observer lists. */
function claimedFindings(accepted: readonly VerifiedBet[]): VerifiedBet["claims"]["violations"] {
  return [...accepted].sort(byIndependence)[0]?.claims.violations ?? [];
}
