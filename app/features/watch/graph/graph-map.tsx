import { type PointerEvent, useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import type { TaskState } from "../../../api/contract/task-state.ts";
import { formatCount } from "../../../ui/duration.ts";
import { at, type Layout } from "../layout/layout-types.ts";
import { STATES_BY_NEED } from "../task-states.ts";
import { useDag } from "./dag-context.ts";
import { readPalette, stateLook } from "./draw-palette.ts";
import { contains, nodesIn, visibleBox } from "./geometry.ts";
import { frameOn, type MapScale, mapScale } from "./map-scale.ts";
import { NODE_HEIGHT, NODE_WIDTH } from "./node-size.ts";
import { nodeState } from "./overview-draw.ts";
import type { ViewGraph } from "./view-graph.ts";
import type { LookStore } from "./viewport-store.ts";

export interface GraphMapProps {
  readonly look: LookStore;
  readonly view: ViewGraph;
  readonly layout: Layout;
  /** A place of the graph was pressed. */
  onCentre(x: number, y: number): void;
}

/** Share of the graph's room that the map may take, and at most, px. */
const SHARE = 0.34;
const MOST = { width: 168, height: 120 };

/**
 * Where in the graph one looks: shown while some of it is off screen. React Flow's own map draws only what is mounted, which
 * of a large graph is next to nothing. Pressing it is a shortcut for the pointer: the arrow keys and `n` lead everywhere.
 */
export function GraphMap({ look, view, layout, onCentre }: GraphMapProps) {
  const isWhole = useStore(look, ({ viewport, size }) =>
    contains(visibleBox(viewport, size), { left: 0, top: 0, right: layout.width, bottom: layout.height }),
  );
  const inView = useStore(look, ({ viewport, size }) => nodesIn(layout, visibleBox(viewport, size)).length);
  const room = useStore(look, ({ size }) => `${roomOf(size.width, "width")} ${roomOf(size.height, "height")}`);
  const scale = useMemo(() => {
    const [width = 0, height = 0] = room.split(" ").map(Number);
    return mapScale(layout, { width, height });
  }, [layout, room]);
  if (isWhole) return null;
  const go = (event: PointerEvent<HTMLElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    onCentre((event.clientX - box.left) / scale.x, (event.clientY - box.top) / scale.y);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: no form field is in it
    <div
      role="group"
      aria-label="Map of the graph"
      className="absolute bottom-12 left-2 z-10 rounded-md border border-strong bg-panel p-1"
    >
      <div
        aria-hidden="true"
        className="relative cursor-pointer touch-none"
        style={{ width: scale.width, height: scale.height }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          go(event);
        }}
        onPointerMove={(event) => {
          if (event.buttons === 1) go(event);
        }}
      >
        <Picture view={view} layout={layout} scale={scale} />
        <Frame look={look} scale={scale} />
      </div>
      <p className="mt-1 text-xs leading-4 text-muted tabular-nums">
        {formatCount(inView)} of {formatCount(view.size)} in view
      </p>
    </div>
  );
}

const roomOf = (extent: number, side: keyof typeof MOST): number => Math.min(MOST[side], Math.round(SHARE * extent));

/** The part that is on screen; moved without React, frame by frame. */
function Frame({ look, scale }: Pick<GraphMapProps, "look"> & { readonly scale: MapScale }) {
  const frame = useRef<HTMLDivElement | null>(null);
  useEffect(() => {
    const place = (): void => {
      const { viewport, size } = look.getState();
      const { left, right, top, bottom } = frameOn(scale, viewport, size);
      if (frame.current === null) return;
      frame.current.style.transform = `translate(${left}px, ${top}px)`;
      frame.current.style.width = `${right - left}px`;
      frame.current.style.height = `${bottom - top}px`;
    };
    place();
    return look.subscribe(place);
  }, [look, scale]);
  return <div ref={frame} className="pointer-events-none absolute top-0 left-0 box-border border-2 border-accent" />;
}

/** States change many times a second; the picture is drawn anew at most this often. */
const REST_MS = 250;
/** A node is drawn at least this large, px, and one that asks for somebody or is under way larger than its neighbours. */
const DOT = 2;
const LOUD_DOT = 4;
const QUIET: ReadonlySet<TaskState> = new Set(["planned", "done", "blocked"]);

/** Every node as a dot in the colour of its state, whose names and numbers stand above the graph. */
function Picture({ view, layout, scale }: Pick<GraphMapProps, "view" | "layout"> & { readonly scale: MapScale }) {
  const { states } = useDag();
  const canvas = useRef<HTMLCanvasElement | null>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d") ?? null;
    if (element === null || context === null) return;
    let rest: ReturnType<typeof setTimeout> | undefined;
    const draw = (): void => {
      rest = undefined;
      const ratio = window.devicePixelRatio || 1;
      element.width = Math.round(scale.width * ratio);
      element.height = Math.round(scale.height * ratio);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const palette = readPalette(element);
      const byNeed = STATES_BY_NEED.map((): number[] => []);
      for (let node = 0; node < view.size; node += 1)
        byNeed[STATES_BY_NEED.indexOf(nodeState(view, states.getState().states, node))]?.push(node);
      // The most urgent last, so that nothing lies over it.
      for (const [need, nodes] of [...byNeed.entries()].reverse()) {
        const state = STATES_BY_NEED[need] ?? "planned";
        const least = QUIET.has(state) ? DOT : LOUD_DOT;
        context.fillStyle = state === "planned" ? palette.line : stateLook(palette, state).dot;
        for (const node of nodes) {
          const width = Math.max(least, NODE_WIDTH * scale.x);
          const height = Math.max(least, NODE_HEIGHT * scale.y);
          const left = Math.min(scale.width - width, at(layout.x, node) * scale.x);
          context.fillRect(left, Math.min(scale.height - height, at(layout.y, node) * scale.y), width, height);
        }
      }
    };
    const soon = (): void => {
      rest ??= setTimeout(draw, REST_MS);
    };
    draw();
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
    const end = states.subscribe(soon);
    return () => {
      clearTimeout(rest);
      theme.disconnect();
      end();
    };
  }, [view, layout, scale, states]);
  return <canvas ref={canvas} className="block h-full w-full" />;
}
