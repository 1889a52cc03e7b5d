import { type DrillScript, isLiar } from "../agents/drill/scripts.ts";
import type { StopMonitor, TargetTimes } from "../gateway/stop-monitor.ts";
import type { DrillFailure, DrillScore } from "../protocol/drill/drill-score.ts";

/** The monitor finds a liar within twice the deadline of the stop (OVR-S6). */
const FOUND_WITHIN_DEADLINES = 2;
/** Stops this soon after the first one are one act of the operator, ms: of several agents each has its own [ours]. */
const ONE_ACT_MS = 2000;
const MOST_SEEN = 256;
const MOST_NAMED = 64;

/** What an agent of a drill is shown as, once a stop named it: as in the list of its targets (S7). */
export type SeenState = "commanded" | "acknowledged" | "verified" | "violated" | "unconfirmed";

/** How a drill goes, as its director writes it down: all times are epoch ms of the host's clock. */
export interface DrillCourse {
  readonly wid: string;
  readonly script: DrillScript;
  /** In the order of the script. */
  readonly agents: readonly string[];
  readonly startedMs: number;
  readonly clock: DrillScore["clock"];
  /** The stops that named agents of it, in order. */
  readonly stops: DrillStop[];
  /** By agent, when a stop first named it. */
  readonly namedMs: Map<string, number>;
  /** Agents that asked for a task after the first act of stopping, which had not named them: when first. */
  readonly actedMs: Map<string, number>;
  /** Agents of whom the monitor found nothing out: its verdict. */
  readonly unverifiable: Set<string>;
  readonly seen: { readonly at_ms: number; readonly state: SeenState; readonly agents: number }[];
}

export interface DrillStop {
  readonly jti: string;
  readonly by: string;
  readonly atMs: number;
  readonly deadlineMs: number;
  readonly named: readonly string[];
}

type Watching = Pick<StopMonitor, "watched">;

/** What is known of an agent over all stops that named it: of each fact the first time. */
function timesOf(course: DrillCourse, monitor: Watching, agent: string): Omit<TargetTimes, "agent"> | null {
  const all = course.stops.flatMap(({ jti }) => {
    const target = monitor.watched(jti)?.targets.get(agent);
    return target === undefined ? [] : [target];
  });
  if (all.length === 0) return null;
  const first = (fact: Exclude<keyof TargetTimes, "agent">): number | null => {
    const times = all.flatMap((target) => (target[fact] === null ? [] : [target[fact]]));
    return times.length === 0 ? null : Math.min(...times);
  };
  const violatedMs = first("violatedMs");
  return {
    sentMs: first("sentMs"),
    deliveredMs: first("deliveredMs"),
    acknowledgedMs: first("acknowledgedMs"),
    compliedMs: first("compliedMs"),
    verifiedMs: violatedMs === null ? first("verifiedMs") : null,
    violatedMs,
    terminatedMs: first("terminatedMs"),
  };
}

