import { must } from "../base/assert.ts";
import type { Clock, Ids } from "../base/ports.ts";
import type { HitlRequestClaims } from "../protocol/acp/claims.ts";
import type { HitlWithdrawalClaims } from "../protocol/acp/handling.ts";
import { BENCH_EXT } from "../protocol/behavior/bench-mark.ts";
import { ECT_EXT, type EctClaims, type IntentClaims } from "../protocol/ect/claims.ts";
import { objectNode } from "../protocol/ect/object-node.ts";
import { writeEct } from "../protocol/ect/write-ect.ts";
import type { Signer } from "../protocol/jose/keys.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import { webTokenDigest } from "../protocol/jose/web-digest.ts";
import type { OverrideAckClaims } from "../protocol/override/claims.ts";
import { createOwnTasks, type OwnTasks } from "./evidence/own-tasks.ts";
import { createHeartbeats, type LinkedAgent } from "./heartbeats.ts";
import { createHolds, type Holds } from "./holds.ts";
import { bundle, type Join } from "./joins.ts";
import type { AgentTask, FromAgent, Order, ToAgent } from "./messages.ts";
import { type Acting, createActing } from "./resources/acting.ts";
import { undoOf } from "./resources/effect.ts";
import type { ResourceDesk } from "./resources/resource-store.ts";
import { createRollbacks, type Rollbacks } from "./resources/rollbacks.ts";

export interface AgentHostPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  send(message: FromAgent): void;
  /** The shared stop flag of an agent: true once a stop was commanded. */
  flagged(flag: number): boolean;
  /** How many tasks an agent is working on: evidence that does not come from the agent's own tokens. */
  busy(flag: number, tasks: number): void;
  /** What an agent acts on; null where there is nothing. */
  desk?(agent: string): ResourceDesk | null;
}

interface Resident {
  readonly agent: string;
  readonly signer: Signer;
  readonly flag: number;
  readonly pepId: string;
  halted: boolean;
  readonly holds: Holds;
  /** What it does to resources; null where there are none. */
  readonly acting: Acting | null;
  readonly rollbacks: Rollbacks | null;
  /** What it did, of which it may be asked for evidence. */
  readonly own: OwnTasks;
  /** Acknowledgements go out in the order of what they acknowledge. */
  saying: Promise<void>;
  /** Tasks being worked on: jti -> cancels the waiting. */
  readonly working: Map<string, { readonly task: AgentTask; endVirtualMs: number; cancel: () => void }>;
}

interface VirtualClock {
  epochMs: number;
  virtualMs: number;
  speed: number;
}

const TOKEN_LIFETIME_S = 600;

/** An agent writes only what a reader takes: what it was given to do is within an ECT's limits. */
async function signEct(claims: EctClaims, signer: Signer): Promise<string> {
  const written = await writeEct(claims, signer);
  return must(written.ok ? written.value : null, written.ok ? "" : `${written.error.code}: ${written.error.detail}`);
}

/**
 * Runs the re-enacting agents of one worker: each has its own key and answers its own mailbox, in turns. An agent asks,
 * waits, works for the recorded time and then states what it did; it never acts: effects are the enforcement point's.
 */
