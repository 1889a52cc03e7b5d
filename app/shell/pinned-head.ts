import * as z from "zod/mini";
import { createStore, type StoreApi } from "zustand/vanilla";

/** The newest head of a log this browser has seen: its size and Merkle root. */
export interface PinnedHead {
  readonly size: number;
  readonly root: string;
  /** Epoch ms when it was first seen. */
  readonly seenAtMs: number;
}

/** How the log contradicts what was seen before: shorter than it was, another one of the same size, or not grown out of it. */
export interface HeadConflict {
  readonly kind: "shorter" | "different" | "rewritten";
  readonly seen: PinnedHead;
  readonly size: number;
  readonly root: string;
}

/** Opened at each use, because a browser that blocks storage throws already here. */
export type OpenStorage = () => Pick<Storage, "getItem" | "setItem">;

const headSchema = z.object({ size: z.int().check(z.nonnegative()), root: z.string(), seenAtMs: z.number() });
const keyOf = (domain: string): string => `signalbox.head.${domain}`;

export function readPinned(domain: string, storage: OpenStorage): PinnedHead | null {
  try {
    const parsed = headSchema.safeParse(JSON.parse(storage().getItem(keyOf(domain)) ?? "null"));
    return parsed.success ? parsed.data : null;
  } catch {
    // Blocked storage or text that is not ours: nothing is known of before.
    return null;
  }
}

function writePinned(domain: string, head: PinnedHead, storage: OpenStorage): void {
  try {
    storage().setItem(keyOf(domain), JSON.stringify(head));
  } catch {
    // Not remembering weakens a check that is additional; the status bar says what storage does.
  }
}

/** A log only grows, and keeps its past: null when the new position may follow what was seen. */
export function conflictWith(seen: PinnedHead | null, now: { size: number; root: string }): HeadConflict | null {
  if (seen === null) return null;
  if (now.size < seen.size) return { kind: "shorter", seen, size: now.size, root: now.root };
  if (now.size === seen.size && now.root !== seen.root) return { kind: "different", seen, ...now };
  return null;
}

export interface HeadWatch {
  readonly store: StoreApi<{ readonly conflict: HeadConflict | null }>;
  /** What was seen before a question is asked: judge the answer against this, never against what came in meanwhile. */
  before(domain: string): PinnedHead | null;
  judge(before: PinnedHead | null, now: { domain: string; size: number; root: string; atMs: number }): void;
  /** True once: what grows while it is looked at comes from one host, what grew in between has to prove it. */
  firstLook(): boolean;
  /** A longer log was asked for the proof that it grew out of what was seen, and has none: what was seen stays the measure. */
  contradict(domain: string, conflict: HeadConflict): void;
  /** The operator says that this log is to be trusted from here on. */
  acceptNow(now: { domain: string; size: number; root: string; atMs: number }): void;
}

/** Remembers the newest head and says when the log is not the one seen before (C2: cut tail, replaced log). */
export function createHeadWatch(storage: OpenStorage): HeadWatch {
  const store = createStore<{ readonly conflict: HeadConflict | null }>(() => ({ conflict: null }));
  let looked = false;
  return {
    store,
    before: (domain) => readPinned(domain, storage),
    judge: (before, now) => {
      const conflict = conflictWith(before, now);
      if (conflict !== null) store.setState({ conflict });
      // After a conflict the old head stays the measure, until the operator accepts the new one.
      if (conflict !== null || store.getState().conflict !== null) return;
      const latest = readPinned(now.domain, storage);
      if (latest === null || now.size > latest.size)
        writePinned(now.domain, { size: now.size, root: now.root, seenAtMs: now.atMs }, storage);
    },
    firstLook: () => {
      const isFirst = !looked;
      looked = true;
      return isFirst;
    },
    contradict: (domain, conflict) => {
      store.setState({ conflict });
      writePinned(domain, conflict.seen, storage);
    },
    acceptNow: (now) => {
      writePinned(now.domain, { size: now.size, root: now.root, seenAtMs: now.atMs }, storage);
      store.setState({ conflict: null });
    },
  };
}
