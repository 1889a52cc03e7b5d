import { createColumnHelper, createSortedRowModel, rowSortingFeature, tableFeatures } from "@tanstack/react-table";
import { useStore } from "zustand";
import { taskMark } from "../../../api/client/task-marks.ts";
import { formatDuration } from "../../../ui/duration.ts";
import { Mark, MarkIcon } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { TaskGraph } from "../graph/task-graph.ts";
import { STATES_BY_NEED, stateName, type TaskStatesStore } from "../task-states.ts";
import { whyShort } from "./why-short.ts";

/** A row is a task; its live state is read when it is drawn. */
export interface TaskRow {
  readonly task: number;
}

export const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
const helper = createColumnHelper<typeof features, TaskRow>();

/** Width of each column, as CSS grid has it. */
export const WIDE_COLUMNS =
  "2rem 7rem minmax(9rem,2fr) minmax(7rem,1fr) minmax(7rem,1fr) 6.5rem 6rem 6rem minmax(9rem,2fr)";
export const NARROW_COLUMNS = "2.25rem minmax(0,1fr)";

const recordedMark = {
  success: null,
  failure: { shape: "cross", tone: "critical", label: "failed" },
  killed: { shape: "square", tone: "warning", label: "killed" },
  unfinished: { shape: "ring", tone: "neutral", label: "unfinished" },
} as const;

/** The columns of a run. Sorting compares values; equal ones keep the order of the recording. */
export function columnsOf(graph: TaskGraph, states: TaskStatesStore, narrow: boolean) {
  const { run } = graph;
  const agentOf = (task: number): string => run.agents[run.agent[task] ?? -1]?.name ?? "";
  const all = helper.columns([
    helper.accessor(({ task }) => STATES_BY_NEED.indexOf(stateName(states.getState().states[task])), {
      id: "state",
      header: "State",
      sortFn: byNumber("state"),
      cell: ({ row }) => <StateCell states={states} task={row.original.task} />,
    }),
    helper.accessor(({ task }) => run.names[task] ?? "", {
      id: "name",
      header: "Name",
      sortFn: byText("name"),
      cell: ({ row }) => <Plain text={run.names[row.original.task] ?? ""} strong />,
    }),
    helper.accessor(({ task }) => run.actions[task] ?? "", {
      id: "action",
      header: "Action",
      sortFn: byText("action"),
      cell: ({ row }) => <span className="truncate font-mono text-xs">{run.actions[row.original.task]}</span>,
    }),
    helper.accessor(({ task }) => agentOf(task), {
      id: "agent",
      header: "Agent",
      sortFn: byText("agent"),
      cell: ({ row }) => <Plain text={agentOf(row.original.task)} />,
    }),
    helper.accessor(({ task }) => run.startMs[task] ?? -1, {
      id: "start",
      header: "Rec. start",
      sortFn: byNumber("start"),
      cell: ({ row }) => <Time ms={run.startMs[row.original.task] ?? null} />,
    }),
    helper.accessor(({ task }) => run.durationMs[task] ?? 0, {
      id: "duration",
      header: "Rec. time",
      sortFn: byNumber("duration"),
      cell: ({ row }) => <Time ms={run.durationMs[row.original.task] ?? null} />,
    }),
    helper.accessor(({ task }) => run.recorded[task] ?? "", {
      id: "recorded",
      header: "Rec. result",
      sortFn: byText("recorded"),
      cell: ({ row }) => {
        const mark = recordedMark[run.recorded[row.original.task] ?? "success"];
        return mark === null ? <span className="text-muted">success</span> : <Mark {...mark} />;
      },
    }),
    helper.display({
      id: "why",
      header: "Why",
      cell: ({ row }) => <WhyCell graph={graph} states={states} task={row.original.task} />,
    }),
  ]);
  if (!narrow) return all;
  return helper.columns([
    helper.accessor(({ task }) => task, {
      id: "task",
      header: "Task",
      sortFn: byNumber("task"),
      cell: ({ row }) => (
        <NarrowCell graph={graph} states={states} task={row.original.task} agent={agentOf(row.original.task)} />
      ),
    }),
  ]);
}

type Valued = { getValue<T>(id: string): T };
const byNumber =
  (id: string) =>
  (a: Valued, b: Valued): number =>
    a.getValue<number>(id) - b.getValue<number>(id);
const collator = new Intl.Collator("en", { numeric: true });
const byText =
  (id: string) =>
  (a: Valued, b: Valued): number =>
    collator.compare(a.getValue<string>(id), b.getValue<string>(id));

function StateCell({ states, task }: { readonly states: TaskStatesStore; readonly task: number }) {
  const state = useStore(states, (live) => stateName(live.states[task]));
  return <Mark {...taskMark(state)} />;
}

function WhyCell({
  graph,
  states,
  task,
}: {
  readonly graph: TaskGraph;
  readonly states: TaskStatesStore;
  readonly task: number;
}) {
  const why = useStore(states, (live) => whyShort(graph, live.states, task));
  return <Plain text={why} muted />;
}

function Plain({
  text,
  strong = false,
  muted = false,
}: {
  readonly text: string;
  readonly strong?: boolean;
  readonly muted?: boolean;
}) {
  const seen = visibleText(text);
  return (
    <bdi title={seen} className={`truncate ${strong ? "font-medium" : ""} ${muted ? "text-muted" : ""}`}>
      {seen}
    </bdi>
  );
}

function Time({ ms }: { readonly ms: number | null }) {
  return <span className="w-full text-right whitespace-nowrap">{ms === null ? "—" : formatDuration(ms)}</span>;
}

function NarrowCell({
  graph,
  states,
  task,
  agent,
}: {
  readonly graph: TaskGraph;
  readonly states: TaskStatesStore;
  readonly task: number;
  readonly agent: string;
}) {
  const state = useStore(states, (live) => stateName(live.states[task]));
  const mark = taskMark(state);
  const loud = mark.tone !== "neutral" && mark.tone !== "good";
  return (
    <span className="min-w-0 flex-1 py-1">
      <span className="flex items-center gap-2">
        <MarkIcon shape={mark.shape} tone={mark.tone} />
        <bdi className="min-w-0 flex-1 truncate font-medium">{visibleText(graph.run.names[task] ?? "")}</bdi>
        <span className={`shrink-0 text-xs ${loud ? "font-semibold" : "text-muted"}`}>{mark.label}</span>
      </span>
      <span className="block truncate pl-5 text-xs text-muted">
        {graph.run.actions[task]} · <bdi>{visibleText(agent)}</bdi> · {formatDuration(graph.run.durationMs[task] ?? 0)}
      </span>
    </span>
  );
}
