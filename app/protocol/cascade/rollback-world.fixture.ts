import { must } from "../../base/assert.ts";
import { NOW_S, RB_ID } from "./rollback.fixture.ts";
import type { PlanStep } from "./rollback-claims.ts";
import { decideRollback, foldRollback, outstandingOf } from "./rollback-coordinator.ts";
import {
  decideParticipant,
  outstandingWork,
  type ParticipantEvent,
  type ParticipantOutput,
  type ParticipantState,
} from "./rollback-participant.ts";
import type { RollbackEvent, RollbackOutput, RollbackRequested, RollbackState, StepResult } from "./rollback-state.ts";

/** How a participant behaves: what it says to `prepare`, and how its steps come out. `silent`: it never begins. */
export interface Behaviour {
  readonly prepare: "ready" | "refused";
  readonly outcomes: readonly ("done" | "partial" | "failed" | "irreversible" | "wrong_hash" | "hangs")[];
}

interface Message {
  readonly to: string;
  readonly make: (atS: number) => void;
}

/**
 * A coordinator, its participants, the network between them and the things they change. The network loses, repeats and
 * delays; each side may crash after anything it has logged, before what follows from it has gone out. What a participant
 * does is done once for each key, as an effect port does it. Gateways of other domains have a log each, and answer from it.
 */
