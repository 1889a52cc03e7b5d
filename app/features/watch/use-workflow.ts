import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import type { RunGraph } from "../../api/contract/workflow.ts";
import { countMatches, type Filters, filtersAreOn, matchTasks } from "./filters.ts";
import { createHighlight, type HighlightStore } from "./graph/highlight.ts";
import { type TaskGraph, taskGraph } from "./graph/task-graph.ts";
import { type ViewGraph, viewGraph } from "./graph/view-graph.ts";
import { parseNumbers } from "./linked-numbers.ts";
import type { LiveAnswer } from "./queries.ts";
import { type Selection, useSelection } from "./selection.ts";
import { applyStates, createTaskStates, type TaskStatesStore } from "./task-states.ts";
import { useThrottledStates } from "./use-throttled-states.ts";
import { parseStates, type SetSearch, type WatchSearch } from "./watch-search.ts";

export interface WorkflowModel {
  readonly view: ViewGraph;
  readonly states: TaskStatesStore;
  readonly highlight: HighlightStore;
  readonly selection: Selection;
  readonly filters: Filters;
  readonly filtered: boolean;
  /** Tasks that pass search and filters, null for all. */
  readonly matched: Uint8Array | null;
  readonly matches: number;
}

/** Everything graph and table share: the drawn graph, the live states, what is selected and what passes the filters. */
export function useWorkflowModel(
  wid: string,
  run: RunGraph,
  search: WatchSearch,
  setSearch: SetSearch,
  domainOf: TaskGraph["domainOf"],
): WorkflowModel {
  const plain = useMemo(() => taskGraph(run), [run]);
  const tasks = useMemo(() => (domainOf === null ? plain : { ...plain, domainOf }), [plain, domainOf]);
  const fold = search.fold ?? "auto";
  const open = search.open ?? "";
  const view = useMemo(() => viewGraph(tasks, fold, new Set(parseNumbers(open, tasks.tasks))), [tasks, fold, open]);
  const states = useTaskStates(wid, tasks.tasks);
  const highlight = useMemo(() => createHighlight(), []);
  const selection = useSelection(search, setSearch, tasks.tasks);
  const filters = useMemo(
    () => ({
      text: search.q ?? "",
      states: parseStates(search.state),
      agent: search.agent ?? null,
      action: search.action ?? null,
    }),
    [search.q, search.state, search.agent, search.action],
  );
  // Only a filter by state has to look at the states again when they change.
  const live = useThrottledStates(states, filters.states.length > 0, 300);
  const matched = useMemo(() => matchTasks(run, live, filters), [run, live, filters]);
  useEffect(() => highlight.setState({ selected: new Set(selection.tasks) }), [highlight, selection.tasks]);
  const single = selection.tasks.length === 1 && selection.cursor === selection.tasks[0];
  const cursor = single ? -1 : (selection.cursor ?? -1);
  useEffect(() => highlight.setState({ cursor }), [highlight, cursor]);
  useEffect(() => highlight.setState({ matched }), [highlight, matched]);
  return useMemo(
    () => ({
      view,
      states,
      highlight,
      selection,
      filters,
      filtered: filtersAreOn(filters),
      matched,
      matches: countMatches(matched, tasks.tasks),
    }),
    [view, states, highlight, selection, filters, matched, tasks],
  );
}

/** One store per workflow, with what the host answered last, so that nothing is shown as planned that is not. */
function useTaskStates(wid: string, tasks: number): TaskStatesStore {
  const { orpc } = useApi();
  const queries = useQueryClient();
  return useMemo(() => {
    const store = createTaskStates(tasks);
    const key = orpc.workflow.states.queryOptions({ input: { wid } }).queryKey;
    const known = queries.getQueryData<LiveAnswer>(key)?.states;
    if (known?.length === tasks) applyStates(store, known);
    return store;
  }, [tasks, wid, orpc, queries]);
}
