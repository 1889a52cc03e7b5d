import { type KeyboardEvent, lazy, memo, type RefObject, Suspense, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { taskMark } from "../../../api/client/task-marks.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Empty, Loading } from "../../../ui/states.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { at, type Direction, type Layout } from "../layout/layout-types.ts";
import { useLayout } from "../layout/use-layout.ts";
import { isOwnKey } from "../own-key.ts";
import { type PickMode, pick, type Selection } from "../selection.ts";
import { stateName, type TaskStatesStore } from "../task-states.ts";
import type { DagHandle } from "./dag-view.tsx";
import type { Linked } from "./first-view.ts";
import type { HighlightStore } from "./highlight.ts";
import { Legend } from "./legend.tsx";
import { laneOrder, type ViewGraph } from "./view-graph.ts";
import { type Arrow, walk } from "./walk.ts";
import { ZOOM_STEP } from "./zoom-controls.tsx";

const DagView = lazy(() => import("./dag-view.tsx").then((loaded) => ({ default: loaded.DagView })));

const NO_LANES: readonly string[] = [];

/** The plus is on many keyboards the upper half of the equals key. */
const ZOOMS: Readonly<Record<string, (graph: DagHandle) => void>> = {
  "+": (graph) => graph.zoomBy(ZOOM_STEP),
  "=": (graph) => graph.zoomBy(ZOOM_STEP),
  "-": (graph) => graph.zoomBy(1 / ZOOM_STEP),
  "0": (graph) => graph.zoomToLife(),
};

export interface GraphPanelProps {
  readonly view: ViewGraph;
  readonly direction: Direction;
  readonly lanes: boolean;
  readonly states: TaskStatesStore;
  readonly highlight: HighlightStore;
  readonly selection: Selection;
  /** Each press adds a node or takes it away again. */
  readonly several: boolean;
  readonly handle: RefObject<DagHandle | null>;
  /** What the link says of where to look, and where it is told of what is looked at. */
  readonly linked: () => Linked;
  onLook(vp: string, whole: boolean): void;
  /** Opens the details of the selection. */
  onDetail(): void;
  onOpenGroup(first: number): void;
  onCloseGroup(first: number): void;
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
  const { cursor } = selection;

  const tasksOf = (nodes: readonly number[]): number[] =>
    nodes.flatMap((node) => {
      const members = shown?.view.members[node] ?? null;
      return members === null ? [at(shown?.view.head ?? [], node)] : [...members];
    });
  const onPick = (nodes: readonly number[], asked: PickMode): void => {
    const mode = props.several && asked === "only" ? "toggle" : asked;
    const tasks = tasksOf(nodes);
    // A press on the ground clears only what was picked one by one.
    if (mode !== "only" && tasks.length === 0) return;
    selection.set(pick(selection.tasks, tasks, mode), tasks.at(-1));
    if (mode === "only" && tasks.length > 0) props.onDetail();
  };
  const onOpen = (node: number): void => {
    const first = shown === null ? -1 : at(shown.view.head, node);
    if (shown?.view.members[node] != null) props.onOpenGroup(first);
    else props.onDetail();
  };
  const selectAll = (): void => {
    const { matched } = props.highlight.getState();
    const all = Array.from({ length: view.tasks.tasks }, (_, task) => task);
    selection.set(matched === null ? all : all.filter((task) => matched[task] === 1), cursor);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (shown === null || event.altKey || isOwnKey(event)) return;
    const chord = event.ctrlKey || event.metaKey;
    const node = cursor === undefined ? null : at(shown.view.nodeOf, cursor);
    const zoom = chord ? undefined : ZOOMS[event.key];
    if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      const next =
        node === null ? (handle.current?.begin() ?? null) : walk(shown.view, shown.layout, node, event.key as Arrow);
      if (next === null) return;
      if (chord) selection.moveTo(at(shown.view.head, next));
      else selection.set(pick(selection.tasks, tasksOf([next]), event.shiftKey ? "add" : "only"));
      handle.current?.reveal(next);
    } else if (chord && event.key === "a") {
      event.preventDefault();
      selectAll();
    } else if (zoom !== undefined && handle.current !== null) {
      event.preventDefault();
      zoom(handle.current);
    } else if (chord || node === null) return;
    else if (event.key === "Enter") {
      event.preventDefault();
      onOpen(node);
    } else if (event.key === " ") {
      event.preventDefault();
      selection.set(pick(selection.tasks, tasksOf([node]), "toggle"), at(shown.view.head, node));
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
            linked={props.linked}
            onLook={props.onLook}
            onPick={onPick}
            onOpen={onOpen}
            onCloseGroup={props.onCloseGroup}
          />
          <Legend view={shown.view} direction={shown.layout.direction} />
        </Suspense>
      )}
      <Announcer view={view} states={props.states} selection={selection} />
    </div>
  );
});

/** Says where the keys have led. */
function Announcer({
  view,
  states,
  selection,
}: {
  readonly view: ViewGraph;
  readonly states: TaskStatesStore;
  readonly selection: Selection;
}) {
  const { cursor, tasks } = selection;
  const [said, setSaid] = useState("");
  const state = useStore(states, (live) => (cursor === undefined ? "planned" : stateName(live.states[cursor])));
  useEffect(() => {
    if (cursor === undefined) return;
    const { run } = view.tasks;
    const members = view.members[at(view.nodeOf, cursor)] ?? null;
    const name =
      members === null ? visibleText(run.names[cursor] ?? "") : `${members.length} times ${run.actions[cursor]}`;
    setSaid(
      `${name}, ${taskMark(state).label}, ${visibleText(run.agents[run.agent[cursor] ?? 0]?.name ?? "")}${chosenWords(tasks, cursor)}`,
    );
  }, [cursor, tasks, state, view]);
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  );
}

/** What is not plain from the cursor alone: that it is not selected, or that others are. */
function chosenWords(tasks: readonly number[], cursor: number): string {
  const outside = tasks.includes(cursor) ? "" : ", not selected";
  return tasks.length > 1 ? `${outside}, ${formatCount(tasks.length)} tasks selected` : outside;
}
