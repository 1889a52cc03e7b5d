import { livenessOf } from "../../engine/liveness/liveness-state.ts";
import type { PastState } from "../../engine/past/ladder.ts";
import type { AuditIndex } from "../audit-index.ts";
import type { Host } from "../open-host.ts";

/**
 * A host as of an entry, for reading: state, entries and clock are those of then. What no log keeps (timers, playback, signs
 * of life, what the monitor saw) is not known of then, and is null; never what it is now.
 */
export function pastHost(host: Host, { state, size, root, lastAt }: PastState): Host {
  const nowMs = lastAt * 1000;
  return {
    ...host,
    asOf: { size, root, atMs: nowMs },
    ports: { ...host.ports, clock: { ...host.ports.clock, nowMs: () => nowMs } },
    engine: { ...host.engine, read: async (read) => read(state, { size, root, frontier: [] }) },
    index: pastIndex(host.index, size),
    monitor: { ...host.monitor, all: () => [], watched: () => undefined },
    timers: { ...host.timers, remainingMs: () => null },
    overrideTimers: { ...host.overrideTimers, remainingMs: () => null },
    orderlyStops: { ...host.orderlyStops, remainingMs: () => null },
    breakerTimers: { ...host.breakerTimers, remainingMs: () => null },
    ladder: { ...host.ladder, next: () => null },
    conductor: { ...host.conductor, seenAt: () => null },
    liveness: {
      ...host.liveness,
      // That a lease ends, and when, is in the log.
      leaseLeftMs: (agent) => {
        const { lease } = livenessOf(state, agent);
        return lease === null || lease.lapsed ? null : Math.max(0, lease.until * 1000 - nowMs);
      },
    },
    drills: { ...host.drills, now: () => null },
    benches: { ...host.benches, now: () => null },
    clockOffsetMs: () => null,
  };
}

/** Only the entries that were there. */
function pastIndex(index: AuditIndex, size: number): AuditIndex {
  return {
    ...index,
    rows: () => index.rows().slice(0, size),
    row: (seq) => (seq < size ? index.row(seq) : undefined),
    seqOf: (jti) => {
      const seq = index.seqOf(jti);
      return seq !== null && seq < size ? seq : null;
    },
    about: (jti) => index.about(jti).filter((seq) => seq < size),
  };
}
