import type { ReactNode } from "react";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Tabs } from "../../../ui/tabs.tsx";
import { AnnotatedList } from "./annotated-list.tsx";
import type { Blamed } from "./blamed.ts";
import { type Causal, Causes, MOST, Note } from "./causes-list.tsx";
import type { TaskDifference } from "./compare.ts";
import { Differences } from "./differences.tsx";
import { EntryLine, within } from "./entry-words.tsx";
import { BURST_GAP_S, type Burst, type Gap } from "./findings.ts";
import type { LaneLog } from "./lane-log.ts";
import type { BorderCrossing } from "./use-domains.ts";

export const FINDINGS = ["causes", "path", "bursts", "gaps", "differences", "annotated"] as const;
export type Finding = (typeof FINDINGS)[number];

export interface FindingsPanelProps {
  readonly selected: Finding;
  onSelect(finding: Finding): void;
  /** The selected entry with what it follows from and leads to; null while none is selected. */
  readonly causal: Causal | null;
  /** The critical path of the chosen workflow; null while none is chosen. */
  readonly path: { readonly log: LaneLog; readonly entries: readonly number[] } | null;
  readonly bursts: readonly Burst[];
  readonly gaps: readonly Gap[];
  /** All logs that are here, and where the chosen workflow crosses from one domain into another. */
  readonly logs: readonly LaneLog[];
  readonly crossings: readonly BorderCrossing[];
  /** The tasks of two runs; null where none are compared. */
  readonly differences: readonly TaskDifference[] | null;
  /** What the chosen workflow's recording notes about its steps. */
  readonly blamed: readonly Blamed[];
  readonly wid: string | null;
  /** Without a log where it is the one of both runs. */
  onOpen(log: LaneLog | null, seq: number): void;
}

/** What the drawing shows by lines and signs, in words: causes, the critical path, first-outs and gaps. */
export function FindingsPanel(props: FindingsPanelProps) {
  const { selected, onSelect, causal, path, bursts, gaps, logs, crossings, differences, blamed, wid, onOpen } = props;
  const differing = differences?.filter(({ kind }) => kind !== "same").length ?? 0;
  const isGone =
    (selected === "differences" && differences === null) || (selected === "annotated" && blamed.length === 0);
  const at = isGone ? "causes" : selected;
  const counted = (name: string, count: number): string => (count === 0 ? name : `${name} (${formatCount(count)})`);
  return (
    <section aria-label="Findings" className="flex h-44 shrink-0 flex-col border-t border-strong bg-panel md:h-60">
      <Tabs
        label="Findings"
        selected={at}
        onSelect={(id) => onSelect(FINDINGS.find((finding) => finding === id) ?? "causes")}
        className="h-full px-2"
        items={[
          ...(differences === null
            ? []
            : [
                {
                  id: "differences",
                  title: counted("Differences", differing),
                  content: (
                    <Scrolled>
                      <Differences differences={differences} onOpen={(seq) => onOpen(null, seq)} />
                    </Scrolled>
                  ),
                },
              ]),
          ...(blamed.length === 0
            ? []
            : [
                {
                  id: "annotated",
                  title: counted("Annotated", blamed.length),
                  content: (
                    <Scrolled>
                      <AnnotatedList blamed={blamed} wid={wid} seq={causal?.seq ?? null} onOpen={onOpen} />
                    </Scrolled>
                  ),
                },
              ]),
          {
            id: "causes",
            title: "Causes",
            content: (
              <Scrolled>
                <Causes causal={causal} logs={logs} crossings={crossings} onOpen={onOpen} />
              </Scrolled>
            ),
          },
          {
            id: "path",
            title: "Critical path",
            content: (
              <Scrolled>
                <Path path={path} seq={causal?.seq ?? null} onOpen={onOpen} />
              </Scrolled>
            ),
          },
          {
            id: "bursts",
            title: counted("Bursts", bursts.length),
            content: (
              <Scrolled>
                <Bursts bursts={bursts} logs={logs} onOpen={onOpen} />
              </Scrolled>
            ),
          },
          {
            id: "gaps",
            title: counted("Gaps", gaps.length),
            content: (
              <Scrolled>
                <Gaps gaps={gaps} logs={logs} onOpen={onOpen} />
              </Scrolled>
            ),
          },
        ]}
      />
    </section>
  );
}

function Scrolled({ children }: { readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region is reached by keyboard to be scrolled
    <div tabIndex={0} className="h-full overflow-auto pb-2 -outline-offset-2">
      {children}
    </div>
  );
}

