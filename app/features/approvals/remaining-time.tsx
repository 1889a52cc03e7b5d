import { useMemo } from "react";
import type { GateRow } from "../../api/contract/gate.ts";
import { useNow } from "../../ui/clock.ts";
import { MarkIcon } from "../../ui/mark.tsx";
import { clockText, remainingAt, timeoutOutcome, urgencyOf } from "./remaining.ts";

/**
 * The page's monotonic instant at which a view was read; `readAtMs` is when the query got it (wall clock), which may be a
 * while before it is shown.
 */
export function useArrival(readAtMs: number): number {
  return useMemo(() => performance.now() - Math.max(0, Date.now() - readAtMs), [readAtMs]);
}

/** Ms left now, renewed every second. */
export function useRemaining(remainingMs: number | null, arrivedMs: number): number | null {
  useNow();
  return remainingAt(remainingMs, arrivedMs, performance.now());
}

export interface RemainingTimeProps {
  readonly leftMs: number | null;
  readonly onTimeout: GateRow["onTimeout"];
  /** Adds what no answer means. */
  readonly long?: boolean;
}

/**
 * A deadline counting down. Close to its end it is marked by shape and weight as well as tone. The page's count settles
 * nothing: until the log has the time-out, only the deadline has passed.
 */
export function RemainingTime({ leftMs, onTimeout, long = false }: RemainingTimeProps) {
  if (leftMs === null) return null;
  const urgency = urgencyOf(leftMs);
  const outcome = timeoutOutcome(onTimeout);
  if (urgency === "over") {
    return (
      <span className="inline-flex items-center gap-1.5 font-medium text-warning">
        <MarkIcon shape="triangle" tone="warning" />
        <span>
          deadline passed; waiting for the record
          {long ? <span className="font-normal text-muted">: {outcome} unless it was answered in time</span> : null}
        </span>
      </span>
    );
  }
  return (
    <span className={`inline-flex items-center gap-1.5 ${urgency === "soon" ? "font-medium text-warning" : ""}`}>
      {urgency === "soon" ? <MarkIcon shape="triangle" tone="warning" /> : null}
      <span>
        <span className="tabular-nums">{clockText(leftMs)}</span> left
        {long ? <span className="font-normal text-muted">, then {outcome}</span> : null}
      </span>
    </span>
  );
}
