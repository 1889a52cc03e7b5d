import { TASK_STATES } from "../../../api/contract/task-state.ts";
import { actionGroup } from "../../../protocol/cascade/action-group.ts";
import { formatCount } from "../../../ui/duration.ts";
import { edgeKind, neighbours, type TaskGraph } from "../graph/task-graph.ts";
import { at } from "../layout/layout-types.ts";

/** An edge between two agents of a run, by their numbers; `group` null is every kind of action. */
export interface AgentEdge {
  readonly caller: number;
  readonly callee: number;
  readonly group: string | null;
}

/** What a breaker that is open holds: nothing that has started, and everything behind it. */
export interface Containment {
  /** Tasks of the callee that take up a result of the caller's and have not started. */
  readonly held: readonly number[];
  /** Those and all that come after them and have not started. */
  readonly behind: readonly number[];
  /** Numbers of the agents whose tasks they are. */
  readonly agents: readonly number[];
}

const NOT_STARTED: ReadonlySet<string> = new Set(["planned", "asked", "waiting"]);

/** Worked out from the recorded graph and the live states: what tripping this edge would hold now. */
export function containment(graph: TaskGraph, states: ArrayLike<number>, edge: AgentEdge): Containment {
  return heldBy(
    graph,
    states,
    (from, to, task) => from === edge.caller && to === edge.callee && isOfGroup(graph, task, edge.group),
  );
}

/** What isolating these agents from all others would hold now: what is handed in, and what is handed out. */
export function borderContainment(
  graph: TaskGraph,
  states: ArrayLike<number>,
  inside: ReadonlySet<number>,
): Containment {
  return heldBy(graph, states, (from, to) => inside.has(from) !== inside.has(to));
}

function heldBy(
  graph: TaskGraph,
  states: ArrayLike<number>,
  cuts: (from: number, to: number, task: number) => boolean,
): Containment {
  const waits = (task: number): boolean => hasNotStarted(states, task);
  const held: number[] = [];
  for (let task = 0; task < graph.tasks; task += 1) {
    const to = at(graph.agent, task);
    if (waits(task) && handedOnBy(graph, task).some((before) => cuts(at(graph.agent, before), to, task)))
      held.push(task);
  }
  const behind = new Set(held);
  // A set is walked in the order of insertion, and what is put in meanwhile is walked too.
  for (const task of behind) for (const next of neighbours(graph.down, task)) if (waits(next)) behind.add(next);
  return { held, behind: [...behind], agents: [...new Set([...behind].map((task) => at(graph.agent, task)))] };
}

export const heldWords = (held: number, behind: number): string =>
  behind === 0
    ? "no task: none is left that has not started"
    : `${formatCount(held)} ${held === 1 ? "task" : "tasks"} at the edge, ${formatCount(behind - held)} more behind them, by what has started now`;

export const hasNotStarted = (states: ArrayLike<number>, task: number): boolean =>
  NOT_STARTED.has(TASK_STATES[states[task] ?? 0] ?? "planned");

export const isOfGroup = ({ run }: TaskGraph, task: number, group: string | null): boolean =>
  group === null || actionGroup(run.actions[task] ?? "") === group;

/** Whose results a task takes up: its predecessors, or those of the task that called it. */
function handedOnBy(graph: TaskGraph, task: number): readonly number[] {
  const own = neighbours(graph.up, task).filter((before) => edgeKind(graph, before, task) !== "call");
  const caller = graph.run.caller[task] ?? -1;
  return own.length > 0 || caller < 0 ? own : handedOnBy(graph, caller);
}
