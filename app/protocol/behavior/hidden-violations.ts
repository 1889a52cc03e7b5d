import { CUT_EXT, EXTERNAL_EXT } from "./bet-members.ts";
import type { CompiledProfile } from "./compile-profile.ts";
import { NO_FINDINGS, type SeverityTally } from "./compliance.ts";
import type { Violation } from "./evidence.ts";
import type { Unlisted } from "./gather-findings.ts";
import { isJudgedAlone, seesAlone } from "./sees-alone.ts";
import type { VerifiedBet } from "./verify-bet.ts";

/** A finding, and whether somebody who should have told it did not. */
export interface JudgedFinding extends Violation {
  readonly hidden: boolean;
}

/**
 * What the log shows against what was claimed (B4 step 4, BEH-S1). A finding is hidden when the agent's own evidence leaves
 * it out, or all evidence does; it weighs one more, at most 5. Limits are over numbers that not every observer has, and are
 * never taken for hidden, nor is what an observer of one agent cannot know, left out by it (BEH-57) [ours]. What happened outside this log only monitors can tell: such claims of theirs are taken as
 * findings, those of the agent itself and of its rivals in the workflow are not [ours].
 */
export function judgeFindings(
  compiled: CompiledProfile,
  findings: readonly Violation[],
  accepted: readonly VerifiedBet[],
): readonly JudgedFinding[] {
  const limits = new Set((compiled.profile.limits ?? []).map(({ id }) => id));
  const claims = accepted.map((bet) => ({ bet, omitted: omissions(compiled, findings, bet).omitted }));
  const omits = (finding: Violation, { omitted }: (typeof claims)[number]): boolean => omitted.has(keyOf(finding));
  const judged = findings.map((finding): JudgedFinding => {
    const hidden =
      !limits.has(finding.rule_id) &&
      claims.length > 0 &&
      (claims.some((claim) => claim.bet.observer === "self" && omits(finding, claim)) ||
        claims.every((claim) => omits(finding, claim)));
    return hidden ? { ...finding, severity: Math.min(5, finding.severity + 1), hidden } : { ...finding, hidden };
  });
  const known = new Set(findings.map(keyOf));
  return [...judged, ...externalFindings(accepted).filter((finding) => !known.has(keyOf(finding)))];
}

/**
 * What evidence leaves out of what was found, by rule and task, beyond what it says it left out: that counts against its compliance as
 * well, and the enforcement point is believed what it says of this. By severity, how much more it says it left out.
 */
function omissions(compiled: CompiledProfile, findings: readonly Violation[], bet: VerifiedBet) {
  const limits = new Set((compiled.profile.limits ?? []).map(({ id }) => id));
  const others = new Set(compiled.rules.filter((rule) => !isJudgedAlone(rule)).map(({ id }) => id));
  const told = new Set(bet.claims.violations.map(keyOf));
  const left = leftOut(bet);
  const omitted = new Set<string>();
  for (const finding of findings) {
    const { severity, rule_id } = finding;
    if (limits.has(rule_id) || told.has(keyOf(finding))) continue;
    if (seesAlone(bet.observer) && others.has(rule_id)) continue;
    const excused = left[severity - 1] ?? 0;
    if (excused > 0) left[severity - 1] = excused - 1;
    else omitted.add(keyOf(finding));
  }
  return { omitted, left };
}

/** What it may have left out because there was more, by severity: the gravest are listed. Nothing where it lists all. */
function leftOut({ observer, claims: { ect_ext, violations } }: VerifiedBet): number[] {
  const cut = ect_ext?.[CUT_EXT];
  if (!Array.isArray(cut)) return [0, 0, 0, 0, 0];
  const cutTo = Math.min(...violations.map(({ severity }) => severity));
  return [1, 2, 3, 4, 5].map((severity) => {
    const count = Number(cut[severity - 1] ?? 0);
    return severity > cutTo ? 0 : observer === "gateway" ? Infinity : count;
  });
}

/**
 * What findings weigh that are counted and not listed (BEH-64). Evidence of the agent's own that has no room for so many, neither listed
 * nor left out, hides them; where nobody else's has room for them either, all of it does.
 */
export function unlistedTally(
  compiled: CompiledProfile,
  findings: readonly Violation[],
  { all, alone }: Unlisted,
  accepted: readonly VerifiedBet[],
): SeverityTally {
  if (all.every((count) => count === 0)) return NO_FINDINGS;
  const tally: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  const claims = accepted.map((bet) => ({ bet, left: omissions(compiled, findings, bet).left }));
  for (const [at, count] of all.entries()) {
    const omit = claims.map(({ bet: { observer }, left }) => ({
      isSelf: observer === "self",
      count: Math.max(0, ((seesAlone(observer) ? alone : all)[at] ?? 0) - (left[at] ?? 0)),
    }));
    const bySelf = Math.max(0, ...omit.filter(({ isSelf }) => isSelf).map((one) => one.count));
    const byAll = omit.length === 0 ? 0 : Math.min(...omit.map((one) => one.count));
    const hidden = Math.max(bySelf, byAll);
    tally[at] = (tally[at] ?? 0) + count - hidden;
    const heavier = Math.min(4, at + 1);
    tally[heavier] = (tally[heavier] ?? 0) + hidden;
  }
  return tally;
}

function externalFindings(accepted: readonly VerifiedBet[]): readonly JudgedFinding[] {
  const found = new Map<string, JudgedFinding>();
  for (const { claims, observer } of accepted) {
    const listed = claims.ect_ext?.[EXTERNAL_EXT];
    if (observer === "self" || observer === "peer" || !Array.isArray(listed)) continue;
    for (const violation of claims.violations) {
      if (listed.includes(violation.jti)) found.set(keyOf(violation), { ...violation, hidden: false });
    }
  }
  return [...found.values()];
}

const keyOf = ({ rule_id, jti }: Violation): string => `${rule_id} ${jti}`;
