import { taskMark } from "../../../api/client/task-marks.ts";
import { TASK_STATES, type TaskState } from "../../../api/contract/task-state.ts";
import { IRREVERSIBLE } from "../halo/reach.ts";
import { at, type Layout } from "../layout/layout-types.ts";
import { countStates, STATES_BY_NEED, stateName } from "../task-states.ts";
import { EDGE_DASH } from "./dependency-edge.tsx";
import { drawCard } from "./draw-card.ts";
import { type Palette, stateLook } from "./draw-palette.ts";
import type { EdgeChunk } from "./edge-chunks.ts";
import { type Box, edgePath, edgePoints, nodesIn, visibleBox } from "./geometry.ts";
import type { Highlight } from "./highlight.ts";
import { haloBits, isCursor, isSelected, matchCount } from "./highlight-marks.ts";
import { NODE_HEIGHT, NODE_WIDTH } from "./node-size.ts";
import { EDGE_KINDS } from "./task-graph.ts";
import type { ViewGraph } from "./view-graph.ts";
import type { Look } from "./viewport-store.ts";

export interface Scene {
  readonly view: ViewGraph;
  readonly layout: Layout;
  readonly chunks: readonly EdgeChunk[];
  readonly states: Uint8Array;
  readonly highlight: Highlight;
  readonly palette: Palette;
  /** Nodes that the page draws itself. */
  readonly mounted: ReadonlySet<number>;
}

type Context = CanvasRenderingContext2D;

/** From here on a node is drawn as a card with its name, below it as a block. */
const CARD_ZOOM = 0.4;

/** Below it a node is a few pixels: a filling in the colour of its state, whose names and numbers stand above the graph. */
const DOT_ZOOM = 0.12;

/** More nodes and edges than this in view are not drawn anew for every frame. */
const HEAVY = 2500;

export function isHeavy(scene: Scene, look: Look): boolean {
  const box = visibleBox(look.viewport, look.size);
  const edges = scene.chunks.reduce((sum, chunk) => sum + (touches(chunk.box, box) ? chunk.edges : 0), 0);
  return edges > HEAVY || edges + nodesIn(scene.layout, box).length > HEAVY;
}

/** Draws what the page does not: the edges of a large graph, and the nodes that are not mounted. */
export function drawScene(context: Context, scene: Scene, { viewport, size }: Look, ratio: number): void {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  const { zoom } = viewport;
  context.setTransform(ratio * zoom, 0, 0, ratio * zoom, ratio * viewport.x, ratio * viewport.y);
  const box = visibleBox(viewport, size);
  drawEdges(context, scene, box, zoom);
  drawNodes(context, scene, nodesIn(scene.layout, box), zoom);
}

/** Draws some nodes again, over what was drawn of them before. */
export function drawAgain(
  context: Context,
  scene: Scene,
  nodes: readonly number[],
  { viewport }: Look,
  ratio: number,
): void {
  const { zoom } = viewport;
  context.setTransform(ratio * zoom, 0, 0, ratio * zoom, ratio * viewport.x, ratio * viewport.y);
  drawNodes(context, scene, nodes, zoom);
}

const touches = (a: Box, b: Box): boolean =>
  a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;

const lengthOf = (box: Box): number => Math.max(box.right - box.left, box.bottom - box.top);
const MAX_DASHED = 400;
const MAX_DASHED_PX = 4000;
const MAX_BENT = 1500;

