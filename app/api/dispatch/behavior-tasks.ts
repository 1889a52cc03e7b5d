import { createSlices } from "../../base/slices.ts";
import { isConduct } from "../../engine/behavior/conduct.ts";
import { observed } from "../../engine/behavior/conduct-tasks.ts";
import type { WorkflowState } from "../../engine/state.ts";
import type { Host } from "../../host/open-host.ts";
import { readRuns, taskNameOf } from "../../host/task-names.ts";
import type { ObservedTask } from "../../protocol/behavior/observed.ts";
import type { NamedTask } from "../contract/behavior-profiles.ts";

export interface PlacedTask {
  /** Entry of its intent. */
  readonly seq: number;
  readonly task: ObservedTask;
}

/** What was done in a workflow, in the order in which it was asked for. */
export interface ConductIn {
  readonly wid: string;
  /** Nothing more is done in it. */
  readonly isOver: boolean;
  readonly tasks: readonly PlacedTask[];
}

/** Longest piece of work without letting anything else happen: a stop does not wait for it. */
export const SLICE_MS = 6;
/** Tasks that are read from the state in one go. */
const READ_AT_ONCE = 500;

/** What is read of a workflow's tasks, a part of them at a time, with a breath between two parts. */
export async function inParts<T>(
  host: Host,
  wid: string,
  read: (workflow: WorkflowState, jtis: readonly string[]) => readonly T[],
  breath: () => Promise<void>,
): Promise<T[]> {
  const jtis = await host.engine.read((state) => [...(state.workflows.get(wid)?.tasks.keys() ?? [])]);
  const found: T[] = [];
  for (let at = 0; at < jtis.length; at += READ_AT_ONCE) {
    await breath();
    const part = await host.engine.read((state) => {
      const workflow = state.workflows.get(wid);
      return workflow === undefined ? [] : read(workflow, jtis.slice(at, at + READ_AT_ONCE));
    });
    found.push(...part);
  }
  return found;
}

/**
 * Conduct in the log up to an entry, workflow by workflow, in slices: of those that did something from `from` on, all they did
 * before `to`, because rules of order look back. Drills and benchmarks are none (BEH-16).
 */
export async function conductBetween(
  host: Host,
  { from, to }: { readonly from: number; readonly to: number },
  signal?: AbortSignal,
): Promise<readonly ConductIn[]> {
  const slice = createSlices(host.ports.clock, SLICE_MS);
  const breath = async (): Promise<void> => {
    await slice();
    signal?.throwIfAborted();
  };
  const workflows = await host.engine.read((state) =>
    [...state.workflows.values()].flatMap((workflow) =>
      isConduct(workflow) && workflow.startSeq < to
        ? [{ wid: workflow.wid, isOver: workflow.status === "finished" }]
        : [],
    ),
  );
  const found: ConductIn[] = [];
  for (const { wid, isOver } of workflows) {
    const tasks = await inParts(host, wid, (workflow, jtis) => placed(workflow, jtis, to), breath);
    if (!tasks.some(({ seq }) => seq >= from)) continue;
    found.push({ wid, isOver, tasks: forwards(tasks) });
  }
  return found;
}

/** In the order of the log. A time that runs backwards is taken for the latest before it (BEH-31). */
function forwards(tasks: PlacedTask[]): PlacedTask[] {
  let lastMs = Number.NEGATIVE_INFINITY;
  return tasks
    .sort((a, b) => a.seq - b.seq)
    .map((one) => {
      const { task } = one;
      lastMs = Math.max(lastMs, task.atMs);
      return task.atMs === lastMs ? one : { ...one, task: { ...task, atMs: lastMs } };
    });
}

function placed(workflow: WorkflowState, jtis: readonly string[], to: number): PlacedTask[] {
  return jtis.flatMap((jti) => {
    const task = workflow.tasks.get(jti);
    const seq = task?.intent?.seq;
    return task === undefined || seq === undefined || seq >= to ? [] : [{ seq, task: observed(workflow, task) }];
  });
}

/** Names tasks as a list shows them. */
export async function taskNamer(host: Host): Promise<(placed: PlacedTask) => NamedTask> {
  const runs = await readRuns(host);
  return ({ seq, task: { jti, wid, agent, action } }) => ({
    ...{ jti, wid, agent, action, seq },
    taskName: taskNameOf(host, runs, { task: jti, wid })?.slice(0, 256) ?? null,
  });
}
