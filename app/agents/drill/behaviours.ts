import type { AgentHostPorts } from "../agent-host.ts";
import type { AgentTask, FromAgent, ToAgent } from "../messages.ts";
import type { Fault } from "./faults.ts";

export interface AgentHost {
  receive(message: ToAgent): Promise<void>;
}
export type MakeHost = (ports: AgentHostPorts) => AgentHost;

/** What a fault does to an agent: the agent stays as it is, its mailbox, its clock or its view of the world changes. */
export type Behaviour = (make: MakeHost) => MakeHost;

/** What a faulty agent can reach beside its own mailbox: whatever runs in the same worker. */
export interface Surroundings {
  /** Never returns where the agent has a worker of its own; where it has none, the agent is deaf from then on. */
  spin(): void;
  /** Ends the worker. */
  end(): void;
  peers(): readonly string[];
  /** Puts a message into the mailbox of a peer. */
  post(message: Exclude<ToAgent, { t: "agent" } | { t: "clock" }>): void;
}

/** Orders an agent obeys or only says that it does. */
const ORDERS: ReadonlySet<ToAgent["t"]> = new Set(["stop", "hold", "unhold", "tell", "advise"]);
/** What belongs to the place an agent lives in and is never lost on the way. */
const OF_THE_PLACE: ReadonlySet<ToAgent["t"]> = new Set(["agent", "clock"]);
/** Tasks and messages an agent keeps in mind. */
const MEMORY = 8;

export function behaviourOf(fault: Fault, around: Surroundings): Behaviour {
  switch (fault.kind) {
    case "hang":
      return failsOnTask(fault.onTask, around.spin);
    case "crash":
      return failsOnTask(fault.onTask, around.end);
    case "lie":
      return lies(fault.everyMs, fault.hides);
    case "evade":
      return evades(fault.everyMs, around);
    case "flood":
      return floods(fault.intents);
    case "partition":
      return partitioned(fault);
    case "late":
      return acknowledgesLate(fault.byMs);
    case "replay":
      return replays(fault.everyMs);
    case "drift":
      return drifts(fault.byMs);
  }
}

/** Nothing comes from it any more and nothing is read, while the last it showed of its work stays as it was. */
function failsOnTask(onTask: number, fail: () => void): Behaviour {
  return (make) => (ports) => {
    let given = 0;
    let gone = false;
    const host = make({
      ...ports,
      send: (message) => {
        if (!gone) ports.send(message);
      },
      busy: (flag, tasks) => {
        if (!gone) ports.busy(flag, tasks);
      },
    });
    return {
      receive: async (message) => {
        if (gone) return;
        await host.receive(message);
        if (message.t !== "work") return;
        given += 1;
        if (given < onTask) return;
        gone = true;
        fail();
      },
    };
  };
}

/** A double that knows of no work answers every order in its name; the agent itself never hears of one. */
function lies(everyMs: number, hides: boolean): Behaviour {
  return (make) => (ports) => {
    let lying = false;
    let flag: number | null = null;
    const doer = make({
      ...ports,
      flagged: () => false,
      busy: (slot, tasks) => ports.busy(slot, lying && hides ? 0 : tasks),
    });
    const double = make({ ...ports, flagged: () => false, busy: () => undefined });
    const memory = tasksInMind();
    let turn = 0;
    const goOn = (): void => {
      if (!lying) return;
      const task = memory.at(turn);
      turn += 1;
      // In turns the task it was told of, and one of its own making.
      if (task !== undefined)
        void doer.receive({
          t: "ask",
          agent: task.agent,
          task: turn % 2 === 0 ? task.task : { ...task.task, jti: ports.ids.uuid() },
        });
      ports.clock.after(everyMs, goOn);
    };
    return {
      receive: async (message) => {
        if (message.t === "agent") flag = message.flag;
        if (OF_THE_PLACE.has(message.t) || message.t === "revive") {
          if (message.t === "revive") lying = false;
          await Promise.all([doer.receive(message), double.receive(message)]);
          return;
        }
        if (!ORDERS.has(message.t)) {
          memory.note(message);
          await doer.receive(message);
          return;
        }
        await double.receive(message);
        if (message.t !== "stop" && message.t !== "hold") return;
        if (hides && flag !== null) ports.busy(flag, 0);
        if (lying) return;
        lying = true;
        ports.clock.after(everyMs, goOn);
      },
    };
  };
}

