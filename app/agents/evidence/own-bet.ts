import type { Sha256 } from "../../base/ports.ts";
import { betMembers } from "../../protocol/behavior/bet-members.ts";
import { compileProfile } from "../../protocol/behavior/compile-profile.ts";
import type { BetClaims, Observer } from "../../protocol/behavior/evidence.ts";
import { observationOf } from "../../protocol/behavior/observe-window.ts";
import type { ObservedTask } from "../../protocol/behavior/observed.ts";
import { replayTasks, type Unjudged } from "../../protocol/behavior/replay-rules.ts";
import { judgedAlone } from "../../protocol/behavior/sees-alone.ts";
import type { OwnQuestion, WindowTasks } from "./question.ts";

/** How long a verifier may take with evidence, seconds. */
const EVIDENCE_LIFETIME_S = 600;

export interface OwnObserver {
  readonly iss: string;
  readonly observer: Extract<Observer, "self" | "sidecar">;
  readonly nowS: number;
  readonly jti: string;
  readonly sha256: Sha256;
}

/**
 * What one that sees this agent alone says of a window, from nothing but what it saw (`seen`: the agent's tasks of the
 * workflow, in order). Null where it did not see all that bears on it: it was begun anew since, or there was too much.
 */
export function ownBet(
  { wid, agent, window, tasks, expected, profile, nonce, prev, aud }: OwnQuestion,
  seen: readonly ObservedTask[],
  { iss, observer, nowS, jti, sha256 }: OwnObserver,
): BetClaims | null {
  const span = spanOf(seen, tasks);
  if (span === null) return null;
  const compiled = compileProfile(judgedAlone(expected));
  const [firstMs, untilMs] = [window.from * 1000, window.to * 1000];
  const own = seen
    .slice(span.first, span.end)
    .map((task) => ({ ...task, atMs: Math.min(untilMs - 1, Math.max(firstMs, task.atMs)) }));
  const earlier = seen.slice(0, span.first).map((task) => ({ ...task, atMs: Math.min(firstMs, task.atMs) }));
  const here = new Set(own.map((task) => task.jti));
  const doubts = new Map<string, Unjudged>();
  const unjudged = (one: Unjudged): void => {
    if (here.has(one.jti) && !doubts.has(one.rule_id)) doubts.set(one.rule_id, one);
  };
  const findings = replayTasks(compiled, [...earlier, ...own], { subject: agent, untilMs, ended: false, unjudged });
  const observation = observationOf(compiled, {
    ...{ window, tasks: own, sha256, unjudged: [...doubts.values()] },
    findings: findings.filter((finding) => here.has(finding.jti)),
  });
  return {
    ...{ iss, aud: [...aud], iat: nowS, exp: nowS + EVIDENCE_LIFETIME_S, jti, wid },
    ...{ exec_act: "behavior_evidence", pred: [], bet_ver: 1, subject: agent, observer, profile, window },
    ...betMembers(observation, expected.baseline),
    ...(prev === null ? {} : { prev_bet: { ...prev } }),
    nonce,
  };
}

/** From the first to the last. Two that were asked for at once may stand in the log the other way round. */
function spanOf(
  seen: readonly ObservedTask[],
  { first, last, count, before }: WindowTasks,
): { readonly first: number; readonly end: number } | null {
  const [from, to] = [first, last].map((jti) => seen.findIndex((task) => task.jti === jti));
  if (from === undefined || to === undefined || from < 0 || to < 0) return null;
  let [low, high] = [Math.min(from, to), Math.max(from, to)];
  if (low < before) return null;
  if (high - low + 1 < count) low = before;
  if (high - low + 1 < count) high = Math.min(seen.length, low + count) - 1;
  return { first: low, end: high + 1 };
}
