import { equalBytes } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { verifyConsistency } from "../merkle/verify.ts";

/**
 * A log as its monitor sees it (execution-audit.md section c):
 *
 *   fresh -> consistent <-> stale
 *   any of them -> inconsistent, which is final until an operator acknowledges it and pins a head anew
 *
 * Invariants: the pinned head only grows; every later one was proven to have grown out of it (XA-12); two roots over one
 * size are a split view as soon as both are in hand, whichever came first (XA-S2); nothing first seen after the log's key
 * was stolen is pinned (XA-S5), not by an acknowledgement either. Signatures are checked before a head gets here; a proof has
 * none, so that one which others brought (`brought`) says nothing against the log when it does not hold.
 */
export interface MonitoredLog {
  readonly state: "fresh" | "consistent" | "stale" | "inconsistent";
  /** Heads that were pinned, oldest first, the last one in force; at most `MAX_KEPT`. */
  readonly pinned: readonly SeenHead[];
  /** When a head of the log was last heard, epoch ms. */
  readonly heardAtMs: number;
  readonly contradiction: Contradiction | null;
  /** From when the log's key is in other hands, epoch ms, as an operator has found. */
  readonly compromisedAtMs: number | null;
}

/** A head with a valid signature of the log. */
export interface SeenHead {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Time in the head itself, epoch seconds; null for a checkpoint, which has none. */
  readonly timeS: number | null;
  /** When it was first in hand here, epoch ms. */
  readonly seenAtMs: number;
}

export interface Contradiction {
  readonly code: "log_split_view" | "log_inconsistent" | "log_shrunk" | "log_time_order";
  readonly before: SeenHead;
  readonly after: SeenHead;
}

/** What one head meant. Only `pinned`, `grown` and `same` are a yes. */
export type Observation =
  | "pinned"
  | "grown"
  | "same"
  /** An earlier head than the pinned one, which grew out of it. */
  | "earlier"
  /** Nothing can be said without a proof from the smaller of both to the larger. */
  | "proof_needed"
  | "contradiction"
  /** The log's key was stolen before this head was seen. */
  | "distrusted"
  /** The proof that was brought does not lead from the smaller head to the larger: it may not be the log's. */
  | "proof_invalid"
  /** The log is known to contradict itself; no head of it counts. */
  | "closed";

/** What comes with a head. */
export interface HeadProof {
  /** A consistency proof between the head and the pinned one, from the smaller to the larger. */
  readonly path: readonly Uint8Array[] | null;
  /** The log gave it as its head of now, so that a smaller one is a contradiction and not merely late. */
  readonly isNewest: boolean;
  /** Somebody brought the path, who need not be the log. */
  readonly brought?: boolean;
}

const MAX_KEPT = 64;
/** Default time between heads (XA-11), and after how many of them without one a log is stale. */
export const HEAD_INTERVAL_MS = 60_000;
const STALE_AFTER = 2;

export const newMonitor = (nowMs: number): MonitoredLog => ({
  state: "fresh",
  pinned: [],
  heardAtMs: nowMs,
  contradiction: null,
  compromisedAtMs: null,
});

export const pinnedHead = (log: MonitoredLog): SeenHead | null => log.pinned.at(-1) ?? null;

/** Takes a head. */
export function observe(
  log: MonitoredLog,
  head: SeenHead,
  { path, isNewest, brought = false }: HeadProof,
  sha256: Sha256,
): { readonly log: MonitoredLog; readonly seen: Observation } {
  if (log.state === "inconsistent") return { log, seen: "closed" };
  const contradicts = (code: Contradiction["code"], before: SeenHead) => ({
    log: { ...log, state: "inconsistent" as const, contradiction: { code, before, after: head } },
    seen: "contradiction" as const,
  });
  if (log.compromisedAtMs !== null && head.seenAtMs >= log.compromisedAtMs) return { log, seen: "distrusted" };
  const sameSize = log.pinned.find(({ size }) => size === head.size);
  if (sameSize !== undefined && !equalBytes(sameSize.root, head.root)) return contradicts("log_split_view", sameSize);
  const before = pinnedHead(log);
  const heardAtMs = Math.max(log.heardAtMs, head.seenAtMs);
  if (before === null) return { log: { ...log, pinned: [head], heardAtMs }, seen: "pinned" };
  if (head.size === before.size) return { log: { ...log, state: "consistent", heardAtMs }, seen: "same" };
  if (head.size < before.size && isNewest) return contradicts("log_shrunk", before);
  if (head.size < before.size && sameSize !== undefined) return { log, seen: "earlier" };
  // The empty tree is the beginning of every tree and ties nothing.
  const grows = path === null ? Math.min(head.size, before.size) === 0 || null : isGrowth(head, before, path, sha256);
  if (grows === null) return { log, seen: "proof_needed" };
  if (!grows) return brought ? { log, seen: "proof_invalid" } : contradicts("log_inconsistent", before);
  const [first, second] = head.size < before.size ? [head, before] : [before, head];
  if (first.timeS !== null && second.timeS !== null && second.timeS < first.timeS)
    return contradicts("log_time_order", before);
  if (head.size < before.size) return { log, seen: "earlier" };
  return {
    log: { ...log, state: "consistent", pinned: [...log.pinned, head].slice(-MAX_KEPT), heardAtMs },
    seen: "grown",
  };
}

/** Time passes: a log that was consistent and is not heard any more is stale. */
export function passTime(log: MonitoredLog, nowMs: number, intervalMs = HEAD_INTERVAL_MS): MonitoredLog {
  return log.state === "consistent" && nowMs - log.heardAtMs > STALE_AFTER * intervalMs
    ? { ...log, state: "stale" }
    : log;
}

/** The log's key is in other hands from then on: what was first seen afterwards is let go; what was pinned before stays. */
export function compromise(log: MonitoredLog, atMs: number): MonitoredLog {
  const since = log.compromisedAtMs === null ? atMs : Math.min(log.compromisedAtMs, atMs);
  return { ...log, compromisedAtMs: since, pinned: log.pinned.filter(({ seenAtMs }) => seenAtMs < since) };
}

/** An operator has looked at it and begins anew from a head of their choice; null for one from after the key was stolen. */
export function repin({ compromisedAtMs }: MonitoredLog, head: SeenHead, nowMs: number): MonitoredLog | null {
  const isDistrusted = compromisedAtMs !== null && head.seenAtMs >= compromisedAtMs;
  return isDistrusted ? null : { ...newMonitor(nowMs), compromisedAtMs, pinned: [head] };
}

function isGrowth(a: SeenHead, b: SeenHead, path: readonly Uint8Array[], sha256: Sha256): boolean {
  const [first, second] = a.size < b.size ? [a, b] : [b, a];
  return verifyConsistency(
    { size1: first.size, root1: first.root, size2: second.size, root2: second.root, path },
    sha256,
  );
}