export function createWorld(
  request: RollbackRequested,
  behaviourOf: (agent: string) => Behaviour,
  crashAt: { readonly coordinator?: number; readonly site?: number } = {},
) {
  const log: RollbackEvent[] = [];
  const sites = new Map<string, ParticipantEvent[]>();
  const states = new Map<string, ParticipantState>();
  const messages: Message[] = [];
  const works: { readonly agent: string; readonly step: PlanStep }[] = [];
  const effects = new Map<string, StepResult>();
  /** Steps in the order in which they took effect, in part or wholly. */
  const happened: number[] = [];
  const asked = new Set<number>();
  const gateways = new Set(request.steps.flatMap(({ gateway }) => gateway ?? []));
  /** Steps that the log of their domain's gateway says are undone. */
  const taken = new Set<number>();
  let state: RollbackState | null = null;
  let nowS = NOW_S;
  let crashNext = false;
  let siteEvents = 0;
  let begunTooLate = 0;

  const reread = <T>(value: T): T => JSON.parse(JSON.stringify(value));

  /** Takes an event as its host does: decide, log what changed something, and then send; a crash comes in between. */
  function coordinate(event: RollbackEvent): void {
    const decided = decideRollback(state, event);
    if (!decided.ok) return;
    const logged = decided.value.state !== state;
    if (logged) log.push(event);
    state = decided.value.state;
    if (crashNext || (logged && log.length === crashAt.coordinator)) {
      crashNext = false;
      state = foldRollback(reread(log));
      return;
    }
    for (const output of decided.value.outputs) dispatch(output);
  }

  function dispatch(output: RollbackOutput): void {
    if (output.kind === "proceed") {
      coordinate(
        output.word === "execute" ? { kind: "execute", atS: nowS } : { kind: "confirm", manual: null, atS: nowS },
      );
      return;
    }
    if (output.kind === "ask") asked.add(output.n);
    if (output.kind !== "send") return;
    const { to } = output;
    messages.push({
      to,
      make: (atS) => (gateways.has(to) ? atGateway(to, output) : participate(to, requestTo(to, output, atS))),
    });
  }

  /** A gateway undoes nothing: it answers whether it can, takes in what was undone, and hears how it ended. */
  function atGateway(to: string, output: Extract<RollbackOutput, { kind: "send" }>): void {
    const { prepare, outcomes } = behaviourOf(to);
    const say = (event: (atS: number) => RollbackEvent): void => {
      messages.push({ to: "coordinator", make: (atS) => coordinate(event(atS)) });
    };
    const { phase } = output;
    if (phase === "prepare")
      say((atS) => ({ kind: "answered", agent: to, planHash: request.planHash, status: prepare, atS }));
    else if (phase !== "execute") say((atS) => ({ kind: "acknowledged", agent: to, phase, atS }));
    else
      for (const n of output.steps) {
        const outcome = must(outcomes[n % outcomes.length], "an outcome");
        if (outcome === "hangs") continue;
        const status = outcome === "done" || outcome === "partial" ? outcome : "failed";
        if (!happened.includes(n)) begunTooLate += 1;
        if (status !== "failed") taken.add(n);
        const residue = status === "partial" ? ["it was handed on"] : [];
        say((atS) => ({ kind: "result", agent: to, n, status, residue, atS }));
      }
  }

  function requestTo(to: string, output: Extract<RollbackOutput, { kind: "send" }>, atS: number): ParticipantEvent {
    const { rbId, planHash, deadlineS } = request;
    if (output.phase === "execute") return { kind: "execute", rbId, planHash, steps: output.steps, atS };
    if (output.phase === "abort") return { kind: "abort", rbId, atS };
    if (output.phase === "confirm") return { kind: "confirm", rbId, planHash, atS };
    const steps = request.steps.filter(({ agent, method }) => agent === to && method !== "skip");
    const checkpoints = Object.entries(request.checkpoints).map(([ckptId, { hash, usableUntilS }]) => {
      return { ckptId, hash, storedHash: hash, usableUntilS };
    });
    return {
      kind: "prepare",
      rbId,
      planHash,
      computedHash: planHash,
      steps,
      writes: steps.flatMap(({ n }) => request.writes[n - 1] ?? []),
      authorized: true,
      lockedBy: behaviourOf(to).prepare === "refused" ? "another" : null,
      checkpoints,
      deadlineS,
      atS,
    };
  }

  function participate(agent: string, event: ParticipantEvent): void {
    const before = states.get(agent);
    const decided = decideParticipant(before ?? null, event);
    if (!decided.ok) return;
    if (before?.phase !== "locked" && decided.value.outputs.some(({ kind }) => kind === "perform")) begunTooLate += 1;
    const events = sites.get(agent) ?? [];
    events.push(event);
    sites.set(agent, events);
    states.set(agent, reread(decided.value.state));
    siteEvents += 1;
    if (siteEvents === crashAt.site) {
      forget(agent);
      return;
    }
    for (const output of decided.value.outputs) answer(agent, output);
  }

  function answer(agent: string, output: ParticipantOutput): void {
    if (output.kind === "perform") works.push({ agent, step: output.step });
    if (output.kind !== "reply") return;
    const send = (event: (atS: number) => RollbackEvent): void => {
      messages.push({ to: "coordinator", make: (atS) => coordinate(event(atS)) });
    };
    if (output.phase === "prepare") {
      const { status, code } = output;
      const { planHash } = request;
      send((atS) => ({ kind: "answered", agent, planHash, status, ...(code === null ? {} : { code }), atS }));
    } else if (output.phase === "execute")
      send((atS) => ({ kind: "result", agent, n: output.n, ...output.result, atS }));
    else send((atS) => ({ kind: "acknowledged", agent, phase: output.phase, atS }));
  }

  /** A participant crashes: what it was doing is lost, and begun again from what it has kept. */
  function forget(agent: string): void {
    for (let index = works.length - 1; index >= 0; index -= 1)
      if (works[index]?.agent === agent) works.splice(index, 1);
    for (const output of outstandingWork(must(states.get(agent), "a site"))) answer(agent, output);
  }

  /** What the step's effect comes to: once for each key. */
  function effectOf({ n, method, ckpt_id }: PlanStep, agent: string): StepResult | null {
    const key = `${RB_ID}/${n}`;
    const known = effects.get(key);
    if (known !== undefined) return known;
    const { outcomes } = behaviourOf(agent);
    const outcome = must(outcomes[n % outcomes.length], "an outcome");
    if (outcome === "hangs") return null;
    const hash = request.checkpoints[ckpt_id ?? ""]?.hash ?? "";
    const restoredHash = method === "restore" ? (outcome === "wrong_hash" ? "x".repeat(43) : hash) : undefined;
    const status = outcome === "wrong_hash" ? (method === "restore" ? "done" : "failed") : outcome;
    const residue = status === "done" ? [] : ["the letter was sent"];
    const result: StepResult = { status, residue, ...(restoredHash === undefined ? {} : { restoredHash }) };
    effects.set(key, result);
    if (status === "done" || status === "partial") happened.push(n);
    return result;
  }

  function work(index: number): void {
    const [item] = works.splice(index, 1);
    if (item === undefined) return;
    const result = effectOf(item.step, item.agent);
    if (result !== null) participate(item.agent, { kind: "performed", n: item.step.n, ...result, atS: nowS });
  }

  /** An operator takes a step that was asked for. */
  function byHand(index: number): void {
    const n = [...asked][index % Math.max(1, asked.size)];
    if (n === undefined) return;
    const step = must(request.steps[n - 1], "a step of the plan");
    const result = effectOf(step, step.agent) ?? { status: "failed", residue: [] };
    coordinate({ kind: "manual", operator: "spiffe://ops.example/human/ann", n, ...result, atS: nowS });
  }

  const at = (index: number, length: number): number => (length === 0 ? -1 : index % length);
  coordinate(request);
  return {
    now: () => nowS,
    state: () => must(state, "a rollback that was asked for"),
    log: () => log,
    participants: () => states,
    /** Who holds anything. */
    locks: () => [...states].filter(([, site]) => site.locks.length > 0).map(([agent]) => agent),
    happened: () => happened,
    taken: () => taken,
    coordinate,
    byHand,
    works: () => works.length,
    siteEvents: () => siteEvents,
    /** Steps begun by a participant that was told to stop, had let go, or was never ready; or that a gateway was to take in undone. */
    begunTooLate: () => begunTooLate,
    deliver: (pick: number): void => {
      const [message] = messages.splice(at(pick, messages.length), messages.length === 0 ? 0 : 1);
      message?.make(nowS);
    },
    repeat: (pick: number): void => messages[at(pick, messages.length)]?.make(nowS),
    lose: (pick: number): void => void messages.splice(at(pick, messages.length), messages.length === 0 ? 0 : 1),
    work: (pick: number): void => {
      if (works.length > 0) work(at(pick, works.length));
    },
    wait: (seconds: number): void => {
      nowS += seconds;
      coordinate({ kind: "tick", atS: nowS });
      for (const agent of states.keys()) participate(agent, { kind: "tick", atS: nowS });
    },
    /** The coordinator crashes after the next event it takes, before anything is sent. */
    crashAfterNext: (): void => {
      crashNext = true;
    },
    /** The coordinator begins anew from its log, and sends what is owed. */
    restart: (): void => {
      state = foldRollback(reread(log));
      for (const output of outstandingOf(must(state, "a log"))) dispatch(output);
    },
    /** A participant begins anew from what it has kept, and goes on with what was under way. */
    restartSite: (pick: number): void => {
      const agent = [...states.keys()][at(pick, states.size)];
      if (agent !== undefined) forget(agent);
    },
    messages: () => messages.length,
  };
}
