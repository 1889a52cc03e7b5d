import type { CompiledProfile } from "../../protocol/behavior/compile-profile.ts";
import type { ObservedTask } from "../../protocol/behavior/observed.ts";
import type { State, TaskState, WorkflowState } from "../state.ts";
import type { ConductWindow } from "./behavior-state.ts";

/**
 * What was done in a workflow and bears on a window, in the order in which it was asked for last, up to the window's end:
 * what the agent did since the window before, and from earlier, or of others, what its rules look back at. What came into
 * the window by its place in the log is dated into it: a second has room for the end of one and the beginning of the next.
 */
export function conductOf(
  state: Pick<State, "workflows">,
  window: ConductSpan,
  compiled: Pick<CompiledProfile, "planFor">,
): ObservedTask[] {
  const workflow = state.workflows.get(window.wid);
  if (workflow === undefined) return [];
  return inOrder(conductPart(workflow, workflow.tasks.values(), window, compiled));
}

export type ConductSpan = Pick<ConductWindow, "wid" | "agent" | "from" | "to" | "after" | "firstSeq" | "endSeq">;
type AskedTask = readonly [seq: number, task: ObservedTask];

/** Of some of a workflow's tasks those that bear on a window, in no order. */
export function conductPart(
  workflow: WorkflowState,
  tasks: Iterable<TaskState>,
  { agent, from, to, after, firstSeq, endSeq }: ConductSpan,
  { planFor }: Pick<CompiledProfile, "planFor">,
): AskedTask[] {
  const [firstMs, lastMs] = [from * 1000, to === null ? Infinity : to * 1000 - 1];
  const before = endSeq ?? Infinity;
  const asked: AskedTask[] = [];
  // Of a long workflow most tasks are nothing to this window: nothing is made of them.
  for (const task of tasks) {
    const { intent } = task;
    if (intent === null || intent.seq >= before) continue;
    const isOwn = task.agent === agent;
    const isNew = isOwn && (intent.seq >= firstSeq || intent.at >= after);
    const { makesGood, arms } = planFor(task.execAct);
    if (!isNew && !makesGood && !(isOwn && arms.length > 0)) continue;
    const found = observed(workflow, task);
    const isHere = isOwn && intent.seq >= firstSeq;
    const atMs = isHere ? Math.min(lastMs, Math.max(firstMs, found.atMs)) : found.atMs;
    asked.push([intent.seq, atMs === found.atMs ? found : { ...found, atMs }]);
  }
  return asked;
}

export const inOrder = (asked: AskedTask[]): ObservedTask[] =>
  asked.sort(([one], [other]) => one - other).map(([, task]) => task);

const HAPPENED: readonly string[] = ["effect", "done", "failed"];
const OUTCOME = { done: "success", failed: "failure", stopped: "stopped", refused: "refused" } as const;

/** A task as its conduct is judged by. */
export function observed(workflow: WorkflowState, task: TaskState): ObservedTask {
  const { intent, status } = task;
  const { needs } = intent ?? {};
  const targets = [
    ...(intent?.target == null ? [] : [intent.target]),
    ...(needs?.resources ?? []),
    ...(needs?.domains ?? []),
  ];
  const outcome = status in OUTCOME ? OUTCOME[status as keyof typeof OUTCOME] : null; // As just asked.
  const gated = task.ruleIds.length > 0 || task.request !== null;
  return {
    jti: task.jti,
    wid: workflow.wid,
    agent: task.agent,
    action: task.execAct,
    atMs: (intent?.at ?? task.at) * 1000,
    endedMs: outcome === null ? null : task.at * 1000,
    outcome,
    ...(status === "asked" || status === "waiting" ? { waits: true } : {}),
    data: needs?.data_classes ?? null,
    targets: targets.length === 0 ? null : [...new Set(targets)],
    ...(needs?.named === undefined ? {} : { named: needs.named }),
    // It says that it has done what nobody had let it do yet.
    gate: gated ? { waited: task.ect === null || HAPPENED.includes(status) } : null,
    tokens: needs?.tokens ?? null,
    cost: needs?.cost ?? null,
    bench: workflow.bench,
  };
}
