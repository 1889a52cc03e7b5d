import { at } from "../layout/layout-types.ts";
import { type Box, contains, type Viewport, visibleBox } from "./geometry.ts";
import { drawAgain, drawScene, type Scene } from "./overview-draw.ts";
import type { Look } from "./viewport-store.ts";

/** What is drawn beyond the screen, as a share of it on each side, so that panning finds it ready. */
const MARGIN = 0.5;
const MAX_SIDE = 4096;

interface Drawn {
  readonly canvas: OffscreenCanvas;
  readonly context: OffscreenCanvasRenderingContext2D;
  /** Part of the graph that is in it, and where the graph lies in it. */
  readonly box: Box;
  readonly look: Look;
  readonly ratio: number;
  scene: Scene;
}

/**
 * A picture of a heavy scene. Panning moves the picture and zooming scales it; drawn anew is only what changed its state,
 * and everything when the view rests somewhere else.
 */
export interface SceneCache {
  /** Shows the picture; false when it has to be drawn anew, now or when the view rests. */
  show(context: CanvasRenderingContext2D, scene: Scene, look: Look, ratio: number): boolean;
  /** Draws the picture anew for what is looked at. */
  renew(scene: Scene, look: Look, ratio: number): void;
}

export function createSceneCache(): SceneCache {
  let drawn: Drawn | null = null;
  return {
    show: (context, scene, look, ratio) => {
      if (drawn === null || !alike(drawn, scene, ratio)) return false;
      repaint(drawn, scene);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, look.size.width, look.size.height);
      const scale = look.viewport.zoom / drawn.look.viewport.zoom;
      const left = look.viewport.x + drawn.box.left * look.viewport.zoom;
      const top = look.viewport.y + drawn.box.top * look.viewport.zoom;
      const { width, height } = drawn.look.size;
      context.drawImage(drawn.canvas, left, top, width * scale, height * scale);
      return scale === 1 && contains(drawn.box, inGraph(visibleBox(look.viewport, look.size), scene));
    },
    renew: (scene, look, ratio) => {
      drawn = picture(scene, look, ratio) ?? drawn;
    },
  };
}

/** The same graph under the same marks: only states may differ. */
function alike({ scene: before, ratio }: Drawn, scene: Scene, nowRatio: number): boolean {
  return (
    ratio === nowRatio &&
    before.layout === scene.layout &&
    before.view === scene.view &&
    before.highlight === scene.highlight &&
    before.palette === scene.palette &&
    before.mounted.size === scene.mounted.size
  );
}

/** Draws the nodes whose tasks changed their state. */
function repaint(drawn: Drawn, scene: Scene): void {
  const before = drawn.scene.states;
  if (before === scene.states) return;
  const nodes = new Set<number>();
  for (let task = 0; task < scene.states.length; task += 1)
    if (before[task] !== scene.states[task]) nodes.add(at(scene.view.nodeOf, task));
  drawn.scene = scene;
  // An offscreen context draws with the same calls; its type only lacks what belongs to an element.
  drawAgain(drawn.context as unknown as CanvasRenderingContext2D, scene, [...nodes], drawn.look, drawn.ratio);
}

function picture(scene: Scene, { viewport, size }: Look, ratio: number): Drawn | null {
  const box = inGraph(visibleBox(viewport, size, MARGIN), scene);
  const { zoom } = viewport;
  const width = Math.min(MAX_SIDE, Math.ceil((box.right - box.left) * zoom * ratio));
  const height = Math.min(MAX_SIDE, Math.ceil((box.bottom - box.top) * zoom * ratio));
  if (width <= 0 || height <= 0) return null;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (context === null) return null;
  const placed: Viewport = { x: -box.left * zoom, y: -box.top * zoom, zoom };
  const look = { viewport: placed, size: { width: width / ratio, height: height / ratio } };
  // As above: the same calls.
  drawScene(context as unknown as CanvasRenderingContext2D, scene, look, ratio);
  return { canvas, context, box, look, ratio, scene };
}

/** The part of a box in which there is something of the graph. */
function inGraph(box: Box, { layout }: Scene): Box {
  const air = 8;
  return {
    left: Math.max(box.left, -air),
    top: Math.max(box.top, -air),
    right: Math.min(box.right, layout.width + air),
    bottom: Math.min(box.bottom, layout.height + air),
  };
}
