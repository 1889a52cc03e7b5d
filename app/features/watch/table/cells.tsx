import { ChevronDown, ChevronRight } from "lucide-react";
import { useStore } from "zustand";
import { taskMark } from "../../../api/client/task-marks.ts";
import { TASK_STATES } from "../../../api/contract/task-state.ts";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { Mark, MarkIcon } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { TaskGraph } from "../graph/task-graph.ts";
import { countStates, STATES_BY_NEED, type TaskStatesStore } from "../task-states.ts";
import { type Links, linksAfter, linksBefore } from "./links.ts";
import { actionOf, agentOf, durationOf, nameOf, needOf, type Recorded, recordedOf } from "./row-values.ts";
import type { TableRow } from "./table-rows.ts";
import { whyShort } from "./why-short.ts";

/** What the cells of a row are made from; its live state is read when it is drawn. */
export interface RowProps {
  readonly graph: TaskGraph;
  readonly states: TaskStatesStore;
  readonly row: TableRow;
  /** How many rows it lies below. */
  readonly depth: number;
  /** Opens or closes a group or an agent. */
  onToggle(row: TableRow): void;
}

const INDENT_PX = 14;

const useNeed = ({ states, row }: RowProps) =>
  STATES_BY_NEED[useStore(states, (live) => needOf(live.states, row))] ?? "planned";

export function StateCell(props: RowProps) {
  return <Mark {...taskMark(useNeed(props))} />;
}

export function NameCell(props: RowProps) {
  const { graph, row, depth } = props;
  return (
    <span className="flex min-w-0 items-center gap-1" style={{ paddingLeft: depth * INDENT_PX }}>
      {row.kind === "task" ? null : <Toggle {...props} />}
      <Plain text={nameOf(graph, row)} strong />
      <Amount row={row} />
    </span>
  );
}

/** `× 3`, or `× 2 of 3` where the others do not pass. */
function Amount({ row }: { readonly row: TableRow }) {
  if (row.kind === "task") return null;
  const { length } = row.tasks;
  return (
    <span className="shrink-0 text-muted">
      × {length === row.whole ? formatCount(length) : `${formatCount(length)} of ${formatCount(row.whole)}`}
    </span>
  );
}

function Toggle({ graph, row, onToggle }: RowProps) {
  const what = row.kind === "group" ? "group" : "tasks of";
  const Icon = row.isOpen ? ChevronDown : ChevronRight;
  return (
    <button
      type="button"
      aria-expanded={row.isOpen}
      aria-label={`${row.isOpen ? "Close" : "Open"} the ${what} ${visibleText(nameOf(graph, row))}`}
      onClick={(event) => {
        event.stopPropagation();
        onToggle(row);
      }}
      className="-ml-1 flex h-6 w-6 shrink-0 items-center justify-center rounded-sm text-muted hover:bg-line hover:text-ink"
    >
      <Icon aria-hidden="true" size={14} />
    </button>
  );
}

/** Why a task is in its state; of many, how many are in which. */
export function WhyCell({ graph, states, row }: RowProps) {
  const why = useStore(states, (live) =>
    row.kind === "task" ? whyShort(graph, live.states, row.of) : stateWords(countStates(live.states, row.tasks)),
  );
  return <Plain text={why} muted />;
}

function stateWords(counts: readonly number[]): string {
  const countOf = (state: (typeof STATES_BY_NEED)[number]): number => counts[TASK_STATES.indexOf(state)] ?? 0;
  return STATES_BY_NEED.filter((state) => countOf(state) > 0)
    .map((state) => `${formatCount(countOf(state))} ${taskMark(state).label}`)
    .join(", ");
}

const RECORDED: Readonly<
  Record<
    Exclude<Recorded, "success">,
    { shape: "cross" | "square" | "ring"; tone: "critical" | "warning" | "neutral"; label: string }
  >
> = {
  failure: { shape: "cross", tone: "critical", label: "failed" },
  killed: { shape: "square", tone: "warning", label: "killed" },
  unfinished: { shape: "ring", tone: "neutral", label: "unfinished" },
};

export function RecordedCell({ graph, row }: RowProps) {
  const { result, count } = recordedOf(graph, row);
  if (result === "success") return <span className="text-muted">success</span>;
  const mark = RECORDED[result];
  return <Mark {...mark} label={row.kind === "task" ? mark.label : `${formatCount(count)} ${mark.label}`} />;
}

/** How many there are, and how many of them were concluded and not recorded. */
export function LinksCell({ links }: { readonly links: Links }) {
  return (
    <span className="flex w-full items-center justify-end gap-2">
      {links.inferred === 0 ? null : (
        <span
          title={`${formatCount(links.inferred)} of them inferred from the recording`}
          className="inline-flex items-center gap-0.5 text-xs text-muted"
        >
          <MarkIcon shape="bar" tone="neutral" size={10} />
          {formatCount(links.inferred)}{" "}
          <abbr className="no-underline" title="inferred">
            inf.
          </abbr>
        </span>
      )}{" "}
      {formatCount(links.count)}
    </span>
  );
}

export function Plain({
  text,
  strong = false,
  muted = false,
  mono = false,
}: {
  readonly text: string;
  readonly strong?: boolean;
  readonly muted?: boolean;
  readonly mono?: boolean;
}) {
  const seen = visibleText(text);
  return (
    <bdi
      title={seen}
      className={`truncate ${strong ? "font-medium" : ""} ${muted ? "text-muted" : ""} ${mono ? "font-mono text-xs" : ""}`}
    >
      {seen}
    </bdi>
  );
}

export function Time({ ms }: { readonly ms: number | null }) {
  return <span className="w-full text-right whitespace-nowrap">{ms === null ? "—" : formatDuration(ms)}</span>;
}

/** All of a row in two lines. */
export function NarrowCell(props: RowProps) {
  const { graph, row, depth } = props;
  const mark = taskMark(useNeed(props));
  const loud = mark.tone !== "neutral" && mark.tone !== "good";
  const [before, after] = [linksBefore(graph, row.tasks), linksAfter(graph, row.tasks)];
  return (
    <span className="min-w-0 flex-1 py-1" style={{ paddingLeft: depth * INDENT_PX }}>
      <span className="flex items-center gap-2">
        {row.kind === "task" ? null : <Toggle {...props} />}
        <MarkIcon shape={mark.shape} tone={mark.tone} />
        <bdi className="min-w-0 truncate font-medium">{visibleText(nameOf(graph, row))}</bdi>
        <Amount row={row} />
        <span className={`ml-auto shrink-0 text-xs ${loud ? "font-semibold" : "text-muted"}`}>{mark.label}</span>
      </span>
      <span className="block truncate pl-5 text-xs text-muted">
        {visibleText(actionOf(graph, row) ?? "several actions")} · <bdi>{visibleText(agentOf(graph, row))}</bdi> ·{" "}
        {formatDuration(durationOf(graph, row))} · {linkWords(before)} before, {linkWords(after)} after
      </span>
    </span>
  );
}

const linkWords = ({ count, inferred }: Links): string =>
  inferred === 0 ? formatCount(count) : `${formatCount(count)} (${formatCount(inferred)} inferred)`;
