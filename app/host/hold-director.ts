import type { AgentPool, HeldState } from "../agents/messages.ts";
import type { FactOf } from "../engine/fact.ts";
import { scopeCovers } from "../engine/override/scope.ts";
import type { KeyValueStore } from "../engine/ports.ts";
import type { OverrideState } from "../engine/state.ts";
import type { OverrideClaims, OverrideScope } from "../protocol/override/claims.ts";
import { carriesOut, endedSignal, graceMs, isDrill, isForwarded, pauseMode } from "../protocol/override/params.ts";
import { createOperatorHolds, holdReaches, type OperatorHold, orderOf, restoredHold } from "./operator-holds.ts";
import type { Performance } from "./performance.ts";
import type { PlaybackClock } from "./playback-clock.ts";
import type { TaskIds } from "./run-store.ts";

/** Of a re-enactment, what a hold bears on. */
export interface HeldShow {
  readonly wid: string;
  readonly ids: TaskIds;
  readonly agents: readonly string[];
  /** By agent, all that act by its delegation, itself included. */
  readonly delegates: ReadonlyMap<string, ReadonlySet<string>>;
  readonly play: Performance;
  readonly time: PlaybackClock;
  /** Virtual end of the work given out, by task index. */
  readonly ends: Map<number, number>;
  /** Virtual ms of work left of what was suspended, by task index. */
  readonly left: Map<number, number>;
}

export interface HoldDirectorPorts<Show extends HeldShow> {
  readonly pool: AgentPool;
  readonly values: KeyValueStore;
  shows(): Iterable<Show>;
  /** Gives work out until a virtual time. */
  work(show: Show, index: number, endVirtualMs: number): void;
  /** Asks again for a task whose question may have been lost. */
  ask(show: Show, index: number): void;
  /** Tries again what waited, and gives out what is due. */
  freed(show: Show): void;
}

/** Carries operators' pauses, takeovers and their ends to the agents that run here, as the log has them, in its order. */
export interface HoldDirector {
  restore(signal: OverrideState): void;
  held(show: HeldShow, index: number): boolean;
  /** A signal is in the log: whoever it is for is told. */
  signal(fact: FactOf<"override+jwt">, digest: string): void;
  /** The time of a signal is over. */
  ended(record: FactOf<"record+jwt">): void;
  /** An orderly stop is an immediate one from now on: those it held are halted. */
  halted(signal: string): void;
  /** Sends an order to agents that have not acknowledged it once more. */
  resend(claims: OverrideClaims, digest: string, agents: ReadonlySet<string>): void;
  /** An agent says that it is where an order wants it: when it is moved, it is not asked again. */
  acknowledged(fact: FactOf<"override-ack+jwt">): void;
  /** What was left of suspended work when it was last noted, by task index. */
  leftOf(wid: string, ids: TaskIds): Promise<Map<number, number>>;
  /** Tells agents again that lost what they knew with the worker they were in. */
  remind(show: HeldShow, agents: ReadonlySet<string>): void;
  /** Tasks of agents that were taken over, which wait for an operator to carry them out, first those that are due first. */
  waiting(show: HeldShow): readonly number[];
  /** Holds one agent without a signal, for want of a lease or a link: tasks in `finishing` end, or those under way where that is null. */
  suspend(hold: string, agent: string, finishing: ReadonlySet<string> | null): void;
  /** A hold without a signal is over. */
  free(hold: string): void;
  /** Keeps work that is not to begin now for when the hold is over. */
  keep(show: HeldShow, index: number, leftMs: number): void;
}

