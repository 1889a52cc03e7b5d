import type { Fault } from "../agents/drill/faults.ts";
import { drillScript } from "../agents/drill/scripts.ts";
import type { AgentPool } from "../agents/messages.ts";
import type { Clock } from "../base/ports.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Engine, SubmitError } from "../engine/engine.ts";
import type { LoggedFact } from "../engine/fact.ts";
import { callOffProblem } from "../engine/identity/called-off.ts";
import type { DrillState } from "../engine/state.ts";
import type { StopMonitor } from "../gateway/stop-monitor.ts";
import { SELF_TEST } from "../protocol/drill/self-test.ts";
import { refusal } from "../protocol/jose/refusal.ts";
import type { OverrideClaims } from "../protocol/override/claims.ts";
import { graceMs, isDrill } from "../protocol/override/params.ts";
import {
  type DrillCourse,
  noteAsked,
  noteSeen,
  type SeenState,
  scoreOf,
  sinceStart,
  statesOf,
} from "./drill-course.ts";

/** How long a drill is watched after the deadline of the stop that named the last agent, ms [ours]. */
const WATCHED_MS = 2000;
/** What is shown is written down so often at most, ms: the screen is renewed about ten times a second. */
const SEEN_EVERY_MS = 100;
/** So long after the first stop the operator may name those it left out, ms [ours]. */
const COVER_MS = 20_000;

export interface DrillDirectorPorts {
  readonly engine: Pick<Engine, "read" | "submit">;
  readonly clock: Clock;
  readonly pool: Pick<AgentPool, "dismiss">;
  readonly monitor: () => StopMonitor;
  changed(wid: string): void;
}

/** How a drill stands that has no score yet; times are ms since its start. */
export interface DrillNow {
  readonly elapsedMs: number;
  /** By when a stop must have come. */
  readonly limitMs: number;
  readonly commandMs: number | null;
  /** When it is scored at the latest; null before a stop. */
  readonly scoredByMs: number | null;
  readonly agents: number;
  readonly named: number;
  readonly states: ReadonlyMap<SeenState, number>;
  readonly acted: number;
}

/**
 * Runs drills (S12, N25): which agents misbehave, when it is too late for a stop, and how it went. It commands nothing and sees
 * what the enforcement point sees; the operator stops a drill as anything else is stopped.
 */
export interface DrillDirector {
  /** How the agents of a workflow misbehave, by their place in its run; null where it is no drill that runs. */
  faultsOf(wid: string): Promise<((at: number) => readonly Fault[]) | null>;
  /** Takes up what has no score yet, when the host opens. */
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  /** The monitor knows something new. */
  look(): void;
  now(wid: string): DrillNow | null;
  /** Ends a drill without a score. Its agents end; nobody else is touched. */
  abort(wid: string, by: string): Promise<Result<void, SubmitError>>;
  close(): void;
}

interface Running {
  readonly course: DrillCourse;
  cancel(): void;
  /** Epoch ms at which it is scored at the latest; null before a stop. */
  scoredByMs: number | null;
  isScoring: boolean;
  /** What is shown is to be written down soon. */
  isNoting: boolean;
}

