import type { Sha256 } from "../../base/ports.ts";
import type { CompiledProfile } from "./compile-profile.ts";
import { complianceOf, type SeverityTally, tallyOf } from "./compliance.ts";
import { dagRoot } from "./dag-root.ts";
import { type Drift, driftOf } from "./drift.ts";
import type { Violation } from "./evidence.ts";
import { judgeLimits } from "./judge-limits.ts";
import type { ObservedTask, Window } from "./observed.ts";
import { type ReplayOptions, replayTasks } from "./replay-rules.ts";
import type { WindowFigures } from "./verdict-for.ts";
import { type WindowMetrics, windowMetrics } from "./window-metrics.ts";

/** Everything an observer can say about an agent's window: what a BET claims, and what a verifier finds for itself. */
export interface Observation {
  readonly window: Window;
  readonly samples: number;
  /** By the action's name. */
  readonly counts: ReadonlyMap<string, number>;
  /** The newest task of each action. */
  readonly examples: ReadonlyMap<string, string>;
  /** All findings of the window, in the order of their times, however many. */
  readonly findings: readonly Violation[];
  readonly tally: SeverityTally;
  /** With `safety_compliance` and `drift`. */
  readonly metrics: WindowMetrics["metrics"];
  readonly quantities: WindowMetrics["quantities"];
  readonly compliance: number;
  /** Null where the profile has no baseline. */
  readonly drift: Drift | null;
  readonly jtis: readonly string[];
  /** Worked out when it is asked for: of 10,000 tasks it is most of the work. */
  readonly dagRoot: string;
  /** Limits that could not be judged. */
  readonly unknownLimits: readonly string[];
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
  const { subject, ended, sha256 } = options;
  const untilMs = window.to * 1000;
  const known = tasks.filter(({ atMs }) => atMs < untilMs);
  const findings = replayTasks(compiled, known, { ...(subject === undefined ? {} : { subject }), untilMs, ended });
  return observationOf(compiled, {
    window,
    tasks: known.filter((task) => isOf(task, window, subject)),
    findings: findings.filter(({ at }) => at >= window.from),
    sha256,
  });
}

/** What a verdict goes by. */
export const figuresOf = ({ samples, compliance, drift, tally }: Observation): WindowFigures => ({
  samples,
  compliance,
  drift: drift?.overall ?? null,
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
    readonly sha256: Sha256;
  },
): Observation {
  const { window, tasks } = given;
  const { baseline, limits = [] } = compiled.profile;
  const counts = countsOf(tasks);
  const measured = windowMetrics(tasks, window);
  const drift = baseline === undefined ? null : driftOf(counts, measured.metrics, baseline);
  const before = complianceOf(tasks.length, tallyOf(given.findings.map(({ severity }) => severity)));
  // A limit on compliance is about the findings of the other rules.
  const judged = judgeLimits(
    limits,
    { ...measured, metrics: { ...measured.metrics, safety_compliance: before, drift: drift?.overall ?? null } },
    tasks,
    window,
  );
  const findings = [...given.findings, ...judged.findings].sort((one, other) => one.at - other.at);
  const tally = tallyOf(findings.map(({ severity }) => severity));
  const compliance = complianceOf(tasks.length, tally);
  const jtis = tasks.map(({ jti }) => jti);
  let root: string | null = null;
  return {
    window,
    samples: tasks.length,
    counts,
    examples: new Map(tasks.map(({ action, jti }) => [action, jti])),
    findings,
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
  };
}

function countsOf(tasks: readonly ObservedTask[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { action } of tasks) counts.set(action, (counts.get(action) ?? 0) + 1);
  return counts;
}
