import type { AgentPool, AgentTask, FromAgent, ToAgent } from "../agents/messages.ts";
import type { Clock, Sha256 } from "../base/ports.ts";
import { circuitProblem } from "../engine/cascade/breakers.ts";
import type { Engine, SubmitError } from "../engine/engine.ts";
import type { FactOf, LoggedFact } from "../engine/fact.ts";
import { gateTerms } from "../engine/gate/terms.ts";
import { scopeCovers, withDelegates } from "../engine/override/scope.ts";
import { isUnavailable } from "../engine/patient-engine.ts";
import type { KeyValueStore } from "../engine/ports.ts";
import type { OverrideState, TaskStatus, WorkflowState } from "../engine/state.ts";
import { approvalNodes } from "../engine/workflow/decide.ts";
import { workflowOfAgent } from "../engine/workflow/evolve.ts";
import { agentUri } from "../engine/workflow/plan.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import type { OverrideScope } from "../protocol/override/claims.ts";
import { graceMs, isDrill } from "../protocol/override/params.ts";
import { MAX_ACTING_TASKS } from "../protocol/run/run-effect.ts";
import { agentTask } from "./agent-task.ts";
import { createHoldDirector, type HoldDirector } from "./hold-director.ts";
import type { HeldAgents } from "./liveness-director.ts";
import { createPerformance, type Performance, type Stage } from "./performance.ts";
import { createPlaybackClock, type Playback, type PlaybackClock } from "./playback-clock.ts";
import type { RunStore, TaskIds } from "./run-store.ts";
import type { ValueNames } from "./value-names.ts";

export interface ConductorPorts {
  readonly engine: Engine;
  readonly gateway: () => Gateway;
  readonly pool: AgentPool;
  readonly clock: Clock;
  readonly values: KeyValueStore;
  readonly runs: RunStore;
  readonly sha256: Sha256;
  /** Admits the workflow's agents to the pool with their keys; false when a key is gone. */
  admit(wid: string, slugs: readonly string[]): Promise<boolean>;
  /** A recorded run cannot be re-enacted any more, or an answer was not expected: said on screen. */
  trouble(wid: string, detail: string): void;
  changed(wid: string): void;
}

/**
 * Directs re-enactments: tells each agent when its recorded task is due and hands on what the enforcement point answered.
 * It holds no authority: everything it does can be refused, and what was decided is read from the log alone.
 */
export interface Conductor {
  /** Takes up a workflow from where the log says it is; also after a stop and a new start. */
  take(wid: string): Promise<void>;
  playback(wid: string): Playback;
  direct(
    wid: string,
    change: { speed?: number | undefined; paused?: boolean | undefined; step?: boolean | undefined },
  ): Promise<Playback>;
  /** Agents of unfinished re-enactments a scope reaches; a stop of an agent is `forwarded` to those it delegated to (OVR-17). */
  covered(scope: OverrideScope, forwarded: boolean): readonly string[];
  /** Tasks that wait for an operator to carry them out, because their agent was taken over. */
  waiting(wid: string): readonly { readonly index: number; readonly task: string; readonly agent: string }[];
  /** Tasks that are due and wait for a circuit breaker to let them through, by index (CAS-3). */
  shut(wid: string): readonly number[];
  /** A pause, takeover or orderly stop that the log has in force when the host opens; before anything is taken up. */
  restore(signal: OverrideState): void;
  /** Sends an order to agents that have not acknowledged it once more. */
  readonly resend: HoldDirector["resend"];
  /** What a lease or a link that is lost does to an agent. */
  readonly liveness: HeldAgents;
  /** Agents that lost their worker because another one in it was ended: their work is given out again. */
  rehoused(agents: readonly string[]): void;
  /** An agent that was started again has lost its worker: it gets another one, and its work. */
  lost(agent: string): void;
  /** Epoch ms of an agent's last message. */
  seenAt(agent: string): number | null;
  facts(logged: readonly LoggedFact[]): void;
  close(): void;
}

/** What an agent says about one of its tasks. */
type OfTask = Extract<FromAgent, { readonly wid: string }>;

/** How many intents may be on their way at once, over all re-enactments of a workflow. */
const MAX_ASKED = 256;

