import type { AgentPool } from "../../agents/messages.ts";

/** The pool of a domain in which nothing runs here: its agents run in the console's own host. */
export const NO_AGENTS: AgentPool = {
  admit: () => undefined,
  houses: () => false,
  dismiss: () => undefined,
  send: () => undefined,
  clock: () => undefined,
  serve: () => undefined,
  onMessage: () => undefined,
  flag: () => undefined,
  terminate: async () => [],
  observe: () => ({ halted: true, detail: "no agent runs in this domain's host" }),
  isolated: false,
  place: "thread",
  size: () => ({ workers: 0, agents: 0 }),
  close: () => undefined,
};
