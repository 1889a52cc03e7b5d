import type { Clock, Sha256 } from "../base/ports.ts";
import type { Engine } from "../engine/engine.ts";
import { faultOf } from "../engine/load.ts";
import type { EventLog } from "../engine/ports.ts";
import { type Anchor, type LogReport, verifyLog } from "../protocol/audit/verify-log.ts";
import { parseCompact } from "../protocol/jose/compact.ts";

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
  verify(progress?: (checked: number, total: number) => void): Promise<TimedReport>;
}

export function createIntegrity(
  ports: {
    readonly engine: Engine;
    readonly log: EventLog;
    readonly clock: Clock;
    readonly sha256: Sha256;
    /** Heads that others have witnessed, kept outside the log. */
    anchors(): Promise<readonly Anchor[]>;
  },
  changed: () => void,
): Integrity {
  const { engine, log, clock } = ports;
  let state: IntegrityState = { state: "unchecked", checkedSize: 0, checkedAtMs: null, report: null };

  const verify: Integrity["verify"] = async (progress) => {
    state = { ...state, state: "checking" };
    changed();
    const startedMs = clock.monotonicMs();
    // Before the log's size: one that comes meanwhile may be over entries that are not read here.
    const anchors = await ports.anchors();
    // What was acknowledged is what is expected; what is stored is what is checked.
    const expected = await engine.read((_state, head) => ({ size: head.size, root: head.root }));
    const heads = await log.heads(engine.ids.domain);
    const report = await verifyLog(
      {
        logId: engine.ids.logId,
        ownIds: [engine.ids.pepId, engine.ids.logId],
        entries: log.read(engine.ids.domain, 0, expected.size),
        heads: heads.ok ? coveredHeads(heads.value, expected.size) : [],
        expected,
        anchors,
      },
      ports.sha256,
      (checked) => progress?.(checked, expected.size),
    );
    if (report.firstBad !== null) engine.breakOff(faultOf(report.firstBad));
    const timed: TimedReport = { ...report, atMs: clock.nowMs(), tookMs: clock.monotonicMs() - startedMs };
    state = {
      state: timed.firstBad === null ? "intact" : "broken",
      checkedSize: timed.firstBad === null ? timed.size : timed.entriesBefore,
      checkedAtMs: timed.atMs,
      report: timed,
    };
    changed();
    return timed;
  };

  return { state: () => state, verify };
}

/** Heads signed since the check began cover entries it does not read. */
function coveredHeads(heads: readonly string[], size: number): readonly string[] {
  return heads.filter((compact) => {
    const parsed = parseCompact(compact);
    const covered = parsed.ok ? parsed.value.payload.tree_size : undefined;
    return typeof covered !== "number" || covered <= size;
  });
}