export function createHoldDirector<Show extends HeldShow>(ports: HoldDirectorPorts<Show>): HoldDirector {
  const { pool, values } = ports;
  const holds = createOperatorHolds();
  const agentOf = (show: HeldShow, index: number): string => show.agents[show.play.plan.agentIndex[index] ?? 0] ?? "";
  const subjectOf = (show: HeldShow, index: number) => ({
    agent: agentOf(show, index),
    wid: show.wid,
    task: show.ids.jtis[index] ?? "",
  });
  const held = (show: HeldShow, index: number): boolean => holds.covers(subjectOf(show, index));

  const key = (wid: string): string => `suspended/${wid}`;
  const save = (show: HeldShow): void => {
    // Losing it costs the work that was done of a task, nothing that the log says.
    void values.put(key(show.wid), Object.fromEntries([...show.left].map(([index, ms]) => [show.ids.jtis[index], ms])));
  };

  /** Agents of a show that a scope reaches, each once; of an agent that is `forwarded`, also those it has delegated to. */
  const inScope = (show: HeldShow, scope: OverrideScope, forwarded: boolean): string[] => {
    if (scope.kind === "task") {
      const index = show.ids.indexOf.get(scope.id);
      return index === undefined ? [] : [agentOf(show, index)];
    }
    const delegates = forwarded && scope.kind === "agent" ? show.delegates.get(scope.id) : undefined;
    return show.agents.filter((agent) => delegates?.has(agent) ?? scopeCovers(scope, { agent, wid: show.wid }));
  };
  const reached = (show: HeldShow, hold: Pick<OperatorHold, "scope" | "agents">): string[] =>
    hold.scope.kind === "agent"
      ? show.agents.filter((agent) => hold.agents.has(agent))
      : inScope(show, hold.scope, false);

  const tell = (show: HeldShow, hold: OperatorHold, agent: string, known: boolean): void => {
    const isOwn = (task: string): boolean => {
      const index = show.ids.indexOf.get(task);
      return index !== undefined && agentOf(show, index) === agent;
    };
    pool.send({
      t: "hold",
      agent,
      order: hold.order,
      task: hold.scope.kind === "task" ? hold.scope.id : null,
      finishing: [...hold.goingOn].filter(isOwn),
      state: hold.action === "stop" ? "stopped" : hold.lapsed ? "paused" : (HELD_AS[hold.action] ?? "paused"),
      known,
    });
  };

  /** Work under way that may not go on keeps what is left of it. */
  const suspend = (show: HeldShow): void => {
    let kept = false;
    for (const index of show.play.open()) {
      const end = show.ends.get(index);
      if (show.play.stage(index) !== "working" || end === undefined || !held(show, index)) continue;
      show.left.set(index, Math.max(0, end - show.time.nowMs()));
      show.ends.delete(index);
      kept = true;
    }
    if (kept) save(show);
  };

  /** What no hold covers any more goes on exactly where it was. */
  const goOn = (show: Show, freed: Pick<OperatorHold, "scope" | "agents">): void => {
    const free = [...show.left].filter(([index]) => !held(show, index));
    for (const [index, leftMs] of free) {
      show.left.delete(index);
      if (show.play.stage(index) === "working") ports.work(show, index, show.time.nowMs() + leftMs);
    }
    if (free.length > 0) save(show);
    for (const index of show.play.open())
      if (show.play.stage(index) === "asked" && holdReaches(freed, subjectOf(show, index)) && !held(show, index))
        ports.ask(show, index);
    ports.freed(show);
  };

  const begin = (hold: OperatorHold): void => {
    holds.add(hold);
    for (const show of ports.shows()) {
      const agents = reached(show, hold);
      if (agents.length === 0) continue;
      suspend(show);
      for (const agent of agents) tell(show, hold, agent, hold.complied.has(agent));
    }
  };

  const end = (of: string, by: FactOf<"override+jwt"> | null, digest: string): void => {
    const hold = holds.get(of);
    if (hold === undefined) return;
    holds.remove(of);
    const order = by === null ? null : orderOf(by.claims, digest);
    for (const show of ports.shows()) {
      const agents = reached(show, hold);
      if (agents.length === 0) continue;
      for (const agent of agents) pool.send({ t: "unhold", agent, of, order });
      goOn(show, hold);
    }
  };

  /** Nothing of it goes on: who was held by an orderly stop is halted, and forgets the hold for when it is started anew. */
  const halted = (of: string): void => {
    const hold = holds.get(of);
    if (hold === undefined) return;
    holds.remove(of);
    for (const show of ports.shows())
      for (const agent of reached(show, hold)) pool.send({ t: "unhold", agent, of, order: null });
  };

  /** Tasks that are being carried out and that nothing holds. */
  const underWay = (): Set<string> => {
    const tasks = new Set<string>();
    for (const show of ports.shows())
      for (const index of show.play.open())
        if (UNDER_WAY.has(show.play.stage(index)) && !held(show, index)) tasks.add(show.ids.jtis[index] ?? "");
    return tasks;
  };

  /** A takeover that is over holds on as a pause, until that is resumed. */
  const lapse = (hold: OperatorHold): void => {
    hold.lapsed = true;
    hold.goingOn.clear();
    for (const show of ports.shows()) {
      const agents = reached(show, hold);
      if (agents.length > 0) suspend(show);
      for (const agent of agents) tell(show, hold, agent, true);
    }
  };

  /** OVR-30: one task of a taken over agent is carried out, by the agent that has the key for it, because an operator says so. */
  const carryOut = (hold: OperatorHold, fact: FactOf<"override+jwt">, digest: string): void => {
    const { scope } = fact.claims;
    hold.goingOn.add(scope.id);
    for (const show of ports.shows()) {
      const [agent] = inScope(show, scope, false);
      if (agent === undefined || !reached(show, hold).includes(agent)) continue;
      tell(show, hold, agent, true);
      pool.send({ t: "tell", agent, order: orderOf(fact.claims, digest), state: "human_control" });
      goOn(show, { scope, agents: new Set() });
    }
  };

  /** An order that the enforcement point carries out: the agents only acknowledge it. */
  const inform = ({ claims }: FactOf<"override+jwt">, digest: string, state: string): void => {
    for (const show of ports.shows())
      for (const agent of inScope(show, claims.scope, isForwarded(claims)))
        pool.send({ t: "tell", agent, order: orderOf(claims, digest), state });
  };

  const advise = ({ claims }: FactOf<"override+jwt">, digest: string): void => {
    for (const show of ports.shows())
      for (const agent of inScope(show, claims.scope, false))
        pool.send({ t: "advise", agent, order: orderOf(claims, digest) });
  };

  const resend = (claims: OverrideClaims, digest: string, agents: ReadonlySet<string>): void => {
    const hold = holds.get(claims.jti);
    const order = orderOf(claims, digest);
    for (const show of ports.shows())
      for (const agent of show.agents) {
        if (!agents.has(agent)) continue;
        if (hold !== undefined) tell(show, hold, agent, false);
        else if (claims.action === "advise") pool.send({ t: "advise", agent, order });
        else pool.send({ t: "tell", agent, order, state: claims.action === "modify" ? "constrained" : "running" });
      }
  };

  return {
    restore: (signal) => holds.add(restoredHold(signal)),
    held,
    signal: (fact, digest) => {
      const { claims } = fact;
      const of = endedSignal(claims);
      if (isDrill(claims)) inform(fact, digest, "drill");
      else if (HOLDING.has(claims.action) || graceMs(claims) !== null) {
        // The enforcement point holds those that follow what a rollback undoes, whatever is tried here.
        const lets = claims.action === "rollback" || pauseMode(claims) === "after_task";
        const ends = lets || graceMs(claims) !== null;
        const goingOn = ends ? underWay() : new Set<string>();
        begin({
          order: orderOf(claims, digest),
          scope: claims.scope,
          action: claims.action,
          agents: new Set([...ports.shows()].flatMap((show) => inScope(show, claims.scope, isForwarded(claims)))),
          goingOn,
          lapsed: false,
          complied: new Set(),
        });
      } else if (of !== null) {
        const hold = holds.get(of);
        if (hold === undefined) inform(fact, digest, "running");
        else if (carriesOut(claims, hold)) carryOut(hold, fact, digest);
        else if (hold.action === "takeover" && !hold.lapsed) {
          lapse(hold);
          inform(fact, digest, "paused");
        } else end(of, fact, digest);
      } else if (claims.action === "modify") inform(fact, digest, "constrained");
      else if (claims.action === "advise") advise(fact, digest);
      if (claims.supersedes !== undefined && claims.action !== "stop") end(claims.supersedes, null, "");
    },
    ended: ({ claims }) => {
      const hold = holds.get(String(claims.data.signal));
      if (hold === undefined) return;
      if (claims.data.to === "paused") lapse(hold);
      else end(hold.order.jti, null, "");
    },
    halted,
    resend,
    acknowledged: ({ claims }) => {
      if (claims.stage === "complied") holds.get(claims.signal.jti)?.complied.add(claims.iss);
    },
    leftOf: async (wid, ids) => {
      const stored = await values.get(key(wid));
      const noted = stored.ok && typeof stored.value === "object" && stored.value !== null ? stored.value : {};
      const left = new Map<number, number>();
      for (const [jti, ms] of Object.entries(noted)) {
        const index = ids.indexOf.get(jti);
        if (index !== undefined && typeof ms === "number") left.set(index, ms);
      }
      return left;
    },
    remind: (show, agents) => {
      for (const hold of holds.all())
        for (const agent of reached(show, hold))
          if (agents.has(agent)) tell(show, hold, agent, hold.complied.has(agent));
    },
    waiting: (show) => {
      const takenOver = (index: number): boolean =>
        holds
          .all()
          .some((hold) => hold.action === "takeover" && !hold.lapsed && holdReaches(hold, subjectOf(show, index)));
      const open = show.play.open().filter((index) => held(show, index) && WAITING.has(show.play.stage(index)));
      return [...open, ...show.play.due(show.time.nowMs())].filter(takenOver);
    },
    suspend: (hold, agent, finishing) =>
      begin({
        order: { jti: hold, hash: "", operator: "" },
        scope: { kind: "agent", id: agent },
        agents: new Set([agent]),
        action: "pause",
        goingOn: new Set(finishing ?? underWay()),
        lapsed: false,
        // Nobody has ordered it, so that nobody is to be answered.
        complied: new Set([agent]),
      }),
    free: (hold) => end(hold, null, ""),
    keep: (show, index, leftMs) => {
      if (!show.left.has(index)) show.left.set(index, leftMs);
      save(show);
    },
  };
}

/** Orders that hold their agents for as long as they are in force. */
const HOLDING: ReadonlySet<OverrideClaims["action"]> = new Set(["pause", "takeover", "rollback"]);
/** Stages in which a task's permission has been given. */
const UNDER_WAY: ReadonlySet<string> = new Set(["working", "worked", "effect"]);
/** What an agent is while an order holds it; else it is paused. */
const HELD_AS: Readonly<Partial<Record<OverrideClaims["action"], HeldState>>> = {
  takeover: "human_control",
  rollback: "rolling_back",
};
/** Stages of a task under way in which there is something left to carry out. */
const WAITING: ReadonlySet<string> = new Set(["asked", "working", "worked"]);
