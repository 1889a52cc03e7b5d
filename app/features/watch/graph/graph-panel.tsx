import { type KeyboardEvent, lazy, memo, type RefObject, Suspense, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { taskMark } from "../../../api/client/task-marks.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Empty, Loading } from "../../../ui/states.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { at, type Direction, type Layout } from "../layout/layout-types.ts";
import { useLayout } from "../layout/use-layout.ts";
import { type PickMode, pick, type Selection } from "../selection.ts";
import { stateName, type TaskStatesStore } from "../task-states.ts";
import type { DagHandle } from "./dag-view.tsx";
import type { HighlightStore } from "./highlight.ts";
import { Legend } from "./legend.tsx";
import { laneOrder, type ViewGraph } from "./view-graph.ts";
import { type Arrow, walk } from "./walk.ts";

const DagView = lazy(() => import("./dag-view.tsx").then((loaded) => ({ default: loaded.DagView })));

const NO_LANES: readonly string[] = [];

export interface GraphPanelProps {
  readonly view: ViewGraph;
  readonly direction: Direction;
  readonly lanes: boolean;
  readonly states: TaskStatesStore;
  readonly highlight: HighlightStore;
  readonly selection: Selection;
  readonly handle: RefObject<DagHandle | null>;
  /** Opens the details of the selection. */
  onDetail(): void;
  onOpenGroup(first: number): void;
}

/** The graph with its keyboard: the table has the same powers, and is the way for who cannot see the graph. */
export const GraphPanel = memo(function GraphPanel(props: GraphPanelProps) {
  const { view, direction, lanes, selection, handle } = props;
  const { status, layout } = useLayout(view, direction, lanes, () => handle.current?.isUntouched() ?? true);
  // Between two layouts the last one stays in view.
  const [shown, setShown] = useState<{ view: ViewGraph; layout: Layout; lanes: boolean } | null>(null);
  if (layout !== null && (shown?.layout !== layout || shown.view !== view)) setShown({ view, layout, lanes });
  const laneNames = useMemo(
    () =>
      shown?.lanes === true
        ? laneOrder(shown.view.tasks).agents.map((agent) => shown.view.tasks.run.agents[agent]?.name ?? "")
        : NO_LANES,
    [shown],
  );
  const cursor = selection.tasks.at(-1);

  const tasksOf = (nodes: readonly number[]): number[] =>
    nodes.flatMap((node) => {
      const members = shown?.view.members[node] ?? null;
      return members === null ? [at(shown?.view.head ?? [], node)] : [...members];
    });
  const onPick = (nodes: readonly number[], mode: PickMode): void => {
    selection.set(pick(selection.tasks, tasksOf(nodes), mode));
    if (mode === "only" && nodes.length > 0) props.onDetail();
  };
  const onOpen = (node: number): void => {
    const first = shown === null ? -1 : at(shown.view.head, node);
    if (shown?.view.members[node] != null) props.onOpenGroup(first);
    else props.onDetail();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (shown === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const node = cursor === undefined ? null : at(shown.view.nodeOf, cursor);
    if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      const next = node === null ? firstNode(shown.layout) : walk(shown.view, shown.layout, node, event.key as Arrow);
      if (next === null) return;
      selection.set(pick(selection.tasks, tasksOf([next]), event.shiftKey ? "add" : "only"));
      handle.current?.reveal(next);
    } else if (event.key === "Enter" && node !== null) {
      event.preventDefault();
      onOpen(node);
    }
  };
  return (
    <div
      role="application"
      aria-roledescription="graph"
      aria-label={`Graph of ${formatCount(view.tasks.tasks)} tasks. Arrow keys walk along the edges.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: its arrow keys need the focus
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="relative min-h-0 min-w-0 flex-1 -outline-offset-2"
    >
      {status === "failed" ? (
        <Empty title="The graph could not be laid out in time">
          <p>Group alike tasks, or use the table: it has the same powers.</p>
        </Empty>
      ) : shown === null ? (
        <Loading what={`the layout of ${formatCount(view.size)} nodes`} />
      ) : (
        <Suspense fallback={<Loading what="the graph" />}>
          <DagView
            view={shown.view}
            layout={shown.layout}
            states={props.states}
            highlight={props.highlight}
            laneNames={laneNames}
            handle={handle}
            onPick={onPick}
            onOpen={onOpen}
          />
          <Legend view={shown.view} direction={shown.layout.direction} />
        </Suspense>
      )}
      <Announcer view={view} states={props.states} cursor={cursor} />
    </div>
  );
});

/** The node at the start of the first layer. */
function firstNode(layout: Layout): number | null {
  let best: number | null = null;
  for (let n = 0; n < layout.x.length; n += 1)
    if (best === null || at(layout.x, n) + at(layout.y, n) < at(layout.x, best) + at(layout.y, best)) best = n;
  return best;
}

/** Says where the keys have led. */
function Announcer({
  view,
  states,
  cursor,
}: {
  readonly view: ViewGraph;
  readonly states: TaskStatesStore;
  readonly cursor: number | undefined;
}) {
  const [said, setSaid] = useState("");
  const state = useStore(states, (live) => (cursor === undefined ? "planned" : stateName(live.states[cursor])));
  useEffect(() => {
    if (cursor === undefined) return;
    const { run } = view.tasks;
    const members = view.members[at(view.nodeOf, cursor)] ?? null;
    const name =
      members === null ? visibleText(run.names[cursor] ?? "") : `${members.length} times ${run.actions[cursor]}`;
    setSaid(`${name}, ${taskMark(state).label}, ${visibleText(run.agents[run.agent[cursor] ?? 0]?.name ?? "")}`);
  }, [cursor, state, view]);
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  );
}
