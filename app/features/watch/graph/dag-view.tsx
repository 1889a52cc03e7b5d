import {
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStoreApi,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import {
  type MouseEvent as ReactMouseEvent,
  type Ref,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useStore } from "zustand";
import { cutText, visibleText } from "../../../ui/visible-text.ts";
import { BreakerMarks } from "../breakers/breaker-marks.tsx";
import { DomainBoxes } from "../domains/domain-boxes.tsx";
import { at, type Layout } from "../layout/layout-types.ts";
import type { PickMode } from "../selection.ts";
import type { TaskStatesStore } from "../task-states.ts";
import { useEvent } from "../use-event.ts";
import { DagContext } from "./dag-context.ts";
import { DependencyEdge } from "./dependency-edge.tsx";
import { firstView, type Linked, startOf } from "./first-view.ts";
import { edgePath, edgePoints, firstNode, MAX_ZOOM, MIN_ZOOM, nodeAt, nodeBox, nodesIn, reveal } from "./geometry.ts";
import { GraphMap } from "./graph-map.tsx";
import type { HighlightStore } from "./highlight.ts";
import { LaneBands } from "./lane-bands.tsx";
import { isSmall } from "./mounted.ts";
import { NODE_HEIGHT, NODE_WIDTH } from "./node-size.ts";
import { OverviewCanvas } from "./overview-canvas.tsx";
import { Readout } from "./readout.tsx";
import { SelectionBox } from "./selection-box.tsx";
import { EDGE_KINDS, type EdgeKind } from "./task-graph.ts";
import { GroupNode, type NodeData, TaskNode } from "./task-node.tsx";
import { useFollow } from "./use-follow.ts";
import { useLinkedLook } from "./use-linked-look.ts";
import { useMounted } from "./use-mounted.ts";
import { useViewport } from "./use-viewport.ts";
import type { ViewGraph } from "./view-graph.ts";
import { createLook, type LookStore } from "./viewport-store.ts";
import { ZoomControls } from "./zoom-controls.tsx";

/** What the pane can ask of the graph. */
export interface DagHandle {
  fit(): void;
  zoomBy(factor: number): void;
  zoomToLife(): void;
  /** Brings a node onto the screen. */
  reveal(node: number): void;
  /** The node that the keys begin at: the start of the graph, or where that is off screen the one in the middle of it. */
  begin(): number | null;
  /** True while the operator has neither moved nor picked anything, so that a better layout may still replace this one. */
  isUntouched(): boolean;
}

export interface DagViewProps {
  readonly view: ViewGraph;
  readonly layout: Layout;
  readonly states: TaskStatesStore;
  readonly highlight: HighlightStore;
  /** Names of the lanes by lane number; empty without lanes. */
  readonly laneNames: readonly string[];
  readonly handle: Ref<DagHandle>;
  /** What the link says of where to look, read when the graph first appears. */
  readonly linked: () => Linked;
  /** Where the operator looks now, for the link, and whether that is where a link leads that says nothing. */
  onLook(vp: string, whole: boolean): void;
  /** Nodes that were picked; none when the ground was clicked. */
  onPick(nodes: readonly number[], mode: PickMode): void;
  /** A node was double-clicked. */
  onOpen(node: number): void;
  /** An opened group, by its first member, is to be drawn as one again. */
  onCloseGroup(first: number): void;
}

type DagNode = Node<NodeData & { readonly node: number }>;
type DagEdge = Edge<{ path: string; kind: EdgeKind; lit: boolean }>;

/**
 * React Flow measures what it mounts, whatever the node says of its handles, and draws no edge to a node without handle
 * elements; so there are two, unseen, exactly where HANDLES has them.
 */
const HANDLE = "pointer-events-none! h-px! w-px! min-h-0! min-w-0! border-0! opacity-0";
const withHandles = (Shown: typeof TaskNode) =>
  function NodeWithHandles({ data, targetPosition, sourcePosition }: NodeProps<DagNode>) {
    return (
      <>
        <Handle type="target" position={targetPosition ?? Position.Top} isConnectable={false} className={HANDLE} />
        <Shown data={data} />
        <Handle type="source" position={sourcePosition ?? Position.Bottom} isConnectable={false} className={HANDLE} />
      </>
    );
  };
const NODE_TYPES = {
  task: withHandles(TaskNode),
  group: withHandles(GroupNode),
  // In a large graph, whose edges are on the canvas, handles would only cost time.
  "bare-task": TaskNode,
  "bare-group": GroupNode,
};
const EDGE_TYPES = { dependency: DependencyEdge };
const MEASURED = { width: NODE_WIDTH, height: NODE_HEIGHT };
const HANDLES: Record<Layout["direction"], NonNullable<DagNode["handles"]>> = {
  down: [
    { type: "target", position: Position.Top, x: NODE_WIDTH / 2, y: 0, width: 1, height: 1 },
    { type: "source", position: Position.Bottom, x: NODE_WIDTH / 2, y: NODE_HEIGHT, width: 1, height: 1 },
  ],
  right: [
    { type: "target", position: Position.Left, x: 0, y: NODE_HEIGHT / 2, width: 1, height: 1 },
    { type: "source", position: Position.Right, x: NODE_WIDTH, y: NODE_HEIGHT / 2, width: 1, height: 1 },
  ],
};

/** The graph in React Flow. The only module that knows React Flow. */
export function DagView(props: DagViewProps) {
  const look = useMemo(createLook, []);
  const frame = useRef<HTMLDivElement | null>(null);
  const [measured, setMeasured] = useState(false);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      if (width === 0 || height === 0) return;
      look.setState({ size: { width, height } });
      setMeasured(true);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [look]);
  return (
    <div ref={frame} className="absolute inset-0 overflow-hidden">
      {measured ? (
        <ReactFlowProvider>
          <Surface {...props} look={look} />
        </ReactFlowProvider>
      ) : null}
    </div>
  );
}

