import { CUT_EXT, EXTERNAL_EXT } from "./bet-members.ts";
import type { CompiledProfile } from "./compile-profile.ts";
import type { Violation } from "./evidence.ts";
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
  const others = new Set(compiled.rules.filter((rule) => !isJudgedAlone(rule)).map(({ id }) => id));
  const claims = accepted.map((bet) => ({ bet, told: new Set(bet.claims.violations.map(keyOf)), cutTo: cutTo(bet) }));
  const omits = (finding: Violation, claim: (typeof claims)[number]): boolean =>
    finding.severity > claim.cutTo &&
    !claim.told.has(keyOf(finding)) &&
    !(seesAlone(claim.bet.observer) && others.has(finding.rule_id));
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

/** The gravest that it may have left out because there were more: the gravest are listed. 0 where it lists all. */
const cutTo = ({ claims: { ect_ext, violations } }: VerifiedBet): number =>
  ect_ext?.[CUT_EXT] === undefined ? 0 : Math.min(...violations.map(({ severity }) => severity));