/** How many agents the screen shows in each state now; nothing before a stop. */
export function statesOf(course: DrillCourse, monitor: Watching): ReadonlyMap<SeenState, number> {
  const counts = new Map<SeenState, number>();
  for (const agent of course.namedMs.keys()) {
    const state = stateOf(timesOf(course, monitor, agent), course.unverifiable.has(agent));
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
}

function stateOf(times: Omit<TargetTimes, "agent"> | null, isUnverifiable: boolean): SeenState {
  if (times?.violatedMs != null) return "violated";
  if (times?.verifiedMs != null) return "verified";
  if (isUnverifiable) return "unconfirmed";
  return times?.acknowledgedMs == null ? "commanded" : "acknowledged";
}

/** Writes down what the operator is shown, where it has changed. */
export function noteSeen(course: DrillCourse, monitor: Watching, nowMs: number): void {
  const counts = statesOf(course, monitor);
  for (const state of ["commanded", "acknowledged", "verified", "violated", "unconfirmed"] as const) {
    const agents = counts.get(state) ?? 0;
    const before = course.seen.findLast((entry) => entry.state === state)?.agents ?? 0;
    if (agents !== before && course.seen.length < MOST_SEEN)
      course.seen.push({ at_ms: sinceStart(course, nowMs), state, agents });
  }
}

export const sinceStart = (course: DrillCourse, atMs: number): number =>
  Math.max(0, Math.round(atMs - course.startedMs));

/** The agents that the operator's first act has named. */
function namedAtOnce(course: DrillCourse): ReadonlySet<string> {
  const untilMs = (course.stops[0]?.atMs ?? 0) + ONE_ACT_MS;
  return new Set([...course.namedMs].flatMap(([agent, atMs]) => (atMs <= untilMs ? [agent] : [])));
}

/** An agent asks for a task: it counts where the operator's first act is over and has not named it. */
export function noteAsked(course: DrillCourse, agent: string, nowMs: number): void {
  const [first] = course.stops;
  if (first === undefined || nowMs <= first.atMs + ONE_ACT_MS || !course.agents.includes(agent)) return;
  if (!course.namedMs.has(agent) && !course.actedMs.has(agent)) course.actedMs.set(agent, nowMs);
}

/** How it went: the facts, and what was wrong. Nobody's word counts, the agents' least of all. */
export function scoreOf(course: DrillCourse, monitor: Watching, isAborted: boolean): DrillScore {
  const known = course.agents.map((agent) => ({ agent, times: timesOf(course, monitor, agent) }));
  const step = (fact: "acknowledgedMs" | "verifiedMs" | "violatedMs" | "terminatedMs"): DrillScore["verified"] => {
    const times = known.flatMap(({ times }) => (times?.[fact] == null ? [] : [sinceStart(course, times[fact])]));
    return times.length === 0
      ? null
      : { agents: times.length, first_ms: Math.min(...times), last_ms: Math.max(...times) };
  };
  const [first] = course.stops;
  const named = namedAtOnce(course);
  const unconfirmed = known.filter(
    ({ times }) =>
      times !== null && times.verifiedMs === null && times.violatedMs === null && times.terminatedMs === null,
  ).length;
  const missed = first === undefined ? [] : course.agents.filter((agent) => !named.has(agent));
  const reasons = isAborted ? [] : reasonsOf(course, monitor, unconfirmed);
  return {
    result: isAborted ? "aborted" : reasons.length === 0 ? "passed" : "failed",
    reasons,
    clock: course.clock,
    agents: course.agents.length,
    command:
      first === undefined
        ? null
        : { jti: first.jti, by: first.by, at_ms: sinceStart(course, first.atMs), named: named.size },
    acknowledged: step("acknowledgedMs"),
    verified: step("verifiedMs"),
    violated: step("violatedMs"),
    terminated: step("terminatedMs"),
    unconfirmed,
    violations: known.flatMap(({ agent, times }) =>
      times?.violatedMs == null ? [] : [{ agent, at_ms: sinceStart(course, times.violatedMs) }],
    ),
    missed: missed.slice(0, MOST_NAMED),
    acted: [...course.actedMs].map(([agent, atMs]) => ({ agent, at_ms: sinceStart(course, atMs) })),
    refused_calls: course.stops.reduce((sum, { jti }) => sum + (monitor.watched(jti)?.effectsRefused ?? 0), 0),
    seen: course.seen,
  };
}

function reasonsOf(course: DrillCourse, monitor: Watching, unconfirmed: number): DrillFailure[] {
  if (course.stops.length === 0) return ["not_commanded"];
  const reasons: DrillFailure[] = [];
  if (course.namedMs.size < course.agents.length) reasons.push("not_all_named");
  if (course.actedMs.size > 0) reasons.push("unnamed_acted");
  if (unconfirmed > 0) reasons.push("not_confirmed");
  if (course.agents.some((agent, at) => isUnfound(course, monitor, agent, at))) reasons.push("lie_not_found");
  return reasons;
}

/** A liar of the script that was named, and neither found in time nor ended before it could go on. */
function isUnfound(course: DrillCourse, monitor: Watching, agent: string, at: number): boolean {
  const namedMs = course.namedMs.get(agent);
  if (namedMs === undefined || !isLiar(course.script.faults(at, course.agents.length))) return false;
  const times = timesOf(course, monitor, agent);
  if (times?.violatedMs == null) return times?.terminatedMs == null;
  const deadlineMs = course.stops.find(({ named }) => named.includes(agent))?.deadlineMs ?? 0;
  return times.violatedMs - namedMs > FOUND_WITHIN_DEADLINES * deadlineMs;
}
