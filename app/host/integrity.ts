import type { Clock, Sha256 } from "../base/ports.ts";
import type { Engine } from "../engine/engine.ts";
import { faultOf } from "../engine/load.ts";
import type { EventLog } from "../engine/ports.ts";
import { type Anchor, type LogReport, type LogToVerify, verifyLog } from "../protocol/audit/verify-log.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import type { CheckPoolPorts } from "./log-check/check-pool.ts";

/** A report with when and how long. */
export interface TimedReport extends LogReport {
  readonly atMs: number;
  readonly tookMs: number;
}

export interface IntegrityState {
  readonly state: "checking" | "intact" | "broken" | "unchecked";
  readonly checkedSize: number;
  readonly checkedAtMs: number | null;
  readonly report: TimedReport | null;
}

/**
 * Checks the stored log against what this host acknowledged: everything recomputed from the stored bytes (V3). A log found
 * broken is not written to any more: signing on would countersign what was done to it.
 */
export interface Integrity {
  state(): IntegrityState;
  /** A report that is unfinished says nothing of the log: what the last finished check found stays. */
  verify(progress?: (checked: number, total: number) => void, signal?: AbortSignal): Promise<TimedReport>;
}

export function createIntegrity(
  ports: {
    readonly engine: Engine;
    readonly log: EventLog;
    readonly clock: Clock;
    readonly sha256: Sha256;
    /** Heads that others have witnessed, kept outside the log; null where they cannot be read now. */
    anchors(): Promise<readonly Anchor[] | null>;
    /** Workers that check entries beside this thread, where there are any. */
    readonly checks?: CheckPoolPorts;
  },
  changed: () => void,
): Integrity {
  const { engine, log, clock } = ports;
  let found: IntegrityState = { state: "unchecked", checkedSize: 0, checkedAtMs: null, report: null };
  let running = 0;

  const verify: Integrity["verify"] = async (progress, signal) => {
    running += 1;
    changed();
    try {
      const timed = await verifyStored(progress, signal);
      if (timed.unfinished !== null) return timed;
      if (timed.firstBad !== null) engine.breakOff(faultOf(timed.firstBad));
      found = {
        state: timed.firstBad === null ? "intact" : "broken",
        checkedSize: timed.firstBad === null ? timed.size : timed.entriesBefore,
        checkedAtMs: timed.atMs,
        report: timed,
      };
      return timed;
    } finally {
      running -= 1;
      changed();
    }
  };

  const verifyStored: Integrity["verify"] = async (progress, signal) => {
    const startedMs = clock.monotonicMs();
    // Before the log's size: one that comes meanwhile may be over entries that are not read here.
    const anchors = await ports.anchors();
    // What was acknowledged is what is expected; what is stored is what is checked.
    const expected = await engine.read((_state, head) => ({ size: head.size, root: head.root }));
    const heads = await log.heads(engine.ids.domain);
    const stored: LogToVerify = {
      logId: engine.ids.logId,
      ownIds: [engine.ids.pepId, engine.ids.logId],
      entries: log.read(engine.ids.domain, 0, expected.size),
      heads: heads.ok ? coveredHeads(heads.value, expected.size) : [],
      expected,
      anchors: anchors ?? [],
    };
    const timed = (report: LogReport): TimedReport => ({
      ...report,
      atMs: clock.nowMs(),
      tookMs: clock.monotonicMs() - startedMs,
    });
    const pool = await poolFor(stored);
    const leave = (): void => pool?.close();
    signal?.addEventListener("abort", leave);
    try {
      const report = await verifyLog(stored, ports.sha256, {
        progress: (checked) => progress?.(checked, expected.size),
        ...(signal === undefined ? {} : { signal }),
        ...(pool === null ? {} : { checker: pool }),
      });
      const { consistent } = report;
      if (anchors === null && consistent.result === "passed")
        return timed({
          ...report,
          consistent: { result: "not_checked", detail: `${consistent.detail}; kept anchors cannot be read now` },
        });
      return timed(report);
    } finally {
      signal?.removeEventListener("abort", leave);
      pool?.close();
    }
  };

  /** What makes workers is loaded with the first log that is long enough for them. */
  const poolFor = async ({ expected, ownIds }: LogToVerify) => {
    if (ports.checks === undefined || expected.size < ports.checks.from) return null;
    const { openCheckPool } = await import("./log-check/check-pool.ts");
    return openCheckPool(ports.checks, ownIds);
  };

  return { state: () => (running > 0 ? { ...found, state: "checking" } : found), verify };
}

/** Heads signed since the check began cover entries it does not read. */
function coveredHeads(heads: readonly string[], size: number): readonly string[] {
  return heads.filter((compact) => {
    const parsed = parseCompact(compact);
    const covered = parsed.ok ? parsed.value.payload.tree_size : undefined;
    return typeof covered !== "number" || covered <= size;
  });
}
