import { createStore, type StoreApi } from "zustand/vanilla";
import { problemOf } from "../../api/client/problem.ts";
import type { Outcome } from "./decision.ts";
import type { Decided } from "./send-decision.ts";

/**
 * Decisions given on this page and not sent yet, and what became of those that were. Until `dueAtMs` nothing has left the
 * page: taking one back needs nobody's agreement, and closing the page sends nothing (F7).
 */
export interface OutboxItem {
  readonly request: string;
  readonly action: string;
  readonly outcome: Outcome;
  /** Decisions of one press. */
  readonly batch: string;
  readonly state: "waiting" | "sending" | "sent" | "failed";
  /** Page's monotonic instant at which it is sent. */
  readonly dueAtMs: number;
  readonly decided: Decided | null;
  readonly problem: string | null;
}

export interface OutboxEntry extends Pick<OutboxItem, "request" | "action" | "outcome"> {
  send(): Promise<Decided>;
}

export interface Outbox {
  readonly store: StoreApi<{ readonly items: readonly OutboxItem[] }>;
  /** Gives decisions: now, or in `keptMs`, in order. Resolves when each was sent, failed or was taken back. */
  give(batch: string, entries: readonly OutboxEntry[], keptMs: number): Promise<void>;
  /** Takes back what is not sent yet; returns how many. */
  undo(batch: string): number;
  sendNow(batch: string): void;
  /** Forgets what is over. */
  clear(batch: string): void;
}

export interface OutboxPorts {
  nowMs(): number;
  later(run: () => void, ms: number): () => void;
}

const PAGE: OutboxPorts = {
  nowMs: () => performance.now(),
  later: (run, ms) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export function createOutbox(ports: OutboxPorts = PAGE): Outbox {
  const store = createStore<{ readonly items: readonly OutboxItem[] }>(() => ({ items: [] }));
  const waiting = new Map<
    string,
    { readonly cancel: () => void; readonly go: () => void; readonly drop: () => void }
  >();

  const change = (of: (item: OutboxItem) => boolean, patch: Partial<OutboxItem>): void =>
    store.setState(({ items }) => ({ items: items.map((item) => (of(item) ? { ...item, ...patch } : item)) }));

  const sendAll = async (batch: string, entries: readonly OutboxEntry[]): Promise<void> => {
    for (const entry of entries) {
      const mine = (item: OutboxItem): boolean => item.batch === batch && item.request === entry.request;
      change(mine, { state: "sending" });
      try {
        change(mine, { state: "sent", decided: await entry.send() });
      } catch (error) {
        change(mine, { state: "failed", problem: problemOf(error).detail });
      }
    }
  };

  return {
    store,
    give: (batch, entries, keptMs) => {
      const dueAtMs = ports.nowMs() + keptMs;
      const items = entries.map(
        ({ request, action, outcome }): OutboxItem => ({
          ...{ request, action, outcome, batch, dueAtMs },
          state: "waiting",
          decided: null,
          problem: null,
        }),
      );
      const taken = new Set(entries.map((entry) => entry.request));
      store.setState((now) => ({ items: [...now.items.filter((item) => !taken.has(item.request)), ...items] }));
      if (keptMs === 0) return sendAll(batch, entries);
      return new Promise((resolve) => {
        const go = (): void => {
          waiting.delete(batch);
          void sendAll(batch, entries).then(resolve);
        };
        waiting.set(batch, { cancel: ports.later(go, keptMs), go, drop: resolve });
      });
    },
    undo: (batch) => {
      const held = waiting.get(batch);
      if (held === undefined) return 0;
      held.cancel();
      waiting.delete(batch);
      const mine = (item: OutboxItem): boolean => item.batch === batch;
      const count = store.getState().items.filter(mine).length;
      store.setState(({ items }) => ({ items: items.filter((item) => !mine(item)) }));
      held.drop();
      return count;
    },
    sendNow: (batch) => {
      const held = waiting.get(batch);
      held?.cancel();
      held?.go();
    },
    clear: (batch) =>
      store.setState(({ items }) => ({
        items: items.filter((item) => item.batch !== batch || item.state === "waiting" || item.state === "sending"),
      })),
  };
}