function drawEdges(context: Context, scene: Scene, box: Box, zoom: number): void {
  const near = scene.chunks.filter((chunk) => touches(chunk.box, box));
  const edges = near.reduce((sum, chunk) => sum + chunk.edges, 0);
  context.lineWidth = 1 / zoom;
  context.strokeStyle = scene.palette.strong;
  const alpha = Math.max(0.05, Math.min(0.6, 250 / Math.max(1, edges)));
  for (const chunk of near) {
    const dash = EDGE_DASH[EDGE_KINDS[chunk.kind] ?? "after"];
    // A dash is a stroke of its own: of many or very long edges that would be millions, so those are paler instead.
    const dashed = dash.length > 0 && edges <= MAX_DASHED && lengthOf(chunk.box) * zoom < MAX_DASHED_PX;
    context.globalAlpha = dash.length === 0 || dashed ? alpha : alpha / 2;
    context.setLineDash(dashed ? dash.map((length) => length / zoom) : []);
    context.stroke(edges <= MAX_BENT ? chunk.bent : chunk.straight);
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
  if (scene.chunks.length > 0) drawLit(context, scene, zoom);
}

/** Edges of the selection, above the others. */
function drawLit(context: Context, scene: Scene, zoom: number): void {
  const { view, layout, highlight, palette } = scene;
  if (highlight.selected.size === 0 || highlight.selected.size > 50) return;
  const nodes = new Set([...highlight.selected].map((task) => at(view.nodeOf, task)));
  let path = "";
  for (let e = 0; e < view.from.length; e += 1)
    if (nodes.has(at(view.from, e)) || nodes.has(at(view.to, e)))
      path += edgePath(edgePoints(view, layout, e), layout.direction);
  context.strokeStyle = palette.accent;
  context.lineWidth = 2 / zoom;
  context.stroke(new Path2D(path));
}

interface Drawn {
  readonly node: number;
  readonly task: number;
  readonly members: Int32Array | null;
}

/** Nodes by state, so that colours are set once each. */
function drawNodes(context: Context, scene: Scene, nodes: readonly number[], zoom: number): void {
  const { view, layout, highlight, mounted } = scene;
  const byState = new Map<TaskState, Drawn[]>();
  for (const node of nodes) {
    if (mounted.has(node)) continue;
    const task = at(view.head, node);
    const members = view.members[node] ?? null;
    const state = nodeState(view, scene.states, node);
    const list = byState.get(state);
    if (list === undefined) byState.set(state, [{ node, task, members }]);
    else list.push({ node, task, members });
  }
  const selected: number[] = [];
  const touched: (readonly [node: number, bits: number])[] = [];
  let cursor = -1;
  for (const [state, nodes] of byState) {
    const look = stateLook(scene.palette, state);
    for (const { node, task, members } of nodes) {
      const bits = haloBits(highlight, task, members);
      if (bits > 0) touched.push([node, bits]);
      context.globalAlpha = matchCount(highlight, task, members) === 0 ? 0.25 : bits === 0 ? 0.4 : 1;
      const x = at(layout.x, node);
      const y = at(layout.y, node);
      if (zoom >= CARD_ZOOM) drawCard(context, view, { task, members, state, x, y }, look, zoom);
      else drawBlock(context, state, x, y, look, zoom);
      if (isSelected(highlight, task, members)) selected.push(node);
      if (isCursor(highlight, task, members)) cursor = node;
    }
  }
  context.globalAlpha = 1;
  drawHalo(context, scene, touched, zoom);
  context.strokeStyle = scene.palette.accent;
  context.lineWidth = 3 / zoom;
  const out = 3 / zoom;
  const outline = (node: number): void =>
    context.strokeRect(at(layout.x, node) - out, at(layout.y, node) - out, NODE_WIDTH + 2 * out, NODE_HEIGHT + 2 * out);
  for (const node of selected) if (node !== cursor) outline(node);
  if (cursor < 0) return;
  context.setLineDash([6 / zoom, 4 / zoom]);
  outline(cursor);
  context.setLineDash([]);
}

/** What an override would touch: an outline, and a diamond where something cannot be undone. */
function drawHalo(
  context: Context,
  { layout, palette }: Scene,
  touched: readonly (readonly [node: number, bits: number])[],
  zoom: number,
): void {
  context.strokeStyle = palette.tones.notice;
  context.fillStyle = palette.tones.notice;
  context.lineWidth = 2 / zoom;
  const out = 4 / zoom;
  for (const [node, bits] of touched) {
    const [x, y] = [at(layout.x, node), at(layout.y, node)];
    context.strokeRect(x - out, y - out, NODE_WIDTH + 2 * out, NODE_HEIGHT + 2 * out);
    if ((bits & IRREVERSIBLE) === 0) continue;
    const r = 6 / zoom;
    const [right, top] = [x + NODE_WIDTH + out, y - out];
    fillPolygon(context, [right, top - r, right + r, top, right, top + r, right - r, top]);
  }
}

/** The state that a node shows: its task's, of a group the one that asks most. */
export function nodeState(view: ViewGraph, states: Uint8Array, node: number): TaskState {
  const members = view.members[node] ?? null;
  if (members === null) return stateName(states[at(view.head, node)]);
  const counts = countStates(states, members);
  return STATES_BY_NEED.find((state) => (counts[TASK_STATES.indexOf(state)] ?? 0) > 0) ?? "planned";
}

/** A node too small for text: its filling has the state's shape, so that it does not hang on colour alone. */
function drawBlock(
  context: Context,
  state: TaskState,
  x: number,
  y: number,
  look: ReturnType<typeof stateLook>,
  zoom: number,
): void {
  const [w, h] = [NODE_WIDTH, NODE_HEIGHT];
  if (zoom < DOT_ZOOM) {
    context.fillStyle = look.dot;
    context.fillRect(x, y, w, h);
    return;
  }
  const line = 1 / zoom;
  context.fillStyle = look.border;
  context.fillRect(x, y, w, h);
  context.fillStyle = look.ground;
  context.fillRect(x + line, y + line, w - 2 * line, h - 2 * line);
  context.fillStyle = look.block;
  switch (taskMark(state).shape) {
    case "dot":
      context.fillRect(x, y, w, h);
      break;
    case "half":
      context.fillRect(x, y, w / 2, h);
      break;
    case "bar":
      context.fillRect(x, y + h / 2 - line, w, 2 * line);
      break;
    case "square":
      context.fillRect(x, y, w, h);
      break;
    case "diamond":
      fillPolygon(context, [x + w / 2, y, x + w, y + h / 2, x + w / 2, y + h, x, y + h / 2]);
      break;
    case "triangle":
      fillPolygon(context, [x + w / 2, y, x + w, y + h, x, y + h]);
      break;
    case "cross":
      context.strokeStyle = look.tone;
      context.lineWidth = 2 / zoom;
      context.stroke(new Path2D(`M${x} ${y}L${x + w} ${y + h}M${x + w} ${y}L${x} ${y + h}`));
      break;
    case "ring":
      break;
  }
}

function fillPolygon(context: Context, points: readonly number[]): void {
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) context.lineTo(points[i] as number, points[i + 1] as number);
  context.fill();
}