export function createAgentHost(ports: AgentHostPorts): { receive(message: ToAgent): Promise<void> } {
  const residents = new Map<string, Resident>();
  const clocks = new Map<string, VirtualClock>();

  const nowS = (): number => Math.floor(ports.clock.nowMs() / 1000);
  const virtualNow = (wid: string): number => {
    const clock = clocks.get(wid);
    return clock === undefined ? 0 : clock.virtualMs + (ports.clock.nowMs() - clock.epochMs) * clock.speed;
  };
  /** Checked before every step: a raised flag counts like a stop that was read. */
  const mayAct = (resident: Resident, task: string): boolean =>
    !resident.halted && !ports.flagged(resident.flag) && !resident.holds.covers(task);

  const ask = async (resident: Resident, task: AgentTask): Promise<void> => {
    const { names, joins } = bundle(task.jti, task.pred);
    const at = nowS();
    const claims: IntentClaims = {
      iss: resident.agent,
      aud: [resident.pepId],
      iat: at,
      exp: at + TOKEN_LIFETIME_S,
      jti: ports.ids.uuid(),
      wid: task.wid,
      task: task.jti,
      exec_act: task.execAct,
      pred: [...names],
      inp_hash: task.inpHash,
      args_hash: task.argsHash,
      ...(task.target === null ? {} : { target: task.target }),
      acp: task.acp,
      needs: task.needs,
      ...(task.effect === undefined ? {} : { undo: undoOf(task.effect) }),
    };
    const signed = await signJoins(resident, task.wid, joins);
    const token = await signToken("intent+jwt", claims, resident.signer);
    if (!mayAct(resident, task.jti)) return;
    resident.own.asked(claims, ports.clock.nowMs());
    ports.send({ t: "intent", agent: resident.agent, wid: task.wid, task: task.jti, joins: signed, token });
  };

  const requestHuman = async (resident: Resident, message: Extract<ToAgent, { t: "gate" }>): Promise<void> => {
    const { task, terms } = message;
    const at = nowS();
    const pred = bundle(task.jti, task.pred).names;
    const claims: HitlRequestClaims = {
      iss: resident.agent,
      aud: [resident.pepId],
      iat: at,
      exp: at + terms.timeoutS,
      jti: ports.ids.uuid(),
      wid: task.wid,
      task: {
        jti: task.jti,
        exec_act: task.execAct,
        inp_hash: task.inpHash,
        args_hash: task.argsHash,
        ...(task.target === null ? {} : { target: task.target }),
        ...(task.args === null ? {} : { args: task.args }),
        pred: [...pred],
      },
      acp: task.acp,
      rule_ids: [...terms.ruleIds],
      role: terms.role,
      approvals: terms.approvals,
      ...(terms.roles.length > 1 ? { roles: terms.roles.map((part) => ({ ...part })) } : {}),
      consequence: terms.consequence,
      explanation: { summary: task.summary.slice(0, 2000), alternatives: [], evidence: [], confidence: null },
      options: task.args === null ? ["approve", "reject"] : ["approve", "reject", "modify"],
    };
    const token = await signToken("hitl-request+jwt", claims, resident.signer);
    const object = { typ: "hitl-request+jwt", jti: claims.jti, hash: await webTokenDigest(token) };
    const node = await signEct(
      objectNode(
        { ...object, iss: resident.agent, wid: task.wid },
        { execAct: "hitl_request", aud: [resident.pepId], pred, iat: at },
      ),
      resident.signer,
    );
    if (!mayAct(resident, task.jti)) return;
    resident.own.gated(task.jti);
    ports.send({ t: "request", agent: resident.agent, wid: task.wid, task: task.jti, token, node });
  };

  const tell = (resident: Resident): void => ports.busy(resident.flag, resident.working.size);

  const work = (resident: Resident, task: AgentTask, endVirtualMs: number): void => {
    resident.working.get(task.jti)?.cancel();
    const wake = (): void => {
      if (!mayAct(resident, task.jti) || !resident.working.has(task.jti)) return;
      if (virtualNow(task.wid) >= endVirtualMs) {
        finish(resident, task);
        return;
      }
      work(resident, task, endVirtualMs);
    };
    const speed = clocks.get(task.wid)?.speed ?? 0;
    const cancel =
      speed === 0
        ? () => undefined
        : ports.clock.after(Math.max(0, (endVirtualMs - virtualNow(task.wid)) / speed), wake);
    resident.working.set(task.jti, { task, endVirtualMs, cancel });
    tell(resident);
  };

  const finish = (resident: Resident, task: AgentTask): void => {
    resident.working.delete(task.jti);
    tell(resident);
    void worked(resident, task);
  };

  /** Before the effect comes what undoes it (CAS-10): without that, the effect is refused where it would happen. */
  const worked = async (resident: Resident, task: AgentTask): Promise<void> => {
    const declared = task.effect == null ? null : ((await resident.acting?.declare(task)) ?? null);
    const { agent } = resident;
    const about = { t: "worked", agent, wid: task.wid, task: task.jti } as const;
    if (declared?.ok === true) {
      const { exec_act, pred, ect_ext } = declared.value;
      const claims = ectClaims(resident, task.wid, ports.ids.uuid(), exec_act, pred);
      const checkpoint = await signEct({ ...claims, ect_ext: { ...claims.ect_ext, ...ect_ext } }, resident.signer);
      if (mayAct(resident, task.jti)) ports.send({ ...about, checkpoint });
    } else ports.send(about);
    const state = stateOf(resident);
    for (const reached of resident.holds.ended(task.jti)) say(resident, reached, "complied", state, []);
  };

  const stateOf = (resident: Resident): string =>
    resident.halted ? "stopped" : resident.holds.state(resident.working.size > 0);

  const signJoins = (resident: Resident, wid: string, joins: readonly Join[]): Promise<string[]> =>
    Promise.all(joins.map(({ jti, pred }) => signEct(ectClaims(resident, wid, jti, "join", pred), resident.signer)));

  const ectClaims = (
    resident: Resident,
    wid: string,
    jti: string,
    execAct: string,
    pred: readonly string[],
  ): EctClaims => {
    const at = nowS();
    return {
      iss: resident.agent,
      aud: [resident.pepId],
      iat: at,
      exp: at + TOKEN_LIFETIME_S,
      jti,
      wid,
      exec_act: execAct,
      pred: [...pred],
      ect_ext: { [ECT_EXT.reenactment]: true },
    };
  };

  /** Nobody need answer any more: what the request was for has settled otherwise. */
  const withdraw = async (resident: Resident, message: Extract<ToAgent, { t: "withdraw" }>): Promise<void> => {
    const at = nowS();
    const claims: HitlWithdrawalClaims = {
      iss: resident.agent,
      aud: [resident.pepId],
      iat: at,
      exp: at + TOKEN_LIFETIME_S,
      jti: ports.ids.uuid(),
      wid: message.wid,
      request: { ...message.request },
      settled: message.settled,
      detail: message.detail.slice(0, 500),
    };
    const token = await signToken("hitl-withdrawal+jwt", claims, resident.signer);
    ports.send({ t: "withdrawal", agent: resident.agent, wid: message.wid, task: message.task, token });
  };

  const report = async (
    resident: Resident,
    { task, pred, argsHash }: Extract<ToAgent, { t: "report" }>,
  ): Promise<void> => {
    // What the intent named, joined as it was then, and the tasks that were called since.
    const before = new Set(task.pred);
    const called = pred.filter((jti) => !before.has(jti));
    const { names, joins } = bundle(task.jti, [...bundle(task.jti, task.pred).names, ...called]);
    const base = ectClaims(resident, task.wid, task.jti, task.execAct, names);
    // The effect itself, let through by now. With other arguments than the recorded ones nobody knows what it would be.
    const effect = argsHash === null ? (task.effect ?? null) : null;
    const done = effect === null ? null : ((await resident.acting?.carryOut(task, effect)) ?? null);
    const failed = done?.ok === false;
    const claims: EctClaims = {
      ...base,
      inp_hash: task.inpHash,
      // With other arguments than the recorded ones nobody knows the output.
      ...(argsHash === null && !failed ? { out_hash: task.outHash } : {}),
      ect_ext: {
        ...base.ect_ext,
        acp_ref: { ...task.acp },
        ...(task.bench === undefined ? {} : { [BENCH_EXT]: task.bench }),
        [ECT_EXT.outcome]: failed ? "failure" : task.outcome,
        ...(done === null
          ? {}
          : done.ok
            ? { [ECT_EXT.written]: done.value.hash }
            : { [ECT_EXT.problem]: done.error.code }),
        ...(argsHash === null ? {} : { [ECT_EXT.args]: argsHash }),
      },
    };
    const signed = await signJoins(resident, task.wid, joins);
    const token = await signEct(claims, resident.signer);
    resident.own.ended(task.jti, failed ? "failure" : task.outcome, ports.clock.nowMs());
    // What has happened is stated even when a stop has come since: an effect without its record would be worse (XA-16).
    ports.send({ t: "ect", agent: resident.agent, wid: task.wid, task: task.jti, joins: signed, token });
  };

  const halt = (resident: Resident): void => {
    resident.halted = true;
    for (const { cancel } of resident.working.values()) cancel();
    resident.working.clear();
    tell(resident);
  };

  const stop = async (resident: Resident, message: Extract<ToAgent, { t: "stop" }>): Promise<void> => {
    const running = [...resident.working.keys()];
    halt(resident);
    // Not behind other acknowledgements: what is late with this one has its worker ended.
    await acknowledge(resident, { ...message.signal, operator: message.operator }, "complied", "stopped", running);
  };

  /** The agent's claim about an order, which proves nothing by itself (OVR-4, OVR-8). */
  const acknowledge = async (
    resident: Resident,
    order: Order,
    stage: OverrideAckClaims["stage"],
    state: string,
    running: readonly string[],
    refusing: Pick<OverrideAckClaims, "code" | "alternatives"> = {},
  ): Promise<void> => {
    const at = nowS();
    const claims: OverrideAckClaims = {
      iss: resident.agent,
      aud: [order.operator, resident.pepId],
      iat: at,
      exp: at + TOKEN_LIFETIME_S,
      jti: ports.ids.uuid(),
      signal: { jti: order.jti, hash: order.hash },
      stage,
      at,
      state,
      running_tasks: running.slice(0, 100),
      residue: [],
      ...refusing,
    };
    const token = await signToken("override-ack+jwt", claims, resident.signer);
    ports.send({ t: "ack", agent: resident.agent, token });
  };

  /** One stage after another, in order. */
  const say = (...said: Parameters<typeof acknowledge>): void => {
    const [resident] = said;
    resident.saying = resident.saying.then(() => acknowledge(...said));
  };

  /** A pause or takeover takes hold at once; what it lets end is said to be going on (section c: pausing, then paused). */
  const hold = async (resident: Resident, message: Extract<ToAgent, { t: "hold" }>): Promise<void> => {
    const working = [...resident.working.keys()];
    const reached = resident.holds.add(message, working);
    const suspended = working.filter((task) => resident.holds.covers(task));
    for (const task of suspended) {
      resident.working.get(task)?.cancel();
      resident.working.delete(task);
    }
    tell(resident);
    const state = stateOf(resident);
    for (const order of reached) say(resident, order, "complied", state, []);
    if (message.known) return;
    say(resident, message.order, "received", state, working);
    say(resident, message.order, "accepted", state, working);
    if (resident.holds.isReached(message.order.jti)) say(resident, message.order, "complied", state, suspended);
    else say(resident, message.order, "in_progress", state, [...resident.working.keys()]);
    await resident.saying;
  };

  /** What no other hold covers may go on: its director gives it out again. */
  const unhold = async (resident: Resident, message: Extract<ToAgent, { t: "unhold" }>): Promise<void> => {
    resident.holds.remove(message.of);
    if (message.order !== null) await obey(resident, message.order, stateOf(resident));
  };

  /** OVR-10: a re-enactment follows its recording, so that no advice can be taken; orders can. The advice itself is not read. */
  const declineAdvice = async (resident: Resident, order: Order): Promise<void> => {
    const running = [...resident.working.keys()];
    say(resident, order, "received", stateOf(resident), running);
    say(resident, order, "refused", stateOf(resident), running, {
      code: "follows_recording",
      alternatives: "I do what my recording says. Pause me, narrow my limits or take me over to change that.",
    });
    await resident.saying;
  };

  const obey = async (resident: Resident, order: Order, state: string): Promise<void> => {
    for (const stage of ["received", "accepted", "complied"] as const)
      say(resident, order, stage, state, [...resident.working.keys()]);
    await resident.saying;
  };

  const setClock = (message: Extract<ToAgent, { t: "clock" }>): void => {
    clocks.set(message.wid, { epochMs: message.epochMs, virtualMs: message.virtualMs, speed: message.speed });
    for (const resident of residents.values()) {
      for (const { task, endVirtualMs, cancel } of [...resident.working.values()]) {
        if (task.wid !== message.wid) continue;
        cancel();
        if (virtualNow(task.wid) >= endVirtualMs && mayAct(resident, task.jti)) {
          finish(resident, task);
        } else {
          work(resident, task, endVirtualMs);
        }
      }
    }
  };

  const heartbeats = createHeartbeats(ports);
  /** What losing its host does to an agent, by its own clock; the enforcement point does the same to it (L3). */
  const linkedOf = ({ agent, signer, pepId }: Resident): LinkedAgent => {
    const of = `link ${agent}`;
    const now = (): Resident | undefined => residents.get(agent);
    return {
      ...{ agent, signer, pepId },
      nowMs: () => ports.clock.nowMs(),
      state: () => stateOf(must(now(), "it lives here")),
      lost: (plan) => {
        const resident = must(now(), "it lives here");
        const finishing = [...resident.working.keys()];
        const order = { jti: of, hash: "", operator: "" };
        if (plan.do === "safe_stop") halt(resident);
        else void hold(resident, { t: "hold", agent, order, task: null, finishing, state: "paused", known: true });
      },
      found: () => void unhold(must(now(), "it lives here"), { t: "unhold", agent, of, order: null }),
    };
  };

  /** Its word about what it did. Who has stopped says nothing. */
  const testify = async (resident: Resident, { question }: Extract<ToAgent, { t: "evidence" }>): Promise<void> => {
    const { selfBet } = await import("./evidence/self-bet.ts");
    const token = await selfBet(question, resident.own, resident, ports);
    if (resident.halted || ports.flagged(resident.flag)) return;
    ports.send({ t: "evidence", agent: resident.agent, nonce: question.nonce, token });
  };

  const receive = async (message: ToAgent): Promise<void> => {
    if (message.t === "clock") {
      setClock(message);
      return;
    }
    if (message.t === "agent") {
      const desk = ports.desk?.(message.agent) ?? null;
      const { signer, pepId, pepKey = null } = message;
      // What it has promised in a rollback goes on, by one hand.
      const known = residents.get(message.agent)?.rollbacks ?? null;
      const rollbacks =
        known ?? (desk && createRollbacks({ agent: message.agent, signer, pepId, pepKey }, { ...ports, desk }));
      residents.set(message.agent, {
        agent: message.agent,
        acting: desk && createActing(message.agent, desk, ports),
        rollbacks,
        signer: message.signer,
        flag: message.flag,
        pepId: message.pepId,
        halted: message.halted ?? false,
        holds: createHolds(),
        own: residents.get(message.agent)?.own ?? createOwnTasks(message.agent),
        saying: Promise.resolve(),
        working: new Map(),
      });
      if (known === null) await rollbacks?.resume();
      return;
    }
    const resident = residents.get(message.agent);
    if (resident === undefined) return;
    if (message.t === "stop") await stop(resident, message);
    else if (message.t === "revive") {
      // Nobody answers an agent that is stopped: its silence counts from here.
      heartbeats.heard(message.agent);
      resident.halted = false;
    } else if (message.t === "report") await report(resident, message);
    else if (message.t === "link") heartbeats.begin(linkedOf(resident), message.plan);
    else if (message.t === "heard") heartbeats.heard(message.agent);
    else if (message.t === "withdraw") await withdraw(resident, message);
    else if (message.t === "hold") await hold(resident, message);
    else if (message.t === "unhold") await unhold(resident, message);
    else if (message.t === "advise") await declineAdvice(resident, message.order);
    else if (message.t === "rollback") await resident.rollbacks?.request(message);
    else if (message.t === "evidence") await testify(resident, message);
    else if (message.t === "tell") await obey(resident, message.order, message.state);
    else if (mayAct(resident, message.task.jti)) {
      if (message.t === "ask") await ask(resident, message.task);
      else if (message.t === "gate") await requestHuman(resident, message);
      else work(resident, message.task, message.endVirtualMs);
    }
  };

  return { receive };
}
