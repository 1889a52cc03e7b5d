import { v5 as uuidV5 } from "uuid";
import { must } from "../../base/assert.ts";
import type { RecordedRun, RunTask } from "../../protocol/run/recorded-run.ts";
import type { WorkflowState } from "../state.ts";

/** A recorded run as a graph of indexes: what views and re-enactment share. */
export interface RunPlan {
  readonly digest: string;
  readonly run: RecordedRun;
  readonly tasks: readonly RunTask[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** Finish-to-start predecessors and successors, by index. */
  readonly parents: readonly (readonly number[])[];
  readonly successors: readonly (readonly number[])[];
  readonly caller: readonly number[];
  readonly callees: readonly (readonly number[])[];
  readonly agentIndex: readonly number[];
  /** An order in which every task comes after its parents and its caller. */
  readonly order: readonly number[];
}

export function planRun(digest: string, run: RecordedRun): RunPlan {
  const indexOf = new Map(run.tasks.map((task, index) => [task.id, index]));
  const agents = new Map(run.agents.map((agent, index) => [agent.id, index]));
  const parents: number[][] = run.tasks.map((task) =>
    task.parents.map((parent) => indexOf.get(parent.id)).filter((index): index is number => index !== undefined),
  );
  const caller = run.tasks.map((task) => (task.caller === null ? -1 : (indexOf.get(task.caller) ?? -1)));
  const successors: number[][] = run.tasks.map(() => []);
  const callees: number[][] = run.tasks.map(() => []);
  parents.forEach((list, index) => {
    for (const parent of list) successors[parent]?.push(index);
  });
  caller.forEach((parent, index) => {
    if (parent >= 0) callees[parent]?.push(index);
  });
  return {
    digest,
    run,
    tasks: run.tasks,
    indexOf,
    parents,
    successors,
    caller,
    callees,
    agentIndex: run.tasks.map((task) => agents.get(task.agent) ?? 0),
    order: topologicalOrder(parents, successors, caller, callees),
  };
}

function topologicalOrder(
  parents: number[][],
  successors: number[][],
  caller: number[],
  callees: number[][],
): number[] {
  const due = parents.map((list, index) => list.length + ((caller[index] ?? -1) >= 0 ? 1 : 0));
  const order: number[] = [];
  due.forEach((count, index) => {
    if (count === 0) order.push(index);
  });
  for (let at = 0; at < order.length; at += 1) {
    const index = must(order[at], "order is dense");
    for (const next of [...(successors[index] ?? []), ...(callees[index] ?? [])]) {
      const left = must(due[next], "every task has a count") - 1;
      due[next] = left;
      if (left === 0) order.push(next);
    }
  }
  return order;
}

/** Task jti in a workflow: UUIDv5 of the recorded id in the namespace of the wid, so that anyone can compute it. */
export function taskJti(wid: string, recordedId: string): string {
  return uuidV5(recordedId, wid);
}

export function agentUri(trustDomain: string, wid: string, slug: string): string {
  return `spiffe://${trustDomain}/agent/${wid}/${slug}`;
}

/** Numbers of TASK_STATES in the contract; the engine's statuses map onto them, planned and blocked come from the plan. */
const PLANNED = 0;
const BLOCKED = 8;
const STATE_NUMBER = {
  asked: 1,
  waiting: 2,
  running: 3,
  effect: 3,
  done: 4,
  failed: 5,
  stopped: 6,
  refused: 7,
} as const;

/** The state of every task of the plan, by index. A task whose predecessor will not finish is blocked. */
export function taskStates(plan: RunPlan, workflow: WorkflowState, jtis: readonly string[]): Uint8Array {
  const states = new Uint8Array(plan.tasks.length);
  for (const index of plan.order) {
    const task = workflow.tasks.get(jtis[index] ?? "");
    if (task !== undefined) {
      states[index] = STATE_NUMBER[task.status];
      continue;
    }
    const caller = plan.caller[index] ?? -1;
    const blocked =
      (plan.parents[index] ?? []).some((parent) => isDead(states[parent])) || (caller >= 0 && isDead(states[caller]));
    states[index] = blocked ? BLOCKED : PLANNED;
  }
  return states;
}

/** Stopped, refused or blocked: nothing comes after it. A recorded failure is an end like another: the recording went on. */
function isDead(state: number | undefined): boolean {
  return state === 6 || state === 7 || state === BLOCKED;
}
