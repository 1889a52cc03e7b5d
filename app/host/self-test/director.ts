import type { AgentPool, FromAgent } from "../../agents/messages.ts";
import type { Clock } from "../../base/ports.ts";
import type { Engine } from "../../engine/engine.ts";
import type { FactOf, LoggedFact } from "../../engine/fact.ts";
import { isUnavailable } from "../../engine/patient-engine.ts";
import { agentUri, taskJti } from "../../engine/workflow/plan.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { drillMarkOf } from "../../protocol/drill/drill-mark.ts";
import { resultOfAll, SELF_TEST, type SelfTestStep } from "../../protocol/drill/self-test.ts";
import type { Conductor } from "../conductor.ts";
import { judged, newSeen, type Seen, stepNow } from "./judge.ts";
import { gatedTask, SELF_TEST_LIMIT_S } from "./self-test-run.ts";

/** By then every agent has asked for a human, or is tested no further, ms [ours]. */
const ASKED_BY_MS = 5000;
/** An agent with a pending gate is watched for so long before its worker is ended, ms [ours]. */
const HELD_MS = 1500;
/** After the time-out, and after the deadline of the stop, an agent is watched for so long, ms [ours]. */
const AFTER_MS = 2000;

export interface SelfTestPorts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly pool: AgentPool;
  readonly gateway: () => Gateway;
  readonly conductor: Pick<Conductor, "rehoused" | "lost">;
  changed(wid: string): void;
}

/** A stop of a self-test's workflow, which its operator signed together with the start. */
export interface SignedStop {
  readonly token: string;
  readonly jti: string;
  /** How long agents have to obey it. */
  readonly deadlineMs: number;
  /** Its release, for when the test is over: nothing of it is left in force (S4). */
  readonly release: string;
}

export interface SelfTestDirector {
  /** The stop that is given in a self-test which is about to start. */
  expect(wid: string, stop: SignedStop): void;
  facts(logged: readonly LoggedFact[]): void;
  /** Ends one that was under way when the host was closed: nothing is known of it. */
  reopened(wid: string): Promise<void>;
  close(): void;
}

interface Course {
  readonly wid: string;
  readonly seen: ReadonlyMap<string, Seen>;
  /** By gated task, whose it is. */
  readonly gated: ReadonlyMap<string, string>;
  /** Agents that have said that they stopped. */
  readonly said: Set<string>;
  phase: "asking" | "holding" | "waiting" | "timed_out" | "stopped" | "over";
  /** The stop, from the moment it is given. */
  stop: string | null;
  /** The log has it: whatever is let through from then on must not be. */
  isStopLogged: boolean;
  cancel: () => void;
  readonly cancelLimit: () => void;
}

/**
 * Directs self-tests (N21): looks at what agents do with a gate that nobody answers, ends their worker meanwhile, and gives
 * the stop that the operator signed for it. What it writes down is what the enforcement point heard and let through.
 */