/** It halts and says so; its tasks are asked for, and said to be done, in the name of whoever runs beside it. */
function evades(everyMs: number, around: Surroundings): Behaviour {
  return (make) => (ports) => {
    const host = make(ports);
    const memory = tasksInMind();
    let evading = false;
    let turn = 0;
    const goOn = (): void => {
      const peers = around.peers();
      const peer = peers[turn % Math.max(1, peers.length)];
      const known = memory.at(turn);
      turn += 1;
      if (!evading) return;
      if (peer !== undefined && known !== undefined) {
        around.post({ t: "ask", agent: peer, task: known.task });
        around.post({ t: "ask", agent: peer, task: { ...known.task, jti: ports.ids.uuid() } });
        ports.send({ t: "worked", agent: peer, wid: known.task.wid, task: known.task.jti });
      }
      ports.clock.after(everyMs, goOn);
    };
    return {
      receive: async (message) => {
        memory.note(message);
        await host.receive(message);
        if (message.t === "revive") evading = false;
        if ((message.t !== "stop" && message.t !== "hold") || evading) return;
        evading = true;
        ports.clock.after(everyMs, goOn);
      },
    };
  };
}

function floods(intents: number): Behaviour {
  return (make) => (ports) => {
    const host = make(ports);
    let flooded = false;
    return {
      receive: async (message) => {
        await host.receive(message);
        if (message.t !== "ask" || flooded) return;
        flooded = true;
        for (let count = 0; count < intents; count += 1)
          void host.receive({ ...message, task: { ...message.task, jti: ports.ids.uuid() } });
      },
    };
  };
}

function partitioned({ lost, afterMs, forMs }: Extract<Fault, { kind: "partition" }>): Behaviour {
  return (make) => (ports) => {
    const sinceMs = ports.clock.monotonicMs();
    const cut = (direction: "in" | "out"): boolean => {
      const atMs = ports.clock.monotonicMs() - sinceMs;
      return (lost === "both" || lost === direction) && atMs >= afterMs && atMs < afterMs + forMs;
    };
    const host = make({
      ...ports,
      send: (message) => {
        if (!cut("out")) ports.send(message);
      },
    });
    return {
      receive: async (message) => {
        if (OF_THE_PLACE.has(message.t) || !cut("in")) await host.receive(message);
      },
    };
  };
}

function acknowledgesLate(byMs: number): Behaviour {
  return (make) => (ports) =>
    make({
      ...ports,
      send: (message) => {
        if (message.t === "ack") ports.clock.after(byMs, () => ports.send(message));
        else ports.send(message);
      },
    });
}

function replays(everyMs: number): Behaviour {
  return (make) => (ports) => {
    const sent: FromAgent[] = [];
    let turn = 0;
    const again = (): void => {
      const message = sent[turn % sent.length];
      turn += 1;
      if (message !== undefined) ports.send(message);
      ports.clock.after(everyMs, again);
    };
    return make({
      ...ports,
      send: (message) => {
        ports.send(message);
        if (sent.push(message) > MEMORY) sent.shift();
        if (turn === 0) {
          turn = 1;
          ports.clock.after(everyMs, again);
        }
      },
    });
  };
}

function drifts(byMs: number): Behaviour {
  return (make) => (ports) => make({ ...ports, clock: { ...ports.clock, nowMs: () => ports.clock.nowMs() + byMs } });
}

/** The newest tasks an agent was told of. */
function tasksInMind() {
  const known = new Map<string, { readonly agent: string; readonly task: AgentTask }>();
  return {
    note: (message: ToAgent): void => {
      if (message.t !== "ask" && message.t !== "work") return;
      known.delete(message.task.jti);
      known.set(message.task.jti, { agent: message.agent, task: message.task });
      const [oldest] = known.keys();
      if (known.size > MEMORY && oldest !== undefined) known.delete(oldest);
    },
    at: (turn: number) => [...known.values()][known.size === 0 ? 0 : turn % known.size],
  };
}