function Surface(props: DagViewProps & { readonly look: LookStore }) {
  const { view, layout, states, highlight, look, onPick, onOpen } = props;
  const fresh = (vp?: string) =>
    firstView({ vp, tasks: props.linked().tasks }, startOf(view.tasks, states.getState().states));
  const [home] = useState(() => fresh(props.linked().vp));
  const [first] = useState(() => home(view, layout, look.getState().size));
  const flow = useReactFlow();
  useFollow(look, useStoreApi());
  const control = useViewport(look, view, layout, home, fresh, (to, durationMs) => {
    void flow.setViewport(to, durationMs === 0 ? {} : { duration: durationMs });
  });
  useImperativeHandle(
    props.handle,
    () => ({
      fit: control.fit,
      zoomBy: control.zoomBy,
      zoomToLife: control.zoomToLife,
      isUntouched: control.isUntouched,
      begin: () => firstNode(layout, look.getState().viewport, look.getState().size),
      reveal: (node) => {
        control.anchor.current = at(view.head, node);
        control.move(reveal(look.getState().viewport, look.getState().size, nodeBox(layout, node)));
      },
    }),
    [control, look, view, layout],
  );
  useLinkedLook(look, control, props.onLook);
  const mounted = useMounted(look, view, layout);
  const nodes = useNodes(view, layout, mounted);
  const edges = useEdges(view, layout, highlight, mounted);
  const [hovered, setHovered] = useState<number | null>(null);

  const closeGroup = useEvent((first: number): void => {
    control.touch();
    control.anchor.current = first;
    props.onCloseGroup(first);
  });
  const stores = useMemo(() => ({ states, highlight, closeGroup }), [states, highlight, closeGroup]);

  const nodeUnder = (event: ReactMouseEvent): number | null => {
    const { zoom, x, y } = look.getState().viewport;
    const frame = event.currentTarget.getBoundingClientRect();
    return nodeAt(layout, (event.clientX - frame.left - x) / zoom, (event.clientY - frame.top - y) / zoom, 3 / zoom);
  };
  const pick = (node: number | null, event: ReactMouseEvent): void => {
    control.touch();
    if (node !== null) control.anchor.current = at(view.head, node);
    onPick(node === null ? [] : [node], event.ctrlKey || event.metaKey ? "toggle" : "only");
  };
  const open = (node: number): void => {
    control.touch();
    control.anchor.current = at(view.head, node);
    onOpen(node);
  };
  return (
    <DagContext value={stores}>
      <SelectionBox
        onBox={(left, top, right, bottom) => {
          const { zoom, x, y } = look.getState().viewport;
          const box = {
            left: (left - x) / zoom,
            top: (top - y) / zoom,
            right: (right - x) / zoom,
            bottom: (bottom - y) / zoom,
          };
          control.touch();
          onPick(nodesIn(layout, box), "add");
        }}
      >
        <LaneBands look={look} layout={layout} names={props.laneNames} />
        <OverviewCanvas look={look} view={view} layout={layout} mounted={mounted} />
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          defaultViewport={first}
          className="[&_.react-flow\_\_attribution]:bg-transparent! [&_.react-flow\_\_attribution_a]:text-faint!"
          minZoom={MIN_ZOOM}
          maxZoom={MAX_ZOOM}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          zoomOnDoubleClick={false}
          deleteKeyCode={null}
          selectionKeyCode={null}
          multiSelectionKeyCode={null}
          panActivationKeyCode={null}
          onMoveStart={(event) => {
            if (event !== null) control.touch();
          }}
          onNodeClick={(event, node) => pick(node.data.node, event)}
          onNodeDoubleClick={(_event, node) => open(node.data.node)}
          onPaneClick={(event) => {
            const node = nodeUnder(event);
            if (node !== null && event.detail === 2) open(node);
            else pick(node, event);
          }}
          onPaneMouseMove={(event) => {
            if (event.buttons === 0) setHovered(mounted.length === 0 ? nodeUnder(event) : null);
          }}
          onPaneMouseLeave={() => setHovered(null)}
        />
        {layout.lanes.length > 0 ? <DomainBoxes look={look} view={view} layout={layout} /> : null}
        <BreakerMarks look={look} view={view} layout={layout} />
        <GraphMap look={look} view={view} layout={layout} onCentre={control.centre} />
        <ZoomControls onZoom={control.zoomBy} onFit={control.fit} />
        {mounted.length === 0 && hovered !== null && hovered < view.size ? (
          <Readout view={view} node={hovered} />
        ) : null}
      </SelectionBox>
    </DagContext>
  );
}