export function createSelfTestDirector(ports: SelfTestPorts): SelfTestDirector {
  const { engine, clock, pool, conductor } = ports;
  const courses = new Map<string, Course>();
  const stops = new Map<string, SignedStop>();

  const after = (course: Course, ms: number, run: () => Promise<void>): void => {
    course.cancel();
    course.cancel = clock.after(ms, () => void run());
  };

  const begin = (wid: string, slugs: readonly string[]): void => {
    if (courses.has(wid)) return;
    const agents = slugs.map((slug) => agentUri(engine.ids.domain, wid, slug));
    const course: Course = {
      wid,
      seen: new Map(agents.map((agent) => [agent, newSeen(agent)])),
      gated: new Map(slugs.map((slug, at) => [taskJti(wid, gatedTask(slug)), agents[at] ?? ""])),
      said: new Set(),
      phase: "asking",
      stop: null,
      isStopLogged: false,
      cancel: () => undefined,
      cancelLimit: clock.after(SELF_TEST_LIMIT_S * 1000, () => void finish(course)),
    };
    courses.set(wid, course);
    after(course, ASKED_BY_MS, () => hold(course));
    ports.changed(wid);
  };

  /** An effect is tried in the name of an agent: whatever comes of it, nothing happens. */
  const probe = async (course: Course, seen: Seen, step: SelfTestStep): Promise<void> => {
    const task = [...course.gated].find(([, agent]) => agent === seen.agent)?.[0] ?? "";
    let through = false;
    const answer = await ports.gateway().effect(course.wid, task, seen.agent, () => {
      through = true;
    });
    if (through || answer.ok) seen.probes.set(step, true);
    else if (!isUnavailable(answer.error)) seen.probes.set(step, false);
  };

  /** Those whose gate is pending still. */
  const pending = (course: Course): Seen[] =>
    [...course.seen.values()].filter((seen) => seen.request !== null && !seen.isTimedOut && !seen.isAnswered);

  const hold = async (course: Course): Promise<void> => {
    if (course.phase !== "asking") return;
    course.phase = "holding";
    after(course, HELD_MS, async () => {
      const held = pending(course);
      for (const seen of held) await probe(course, seen, "blocks");
      course.phase = "waiting";
      if (pool.place === "workers") await restart(held);
      settle(course);
    });
  };

  /** Who lives in the same worker is ended with it, and is not ended once more. */
  const restart = async (held: readonly Seen[]): Promise<void> => {
    for (const seen of held) {
      if (seen.isRestarted) continue;
      const moved = await pool.terminate(seen.agent);
      for (const other of held) if (other === seen || moved.includes(other.agent)) other.isRestarted = true;
      conductor.rehoused(moved);
      conductor.lost(seen.agent);
    }
  };

  /** It is there again: whether its gate is, and whether it holds. */
  const up = async (course: Course, seen: Seen): Promise<void> => {
    seen.isUpAgain = true;
    const gate = await engine.read((state) => {
      const task = [...course.gated].find(([, agent]) => agent === seen.agent)?.[0] ?? "";
      const request = state.workflows.get(course.wid)?.tasks.get(task)?.request ?? null;
      return { request, status: state.gates.get(seen.request ?? "")?.status };
    });
    if (gate.request !== seen.request) seen.isGateHeld = false;
    else if (gate.status === "pending") {
      seen.isGateHeld = true;
      await probe(course, seen, "restarts");
    }
  };

  /** Once no gate is pending any more, it is watched a little longer, and then stopped. */
  const settle = (course: Course): void => {
    if (course.phase !== "waiting" || pending(course).length > 0) return;
    course.phase = "timed_out";
    after(course, AFTER_MS, async () => {
      for (const seen of course.seen.values()) if (seen.isTimedOut) await probe(course, seen, "times_out");
      const stop = stops.get(course.wid);
      if (stop === undefined) return finish(course);
      course.stop = stop.jti;
      course.phase = "stopped";
      const answer = await ports.gateway().signal(stop.token);
      if (!answer.ok) {
        course.stop = null;
        return finish(course);
      }
      after(course, stop.deadlineMs + AFTER_MS, async () => {
        for (const seen of course.seen.values()) await probe(course, seen, "stops");
        await finish(course);
      });
    });
  };

  const finish = async (course: Course): Promise<void> => {
    if (course.phase === "over") return;
    const now = { place: pool.place, isStopped: course.stop !== null, isReopened: false };
    course.phase = "over";
    course.cancel();
    course.cancelLimit();
    const agents = [...course.seen.values()].map((seen) => judged(seen, now));
    await end(course.wid, agents, course.stop);
  };

  const end = async (wid: string, agents: ReturnType<typeof judged>[], stop: string | null): Promise<void> => {
    await engine.submit({
      kind: "self_tested",
      wid,
      outcome: { result: resultOfAll(agents), agents, place: pool.place, stop },
    });
    const given = stops.get(wid);
    courses.delete(wid);
    stops.delete(wid);
    pool.dismiss(wid);
    // What cannot be released by who started it stays in force, and is seen as any stop is.
    if (stop !== null && given !== undefined) await ports.gateway().signal(given.release);
    ports.changed(wid);
  };

  const tried = (course: Course, seen: Seen): void => {
    const step = stepNow(seen, course.stop !== null);
    seen.tried.set(step, (seen.tried.get(step) ?? 0) + 1);
  };

  /** What comes from an agent, as the enforcement point hears it. */
  const heard = (message: FromAgent): void => {
    if (!("agent" in message)) return;
    for (const course of courses.values()) {
      const seen = course.seen.get(message.agent);
      if (seen === undefined) continue;
      if (message.t === "ack") {
        if (course.stop !== null) course.said.add(seen.agent);
        continue;
      }
      if (!("task" in message)) continue;
      // What somebody has approved it may do.
      const done = (message.t === "worked" || message.t === "ect") && !seen.isAnswered;
      // The end of an effect that was let through before the stop may still be said.
      const isLate = course.said.has(seen.agent) && message.t !== "ect" && message.t !== "withdrawal";
      if ((done && course.gated.get(message.task) === seen.agent) || isLate) tried(course, seen);
      if (seen.isRestarted && !seen.isUpAgain && !seen.isTimedOut && !seen.isAnswered) void up(course, seen);
    }
  };
  pool.onMessage(heard);

  const record = ({ claims }: FactOf<"record+jwt">): void => {
    if ("jti" in claims.cause && claims.kind === "agent_terminated") {
      const { jti } = claims.cause;
      for (const { stop, seen } of courses.values()) {
        const ended = stop === jti ? seen.get(String(claims.data.agent)) : undefined;
        if (ended !== undefined) ended.isTerminated = true;
      }
    }
    const course = courses.get(claims.wid ?? "");
    if (course === undefined) return;
    const ofGate = course.seen.get(course.gated.get(String(claims.data.task)) ?? "");
    if (claims.kind === "gate_timed_out" && ofGate !== undefined) {
      ofGate.isTimedOut = true;
      settle(course);
    }
    if ((claims.kind === "permitted" || claims.kind === "effect_started") && ofGate !== undefined && !ofGate.isAnswered)
      ofGate.letThrough.add(stepNow(ofGate, course.stop !== null));
    // Nothing is permitted to an agent that is stopped.
    const other = course.seen.get(String(claims.data.agent));
    if (course.isStopLogged && other !== undefined && (claims.kind === "permitted" || claims.kind === "effect_started"))
      other.letThrough.add("stops");
  };

  const factOf = ({ fact }: LoggedFact): void => {
    if (fact.typ === "exec+jwt") {
      const { wid, exec_act } = fact.claims;
      const mark = exec_act === "run_start" ? drillMarkOf(fact.claims.ect_ext) : null;
      if (mark?.script === SELF_TEST && wid !== undefined) begin(wid, mark.of ?? []);
    } else if (fact.typ === "hitl-request+jwt") {
      const course = courses.get(fact.claims.wid);
      const seen = course?.seen.get(course.gated.get(fact.claims.task.jti) ?? "");
      if (course === undefined || seen === undefined) return;
      seen.request ??= fact.claims.jti;
      if ([...course.seen.values()].every(({ request }) => request !== null)) void hold(course);
    } else if (fact.typ === "hitl-decision+jwt") {
      for (const course of courses.values())
        for (const seen of course.seen.values())
          if (seen.request === fact.claims.request.jti) {
            seen.isAnswered = true;
            settle(course);
          }
    } else if (fact.typ === "override+jwt") {
      for (const course of courses.values()) if (course.stop === fact.claims.jti) course.isStopLogged = true;
    } else if (fact.typ === "override-compliance+jwt") {
      for (const { stop, seen } of courses.values()) {
        const target = fact.claims.signal.jti === stop ? seen.get(fact.claims.target) : undefined;
        // What was violated stays so.
        if (target !== undefined && target.verdict !== "violated") target.verdict = fact.claims.verdict;
      }
    } else if (fact.typ === "record+jwt") record(fact);
  };

  return {
    expect: (wid, stop) => void stops.set(wid, stop),
    facts: (logged) => {
      for (const one of logged) factOf(one);
    },
    reopened: async (wid) => {
      const agents = await engine.read((state) => [...(state.workflows.get(wid)?.agents ?? [])]);
      const now = { place: pool.place, isStopped: false, isReopened: true };
      await end(
        wid,
        agents.map((agent) => judged(newSeen(agent), now)),
        null,
      );
    },
    close: () => {
      for (const { cancel, cancelLimit } of courses.values()) {
        cancel();
        cancelLimit();
      }
      courses.clear();
    },
  };
}
