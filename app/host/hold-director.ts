import type { AgentPool } from "../agents/messages.ts";
import type { FactOf } from "../engine/fact.ts";
import { scopeCovers } from "../engine/override/scope.ts";
import type { KeyValueStore } from "../engine/ports.ts";
import type { OverrideState } from "../engine/state.ts";
import type { OverrideScope } from "../protocol/override/claims.ts";
import { carriesOut, endedSignal, isDrill, pauseMode } from "../protocol/override/params.ts";
import { createOperatorHolds, type OperatorHold, orderOf, restoredHold } from "./operator-holds.ts";
import type { Performance } from "./performance.ts";
import type { PlaybackClock } from "./playback-clock.ts";
import type { TaskIds } from "./run-store.ts";

/** Of a re-enactment, what a hold bears on. */
export interface HeldShow {
  readonly wid: string;
  readonly ids: TaskIds;
  readonly agents: readonly string[];
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
  /** An agent says that it is where an order wants it: when it is moved, it is not asked again. */
  acknowledged(fact: FactOf<"override-ack+jwt">): void;
  /** What was left of suspended work when it was last noted, by task index. */
  leftOf(wid: string, ids: TaskIds): Promise<Map<number, number>>;
  /** Tells agents again that lost what they knew with the worker they were in. */
  remind(show: HeldShow, agents: ReadonlySet<string>): void;
  /** Tasks of agents that were taken over, which wait for an operator to carry them out, first those that are due first. */
  waiting(show: HeldShow): readonly number[];
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

  /** Agents of a show that a scope reaches, each once. */
  const reached = (show: HeldShow, hold: Pick<OperatorHold, "scope">): string[] => {
    const { scope } = hold;
    if (scope.kind === "task") {
      const index = show.ids.indexOf.get(scope.id);
      return index === undefined ? [] : [agentOf(show, index)];
    }
    return show.agents.filter((agent) => scopeCovers(scope, { agent, wid: show.wid }));
  };

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
      state: hold.action === "takeover" && !hold.lapsed ? "human_control" : "paused",
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
  const goOn = (show: Show, scope: OverrideScope): void => {
    const free = [...show.left].filter(([index]) => !held(show, index));
    for (const [index, leftMs] of free) {
      show.left.delete(index);
      if (show.play.stage(index) === "working") ports.work(show, index, show.time.nowMs() + leftMs);
    }
    if (free.length > 0) save(show);
    for (const index of show.play.open())
      if (show.play.stage(index) === "asked" && scopeCovers(scope, subjectOf(show, index)) && !held(show, index))
        ports.ask(show, index);
    ports.freed(show);
  };

  const begin = (hold: OperatorHold): void => {
    holds.add(hold);
    for (const show of ports.shows()) {
      const agents = reached(show, hold);
      if (agents.length === 0) continue;
      suspend(show);
      for (const agent of agents) tell(show, hold, agent, false);
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
      goOn(show, hold.scope);
    }
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
      const [agent] = reached(show, { scope });
      if (agent === undefined || !reached(show, hold).includes(agent)) continue;
      tell(show, hold, agent, true);
      pool.send({ t: "tell", agent, order: orderOf(fact.claims, digest), state: "human_control" });
      goOn(show, scope);
    }
  };

  /** An order that the enforcement point carries out: the agents only acknowledge it. */
  const inform = ({ claims }: FactOf<"override+jwt">, digest: string, state: string): void => {
    for (const show of ports.shows())
      for (const agent of reached(show, claims)) pool.send({ t: "tell", agent, order: orderOf(claims, digest), state });
  };

  const advise = ({ claims }: FactOf<"override+jwt">, digest: string): void => {
    for (const show of ports.shows())
      for (const agent of reached(show, claims)) pool.send({ t: "advise", agent, order: orderOf(claims, digest) });
  };

  return {
    restore: (signal) => holds.add(restoredHold(signal)),
    held,
    signal: (fact, digest) => {
      const { claims } = fact;
      const of = endedSignal(claims);
      if (isDrill(claims)) inform(fact, digest, "drill");
      else if (claims.action === "pause" || claims.action === "takeover") {
        const goingOn = new Set<string>();
        if (pauseMode(claims) === "after_task") {
          for (const show of ports.shows())
            for (const index of show.play.open())
              if (UNDER_WAY.has(show.play.stage(index)) && !held(show, index)) goingOn.add(show.ids.jtis[index] ?? "");
        }
        begin({
          order: orderOf(claims, digest),
          scope: claims.scope,
          action: claims.action,
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
      if (hold.action === "takeover") lapse(hold);
      else end(hold.order.jti, null, "");
    },
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
          .some(
            (hold) => hold.action === "takeover" && !hold.lapsed && scopeCovers(hold.scope, subjectOf(show, index)),
          );
      const open = show.play.open().filter((index) => held(show, index) && WAITING.has(show.play.stage(index)));
      return [...open, ...show.play.due(show.time.nowMs())].filter(takenOver);
    },
    keep: (show, index, leftMs) => {
      if (!show.left.has(index)) show.left.set(index, leftMs);
      save(show);
    },
  };
}

/** Stages in which a task's permission has been given. */
const UNDER_WAY: ReadonlySet<string> = new Set(["working", "worked", "effect"]);
/** Stages of a task under way in which there is something left to carry out. */
const WAITING: ReadonlySet<string> = new Set(["asked", "working", "worked"]);
