import type { Clock, Ids } from "../base/ports.ts";
import { createDrillAgentHost } from "./drill/drill-agent-host.ts";
import type { AgentPool, FromAgent } from "./messages.ts";

/**
 * Agents in the thread of their host: for Node, for mocks and where no worker can be made. A stop reaches them between
 * two steps; nothing here can end one that does not yield, and `terminate` only takes its mailbox away.
 */
export function createLocalPool(ports: { readonly clock: Clock; readonly ids: Ids }): AgentPool {
  const listeners = new Set<(message: FromAgent) => void>();
  const slots = new Map<string, { slot: number; flagged: boolean; busy: number; gone: boolean }>();
  const bySlot: string[] = [];
  const host = createDrillAgentHost({
    worker: { spin: () => undefined, end: () => undefined },
    clock: ports.clock,
    ids: ports.ids,
    send: (message) => {
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
    admit: (agent, signer, pepId, faults = []) => {
      const known = slots.get(agent);
      const slot = known?.slot ?? bySlot.push(agent) - 1;
      slots.set(agent, { slot, flagged: false, busy: 0, gone: false });
      void host.receive({ t: "agent", agent, signer, flag: slot, pepId, faults });
    },
    send: (message) => {
      const entry = slots.get(message.agent);
      if (entry === undefined || entry.gone) return;
      if (message.t === "revive") entry.flagged = false;
      void host.receive(message);
    },
    clock: (message) => void host.receive(message),
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
    isolated: false,
    size: () => ({ workers: 0, agents: slots.size }),
    close: () => listeners.clear(),
  };
}
