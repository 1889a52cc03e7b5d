import type { ReactNode } from "react";
import { LANE_CAUSES } from "../../../api/contract/lanes.ts";
import { formatCount } from "../../../ui/duration.ts";
import { visibleText } from "../../../ui/visible-text.ts";
import type { Reached } from "./causal.ts";
import { EntryLine } from "./entry-words.tsx";
import type { LaneLog } from "./lane-log.ts";
import type { BorderCrossing } from "./use-domains.ts";
import type { Place } from "./view.ts";

/** Lines of one list at most; what is left is said. */
export const MOST = 200;

/** A sentence in the findings. */
export const Note = ({ children }: { readonly children: ReactNode }) => (
  <p className="px-2 py-1 text-muted">{children}</p>
);

/** An entry with what it follows from and leads to. */
export interface Causal {
  readonly log: LaneLog;
  readonly seq: number;
  readonly causes: Reached;
  readonly effects: Reached;
}

export interface CausesProps extends Opening {
  readonly causal: Causal | null;
  /** All logs that are here, and where the chosen workflow crosses from one domain into another. */
  readonly logs: readonly LaneLog[];
  readonly crossings: readonly BorderCrossing[];
}

interface Opening {
  onOpen(log: LaneLog, seq: number): void;
}

const REL: Readonly<Record<(typeof LANE_CAUSES)[number], string>> = {
  pred: "after",
  answers: "answers",
  task: "same task, after",
  late: "named before it was there",
};

/** What the selected entry follows from and leads to, and where it crosses a border. */
export function Causes({ causal, logs, crossings, onOpen }: CausesProps) {
  if (causal === null)
    return <Note>Select an entry: what it follows from and what it leads to is listed here and drawn as arrows.</Note>;
  const { log, seq, causes, effects } = causal;
  return (
    <>
      <Across
        logs={logs}
        crossings={crossings.filter(({ from, to }) => isAt(from, causal) || isAt(to, causal))}
        onOpen={onOpen}
      />
      <div className="grid gap-x-4 md:grid-cols-2">
        <Reach
          title="Follows from"
          reached={causes}
          log={log}
          onOpen={onOpen}
          none={`Entry ${formatCount(seq)} follows from no other entry.`}
        />
        <Reach
          title="Leads to"
          reached={effects}
          log={log}
          onOpen={onOpen}
          none={`Nothing follows from entry ${formatCount(seq)} so far.`}
        />
      </div>
    </>
  );
}

const isAt = (place: Place, { log, seq }: { readonly log: LaneLog; readonly seq: number }): boolean =>
  place.domain === log.domain && place.seq === seq;

/** Steps of the selected entry over the border of its domain. */
function Across({ logs, crossings, onOpen }: Pick<CausesProps, "logs" | "crossings" | "onOpen">) {
  if (crossings.length === 0) return null;
  const line = (place: Place, rel: string) => {
    const log = logs.find(({ domain }) => domain === place.domain);
    return log === undefined ? null : (
      <EntryLine
        key={`${rel} ${place.domain} ${place.seq}`}
        log={log}
        seq={place.seq}
        rel={`${rel} ${visibleText(place.domain)}:`}
        onOpen={() => onOpen(log, place.seq)}
      />
    );
  };
  return (
    <div>
      <h3 className="px-2 font-semibold">Crosses a border</h3>
      <ul>{crossings.flatMap(({ from, to }) => [line(from, "out of"), line(to, "into")])}</ul>
    </div>
  );
}

interface ReachProps extends Opening {
  readonly title: string;
  readonly reached: Reached;
  readonly log: LaneLog;
  readonly none: string;
}

function Reach({ title, reached, log, none, onOpen }: ReachProps) {
  const { entries, arrows, isAll } = reached;
  const kindOf = new Map(arrows.map(({ from, to, kind }) => [title === "Follows from" ? from : to, kind]));
  const left = entries.length - MOST;
  return (
    <div className="min-w-0">
      <h3 className="px-2 font-semibold">
        {title} {entries.length === 0 ? "" : `(${isAll ? "" : "more than "}${formatCount(entries.length)})`}
      </h3>
      {entries.length === 0 ? <Note>{none}</Note> : null}
      <ul>
        {entries.slice(0, MOST).map((seq) => (
          <EntryLine
            key={seq}
            log={log}
            seq={seq}
            rel={REL[LANE_CAUSES[kindOf.get(seq) ?? 0] ?? "pred"]}
            onOpen={() => onOpen(log, seq)}
          />
        ))}
      </ul>
      {left > 0 ? <Note>And {formatCount(left)} more, further away.</Note> : null}
    </div>
  );
}
