import {
  type Edge,
  type EdgeProps,
  getBezierPath,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { Maximize, Minus, Plus } from "lucide-react";
import { type KeyboardEvent, memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { PolicyNode } from "../../../api/contract/policy.ts";
import { IconButton } from "../../../ui/button.tsx";
import { MarkIcon } from "../../../ui/mark.tsx";
import { lookOf, percentOf } from "../../../ui/meter.tsx";
import { agentName, CONSEQUENCE_WORDS, listed, word } from "../words.ts";
import { type Delegation, type DelegationNode, NODE_HEIGHT, NODE_WIDTH, placeNodes } from "./delegation.ts";
import { worstShare } from "./limits.ts";

export interface DelegationViewProps {
  readonly delegation: Delegation;
  /** What is used up, by node id; empty where nothing is counted. */
  readonly used: ReadonlyMap<string, PolicyNode>;
  readonly selected: string | null;
  onSelect(id: string): void;
}

type Drawn = Node<{ node: DelegationNode; share: number | null; isSelected: boolean; takesTab: boolean }>;
type DrawnEdge = Edge<{ precedes: boolean; lit: boolean }>;

const SIZE = { width: NODE_WIDTH, height: NODE_HEIGHT };
const HANDLES: NonNullable<Drawn["handles"]> = [
  { type: "target", position: Position.Left, x: 0, y: NODE_HEIGHT / 2, width: 1, height: 1 },
  { type: "source", position: Position.Right, x: NODE_WIDTH, y: NODE_HEIGHT / 2, width: 1, height: 1 },
];
const HANDLE = "pointer-events-none! h-px! w-px! min-h-0! min-w-0! border-0! opacity-0";
const MIN_ZOOM = 0.05;
const MAX_ZOOM = 1.5;
const PADDING = 16;

/** The delegation as a graph from left to right. Its table twin can do all that it can. The one module that knows React Flow. */
export function DelegationView(props: DelegationViewProps) {
  const frame = useRef<HTMLDivElement | null>(null);
  const [size, setSize] = useState<{ readonly width: number; readonly height: number } | null>(null);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      if (width > 0 && height > 0) setSize({ width, height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={frame} className="relative h-80 shrink-0 overflow-hidden border border-line bg-panel md:h-96">
      {size === null ? null : (
        <ReactFlowProvider>
          <Surface {...props} size={size} />
        </ReactFlowProvider>
      )}
    </div>
  );
}

function Surface({ delegation, used, selected, onSelect, size }: DelegationViewProps & { readonly size: typeof SIZE }) {
  const flow = useReactFlow();
  const frame = useRef<HTMLDivElement>(null);
  const placement = useMemo(() => placeNodes(delegation.nodes), [delegation]);
  const fitting = fitted(placement, size);
  const [first] = useState(fitting);
  const tabStop = delegation.nodes.some((node) => node.id === selected) ? selected : delegation.nodes[0]?.id;
  const nodes = useMemo(
    () =>
      delegation.nodes.map(
        (node): Drawn => ({
          id: node.id,
          type: "policy",
          position: placement.at.get(node.id) ?? { x: 0, y: 0 },
          ...SIZE,
          measured: SIZE,
          handles: HANDLES,
          sourcePosition: Position.Right,
          targetPosition: Position.Left,
          data: {
            node,
            share: worstShare(used.get(node.id)),
            isSelected: node.id === selected,
            takesTab: node.id === tabStop,
          },
        }),
      ),
    [delegation, placement, used, selected, tabStop],
  );
  const edges = useMemo(
    () =>
      delegation.edges.map(
        ({ from, to, kind }, index): DrawnEdge => ({
          id: `${index}`,
          type: "policy",
          source: from,
          target: to,
          ariaLabel: `${from} ${kind === "delegates" ? "delegates to" : "precedes"} ${to}`,
          data: { precedes: kind === "precedes", lit: from === selected || to === selected },
        }),
      ),
    [delegation, selected],
  );
  useReveal(selected === null ? undefined : placement.at.get(selected), size);
  const move = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    const at = delegation.nodes.findIndex((node) => node.id === tabStop);
    const to = delegation.nodes[Math.max(0, Math.min(delegation.nodes.length - 1, at + step))];
    if (to === undefined) return;
    event.preventDefault();
    onSelect(to.id);
    frame.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(to.id)}"]`)?.focus();
  };
  return (
    <section ref={frame} aria-label="Delegation graph" className="absolute inset-0" onKeyDown={move}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        defaultViewport={first}
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
        onNodeClick={(_event, node) => onSelect(node.id)}
        className="[&_.react-flow\_\_attribution]:bg-transparent! [&_.react-flow\_\_attribution_a]:text-faint!"
      />
      <div className="absolute top-2 left-2 flex flex-col border border-line bg-raised">
        <IconButton label="Zoom in" icon={Plus} size="sm" placement="right" onPress={() => void flow.zoomIn()} />
        <IconButton label="Zoom out" icon={Minus} size="sm" placement="right" onPress={() => void flow.zoomOut()} />
        <IconButton
          label="Show all of it"
          icon={Maximize}
          size="sm"
          placement="right"
          onPress={() => void flow.setViewport(fitting)}
        />
      </div>
    </section>
  );
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

function fitted({ width, height }: { readonly width: number; readonly height: number }, size: typeof SIZE) {
  const zoom = Math.max(
    MIN_ZOOM,
    Math.min(1, (size.width - 2 * PADDING) / Math.max(1, width), (size.height - 2 * PADDING) / Math.max(1, height)),
  );
  return { zoom, x: Math.max(PADDING, (size.width - zoom * width) / 2), y: (size.height - zoom * height) / 2 };
}

/** Brings the selected node onto the screen; what is there already does not move. */
function useReveal(place: { readonly x: number; readonly y: number } | undefined, size: typeof SIZE): void {
  const flow = useReactFlow();
  const frame = useRef(size);
  frame.current = size;
  useEffect(() => {
    if (place === undefined) return;
    const { x, y, zoom } = flow.getViewport();
    const { width, height } = frame.current;
    const [left, top] = [place.x * zoom + x, place.y * zoom + y];
    const inside = left >= 0 && top >= 0 && left + NODE_WIDTH * zoom <= width && top + NODE_HEIGHT * zoom <= height;
    if (inside) return;
    const to = {
      zoom,
      x: width / 2 - (place.x + NODE_WIDTH / 2) * zoom,
      y: height / 2 - (place.y + NODE_HEIGHT / 2) * zoom,
    };
    void flow.setViewport(to);
  }, [flow, place]);
}

const PolicyNodeBox = memo(function PolicyNodeBox({ data }: NodeProps<Drawn>) {
  const { node, share, isSelected, takesTab } = data;
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} className={HANDLE} />
      <button
        type="button"
        data-node={node.id}
        tabIndex={takesTab ? 0 : -1}
        aria-pressed={isSelected}
        style={SIZE}
        className={`nodrag box-border flex flex-col justify-center gap-0.5 rounded-md border px-2 text-left ${isSelected ? "border-accent bg-accent-soft outline-1 outline-accent" : "border-strong bg-raised"}`}
      >
        <span className="flex w-full items-center gap-1.5">
          <span className="min-w-0 flex-auto truncate font-medium">{agentName(node.agent)}</span>
          <span className="max-w-[45%] shrink-0 truncate font-mono text-xs text-muted">{word(node.id)}</span>
        </span>
        <span className="flex w-full items-center gap-1.5 text-xs">
          <span className="min-w-0 flex-auto truncate font-mono text-muted">{listed(node.actions)}</span>
          {node.consequence === "irreversible" ? (
            <span className="flex shrink-0 items-center gap-1">
              <MarkIcon shape="diamond" tone="notice" size={10} />
              irreversible
            </span>
          ) : (
            <span className="sr-only">, {CONSEQUENCE_WORDS[node.consequence]}</span>
          )}
        </span>
        <span className="flex w-full items-center gap-1.5 text-xs text-muted">
          <span className="min-w-0 flex-auto truncate">
            {node.narrowed.length === 0 ? "as it was given" : `narrowed: ${listed(node.narrowed)}`}
          </span>
          {share === null ? null : <Share share={share} />}
        </span>
      </button>
      <Handle type="source" position={Position.Right} isConnectable={false} className={HANDLE} />
    </>
  );
});

function Share({ share }: { readonly share: number }) {
  const look = lookOf(share);
  return (
    <span className={`inline-flex shrink-0 items-center gap-1 ${look?.text ?? ""}`}>
      {look === null ? null : <MarkIcon {...look.mark} size={10} />}
      {percentOf(share)} % used
    </span>
  );
}

const PolicyEdge = memo(function PolicyEdge(props: EdgeProps<DrawnEdge>) {
  const [path] = getBezierPath(props);
  const { precedes = false, lit = false } = props.data ?? {};
  return (
    <path
      d={path}
      fill="none"
      className={lit ? "stroke-accent" : "stroke-strong"}
      strokeWidth={lit ? 2 : 1}
      {...(precedes ? { strokeDasharray: "6 4" } : {})}
    />
  );
});

const NODE_TYPES = { policy: PolicyNodeBox };
const EDGE_TYPES = { policy: PolicyEdge };
