import { createColumnHelper, createSortedRowModel, rowSortingFeature, tableFeatures } from "@tanstack/react-table";
import { DomainCell } from "../domains/domain-cell.tsx";
import type { TaskGraph } from "../graph/task-graph.ts";
import { LivenessCell } from "../liveness/liveness-tag.tsx";
import type { TaskStatesStore } from "../task-states.ts";
import {
  LinksCell,
  NameCell,
  NarrowCell,
  Plain,
  RecordedCell,
  type RowProps,
  StateCell,
  Time,
  WhyCell,
} from "./cells.tsx";
import { linksAfter, linksBefore } from "./links.ts";
import {
  actionOf,
  agentIndexOf,
  agentOf,
  domainNumberOf,
  durationOf,
  nameOf,
  needOf,
  recordedOf,
  recordedTimeOf,
  startOf,
} from "./row-values.ts";
import type { TableRow } from "./table-rows.ts";

export const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
const helper = createColumnHelper<typeof features, TableRow>();

/** Width of each column, as CSS grid has it. */
export const wideColumns = ({ domainOf }: Pick<TaskGraph, "domainOf">): string =>
  `2rem 7rem minmax(11rem,2fr) minmax(6.5rem,1fr) minmax(6.5rem,1fr) ${domainOf === null ? "" : "minmax(8rem,1fr) "}minmax(12.5rem,1.3fr) 6rem 6rem 5.5rem 6.5rem 6.5rem minmax(9rem,2fr)`;
export const NARROW_COLUMNS = "2.25rem minmax(0,1fr)";

/** Columns that sort, by which a link names them. */
export const WIDE_SORTS: readonly string[] = [
  "state",
  "name",
  "action",
  "agent",
  "domain",
  "start",
  "duration",
  "recorded",
  "before",
  "after",
];
export const NARROW_SORTS: readonly string[] = ["task"];

/** The columns of a run. Sorting compares values; equal ones keep the order of the recording. */
export function columnsOf(
  graph: TaskGraph,
  states: TaskStatesStore,
  narrow: boolean,
  onToggle: (row: TableRow) => void,
) {
  type At = { readonly row: { readonly original: TableRow; readonly depth: number } };
  const props = ({ row }: At): RowProps => ({ graph, states, row: row.original, depth: row.depth, onToggle });
  const all = helper.columns([
    helper.accessor((row) => needOf(states.getState().states, row), {
      id: "state",
      header: "State",
      sortFn: byNumber("state"),
      cell: (cell) => <StateCell {...props(cell)} />,
    }),
    helper.accessor((row) => nameOf(graph, row), {
      id: "name",
      header: "Name",
      sortFn: byText("name"),
      cell: (cell) => <NameCell {...props(cell)} />,
    }),
    helper.accessor((row) => actionOf(graph, row) ?? "", {
      id: "action",
      header: "Action",
      sortFn: byText("action"),
      cell: ({ row }) => <Plain text={actionOf(graph, row.original) ?? "several"} mono />,
    }),
    helper.accessor((row) => agentOf(graph, row), {
      id: "agent",
      header: "Agent",
      sortFn: byText("agent"),
      cell: ({ row }) => <Plain text={agentOf(graph, row.original)} />,
    }),
    ...(graph.domainOf === null
      ? []
      : [
          helper.accessor((row) => domainNumberOf(graph, row), {
            id: "domain",
            header: "Domain",
            sortFn: byNumber("domain"),
            cell: ({ row }) => <DomainCell number={domainNumberOf(graph, row.original)} />,
          }),
        ]),
    helper.display({
      id: "liveness",
      header: "Lease, link",
      cell: ({ row }) => <LivenessCell agent={agentIndexOf(graph, row.original)} />,
    }),
    helper.accessor((row) => startOf(graph, row) ?? -1, {
      id: "start",
      header: "Rec. start",
      sortFn: byNumber("start"),
      cell: ({ row }) => <Time ms={startOf(graph, row.original)} />,
    }),
    helper.accessor((row) => durationOf(graph, row), {
      id: "duration",
      header: "Rec. time",
      sortFn: byNumber("duration"),
      cell: ({ row }) => <Time ms={recordedTimeOf(graph, row.original)} />,
    }),
    helper.accessor((row) => recordedOf(graph, row).result, {
      id: "recorded",
      header: "Rec. result",
      sortFn: byText("recorded"),
      cell: (cell) => <RecordedCell {...props(cell)} />,
    }),
    helper.accessor((row) => linksBefore(graph, row.tasks).count, {
      id: "before",
      header: "Predecessors",
      sortFn: byNumber("before"),
      cell: ({ row }) => <LinksCell links={linksBefore(graph, row.original.tasks)} />,
    }),
    helper.accessor((row) => linksAfter(graph, row.tasks).count, {
      id: "after",
      header: "Successors",
      sortFn: byNumber("after"),
      cell: ({ row }) => <LinksCell links={linksAfter(graph, row.original.tasks)} />,
    }),
    helper.display({
      id: "why",
      header: "Why",
      cell: (cell) => <WhyCell {...props(cell)} />,
    }),
  ]);
  if (!narrow) return all;
  return helper.columns([
    helper.accessor((row) => row.tasks[0] ?? -1, {
      id: "task",
      header: "Task",
      sortFn: byNumber("task"),
      cell: (cell) => <NarrowCell {...props(cell)} />,
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