type Opening = Pick<FindingsPanelProps, "onOpen">;

function Path({ path, seq, onOpen }: Pick<FindingsPanelProps, "path"> & { readonly seq: number | null } & Opening) {
  if (path === null)
    return <Note>Choose a workflow in the filters, or select an entry of one, to see its critical path.</Note>;
  const { log, entries } = path;
  const first = entries[0];
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return <Note>No entry of this workflow follows from another.</Note>;
  const waits = entries.map((entry, at) =>
    at === 0 ? 0 : (log.at[entry] as number) - (log.at[entries[at - 1] as number] as number),
  );
  const longest = Math.max(...waits);
  return (
    <>
      <Note>
        The longest chain of causes: {formatCount(entries.length)} entries {within(log, first, last)}. Beside each how
        long after the one before it; the log counts whole seconds.
      </Note>
      <ul>
        {entries.slice(0, MOST).map((entry, at) => (
          <EntryLine
            key={entry}
            log={log}
            seq={entry}
            isCurrent={entry === seq}
            aside={at === 0 ? "start" : waitText(waits[at] ?? 0, longest)}
            onOpen={() => onOpen(log, entry)}
          />
        ))}
      </ul>
      {entries.length > MOST ? <Note>And {formatCount(entries.length - MOST)} more.</Note> : null}
    </>
  );
}

/** How long after the one before, seconds. */
function waitText(seconds: number, longest: number): string {
  if (seconds === 0) return "same second";
  return `+${formatDuration(seconds * 1000)}${seconds === longest ? ", the longest wait" : ""}`;
}

function Bursts({ bursts, logs, onOpen }: Pick<FindingsPanelProps, "bursts" | "logs"> & Opening) {
  if (bursts.length === 0)
    return <Note>No two warnings follow each other within {formatDuration(BURST_GAP_S * 1000)}.</Note>;
  return (
    <>
      <Note>
        Warnings and worse that follow each other within {formatDuration(BURST_GAP_S * 1000)}; the first of each is
        marked “1st” and named here: look there for the origin. What people order or decide is none of them.
      </Note>
      <ul>
        {bursts.slice(0, MOST).map(({ log, first, last, count, critical }) => (
          <EntryLine
            key={`${log.domain} ${first}`}
            log={log}
            seq={first}
            rel="1st of"
            namesDomain={logs.length > 1}
            aside={`${formatCount(count)} ${within(log, first, last)}${critical === 0 ? "" : `, ${formatCount(critical)} critical`}`}
            onOpen={() => onOpen(log, first)}
          />
        ))}
      </ul>
      {bursts.length > MOST ? <Note>And {formatCount(bursts.length - MOST)} more bursts.</Note> : null}
    </>
  );
}

function Gaps({ gaps, logs, onOpen }: Pick<FindingsPanelProps, "gaps" | "logs"> & Opening) {
  return (
    <>
      {gaps.length > 0 ? null : (
        <Note>
          Nothing is missing in what is read here: every entry is there, every task that is named as done before is in
          its log, and no log's clock went back.
        </Note>
      )}
      <ul>
        {gaps.slice(0, MOST).map((gap) => (
          <EntryLine
            key={`${gap.log.domain} ${gap.kind} ${gap.seq}`}
            log={gap.log}
            seq={gap.seq}
            rel={GAP_WORDS[gap.kind]}
            namesDomain={logs.length > 1}
            aside={gapText(gap)}
            onOpen={() => onOpen(gap.log, gap.seq)}
          />
        ))}
      </ul>
      {gaps.length > MOST ? <Note>And {formatCount(gaps.length - MOST)} more gaps.</Note> : null}
      {logs.length > 1 ? (
        <Note>
          What is missing or in conflict between domains is listed, assigned and resolved in{" "}
          <GoLink to="/domains">Domains</GoLink>.
        </Note>
      ) : null}
    </>
  );
}

const GAP_WORDS: Readonly<Record<Gap["kind"], string>> = {
  missing: "not stored:",
  unknown: "names a task that is not in the log:",
  back: "the clock went back before:",
};

function gapText({ kind, count, backS }: Gap): string {
  if (kind === "back") return `by ${formatDuration(backS * 1000)}`;
  return `${formatCount(count)} ${kind === "missing" ? (count === 1 ? "entry" : "entries") : count === 1 ? "token" : "tokens"}`;
}
