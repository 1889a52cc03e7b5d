import type { Sha256 } from "../../base/ports.ts";
import { drained } from "../../base/steps.ts";
import type { CompiledProfile } from "./compile-profile.ts";
import { complianceOf, plusTally, type SeverityTally, tallyOf } from "./compliance.ts";
import { dagRoot, dagRootSteps } from "./dag-root.ts";
import { type Drift, driftOf } from "./drift.ts";
import type { Violation } from "./evidence.ts";
import { type Gathered, gatherFindings, type Unlisted } from "./gather-findings.ts";
import { limitSteps } from "./judge-limits.ts";
import type { ObservedTask, Window } from "./observed.ts";
import { type ReplayOptions, replaySteps, type Unjudged } from "./replay-rules.ts";
import { isJudgedAlone } from "./sees-alone.ts";
import type { WindowFigures } from "./verdict-for.ts";
import { metricSteps, type WindowMetrics } from "./window-metrics.ts";

/** Everything an observer can say about an agent's window: what a BET claims, and what a verifier finds for itself. */
export interface Observation {
  readonly window: Window;
  readonly samples: number;
  /** By the action's name. */
  readonly counts: ReadonlyMap<string, number>;
  /** The newest task of each action. */
  readonly examples: ReadonlyMap<string, string>;
  /** Findings of the window in the order of their times, the gravest of more than are listed (BEH-64). */
  readonly findings: readonly Violation[];
  readonly unlisted: Unlisted;
  /** Of all findings. */
  readonly tally: SeverityTally;
  /** With `safety_compliance` and `drift`. */
  readonly metrics: WindowMetrics["metrics"];
  readonly quantities: WindowMetrics["quantities"];
  readonly compliance: number;
  /** Null where the profile has no baseline. */
  readonly drift: Drift | null;
  readonly jtis: readonly string[];
  /** Of 10,000 tasks it is most of the work: worked out when it is asked for, where it was not in steps. */
  readonly dagRoot: string;
  /** Limits that could not be judged. */
  readonly unknownLimits: readonly string[];
  /** Rules of order that could not be judged of some task of the window, each with the first of them (BEH-63). */
  readonly unjudged: readonly Unjudged[];
}

export interface ObserveOptions extends ReplayOptions {
  /** The workflow is over: what had to follow will not. */
  readonly ended: boolean;
  readonly sha256: Sha256;
}

/**
 * One window of an agent. `tasks` are all of the workflow in the order of the log, those before the window too: only they
 * tell whether what had to come before came. Those after it are left alone.
 */
export function observeWindow(
  compiled: CompiledProfile,
  tasks: readonly ObservedTask[],
  window: Window,
  options: ObserveOptions,
): Observation {
  return drained(observeSteps(compiled, tasks, window, options));
}

/**
 * The same in steps of bounded work (BEH-64). Findings from `fromS` on are of the window: what fell due before it, while nothing
 * was done, may be.
 */
export function* observeSteps(
  compiled: CompiledProfile,
  tasks: readonly ObservedTask[],
  window: Window,
  { subject, ended, sha256 }: ObserveOptions,
  fromS = window.from,
): Generator<void, Observation> {
  const untilMs = window.to * 1000;
  const known = tasks.filter(({ atMs }) => atMs < untilMs);
  const gathering = gatherFindings(aloneIn(compiled));
  const doubts = new Map<string, Unjudged>();
  const isHere = ({ at }: { readonly at: number }): boolean => at >= fromS && at < window.to;
  yield* replaySteps(compiled, known, {
    ...(subject === undefined ? {} : { subject }),
    ...{ untilMs, ended },
    found: (finding) => {
      if (isHere(finding)) gathering.add(finding);
    },
    unjudged: (one) => {
      if (isHere(one) && !doubts.has(one.rule_id)) doubts.set(one.rule_id, one);
    },
  });
  return yield* measureSteps(compiled, {
    ...{ window, sha256, found: gathering.gathered(), unjudged: [...doubts.values()] },
    tasks: known.filter((task) => isOf(task, window, subject)),
  });
}

/** Which rules whoever sees one agent alone is held to as well. */
function aloneIn({ rules }: CompiledProfile): (ruleId: string) => boolean {
  const others = new Set(rules.filter((rule) => !isJudgedAlone(rule)).map(({ id }) => id));
  return (ruleId) => !others.has(ruleId);
}

/** What a verdict goes by. */
export const figuresOf = ({ samples, compliance, drift, tally, unjudged }: Observation): WindowFigures => ({
  samples,
  compliance,
  drift: drift?.overall ?? null,
  unjudged: unjudged.length > 0,
  gravest: tally.findLastIndex((count) => count > 0) + 1,
});

/** Whether a task is one of the window's samples (BEH-16). */
export function isOf({ agent, atMs, bench }: ObservedTask, { from, to }: Window, subject?: string): boolean {
  return bench === null && (subject === undefined || agent === subject) && atMs >= from * 1000 && atMs < to * 1000;
}

/** The same from a replay that was made already: the agent's own tasks of the window, and the findings of the window. */
export function observationOf(
  compiled: CompiledProfile,
  given: {
    readonly window: Window;
    readonly tasks: readonly ObservedTask[];
    readonly findings: readonly Violation[];
    readonly unjudged?: readonly Unjudged[];
    readonly sha256: Sha256;
  },
): Observation {
  const { findings, unjudged = [], ...rest } = given;
  const gathering = gatherFindings(aloneIn(compiled));
  for (const finding of findings) gathering.add(finding);
  return drained(measureSteps(compiled, { ...rest, found: gathering.gathered(), unjudged }, false));
}

function* measureSteps(
  compiled: CompiledProfile,
  given: {
    readonly window: Window;
    readonly tasks: readonly ObservedTask[];
    readonly found: Gathered;
    readonly unjudged: readonly Unjudged[];
    readonly sha256: Sha256;
  },
  withRoot = true,
): Generator<void, Observation> {
  const { window, tasks, found } = given;
  const { baseline, limits = [] } = compiled.profile;
  const counts = countsOf(tasks);
  yield;
  const measured = yield* metricSteps(tasks, window);
  const drift = baseline === undefined ? null : driftOf(counts, measured.metrics, baseline);
  const before = complianceOf(tasks.length, found.tally);
  // A limit on compliance is about the findings of the other rules.
  const judged = yield* limitSteps(
    limits,
    { ...measured, metrics: { ...measured.metrics, safety_compliance: before, drift: drift?.overall ?? null } },
    tasks,
    window,
  );
  const findings = [...found.listed, ...judged.findings].sort((one, other) => one.at - other.at);
  const tally = plusTally(found.tally, tallyOf(judged.findings.map(({ severity }) => severity)));
  const compliance = complianceOf(tasks.length, tally);
  const jtis = tasks.map(({ jti }) => jti);
  let root = withRoot ? yield* dagRootSteps(jtis, given.sha256) : null;
  return {
    window,
    samples: tasks.length,
    counts,
    examples: new Map(tasks.map(({ action, jti }) => [action, jti])),
    findings,
    unlisted: found.unlisted,
    tally,
    metrics: { ...measured.metrics, safety_compliance: compliance, drift: drift?.overall ?? null },
    quantities: measured.quantities,
    compliance,
    drift,
    jtis,
    get dagRoot() {
      root ??= dagRoot(jtis, given.sha256);
      return root;
    },
    unknownLimits: judged.unknown,
    unjudged: given.unjudged,
  };
}

function countsOf(tasks: readonly ObservedTask[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { action } of tasks) counts.set(action, (counts.get(action) ?? 0) + 1);
  return counts;
}
