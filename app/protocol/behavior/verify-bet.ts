import type * as z from "zod";
import { err, ok, type Result } from "../../base/result.ts";
import type { Level } from "../ect/known-ects.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { type Outcome, passed, type VerificationStep } from "../jose/steps.ts";
import { claimedTally, EXTERNAL_EXT } from "./bet-members.ts";
import { type CompiledProfile, compileProfile } from "./compile-profile.ts";
import { complianceOf } from "./compliance.ts";
import { driftOf } from "./drift.ts";
import type { BetClaims, Observer, tokenRefSchema } from "./evidence.ts";
import type { Window } from "./observed.ts";
import type { ProfileBody } from "./profile.ts";
import { appliesTo } from "./standing.ts";

export type TokenRef = z.infer<typeof tokenRefSchema>;

/** A BET that came through common token verification (CTV), or an unsigned one (level 1). */
export interface ReceivedBet {
  readonly claims: BetClaims;
  /** Token digest. */
  readonly hash: string;
  /** Of its signature and place: 1 unsigned, 2 signed, 3 on record in a ledger. */
  readonly level: Level;
}

/** What a verifier brings to a BET (B1). */
export interface BetContext {
  /** A version of a profile, whether or not it is the newest. */
  profileOf(profileId: string, version: number): { readonly profile: ProfileBody; readonly hash: string } | undefined;
  /** Whom and what evidence was asked about (BEH-S2). */
  readonly subject: string;
  readonly window: Window;
  /** The challenge; null where none was sent. */
  readonly nonce: string | null;
  readonly nowS: number;
  /** Whether a task is in the log. */
  knows(jti: string): boolean;
  /** Newest accepted evidence of this issuer about this subject. */
  previousOf(iss: string): TokenRef | null;
  /** As what an identity may observe the subject, by what is pinned here and not by what the token says; null: as nothing. */
  observerOf(iss: string): Observer | null;
  /** Windows right before this one that nobody but the agent itself observed. */
  readonly selfOnly: number;
  /** Whether somebody else observed this window, too. */
  readonly independentHere: boolean;
  /** D2 steps 12 to 16 as far as CTV has not done them: extension limits, policy keys, replay, place in the DAG. */
  place(claims: BetClaims): Outcome;
}

/** Evidence that was accepted, with the numbers worked out anew (BEH-6): what it claimed of them is only compared. */
export interface VerifiedBet {
  readonly claims: BetClaims;
  readonly ref: TokenRef;
  readonly observer: Observer;
  readonly level: Level;
  readonly compliance: number;
  /** Null where the profile has no baseline, or nothing was observed. */
  readonly drift: number | null;
}

const TOLERANCE = 1e-6;
/** BEH-8, Standard: somebody else at least in every fourth window. */
const SELF_ONLY_WINDOWS = 3;

interface BetProgress {
  compiled?: CompiledProfile;
  compliance?: number;
  drift?: number | null;
}

type Row = readonly [check: string, run: (bet: ReceivedBet, context: BetContext, progress: BetProgress) => Outcome];

/** B1 after CTV, a line a row of the specification. */
const ROWS: readonly Row[] = [
  ["a task of the log, as any ECT (D2 12 to 16)", ({ claims }, context) => context.place(claims)],
  ["about an agent the profile applies to", checkSubject],
  ["profile known", checkProfile],
  ["profile's text unchanged", checkHash],
  ["profile not expired", checkExpiry],
  ["samples are the sum of the counts", checkCounts],
  ["violations are about known tasks", checkViolations],
  ["compliance and drift as worked out here", checkNumbers],
  ["fresh, and of the window asked for", checkFresh],
  ["follows the evidence before it", checkChain],
  ["observed by whom the profile asks for", checkObserver],
];

export function verifyBet(bet: ReceivedBet, context: BetContext): Result<VerifiedBet, Refusal> {
  const progress: BetProgress = {};
  for (const [, run] of ROWS) {
    const outcome = run(bet, context, progress);
    if (!outcome.ok) return err({ ...outcome.error, jti: bet.claims.jti });
  }
  const { claims, hash, level } = bet;
  const { compliance = 0, drift = null } = progress;
  return ok({ claims, ref: { jti: claims.jti, hash }, observer: claims.observer, level, compliance, drift });
}

/** The same rows, told for the screen. */
export function explainBet(bet: ReceivedBet, context: BetContext): readonly VerificationStep[] {
  const progress: BetProgress = {};
  let failed = false;
  return ROWS.map(([check, run], at) => {
    const row = { procedure: "B1", step: at + 1, check };
    if (failed) return { ...row, result: "not_reached" as const };
    const outcome = run(bet, context, progress);
    if (outcome.ok) return { ...row, result: "passed" as const };
    failed = true;
    return { ...row, result: "failed" as const, code: outcome.error.code, detail: outcome.error.detail };
  });
}

function checkSubject({ claims }: ReceivedBet, context: BetContext): Outcome {
  if (claims.subject !== context.subject)
    return no("bet_profile_mismatch", "it is about another agent than the one asked about", "subject");
  const { profile_id, version } = claims.profile;
  const known = context.profileOf(profile_id, version);
  // What is not known applies to nobody; that it is not known is the next row's to say.
  return known === undefined || appliesTo(known.profile.applies_to, claims.subject)
    ? passed
    : no("bet_profile_mismatch", `the profile ${profile_id} does not apply to this agent`, "subject");
}

