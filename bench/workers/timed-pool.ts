import type { AgentPool } from "../../app/agents/messages.ts";
import type { SpinningWorkerSays } from "./spinning-worker.ts";

/** Epoch ms with fractions, the same in the page and in its workers. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

/** What a worker says that will not say anything any more. */
const SPINNING: SpinningWorkerSays["t"] = "spinning";

/** What the enforcement point lets through and what agents work on, as it happens. */
export interface PoolWatch {
  /** When each effect was let through, since the last `begin`. */
  effects(): readonly number[];
  /** Agents that were told to work, or said that they do, since the last `begin`. */
  working(): number;
  begin(): void;
}

/** A pool that notes when an effect is let through: an effect of a re-enactment is the order to report it. */
export function watchPool(pool: AgentPool): { readonly pool: AgentPool; readonly watch: PoolWatch } {
  let effects: number[] = [];
  let working = new Set<string>();
  pool.onMessage((message: { readonly t: string }) => {
    if (message.t === SPINNING) working.add(SPINNING);
  });
  return {
    pool: {
      ...pool,
      send: (message) => {
        if (message.t === "report") effects.push(nowMs());
        if (message.t === "work") working.add(message.agent);
        pool.send(message);
      },
    },
    watch: {
      effects: () => effects,
      working: () => working.size,
      begin: () => {
        effects = [];
        working = new Set();
      },
    },
  };
}
