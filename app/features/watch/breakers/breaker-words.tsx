import type { BreakerView } from "../../../api/contract/cascade.ts";
import { useNow } from "../../../ui/clock.ts";
import { visibleText } from "../../../ui/visible-text.ts";

export type CircuitState = BreakerView["state"];

/** A switch in each of its states: a closed line, and gaps that differ by shape, in a box of 12 by 12. */
const PATHS: Record<CircuitState, string> = {
  closed: "M1 6H11",
  open: "M1 6H4M4 3V9M8 3V9M8 6H11",
  half_open: "M1 6H4L8 2M8 6H11",
  forced_open: "M1 6H3M9 6H11M4 4L8 8M8 4L4 8",
  isolated: "M1 1H11V11H1ZM4 4V8M8 4V8",
};
const TONES: Record<CircuitState, string> = {
  closed: "text-muted",
  open: "text-critical",
  half_open: "text-notice",
  forced_open: "text-critical",
  isolated: "text-critical",
};
export const STATE_WORDS: Record<CircuitState, string> = {
  closed: "closed",
  open: "open",
  half_open: "half open",
  forced_open: "forced open",
  isolated: "isolated",
};

/** What led to a state, in words (cascade.md, reasons). */
const REASON_WORDS: Record<NonNullable<BreakerView["reason"]>, string> = {
  failure_rate: "too large a share of its calls failed",
  slow_rate: "too large a share of its calls was slow",
  consecutive: "too many calls failed in a row",
  failure_signal: "a grave failure was signalled",
  behavior: "the agent behaved otherwise than it is expected to",
  override: "an override forced it",
  cascade: "a cascade of failures is contained",
  probe_ok: "the calls that were tried succeeded",
  probe_failed: "a call that was tried failed",
  timer: "its time was over",
  operator: "an operator ordered it",
  flapping: "it opened and closed too often",
};

export function reasonWords({ reason, stats, by }: Pick<BreakerView, "reason" | "stats" | "by">): string {
  if (reason === null) return "nothing has moved it yet";
  if (reason === "operator" && by !== null) return `ordered by ${visibleText(by.split("/").at(-1) ?? by)}`;
  const counted = stats !== null && (reason === "failure_rate" || reason === "consecutive");
  return counted
    ? `${REASON_WORDS[reason]} (${stats.failures} of ${stats.calls} in ${stats.windowMs / 1000} s)`
    : REASON_WORDS[reason];
}

export function BreakerIcon({ state }: { readonly state: CircuitState }) {
  return (
    <svg aria-hidden="true" width={12} height={12} viewBox="0 0 12 12" className={`shrink-0 ${TONES[state]}`}>
      <path d={PATHS[state]} fill="none" stroke="currentColor" strokeWidth="1.75" />
    </svg>
  );
}

/** Whole seconds until it moves by itself, counted on from the host's answer; null where it does not. */
export function useSecondsLeft({ remainingMs }: Pick<BreakerView, "remainingMs">, readAtMs: number): number | null {
  const nowMs = useNow();
  return remainingMs === null ? null : Math.max(0, Math.ceil((remainingMs - Math.max(0, nowMs - readAtMs)) / 1000));
}

/** "open 28 s", "half open, 1 of 3 tries passed". */
export function stateWords(
  { state, probes }: Pick<BreakerView, "state" | "probes">,
  secondsLeft: number | null,
): string {
  if (state === "half_open") return `half open, ${probes.succeeded} of ${probes.needed} tries passed`;
  return secondsLeft === null ? STATE_WORDS[state] : `${STATE_WORDS[state]} ${secondsLeft} s`;
}

/** Shape and words of a breaker's state, with what is left of it. */
export function BreakerMark({ breaker, readAtMs }: { readonly breaker: BreakerView; readonly readAtMs: number }) {
  const words = stateWords(breaker, useSecondsLeft(breaker, readAtMs));
  return (
    <span
      className={`inline-flex items-center gap-1.5 tabular-nums ${breaker.state === "closed" ? "" : `font-medium ${TONES[breaker.state]}`}`}
    >
      <BreakerIcon state={breaker.state} />
      {words}
    </span>
  );
}
