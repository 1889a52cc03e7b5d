import type { Clock, Ids } from "../base/ports.ts";
import { createDrillAgentHost } from "./drill/drill-agent-host.ts";
import type { AgentPool, FromAgent } from "./messages.ts";
import { boundDesk } from "./resources/desk-messages.ts";

/**
 * Agents in the thread of their host: for Node, for mocks and where no worker can be made. A stop reaches them between
 * two steps; nothing here can end one that does not yield, and `terminate` only takes its mailbox away.
 */
export function createLocalPool(ports: { readonly clock: Clock; readonly ids: Ids }): AgentPool {
  const listeners = new Set<(message: FromAgent) => void>();
  const slots = new Map<
    string,
    { slot: number; flagged: boolean; busy: number; gone: boolean; drill: string | null }
  >();
  const bySlot: string[] = [];
  let served: Parameters<AgentPool["serve"]> | null = null;
  const timers = new Set<() => void>();
  let closed = false;
  /** Nothing of it goes on once it is closed: what looks again and again would keep its process alive. */
  const later: Clock["after"] = (ms, run) => {
    if (closed) return () => undefined;
    const cancel = ports.clock.after(ms, () => {
      timers.delete(cancel);
      run();
    });
    timers.add(cancel);
    return () => {
      timers.delete(cancel);
      cancel();
    };
  };
  const host = createDrillAgentHost({
    desk: (agent) => (served === null ? null : boundDesk(served[0], agent)),
    worker: { spin: () => undefined, end: () => undefined },
    clock: { ...ports.clock, after: later },
    ids: ports.ids,
    send: (message) => {
      if (message.t === "heartbeats") {
        const beats = message.beats.filter(({ agent }) => slots.get(agent)?.gone === false);
        for (const listener of listeners) listener({ ...message, beats });
        return;
      }
      if ("agent" in message && slots.get(message.agent)?.gone === true) return;
      for (const listener of listeners) listener(message);
    },
    flagged: (slot) => slots.get(bySlot[slot] ?? "")?.flagged === true,
    busy: (slot, tasks) => {
      const entry = slots.get(bySlot[slot] ?? "");
      if (entry !== undefined) entry.busy = tasks;
    },
  });
  return {
    admit: (agent, signer, pepId, faults = [], drill = null, halted = false) => {
      const known = slots.get(agent);
      const slot = known?.slot ?? bySlot.push(agent) - 1;
      slots.set(agent, { slot, flagged: halted, busy: 0, gone: false, drill });
      const pepKey = served === null ? {} : { pepKey: served[1] };
      void host.receive({ t: "agent", agent, signer, flag: slot, pepId, faults, drill, halted, ...pepKey });
    },
    houses: (agent) => slots.get(agent)?.gone === false,
    send: (message) => {
      const entry = slots.get(message.agent);
      if (entry === undefined || entry.gone) return;
      if (message.t === "revive") entry.flagged = false;
      void host.receive(message);
    },
    clock: (message) => void host.receive(message),
    serve: (...given) => {
      served = given;
    },
    onMessage: (listener) => void listeners.add(listener),
    flag: (agent) => {
      const entry = slots.get(agent);
      if (entry !== undefined) entry.flagged = true;
    },
    terminate: async (agent) => {
      const entry = slots.get(agent);
      if (entry !== undefined) entry.gone = true;
      return [];
    },
    observe: (agent) => {
      const entry = slots.get(agent);
      if (entry === undefined || entry.gone) return { halted: true, detail: "its mailbox is closed" };
      return entry.busy === 0
        ? { halted: true, detail: "it works on nothing" }
        : { halted: false, detail: `it works on ${entry.busy} tasks` };
    },
    dismiss: (drill) => {
      for (const [agent, entry] of slots) {
        if (entry.drill !== drill) continue;
        entry.gone = true;
        host.dismiss(agent);
      }
    },
    isolated: false,
    place: "thread",
    size: () => ({ workers: 0, agents: slots.size }),
    close: () => {
      closed = true;
      for (const cancel of timers) cancel();
      listeners.clear();
    },
  };
}
