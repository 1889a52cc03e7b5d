import type { RecordedRun } from "../../../protocol/run/recorded-run.ts";
import { CALL, type TaskGraph } from "../graph/task-graph.ts";
import { degree } from "../layout/adjacency.ts";
import { at } from "../layout/layout-types.ts";

/** What a recording says of one action: what rules are derived from. */
export interface ActionFacts {
  readonly action: string;
  /** Indexes into the run's agents, ascending. */
  readonly agents: readonly number[];
  readonly tasks: number;
  /** Tasks that nothing comes after. */
  readonly last: number;
  /** Whether its tasks wrote something; null when the recording was not asked about enough of them to say no. */
  readonly writes: boolean | null;
  /** Only words: what people or a prompt say, and what agents say to people or to each other. */
  readonly isTalk: boolean;
}

/** As conversations name their steps (app/agents/importers); and who of them is nobody a policy is for. */
const TALK: ReadonlySet<string> = new Set(["message", "respond", "instruct", "ask"]);
const SPEAKERS: ReadonlySet<string> = new Set(["human", "simulated user", "instructions"]);

/** Which actions wrote something, by action; absent means unknown. */
export type WritesByAction = Readonly<Record<string, boolean>>;

export function actionFacts(graph: TaskGraph, writes: WritesByAction): ActionFacts[] {
  const { run } = graph;
  const found = new Map<string, { agents: Set<number>; tasks: number; last: number }>();
  run.actions.forEach((action, task) => {
    const facts = found.get(action) ?? { agents: new Set<number>(), tasks: 0, last: 0 };
    found.set(action, facts);
    facts.agents.add(at(graph.agent, task));
    facts.tasks += 1;
    if (isLast(graph, task)) facts.last += 1;
  });
  return [...found].map(([action, facts]) => ({
    action,
    agents: [...facts.agents].sort((a, b) => a - b),
    tasks: facts.tasks,
    last: facts.last,
    writes: writes[action] ?? null,
    isTalk: TALK.has(action) || [...facts.agents].every((agent) => SPEAKERS.has(run.agents[agent]?.kind ?? "")),
  }));
}

/** Nothing comes after it. In a trace what it called counts as after; what only hangs below it (attempts of a stage) does not. */
function isLast(graph: TaskGraph, task: number): boolean {
  if (graph.run.callers === "edges") return degree(graph.down, task) === 0;
  for (let k = at(graph.down.start, task); k < at(graph.down.start, task + 1); k += 1)
    if (at(graph.kind, at(graph.down.edge, k)) !== CALL) return false;
  return true;
}

/** Exact, from the whole recording: an action writes when one of its tasks names an output. */
export function writesOf(run: RecordedRun): WritesByAction {
  const writes: Record<string, boolean> = {};
  for (const task of run.tasks) writes[task.action] = (writes[task.action] ?? false) || task.outputs.length > 0;
  return writes;
}

/** Tasks that are asked about when only the graph is at hand: some of each action. */
const SAMPLE = 4;
const MAX_SAMPLED = 200;

export function sampleTasks(
  graph: TaskGraph,
): readonly { readonly action: string; readonly tasks: readonly string[] }[] {
  const byAction = new Map<string, string[]>();
  graph.run.actions.forEach((action, task) => {
    const tasks = byAction.get(action) ?? [];
    byAction.set(action, tasks);
    if (tasks.length < SAMPLE) tasks.push(graph.run.ids[task] ?? "");
  });
  return [...byAction].slice(0, MAX_SAMPLED / SAMPLE).map(([action, tasks]) => ({ action, tasks }));
}