function checkProfile({ claims }: ReceivedBet, context: BetContext, progress: BetProgress): Outcome {
  const { profile_id, version } = claims.profile;
  const known = context.profileOf(profile_id, version);
  if (known === undefined)
    return no("bet_profile_unknown", `no version ${version} of ${profile_id} is known`, "profile");
  progress.compiled = compileProfile(known.profile);
  return passed;
}

function checkHash({ claims }: ReceivedBet, context: BetContext): Outcome {
  const { profile_id, version, hash } = claims.profile;
  return context.profileOf(profile_id, version)?.hash === hash
    ? passed
    : no("object_hash_mismatch", "the digest is not that of the profile", "profile");
}

function checkExpiry(_bet: ReceivedBet, { nowS }: BetContext, { compiled }: BetProgress): Outcome {
  const end = compiled?.profile.not_after;
  return end === undefined || end > nowS
    ? passed
    : no("bet_profile_expired", "the profile is no longer in force", "profile");
}

function checkCounts({ claims: { counts, samples } }: ReceivedBet): Outcome {
  const sum = Object.values(counts).reduce((so, count) => so + count, 0);
  return sum === samples
    ? passed
    : no("bet_counts_inconsistent", `counts add up to ${sum}, samples are ${samples}`, "samples");
}

/** [ours]: `bet_violation_unknown`, which the text leaves without a code. */
function checkViolations({ claims }: ReceivedBet, context: BetContext, { compiled }: BetProgress): Outcome {
  const listed = claims.ect_ext?.[EXTERNAL_EXT];
  const external = new Set<unknown>(Array.isArray(listed) ? listed : []);
  for (const { jti, rule_id } of claims.violations) {
    if (!context.knows(jti) && !external.has(jti))
      return no("bet_violation_unknown", `the task ${jti} is neither in the log nor listed as external`, "violations");
    if (compiled?.severityOf(rule_id) === undefined)
      return no("bet_violation_unknown", "the profile has no such rule", "violations");
  }
  return passed;
}

/** From the claims, with the severities that the profile's own rules have. */
function checkNumbers({ claims }: ReceivedBet, _context: BetContext, progress: BetProgress): Outcome {
  const { compiled } = progress;
  const other = claims.violations.find(({ rule_id, severity }) => compiled?.severityOf(rule_id) !== severity);
  if (other !== undefined)
    return no("bet_recompute_mismatch", `${other.rule_id} has another severity in the profile`, "violations");
  const tally = claimedTally(claims);
  if (tally === null)
    return no("bet_recompute_mismatch", "more is left out than a token has no room for", "violations");
  const baseline = compiled?.profile.baseline;
  const drift = baseline === undefined ? null : driftOf(Object.entries(claims.counts), claims.metrics ?? {}, baseline);
  const compliance = complianceOf(claims.samples, tally);
  if (Math.abs(compliance - claims.compliance) > TOLERANCE)
    return no("bet_recompute_mismatch", `compliance is ${compliance}, not ${claims.compliance}`, "compliance");
  if (claims.drift !== undefined && Math.abs((drift?.overall ?? 0) - claims.drift) > TOLERANCE)
    return no("bet_recompute_mismatch", `drift is ${drift?.overall ?? 0}, not ${claims.drift}`, "drift");
  progress.compliance = compliance;
  progress.drift = drift?.overall ?? null;
  return passed;
}

function checkFresh({ claims }: ReceivedBet, { nonce, window }: BetContext): Outcome {
  if (nonce !== null && claims.nonce !== nonce) return no("bet_stale", "it does not answer the challenge", "nonce");
  return claims.window.from === window.from && claims.window.to === window.to
    ? passed
    : no("bet_stale", "it is of another window than the one asked about", "window");
}

function checkChain({ claims: { iss, prev_bet } }: ReceivedBet, context: BetContext): Outcome {
  const previous = context.previousOf(iss);
  return prev_bet?.jti === previous?.jti && prev_bet?.hash === previous?.hash
    ? passed
    : no("bet_chain_gap", "it does not name the evidence before it", "prev_bet");
}

/** BEH-4, BEH-8. An identity observes as what it is known as: nobody makes an agent its own sidecar. */
function checkObserver(bet: ReceivedBet, context: BetContext, { compiled }: BetProgress): Outcome {
  const { claims, level } = bet;
  const insufficient = (detail: string): Outcome => no("bet_observer_insufficient", detail, "observer");
  if (context.observerOf(claims.iss) !== claims.observer)
    return insufficient(`its issuer is not known here as ${claims.observer} of this agent`);
  const assurance = compiled?.profile.assurance ?? "regulated";
  if (assurance === "relaxed") return passed;
  const needed = assurance === "regulated" ? 3 : 2;
  if (level < needed) return insufficient(`level ${level}, where the profile asks for ${needed}`);
  if (claims.observer !== "self" || context.independentHere) return passed;
  return assurance === "standard" && context.selfOnly < SELF_ONLY_WINDOWS
    ? passed
    : insufficient("the agent alone observed itself, more often than the profile allows");
}

const no = (code: string, detail: string, claim: string): Outcome => err(refusal(code, detail, { claim }));