/** Where a token that waited too long for storage is made anew. */
const ASKED_AGAIN: ReadonlySet<Stage> = new Set(["asked", "effect"]);
/** So often for a task: from an agent whose clock is behind it would always come too late, and be asked for without end. */
const MAX_MADE_ANEW = 3;

interface Show {
  readonly wid: string;
  readonly ids: TaskIds;
  readonly acp: { readonly jti: string; readonly hash: string };
  /** Its agents act on resources. */
  readonly acts: boolean;
  readonly bench: string | null;
  readonly nameOf: ValueNames | null;
  readonly agents: readonly string[];
  /** By agent, all that act by its delegation, itself included. */
  readonly delegates: ReadonlyMap<string, ReadonlySet<string>>;
  /** Tasks the log knows of: only those have an agent that a stop of the task halts. */
  readonly known: Set<number>;
  readonly play: Performance;
  readonly time: PlaybackClock;
  readonly requests: Map<string, number>;
  /** How often tokens of a task were made anew, by index. */
  readonly anew: Map<number, number>;
  /** Tasks whose agent is paused by a rule: asked for, or tried, again when a request was settled. */
  readonly suspended: Map<number, () => void>;
  /** Tasks that a circuit breaker refused: asked for again when one of them moves. */
  readonly shut: Set<number>;
  /** Virtual end of the work given out, by task index. */
  readonly ends: Map<number, number>;
  /** Virtual ms of work left of what an operator has paused, by task index. */
  readonly left: Map<number, number>;
  looks: number;
}

