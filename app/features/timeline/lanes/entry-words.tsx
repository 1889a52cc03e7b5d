import { LANE_SEVERITIES } from "../../../api/contract/lanes.ts";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { formatInstant } from "../../../ui/instant.tsx";
import { MarkIcon } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { actionWords, severityMark, shortName, shortTyp } from "../names.ts";
import { type LaneLog, missingCauses, wordOf } from "./lane-log.ts";

/** An entry in words: what it says, of which task, by whom. Untrusted parts are shown as text. */
export function entryWords(log: LaneLog, seq: number) {
  const typ = wordOf(log, "typ", seq) ?? "";
  const action = wordOf(log, "action", seq) ?? "";
  const actor = wordOf(log, "actor", seq);
  const outcome = wordOf(log, "outcome", seq);
  const name = wordOf(log, "name", seq);
  const severity = LANE_SEVERITIES[log.severity[seq] ?? 0] ?? "info";
  return {
    typ: visibleText(shortTyp(typ)),
    action: visibleText(actionWords({ typ, action }) ?? action),
    outcome: outcome === null ? null : visibleText(outcome),
    actor: actor === null ? null : visibleText(shortName(actor)),
    name: name === null ? null : visibleText(name),
    severity,
    mark: severityMark(severity),
    unknown: missingCauses(log, seq),
  };
}

/** How long something took, as the log measures it: in whole seconds. */
export function within(log: LaneLog, first: number, last: number): string {
  const seconds = Math.abs((log.at[last] ?? 0) - (log.at[first] ?? 0));
  return seconds === 0 ? "within a second" : `over ${formatDuration(seconds * 1000)}`;
}

/** One sentence about an entry, to be read out. */
export function entrySentence(log: LaneLog, seq: number): string {
  const { typ, action, outcome, actor, name, severity, unknown } = entryWords(log, seq);
  const parts = [
    `Entry ${formatCount(seq)}`,
    severity === "info" ? null : severity,
    typ,
    action,
    outcome,
    name === null ? null : `task ${name}`,
    actor === null ? null : `by ${actor}`,
    formatInstant((log.at[seq] ?? 0) * 1000),
    unknown === 0 ? null : `names ${unknown} that the log does not hold`,
  ];
  return parts.filter((part) => part !== null).join(", ");
}

export interface EntryLineProps {
  readonly log: LaneLog;
  readonly seq: number;
  /** What stands at its end. */
  readonly aside?: string | null;
  /** A word before it. */
  readonly rel?: string | null;
  readonly isCurrent?: boolean;
  /** Logs of several domains are listed: each line says of which it is. */
  readonly namesDomain?: boolean;
  onOpen(seq: number): void;
}

/** An entry as a line of a list that opens it. */
export function EntryLine({
  log,
  seq,
  aside = null,
  rel = null,
  isCurrent = false,
  namesDomain = false,
  onOpen,
}: EntryLineProps) {
  const { typ, action, outcome, name, actor, mark } = entryWords(log, seq);
  return (
    <li>
      <button
        type="button"
        aria-current={isCurrent ? "true" : undefined}
        onClick={() => onOpen(seq)}
        className={`grid min-h-7 w-full grid-cols-[3.5rem_14px_minmax(0,1fr)_auto] items-center gap-x-2 border-b border-line px-2 text-left -outline-offset-2 hover:bg-sunken ${isCurrent ? "bg-accent-soft" : ""}`}
      >
        <span className="text-right font-mono text-xs text-muted">{formatCount(seq)}</span>
        <span>
          {mark === null ? null : <MarkIcon shape={mark.shape} tone={mark.tone} />}
          <span className="sr-only">{mark?.label}</span>
        </span>
        <span className="truncate">
          {rel === null ? null : <span className="text-muted">{rel}</span>}
          {rel === null ? null : " "}
          <bdi className="font-medium">{action}</bdi>
          <span className="text-muted">
            {" "}
            {[outcome, name, typ, actor, namesDomain ? visibleText(log.domain) : null]
              .filter((part) => part !== null)
              .join(" · ")}
          </span>
        </span>
        <span className="text-xs whitespace-nowrap text-muted">
          {aside ?? formatInstant((log.at[seq] ?? 0) * 1000).slice(11)}
        </span>
      </button>
    </li>
  );
}