export function createDrillDirector(ports: DrillDirectorPorts): DrillDirector {
  const { engine, clock, pool, monitor } = ports;
  const running = new Map<string, Running>();

  const begin = (drill: DrillState, agents: readonly string[], reopened: boolean): Running | null => {
    const script = drillScript(drill.script);
    if (script === undefined) return null;
    const startedMs = reopened ? drill.at * 1000 : clock.nowMs();
    const drillRun: Running = {
      course: {
        wid: drill.wid,
        script,
        agents,
        startedMs,
        clock: reopened ? "log_s" : "host_ms",
        stops: [],
        namedMs: new Map(),
        actedMs: new Map(),
        unverifiable: new Set(),
        seen: [],
      },
      cancel: () => undefined,
      scoredByMs: null,
      isScoring: false,
      isNoting: false,
    };
    running.set(drill.wid, drillRun);
    scoreAt(drillRun, startedMs + script.limitS * 1000, "drill_limit");
    return drillRun;
  };

  const scoreAt = (drill: Running, atMs: number, timer: "drill_limit" | "drill_aborted"): void => {
    drill.cancel();
    drill.cancel = clock.after(Math.max(0, atMs - clock.nowMs()), () => void score(drill, timer));
  };

  const score = async (
    drill: Running,
    timer: "drill_limit" | "drill_aborted",
    by?: string,
  ): Promise<Result<void, SubmitError>> => {
    if (drill.isScoring) return ok(undefined);
    drill.isScoring = true;
    // Who may not call it off leaves its time limit as it is.
    if (by === undefined) drill.cancel();
    const { wid } = drill.course;
    noteSeen(drill.course, monitor(), clock.nowMs());
    const given = scoreOf(drill.course, monitor(), timer === "drill_aborted");
    const answer = await engine.submit({
      kind: "drill_scored",
      wid,
      timer,
      score: given,
      ...(by === undefined ? {} : { by }),
    });
    drill.isScoring = false;
    if (!answer.ok && answer.error.code !== "drill_over") return answer;
    drill.cancel();
    running.delete(wid);
    pool.dismiss(wid);
    ports.changed(wid);
    return ok(undefined);
  };

  /** A stop that reaches agents of a drill: the first of them is its command. */
  const stopped = (drill: Running, jti: string, by: string, deadlineMs: number): void => {
    const { course } = drill;
    const watched = monitor().watched(jti);
    if (watched === undefined || course.stops.some((stop) => stop.jti === jti)) return;
    const named = course.agents.filter((agent) => watched.targets.has(agent));
    if (named.length === 0) return;
    const atMs = watched.latchedMs;
    course.stops.push({ jti, by, atMs, deadlineMs, named });
    for (const agent of named) if (!course.namedMs.has(agent)) course.namedMs.set(agent, atMs);
    noteSeen(course, monitor(), clock.nowMs());
    const first = course.stops[0]?.atMs ?? atMs;
    const isWhole = course.namedMs.size === course.agents.length;
    drill.scoredByMs = (isWhole ? atMs : Math.max(first + COVER_MS, atMs)) + deadlineMs + WATCHED_MS;
    scoreAt(drill, drill.scoredByMs, "drill_limit");
    ports.changed(course.wid);
  };

  /** What the log has of the monitor's verdict: what the screen shows of it. */
  const judged = (drill: Running, agent: string, verdict: string | null): void => {
    if (verdict === "unverifiable") drill.course.unverifiable.add(agent);
    else drill.course.unverifiable.delete(agent);
    look(drill);
  };

  const look = (drill: Running): void => {
    if (drill.isNoting) return;
    drill.isNoting = true;
    clock.after(SEEN_EVERY_MS, () => {
      drill.isNoting = false;
      noteSeen(drill.course, monitor(), clock.nowMs());
    });
  };

  const started = async (wid: string): Promise<void> => {
    const found = await engine.read((state) => {
      const drill = state.drills.get(wid);
      const workflow = state.workflows.get(wid);
      return drill === undefined || workflow === undefined || drill.score !== null
        ? null
        : { drill: { ...drill }, agents: inOrder(workflow.agents) };
    });
    if (found === null || running.has(wid)) return;
    begin(found.drill, found.agents, false);
    ports.changed(wid);
  };

  return {
    faultsOf: async (wid) => {
      const drill = await engine.read((state) => {
        const test = state.selfTests.get(wid);
        // Agents of a self-test are as they are.
        if (test?.outcome === null) return { script: SELF_TEST, size: test.agents.length };
        const known = state.drills.get(wid);
        return known === undefined || known.score !== null ? null : { script: known.script, size: known.size };
      });
      if (drill?.script === SELF_TEST) return () => [];
      const script = drill === null ? undefined : drillScript(drill.script);
      return drill === null || script === undefined ? null : (at) => script.faults(at, drill.size);
    },
    open: async () => {
      const open = await engine.read((state) =>
        [...state.drills.values()].flatMap((drill) => {
          const workflow = state.workflows.get(drill.wid);
          if (drill.score !== null || workflow === undefined) return [];
          const stops = [...state.overrides.values()]
            .filter(({ claims, at }) => claims.action === "stop" && !isDrill(claims) && at >= drill.at)
            .map(({ jti, claims, targets }) => ({
              jti,
              by: claims.iss,
              deadlineMs: settlingMs(claims),
              verdicts: [...targets.values()].map(({ agent, verdict }) => ({ agent, verdict })),
            }));
          return [{ drill: { ...drill }, agents: inOrder(workflow.agents), stops }];
        }),
      );
      for (const { drill, agents, stops } of open) {
        const taken = begin(drill, agents, true);
        if (taken === null) continue;
        for (const { jti, by, deadlineMs, verdicts } of stops) {
          stopped(taken, jti, by, deadlineMs);
          for (const { agent, verdict } of verdicts) judged(taken, agent, verdict);
        }
      }
    },
    facts: (logged) => {
      for (const { fact } of logged) {
        if (fact.typ === "exec+jwt" && fact.claims.exec_act === "run_start" && fact.claims.wid !== undefined)
          void started(fact.claims.wid);
        else if (fact.typ === "override+jwt" && fact.claims.action === "stop" && !isDrill(fact.claims)) {
          const { jti, iss } = fact.claims;
          for (const drill of running.values()) stopped(drill, jti, iss, settlingMs(fact.claims));
        } else if (fact.typ === "override-compliance+jwt") {
          const { signal, target, verdict } = fact.claims;
          for (const drill of running.values())
            if (drill.course.stops.some(({ jti }) => jti === signal.jti)) judged(drill, target, verdict);
        } else if (fact.typ === "intent+jwt") {
          const course = running.get(fact.claims.wid)?.course;
          if (course !== undefined) noteAsked(course, fact.claims.iss, clock.nowMs());
        }
      }
    },
    look: () => {
      for (const drill of running.values()) look(drill);
    },
    now: (wid) => {
      const drill = running.get(wid);
      if (drill === undefined) return null;
      const { course, scoredByMs } = drill;
      const nowMs = clock.nowMs();
      const [first] = course.stops;
      return {
        elapsedMs: sinceStart(course, nowMs),
        limitMs: course.script.limitS * 1000,
        commandMs: first === undefined ? null : sinceStart(course, first.atMs),
        scoredByMs: scoredByMs === null ? null : sinceStart(course, scoredByMs),
        agents: course.agents.length,
        named: course.namedMs.size,
        states: statesOf(course, monitor()),
        acted: course.actedMs.size,
      };
    },
    abort: async (wid, by) => {
      // Who may not is told so before anything of it ends: while it is scored nobody else's word and no time limit is heard.
      const nowS = Math.floor(clock.nowMs() / 1000);
      const denied = await engine.read((state) => callOffProblem(state, by, nowS, "drill_unauthorized"));
      if (denied !== null) return err(denied);
      const drill = running.get(wid);
      return drill === undefined
        ? err({ ...refusal("drill_unknown", "no drill with that id is running here"), status: 404 })
        : score(drill, "drill_aborted", by);
    },
    close: () => {
      for (const drill of running.values()) drill.cancel();
      running.clear();
    },
  };
}

/** By when its agents must have obeyed: an orderly stop gives them time first (S10). */
const settlingMs = (claims: OverrideClaims): number => claims.deadline_ms + (graceMs(claims) ?? 0);

/** `…/drill-2` comes before `…/drill-10`: the order of the script. */
function inOrder(agents: readonly string[]): string[] {
  const placeOf = (agent: string): number => Number(/-(\d+)$/.exec(agent)?.[1] ?? 0);
  return agents.toSorted((a, b) => placeOf(a) - placeOf(b));
}