/** React Flow's nodes, each with its size and handles. What is off screen in a large graph is not among them at all. */
function useNodes(view: ViewGraph, layout: Layout, mounted: readonly number[]): DagNode[] {
  // Belongs to one view and layout: a node that stays is the same object, so React Flow keeps what it knows of it.
  const cache = useMemo(() => ({ of: new Map<number, DagNode>(), view, layout }), [view, layout]);
  return useMemo(() => {
    const prefix = isSmall(view) ? "" : "bare-";
    return mounted.map((node) => {
      const known = cache.of.get(node);
      if (known !== undefined) return known;
      const members = view.members[node] ?? null;
      const made: DagNode = {
        id: idOf(view, node),
        type: `${prefix}${members === null ? "task" : "group"}`,
        position: { x: at(layout.x, node), y: at(layout.y, node) },
        ...MEASURED,
        measured: MEASURED,
        handles: HANDLES[layout.direction],
        targetPosition: layout.direction === "down" ? Position.Top : Position.Left,
        sourcePosition: layout.direction === "down" ? Position.Bottom : Position.Right,
        data: {
          run: view.tasks.run,
          task: at(view.head, node),
          members,
          openedFrom: at(view.openedFrom, at(view.head, node)),
          node,
        },
      };
      cache.of.set(node, made);
      return made;
    });
  }, [mounted, view, layout, cache]);
}

const idOf = (view: ViewGraph, node: number): string =>
  `${view.members[node] == null ? "t" : "g"}${at(view.head, node)}`;

const nameOf = ({ tasks, head }: ViewGraph, node: number): string =>
  visibleText(cutText(tasks.run.names[at(head, node)] ?? "", 60).head);

const NO_EDGES: DagEdge[] = [];

/** React Flow's edges, for a graph that is mounted whole. */
function useEdges(view: ViewGraph, layout: Layout, highlight: HighlightStore, mounted: readonly number[]): DagEdge[] {
  const selected = useStore(highlight, (marks) => marks.selected);
  const whole = mounted.length === view.size && isSmall(view);
  const paths = useMemo(
    () =>
      whole
        ? Array.from({ length: view.from.length }, (_, e) => edgePath(edgePoints(view, layout, e), layout.direction))
        : [],
    [whole, view, layout],
  );
  return useMemo(() => {
    if (!whole) return NO_EDGES;
    const lit = new Set(selected.size > 50 ? [] : [...selected].map((task) => at(view.nodeOf, task)));
    return paths.map((path, e) => {
      const from = at(view.from, e);
      const to = at(view.to, e);
      return {
        id: `${idOf(view, from)}>${idOf(view, to)}`,
        type: "dependency",
        source: idOf(view, from),
        target: idOf(view, to),
        ariaLabel: `${nameOf(view, from)} before ${nameOf(view, to)}`,
        data: { path, kind: EDGE_KINDS[at(view.kind, e)] ?? "after", lit: lit.has(from) || lit.has(to) },
      };
    });
  }, [whole, paths, view, selected]);
}