export function createConductor(ports: ConductorPorts): Conductor {
  const { engine, pool, clock, runs } = ports;
  const shows = new Map<string, Show>();
  const clocks = new Map<string, PlaybackClock>();
  const seen = new Map<string, number>();
  const timers = new Map<string, () => void>();
  const holds = createHoldDirector<Show>({
    pool,
    values: ports.values,
    shows: () => shows.values(),
    work: (show, index, endVirtualMs) => giveWork(show, index, endVirtualMs),
    ask: (show, index) => void askHuman(show, index),
    freed: (show) => {
      wake(show);
      drive(show);
    },
  });

  const taskMessage = (show: Show, index: number): AgentTask =>
    agentTask(
      show.play.plan.tasks[index],
      ports.sha256,
      {
        wid: show.wid,
        jti: show.ids.jtis[index] ?? "",
        pred: show.play.predecessors(index).map((pred) => show.ids.jtis[pred] ?? ""),
        acp: show.acp,
        ...(show.bench === null ? {} : { bench: show.bench }),
      },
      show.acts,
      show.nameOf,
    );
  const agentOf = (show: Show, index: number): string => show.agents[show.play.plan.agentIndex[index] ?? 0] ?? "";

  const endVirtualMs = (show: Show, index: number): number =>
    Math.max(show.time.nowMs(), show.play.plan.tasks[index]?.startMs ?? 0) +
    (show.play.plan.tasks[index]?.durationMs ?? 0);

  /** Gives out what is due and sets the alarm for what comes next. */
  const drive = (show: Show): void => {
    // Another one has taken its place.
    if (shows.get(show.wid) !== show) return;
    timers.get(show.wid)?.();
    timers.delete(show.wid);
    const asked = (): number => show.play.asked() - show.shut.size;
    const room = MAX_ASKED - asked();
    for (const index of show.play.take(show.time.nowMs(), Math.max(0, room)))
      pool.send({ t: "ask", agent: agentOf(show, index), task: taskMessage(show, index) });
    if (show.play.over()) {
      void finish(show);
      return;
    }
    const nextMs = show.play.nextStartMs();
    const delayMs = nextMs === null || asked() >= MAX_ASKED ? null : show.time.realDelayTo(nextMs);
    if (delayMs !== null)
      timers.set(
        show.wid,
        clock.after(delayMs, () => drive(show)),
      );
  };

  /** Nothing is left: the record says so, unless something was stopped, which may be started again. */
  const finish = async (show: Show): Promise<void> => {
    // Whoever comes while it is looked at has it looked at once more: the last thing may have happened since.
    show.looks += 1;
    if (show.looks > 1) return;
    const state = await engine.read((read) => {
      const workflow = read.workflows.get(show.wid);
      if (workflow === undefined || workflow.status !== "running" || workflow.halted.size > 0) return null;
      const summary: Record<string, number> = {};
      for (const task of workflow.tasks.values()) summary[task.status] = (summary[task.status] ?? 0) + 1;
      const unstarted = show.play.plan.tasks.length - workflow.tasks.size;
      if (unstarted > 0) summary.not_started = unstarted;
      return (summary.stopped ?? 0) > 0 ? null : { summary, cause: workflow.acp };
    });
    if (state !== null) await engine.submit({ kind: "finish", wid: show.wid, ...state });
    const isMissed = show.looks > 1;
    show.looks = 0;
    if (isMissed) drive(show);
  };

  const tryEffect = async (show: Show, index: number): Promise<void> => {
    show.play.effect(index);
    const report = await reportOf(show, index);
    const answer = await ports.gateway().effect(show.wid, report.task.jti, report.agent, () => pool.send(report));
    // A refusal before an effect is in the log with its reason; storage that refuses is not.
    if (answer.ok) return;
    if (HELD.has(answer.error.code)) {
      show.play.worked(index);
      show.suspended.set(index, () => void tryEffect(show, index));
      return;
    }
    if (isUnavailable(answer.error)) ports.trouble(show.wid, answer.error.detail);
    else if (show.play.stage(index) !== "dead") over(show, show.play.dead(index));
  };

  /**
   * What the ECT of a task says beside what was recorded: what it follows, decisions that approved it included, the
   * arguments where they changed them, and the policy it was let through under, which may not be the one in force (P2.6).
   */
  const reportOf = async (show: Show, index: number): Promise<Extract<ToAgent, { t: "report" }>> => {
    const own = show.play.evidence(index).map((at) => show.ids.jtis[at] ?? "");
    const jti = show.ids.jtis[index] ?? "";
    const decided = await engine.read((state) => {
      const workflow = state.workflows.get(show.wid);
      const request = workflow?.tasks.get(jti)?.request ?? null;
      const gate = request === null ? undefined : state.gates.get(request);
      const nodes = workflow === undefined ? [] : approvalNodes(workflow, gate);
      const acp = workflow?.tasks.get(jti)?.intent?.acp ?? show.acp;
      return { nodes, acp, argsHash: gate?.modified?.argsHash ?? null };
    });
    return {
      t: "report",
      agent: agentOf(show, index),
      task: { ...taskMessage(show, index), acp: decided.acp },
      pred: [...own, ...decided.nodes],
      argsHash: decided.argsHash,
    };
  };

  const over = (show: Show, callers: readonly number[]): void => {
    for (const caller of callers) void tryEffect(show, caller);
    void withdrawMoot(show);
    drive(show);
  };

  /** Whoever called a task that waits for a human is over: its agent needs no answer any more. */
  const withdrawMoot = async (show: Show): Promise<void> => {
    const moot = show.play.open().filter((index) => {
      const caller = show.play.plan.caller[index] ?? -1;
      return show.play.stage(index) === "gated" && caller >= 0 && show.play.stage(caller) === "dead";
    });
    if (moot.length === 0) return;
    const requests = await engine.read((state) =>
      moot.map((index) => {
        const jti = show.ids.jtis[index] ?? "";
        const request = state.workflows.get(show.wid)?.tasks.get(jti)?.request ?? null;
        const gate = request === null ? undefined : state.gates.get(request);
        return gate === undefined || gate.status !== "pending"
          ? null
          : { index, task: jti, request: { jti: gate.request, hash: gate.hash } };
      }),
    );
    for (const found of requests)
      if (found !== null)
        pool.send({
          t: "withdraw",
          agent: agentOf(show, found.index),
          wid: show.wid,
          task: found.task,
          request: found.request,
          settled: "cancelled",
          detail: "the task that called it is over",
        });
  };

  const askHuman = async (show: Show, index: number): Promise<void> => {
    if (holds.held(show, index)) return;
    const jti = show.ids.jtis[index] ?? "";
    const terms = await engine.read((state) => {
      const workflow = state.workflows.get(show.wid);
      const task = workflow?.tasks.get(jti);
      if (task === undefined || task.status === "stopped") return "unasked";
      // It waits for room in its failure domain, which answers it (CAS-6).
      if (task.ruleIds.length === 0) return null;
      const policy = state.policies.get(task.intent?.acp.jti ?? "");
      if (policy === undefined) return null;
      const { role, approvals, roles, consequence, timeoutS } = gateTerms(
        policy.claims,
        task.ruleIds,
        task.agent,
        task.execAct,
      );
      return { ruleIds: [...task.ruleIds], role, approvals, roles, consequence, timeoutS };
    });
    // It was answered meanwhile.
    if (show.play.stage(index) !== "asked") return;
    // Its question was lost with the worker it was in, or held back by a pause.
    if (terms === "unasked") pool.send({ t: "ask", agent: agentOf(show, index), task: taskMessage(show, index) });
    else if (terms !== null)
      pool.send({ t: "gate", agent: agentOf(show, index), task: taskMessage(show, index), terms });
  };

  const sendWork = (show: Show, index: number): void => {
    const left = show.left.get(index);
    const end = left === undefined ? endVirtualMs(show, index) : show.time.nowMs() + left;
    if (holds.held(show, index)) {
      holds.keep(show, index, end - show.time.nowMs());
      return;
    }
    show.left.delete(index);
    giveWork(show, index, end);
  };

  const giveWork = (show: Show, index: number, end: number): void => {
    show.ends.set(index, end);
    pool.send({ t: "work", agent: agentOf(show, index), task: taskMessage(show, index), endVirtualMs: end });
  };

  const received = async (message: FromAgent): Promise<void> => {
    if (
      message.t === "ready" ||
      message.t === "evidence" ||
      message.t === "heartbeats" ||
      message.t === "rollback_result" ||
      message.t === "rollback_signal"
    )
      return;
    seen.set(message.agent, clock.nowMs());
    if (message.t === "ack") {
      await ports.gateway().acknowledge(message.token);
      return;
    }
    const show = shows.get(message.wid);
    const index = show?.ids.indexOf.get(message.task);
    // What an agent says about somebody else's task moves nothing of it here, whatever becomes of it.
    if (show === undefined || index === undefined || message.agent !== agentOf(show, index)) {
      await unexpected(message);
      return;
    }
    if (message.t === "intent") {
      const excused = message.joins.length === 0 ? undefined : await joined(message);
      const answer = await ports.gateway().propose(message.token, excused);
      // A second intent of a task that was asked for again after a hand-over is no news.
      if (!answer.ok && answer.error.code !== "task_known" && isOfNow(show, message.token))
        failed(show, index, answer.error);
    } else if (message.t === "request") {
      const answer = await ports.gateway().openGate(message.token, message.node);
      if (!answer.ok && answer.error.code !== "token_replayed" && isOfNow(show, message.token))
        failed(show, index, answer.error);
    } else if (message.t === "withdrawal") {
      // What was decided meanwhile is no trouble: the answer stands in the log.
      await ports.gateway().withdraw(message.token);
    } else if (message.t === "worked") {
      if (await declared(show, index, message)) await tryEffect(show, index);
    } else {
      const excused = message.joins.length === 0 ? undefined : await joined(message);
      const answer = await ports.gateway().report(message.token, excused);
      if (!answer.ok && show.play.stage(index) !== "settled") failed(show, index, answer.error);
    }
  };

  /** Takes what goes before a token. Its agent may have acknowledged a stop by then; what that excuses is as of now. */
  const joined = async (message: { readonly joins: readonly string[]; readonly token: string }) => {
    const excused = ports.gateway().excused(message.token);
    for (const join of message.joins) await ports.gateway().report(join);
    return excused;
  };

  /** CAS-10: what undoes a task is in the log before its effect is tried. Whether that may be tried now. */
  const declared = async (show: Show, index: number, { checkpoint }: Extract<FromAgent, { t: "worked" }>) => {
    const working = (): boolean => show.play.stage(index) === "working";
    if (checkpoint !== undefined && working()) {
      const answer = await ports.gateway().report(checkpoint);
      if (!answer.ok) failed(show, index, answer.error);
    }
    return working() && show.play.worked(index);
  };

  /** What was under way when another policy took the old one's place is refused, and asked for anew: that ends no task. */
  const isOfNow = (show: Show, token: string): boolean =>
    shows.get(show.wid) === show && policyNamed(token) === show.acp.jti;

  /** Nobody gave out that task: what an agent asks for or states of its own accord is the enforcement point's to see all the same. */
  const unexpected = async (message: OfTask): Promise<void> => {
    if (message.t === "intent") await ports.gateway().propose(message.token);
    else if (message.t === "request") await ports.gateway().openGate(message.token, message.node);
    else if (message.t === "ect") await ports.gateway().report(message.token);
  };

  /** A refusal ends the task; a storage that refuses decides nothing, so that the task stays where the log says it is. */
  const failed = (show: Show, index: number, error: SubmitError): void => {
    if (error.code === "circuit_open") {
      void waitForBreaker(show, index);
      return;
    }
    if (HELD.has(error.code)) {
      show.suspended.set(index, () => resumeTask(show, index));
      return;
    }
    ports.trouble(show.wid, error.detail);
    if (isUnavailable(error)) return;
    const late =
      error.code === "token_expired" || error.code === "ect_expired" || error.code === "ect_iat_out_of_window";
    const times = show.anew.get(index) ?? 0;
    if (late && times < MAX_MADE_ANEW && ASKED_AGAIN.has(show.play.stage(index))) {
      show.anew.set(index, times + 1);
      resumeTask(show, index);
    } else if (show.play.stage(index) !== "dead") over(show, show.play.dead(index));
  };
  pool.onMessage((message) => void received(message));

  /** Asked for again when a breaker moves; at once where it has moved while the refusal was on its way. */
  const waitForBreaker = async (show: Show, index: number): Promise<void> => {
    if (show.play.stage(index) !== "asked") return;
    show.shut.add(index);
    ports.changed(show.wid);
    drive(show);
    const handover = {
      agent: agentOf(show, index),
      execAct: show.play.plan.tasks[index]?.action ?? "",
      pred: show.play.predecessors(index).map((pred) => show.ids.jtis[pred] ?? ""),
    };
    const open = await engine.read((state) => {
      const workflow = state.workflows.get(show.wid);
      return workflow === undefined
        ? true
        : circuitProblem(state, workflow, handover, Math.floor(clock.nowMs() / 1000)) === null;
    });
    if (open && show.shut.delete(index)) resumeTask(show, index);
  };

  const wakeShut = (show: Show): void => {
    if (show.shut.size === 0) return;
    // First due first: a breaker that tries again lets only a few through.
    const startOf = (index: number): number => show.play.plan.tasks[index]?.startMs ?? 0;
    const waiting = [...show.shut].sort((one, other) => startOf(one) - startOf(other));
    show.shut.clear();
    for (const index of waiting) resumeTask(show, index);
    ports.changed(show.wid);
  };

  const syncHalted = async (): Promise<void> => {
    for (const show of shows.values()) {
      const stopped = await engine.read((state) => {
        const workflow = state.workflows.get(show.wid);
        const halted = haltedIndexes(show.agents, workflow);
        // What was stopped before its workflow was started again is asked for anew, though the log has no word of that yet.
        const statusOf = (index: number): TaskStatus | undefined => {
          const logged = workflow?.tasks.get(show.ids.jtis[index] ?? "")?.status;
          return askedAnew(logged, show.play.plan.agentIndex[index], halted);
        };
        return { dead: show.play.open().filter((index) => isOver(statusOf(index))), halted };
      });
      show.play.halt(stopped.halted);
      wake(show);
      wakeShut(show);
      const asked = show.play.open().filter((index) => {
        const agent = show.play.plan.agentIndex[index] ?? -1;
        return show.play.stage(index) === "asked" && stopped.halted.has(agent);
      });
      for (const index of new Set([...stopped.dead, ...asked])) over(show, show.play.dead(index));
      ports.changed(show.wid);
    }
  };

  const factOf = (logged: LoggedFact): void => {
    const { fact } = logged;
    if (fact.typ === "override+jwt") {
      const stops = fact.claims.action === "stop" && !isDrill(fact.claims);
      if (!stops || graceMs(fact.claims) !== null) holds.signal(fact, logged.digest);
      if (stops) void syncHalted();
      return;
    }
    if (fact.typ === "acp-revocation+jwt" || fact.typ === "grant-revocation+jwt") {
      void syncHalted();
      return;
    }
    if (fact.typ === "acp+jwt" && fact.claims.replaces !== undefined) {
      // What had not happened is asked for anew, under the policy in force now.
      if (shows.has(fact.claims.wid)) void take(fact.claims.wid);
      return;
    }
    if (fact.typ === "exec+jwt" && fact.claims.exec_act === "run_start") {
      if (fact.claims.wid !== undefined) void take(fact.claims.wid);
      return;
    }
    if (fact.typ === "record+jwt" && (fact.claims.kind === "stop_due" || fact.claims.kind === "override_escalated")) {
      if (fact.claims.kind === "stop_due") holds.halted(String(fact.claims.data.signal));
      void syncHalted();
      return;
    }
    if (fact.typ === "record+jwt" && fact.claims.kind === "override_ended") {
      holds.ended(fact);
      return;
    }
    if (fact.typ === "circuit-state+jwt") {
      const moved = shows.get(workflowOfAgent(fact.claims.callee) ?? "");
      if (moved !== undefined) wakeShut(moved);
      return;
    }
    const wid = "wid" in fact.claims ? fact.claims.wid : undefined;
    const show = wid === undefined ? undefined : shows.get(wid);
    if (show === undefined) return;
    if (fact.typ === "intent+jwt") {
      const index = show.ids.indexOf.get(fact.claims.task);
      if (index !== undefined) show.known.add(index);
    } else if (fact.typ === "exec+jwt") {
      const index = show.ids.indexOf.get(fact.claims.jti);
      if (index !== undefined) over(show, show.play.settled(index));
    } else if (fact.typ === "hitl-request+jwt") {
      const index = show.ids.indexOf.get(fact.claims.task.jti);
      if (index !== undefined) {
        show.requests.set(fact.claims.jti, index);
        show.play.gated(index);
      }
    } else if (fact.typ === "hitl-decision+jwt") {
      const index = show.requests.get(fact.claims.request.jti);
      const ends = fact.claims.outcome === "reject" || fact.claims.outcome === "abort";
      if (index !== undefined && ends) over(show, show.play.dead(index));
      wake(show);
    } else if (fact.typ === "hitl-withdrawal+jwt") {
      const index = show.requests.get(fact.claims.request.jti);
      if (index !== undefined) over(show, show.play.dead(index));
      wake(show);
    } else if (fact.typ === "record+jwt") {
      recordOf(show, fact);
    }
  };

  /** A request was settled: who was paused by it may go on; who is paused by another one comes back here. */
  const wake = (show: Show): void => {
    const waiting = [...show.suspended.values()];
    show.suspended.clear();
    for (const again of waiting) again();
  };

  const recordOf = (show: Show, fact: FactOf<"record+jwt">): void => {
    const { kind, data } = fact.claims;
    if (kind === "domain_state") wakeShut(show);
    const index = typeof data.task === "string" ? show.ids.indexOf.get(data.task) : undefined;
    if (kind === "run_finished") {
      timers.get(show.wid)?.();
      timers.delete(show.wid);
      shows.delete(show.wid);
      show.time.pause();
      void show.time.save();
      void import("./value-names.ts")
        .then(({ forgetNames }) => forgetNames(ports.values, engine))
        .catch(() => undefined);
      return;
    }
    if (kind === "gate_timed_out") wake(show);
    if (index === undefined) return;
    if (kind === "permitted") {
      show.play.working(index);
      sendWork(show, index);
      drive(show);
    } else if (kind === "gate_required") {
      void askHuman(show, index);
      drive(show);
    } else if (
      kind !== "effect_started" &&
      kind !== "queued" &&
      kind !== "agent_terminated" &&
      kind !== "gate_escalated" &&
      kind !== "review_overdue" &&
      show.play.stage(index) !== "dead"
    ) {
      over(show, show.play.dead(index));
      // It may have been a probe whose place is free now.
      wakeShut(show);
    }
  };

  const broadcast = (wid: string, time: PlaybackClock): void => {
    pool.clock({
      t: "clock",
      wid,
      epochMs: clock.nowMs(),
      virtualMs: time.nowMs(),
      speed: time.running() ? time.speed() : 0,
    });
  };

  const timeOf = (wid: string): PlaybackClock => {
    const known = clocks.get(wid);
    if (known !== undefined) return known;
    const made = createPlaybackClock(clock, ports.values, wid);
    clocks.set(wid, made);
    return made;
  };

  const take = async (wid: string): Promise<void> => {
    const before = await engine.read((state) => state.workflows.get(wid)?.run);
    if (before === undefined) return;
    const plan = await runs.plan(before);
    const time = timeOf(wid);
    await time.load();
    if (!plan.ok) {
      ports.trouble(wid, plan.error.detail);
      return;
    }
    time.end(plan.value);
    const ids = runs.jtis(wid, plan.value);
    const agents = plan.value.run.agents.map((agent) => agentUri(engine.ids.domain, wid, agent.id));
    const admitted = await ports.admit(
      wid,
      plan.value.run.agents.map((agent) => agent.id),
    );
    const left = await holds.leftOf(wid, ids);
    const nameOf = await import("./value-names.ts").then(({ valueNames }) => valueNames(ports.values, wid));
    const start = await engine.read((state) => {
      const workflow = state.workflows.get(wid);
      const policy = workflow === undefined ? undefined : state.policies.get(workflow.acp);
      if (workflow === undefined || policy === undefined || workflow.status !== "running") return null;
      const halted = haltedIndexes(agents, workflow);
      const statuses = ids.jtis.map((jti, index) =>
        askedAnew(workflow.tasks.get(jti)?.status, plan.value.agentIndex[index], halted),
      );
      const requests = [...state.gates.values()]
        .filter((gate) => gate.wid === wid)
        .map((gate) => [gate.request, gate.task] as const);
      const delegates = new Map(agents.map((agent) => [agent, withDelegates(state, workflow, agent)]));
      const known = new Set(ids.jtis.flatMap((jti, index) => (workflow.tasks.has(jti) ? [index] : [])));
      const acts = workflow.acts && ids.jtis.length <= MAX_ACTING_TASKS;
      return {
        acp: { jti: policy.jti, hash: policy.hash },
        acts,
        bench: workflow.bench,
        delegates,
        known,
        halted,
        statuses,
        requests,
      };
    });
    if (start === null) return;
    if (!admitted) {
      ports.trouble(wid, "the keys of its agents are not in this browser any more: it can be read, not continued");
      return;
    }
    // What was stopped meanwhile begins anew, with all of its work.
    for (const index of left.keys()) if (start.statuses[index] !== "running") left.delete(index);
    const play = createPerformance(plan.value, (index) => start.statuses[index], start.halted);
    const requests = new Map(start.requests.map(([request, task]) => [request, ids.indexOf.get(task) ?? -1]));
    const show: Show = {
      wid,
      ids,
      acp: start.acp,
      acts: start.acts,
      bench: start.bench,
      nameOf,
      agents,
      delegates: start.delegates,
      known: start.known,
      play,
      time,
      requests,
      anew: new Map(),
      suspended: new Map(),
      shut: new Set(),
      ends: new Map(),
      left,
      looks: 0,
    };
    play.holdBack((index) => holds.held(show, index));
    shows.set(wid, show);
    agents.forEach((agent, index) => {
      if (!start.halted.has(index)) pool.send({ t: "revive", agent });
    });
    holds.remind(show, new Set(agents));
    broadcast(wid, time);
    for (const index of play.open()) resumeTask(show, index);
    void withdrawMoot(show);
    drive(show);
    ports.changed(wid);
  };

  /** Gives a task that was under way to its agent again. */
  const resumeTask = (show: Show, index: number): void => {
    const stage = show.play.stage(index);
    if (stage === "asked") void askHuman(show, index);
    else if (stage === "working") sendWork(show, index);
    else if (stage === "effect") void reportAgain(show, index);
  };

  /**
   * The effect of a re-enactment is its report alone, so that giving it again does nothing twice; but only one that the log
   * has let through, and never under a stop (S3).
   */
  const reportAgain = async (show: Show, index: number): Promise<void> => {
    const report = await reportOf(show, index);
    await ports.gateway().again(show.wid, report.task.jti, report.agent, () => pool.send(report));
  };

  const direct: Conductor["direct"] = async (wid, change) => {
    const time = timeOf(wid);
    await time.load();
    const show = shows.get(wid);
    if (change.speed !== undefined) time.setSpeed(change.speed);
    if (change.paused === true) time.pause();
    if (change.paused === false) time.resume();
    if (change.step === true && show !== undefined) {
      time.pause();
      time.jump(nextEventMs(show));
    }
    await time.save();
    if (show !== undefined) {
      broadcast(wid, time);
      drive(show);
    }
    ports.changed(wid);
    return time.playback();
  };

  const nextEventMs = (show: Show): number => {
    const ends = show.play
      .open()
      .filter((index) => show.play.stage(index) === "working")
      .map((index) => show.ends.get(index) ?? 0)
      .filter((end) => end > show.time.nowMs());
    const next = show.play.nextStartMs();
    const all = next === null ? ends : [...ends, next];
    return all.length === 0 ? show.time.nowMs() : Math.min(...all);
  };

  const rehoused: Conductor["rehoused"] = (agents) => {
    const moved = new Set(agents);
    for (const show of shows.values()) holds.remind(show, moved);
    for (const show of shows.values())
      for (const index of show.play.open()) if (moved.has(agentOf(show, index))) resumeTask(show, index);
  };

  return {
    take,
    playback: (wid) => timeOf(wid).playback(),
    direct,
    covered: (scope, forwarded) => {
      const agents: string[] = [];
      for (const show of shows.values()) {
        show.agents.forEach((agent, agentIndex) => {
          const task = scope.kind === "task" ? show.ids.indexOf.get(scope.id) : undefined;
          const covered =
            scope.kind === "task"
              ? task !== undefined && show.known.has(task) && show.play.plan.agentIndex[task] === agentIndex
              : scopeCovers(scope, { agent, wid: show.wid }) ||
                (forwarded && scope.kind === "agent" && show.delegates.get(scope.id)?.has(agent) === true);
          if (covered) agents.push(agent);
        });
      }
      return agents;
    },
    waiting: (wid) => {
      const show = shows.get(wid);
      if (show === undefined) return [];
      return holds
        .waiting(show)
        .map((index) => ({ index, task: show.ids.jtis[index] ?? "", agent: agentOf(show, index) }));
    },
    shut: (wid) => [...(shows.get(wid)?.shut ?? [])],
    restore: (signal) => holds.restore(signal),
    resend: holds.resend,
    liveness: {
      suspend: holds.suspend,
      free: (hold, agent) => {
        holds.free(hold);
        const show = shows.get(workflowOfAgent(agent) ?? "");
        if (show !== undefined) wake(show);
      },
      again: (agent) => rehoused([agent]),
      stopped: () => void syncHalted(),
    },
    rehoused,
    lost: (agent) => {
      for (const show of [...shows.values()]) if (show.agents.includes(agent)) void take(show.wid);
    },
    seenAt: (agent) => seen.get(agent) ?? null,
    facts: (logged) => {
      for (const fact of logged) factOf(fact);
    },
    close: () => {
      for (const cancel of timers.values()) cancel();
      shows.clear();
    },
  };
}

/** Refusals that mean "not now": what was asked is asked again when the pause is over. */
const HELD: ReadonlySet<string> = new Set([
  "agent_suspended",
  "agent_paused",
  "agent_taken_over",
  "agent_rolling_back",
  "lease_expired",
  "agent_degraded",
  "agent_link_lost",
]);

/** The id of the policy that an intent or a request names. */
function policyNamed(token: string): unknown {
  const parsed = parseCompact(token);
  const { acp } = parsed.ok ? parsed.value.payload : {};
  return typeof acp === "object" && acp !== null && "jti" in acp ? acp.jti : null;
}

function isOver(status: TaskStatus | undefined): boolean {
  return status === "stopped" || status === "refused";
}

/** What was stopped is asked for anew once its agent was started again (S4). */
function askedAnew(
  status: TaskStatus | undefined,
  agent: number | undefined,
  halted: ReadonlySet<number>,
): TaskStatus | undefined {
  return status === "stopped" && agent !== undefined && !halted.has(agent) ? undefined : status;
}

function haltedIndexes(agents: readonly string[], workflow: WorkflowState | undefined): ReadonlySet<number> {
  return new Set(agents.flatMap((agent, index) => (workflow?.halted.has(agent) === true ? [index] : [])));
}
