import type { LeaseView } from "../../../api/contract/liveness.ts";

/**
 * How a lease stands. `asked`: it is to be renewed now. `sounding`: and that is heard. `due`: by this page's count no time is
 * left, and the host has not said that it is over.
 */
export type LeaseStand = "running" | "asked" | "sounding" | "due" | "lapsed";

/** Ms left of a lease by the host's clock, counted on from its answer; 0 where it has run out. */
export function leaseLeftMs(lease: LeaseView, readAtMs: number, nowMs: number): number {
  if (lease.lapsed || lease.remainingMs === null) return 0;
  return Math.max(0, lease.remainingMs - Math.max(0, nowMs - readAtMs));
}

export function leaseStand(lease: LeaseView, leftMs: number): LeaseStand {
  if (lease.lapsed) return "lapsed";
  if (leftMs === 0) return "due";
  if (leftMs <= (lease.until - lease.soundAt) * 1000) return "sounding";
  return leftMs <= (lease.until - lease.promptAt) * 1000 ? "asked" : "running";
}
