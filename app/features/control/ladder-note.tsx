import type { OverrideSignal } from "../../api/contract/override.ts";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Instant } from "../../ui/instant.tsx";
import { MarkIcon } from "../../ui/mark.tsx";
import { Remaining } from "../../ui/remaining.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { lostNow, nextWords, rungWords, whomWords } from "./ladder-words.ts";

export interface LadderNoteProps {
  readonly signal: OverrideSignal;
  /** Wall clock, epoch ms, at which it was read. */
  readonly readAtMs: number;
}

/**
 * What the host has done about agents that are not where a signal wants them, each rung with its entry, and what comes next by
 * itself unless they say that they are there (override.md section c, OVR-33).
 */
export function LadderNote({ signal, readAtMs }: LadderNoteProps) {
  const { rungs, next } = signal.ladder;
  if (rungs.length === 0 && next === null) return null;
  const isAlert = lostNow(signal).length > 0;
  return (
    <section
      aria-label="Escalation"
      className={`mx-3 my-2 shrink-0 space-y-1 border px-3 py-2 ${isAlert ? "border-critical bg-critical-soft" : "border-warning bg-warning-soft"}`}
    >
      <p role={isAlert ? "alert" : undefined} className="flex items-center gap-2 font-semibold">
        <MarkIcon shape={isAlert ? "cross" : "triangle"} tone={isAlert ? "critical" : "warning"} />
        {isAlert ? "Nothing is left to be tried: this is for people now" : "Done about it so far, by the host itself"}
      </p>
      <ol className="list-inside list-decimal">
        {rungs.map((taken) => (
          <li key={taken.seq}>
            {rungWords(taken.rung, signal.action)}: <bdi>{visibleText(whomWords(taken, signal.targets))}</bdi>,{" "}
            <Instant epochMs={taken.at * 1000} />,{" "}
            <GoLink to="/timeline" search={{ entry: taken.seq }}>
              entry {formatCount(taken.seq)}
            </GoLink>
          </li>
        ))}
      </ol>
      {next === null ? null : (
        <p>
          {nextWords(next)} in <Remaining remainingMs={next.remainingMs} readAtMs={readAtMs} />, unless what is missing
          comes before.
        </p>
      )}
    </section>
  );
}
