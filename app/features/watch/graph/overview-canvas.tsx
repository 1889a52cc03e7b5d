import { useEffect, useMemo, useRef } from "react";
import type { Layout } from "../layout/layout-types.ts";
import { useDag } from "./dag-context.ts";
import { type Palette, readPalette } from "./draw-palette.ts";
import { edgeChunks } from "./edge-chunks.ts";
import { isSmall } from "./mounted.ts";
import { drawScene, isHeavy, type Scene } from "./overview-draw.ts";
import { createSceneCache } from "./scene-cache.ts";
import type { ViewGraph } from "./view-graph.ts";
import type { LookStore } from "./viewport-store.ts";

export interface OverviewCanvasProps {
  readonly look: LookStore;
  readonly view: ViewGraph;
  readonly layout: Layout;
  /** Nodes that React Flow draws. */
  readonly mounted: readonly number[];
}

/** A heavy scene is drawn anew only when the view has rested this long. */
const REST_MS = 120;

/** The canvas below React Flow: it draws again when the view moves, a state or the selection changes, at most once a frame. */
export function OverviewCanvas({ look, view, layout, mounted }: OverviewCanvasProps) {
  const { states, highlight } = useDag();
  const canvas = useRef<HTMLCanvasElement | null>(null);
  const soon = useRef<() => void>(() => undefined);
  const chunks = useMemo(() => (isSmall(view) ? [] : edgeChunks(view, layout)), [view, layout]);
  const scene = useMemo(() => ({ view, layout, chunks, mounted: new Set(mounted) }), [view, layout, chunks, mounted]);
  const drawn = useRef<Omit<Scene, "states" | "highlight" | "palette">>(scene);
  useEffect(() => {
    drawn.current = scene;
    soon.current();
  }, [scene]);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (element === null || context === null || context === undefined) return;
    let palette: Palette = readPalette(element);
    let frame = 0;
    let lastMove = Number.NEGATIVE_INFINITY;
    let rest: ReturnType<typeof setTimeout> | undefined;
    const cache = createSceneCache();
    const draw = (): void => {
      frame = 0;
      const ratio = window.devicePixelRatio || 1;
      const { size } = look.getState();
      const width = Math.round(size.width * ratio);
      const height = Math.round(size.height * ratio);
      if (element.width !== width || element.height !== height) {
        element.width = width;
        element.height = height;
      }
      const all = { ...drawn.current, palette, states: states.getState().states, highlight: highlight.getState() };
      const now = look.getState();
      clearTimeout(rest);
      if (!isHeavy(all, now)) drawScene(context, all, now, ratio);
      else if (!cache.show(context, all, now, ratio)) {
        const renew = (): void => {
          cache.renew(all, now, ratio);
          cache.show(context, all, now, ratio);
        };
        // The first picture at once; a better one when the view rests.
        if (performance.now() - lastMove > REST_MS) renew();
        else rest = setTimeout(renew, REST_MS);
      }
    };
    soon.current = () => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    const again = (): void => soon.current();
    const theme = new MutationObserver(() => {
      palette = readPalette(element);
      again();
    });
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
    const moved = (): void => {
      lastMove = performance.now();
      again();
    };
    const ends = [look.subscribe(moved), states.subscribe(again), highlight.subscribe(again)];
    draw();
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(rest);
      soon.current = () => undefined;
      theme.disconnect();
      for (const end of ends) end();
    };
  }, [look, states, highlight]);
  return <canvas ref={canvas} className="pointer-events-none absolute inset-0 h-full w-full" />;
}
