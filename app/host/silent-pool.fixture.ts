import { createLocalPool } from "../agents/local-pool.ts";
import type { AgentPool, FromAgent } from "../agents/messages.ts";
import type { Clock } from "../base/ports.ts";
import { systemIds } from "../base/system.ts";

/** Agents of which some are not heard: their acknowledgements, or the ends of their work, get lost while they are muted. */
export function silentPool(clock: Clock) {
  const pool = createLocalPool({ clock, ids: systemIds });
  const muted = new Set<FromAgent["t"]>();
  const sent: Parameters<AgentPool["send"]>[0][] = [];
  const made: AgentPool = {
    ...pool,
    send: (message) => {
      sent.push(message);
      pool.send(message);
    },
    onMessage: (listener) =>
      pool.onMessage((message) => {
        if (!muted.has(message.t)) listener(message);
      }),
  };
  return { pool: made, muted, sent };
}
