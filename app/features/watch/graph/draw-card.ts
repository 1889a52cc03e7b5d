import { taskMark } from "../../../api/client/task-marks.ts";
import type { TaskState } from "../../../api/contract/task-state.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { MARK_PATHS, type MarkShape } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { StateLook } from "./draw-palette.ts";
import { NODE_HEIGHT, NODE_WIDTH } from "./node-size.ts";
import type { ViewGraph } from "./view-graph.ts";

export interface Card {
  /** The task, or the first member of a group. */
  readonly task: number;
  readonly members: Int32Array | null;
  readonly state: TaskState;
  readonly x: number;
  readonly y: number;
}

const MARK_SIZE = 14;
/** What fits beside the mark, characters of the two lines. */
const NAME_CHARACTERS = 20;
const NAME_TAIL = 6;
const AGENT_CHARACTERS = 24;
const BOTH_LINES_ZOOM = 0.6;

let shapes: Readonly<Record<MarkShape, Path2D>> | null = null;

/** Made when first drawn: a test without a canvas has no Path2D. */
function shapeOf(shape: MarkShape): Path2D {
  shapes ??= Object.fromEntries(Object.entries(MARK_PATHS).map(([name, path]) => [name, new Path2D(path.d)])) as Record<
    MarkShape,
    Path2D
  >;
  return shapes[shape];
}

/** A node as the page would draw it, for the moments in which it is not mounted yet. */
export function drawCard(
  context: CanvasRenderingContext2D,
  { tasks }: ViewGraph,
  { task, members, state, x, y }: Card,
  look: StateLook,
  zoom: number,
): void {
  const { run } = tasks;
  context.fillStyle = look.border;
  context.fillRect(x, y, NODE_WIDTH, NODE_HEIGHT);
  const line = Math.max(1, 1 / zoom);
  context.fillStyle = look.ground;
  context.fillRect(x + line, y + line, NODE_WIDTH - 2 * line, NODE_HEIGHT - 2 * line);
  const left = members === null ? x + 31 : x + 9;
  if (members === null) drawMark(context, state, x + 9, y + (NODE_HEIGHT - MARK_SIZE) / 2, look.tone);
  context.fillStyle = look.text;
  context.font = `500 13px ${look.fontFamily}`;
  const name = members === null ? shortName(run, task) : shortened(`${run.actions[task]} × ${members.length}`);
  // Text costs most of all that is drawn: the second line only where it could be read.
  const both = zoom >= BOTH_LINES_ZOOM;
  context.fillText(name, left, y + (both ? 19 : 27));
  if (!both) return;
  context.fillStyle = look.muted;
  context.font = `400 12px ${look.fontFamily}`;
  const agent = shown(run).agents[run.agent[task] ?? 0] ?? "";
  const { tone, label } = taskMark(state);
  const loud = members === null && tone !== "neutral" && tone !== "good";
  context.fillText((loud ? `${label} · ${agent}` : agent).slice(0, AGENT_CHARACTERS), left, y + 34);
}

function drawMark(context: CanvasRenderingContext2D, state: TaskState, x: number, y: number, tone: string): void {
  const { shape } = taskMark(state);
  const scale = MARK_SIZE / 12;
  context.translate(x, y);
  context.scale(scale, scale);
  context.fillStyle = tone;
  context.strokeStyle = tone;
  context.lineWidth = shape === "ring" || shape === "half" ? 1.5 : 2;
  if (shape === "half") context.stroke(shapeOf("ring"));
  if (MARK_PATHS[shape].filled) context.fill(shapeOf(shape));
  else context.stroke(shapeOf(shape));
  context.scale(1 / scale, 1 / scale);
  context.translate(-x, -y);
}

interface Shown {
  readonly names: string[];
  readonly agents: string[];
}

/** Names as they fit, made once per task and agent. */
const shownOf = new WeakMap<RunGraph, Shown>();

function shown(run: RunGraph): Shown {
  const known = shownOf.get(run);
  if (known !== undefined) return known;
  const made = { names: [], agents: run.agents.map((agent) => visibleText(agent.name)) };
  shownOf.set(run, made);
  return made;
}

function shortName(run: RunGraph, task: number): string {
  const { names } = shown(run);
  const known = names[task] ?? shortened(visibleText(run.names[task] ?? ""));
  names[task] = known;
  return known;
}

function shortened(name: string): string {
  return name.length <= NAME_CHARACTERS
    ? name
    : `${name.slice(0, NAME_CHARACTERS - NAME_TAIL - 1)}…${name.slice(-NAME_TAIL)}`;
}
