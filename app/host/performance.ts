import { must } from "../base/assert.ts";
import type { TaskStatus } from "../engine/state.ts";
import type { RunPlan } from "../engine/workflow/plan.ts";

/**
 * Where each task of a re-enactment stands, as far as its director must know. `idle` waits for others, `ready` for its
 * time; `dead` is refused, stopped or will never start; `settled` has its ECT.
 */
export type Stage = "idle" | "ready" | "asked" | "gated" | "working" | "worked" | "effect" | "settled" | "dead";

/**
 * One re-enactment's bookkeeping: pure, synchronous, driven by facts of the log and by what agents report. Recorded order
 * is kept: a task starts when all its recorded predecessors are over and its caller works, not before its recorded time.
 */
export interface Performance {
  readonly plan: RunPlan;
  stage(index: number): Stage;
  /** Ready tasks whose time has come and whose agent may act, at most `limit`; they count as asked from then on. */
  take(virtualMs: number, limit: number): number[];
  /** Tasks that may not be asked for though their time has come. */
  due(virtualMs: number): readonly number[];
  /** Virtual ms of the next ready task, or null. */
  nextStartMs(): number | null;
  working(index: number): void;
  gated(index: number): void;
  /** The work is done; true when the effect may be tried (no called task is open). */
  worked(index: number): boolean;
  effect(index: number): void;
  /** The ECT is in the log. Gives the callers whose effect may be tried now. */
  settled(index: number): number[];
  /** Refused or stopped: nothing after it starts. Gives the callers whose effect may be tried now. */
  dead(index: number): number[];
  /** Tasks asked and not answered, working, waiting or under effect. */
  inFlight(): number;
  asked(): number;
  /** Indexes in flight. */
  open(): readonly number[];
  halt(agents: ReadonlySet<number>): void;
  /** Tasks of which none may be asked for now: those that an operator has paused. */
  holdBack(held: (index: number) => boolean): void;
  /** Predecessors an intent names: those recorded, or the caller's when there are none. */
  predecessors(index: number): readonly number[];
  /** Predecessors the ECT names: also the called tasks that have theirs. */
  evidence(index: number): readonly number[];
  /** True when nothing is under way and nothing can start any more. */
  over(): boolean;
}

const STAGE_OF: Readonly<Record<TaskStatus, Stage>> = {
  asked: "asked",
  waiting: "gated",
  running: "working",
  effect: "effect",
  done: "settled",
  failed: "settled",
  stopped: "dead",
  refused: "dead",
};

export function createPerformance(
  plan: RunPlan,
  statusOf: (index: number) => TaskStatus | undefined,
  haltedAgents: ReadonlySet<number>,
): Performance {
  const count = plan.tasks.length;
  const stages: Stage[] = plan.tasks.map(() => "idle");
  const due = plan.tasks.map(() => 0);
  const openCallees = plan.tasks.map(() => 0);
  let halted = haltedAgents;
  let heldBack = (_index: number): boolean => false;
  /** Ready tasks by start, latest first, so that the next one is popped. */
  let ready: number[] = [];
  const flying = new Set<number>();
  let asked = 0;

  const startOf = (index: number): number => plan.tasks[index]?.startMs ?? 0;
  const parentsOf = (index: number): readonly number[] => plan.parents[index] ?? [];
  const callerOf = (index: number): number => plan.caller[index] ?? -1;
  const set = (index: number, stage: Stage): void => {
    if (stages[index] === "asked") asked -= 1;
    if (stage === "asked") asked += 1;
    stages[index] = stage;
    if (stage === "idle" || stage === "ready" || stage === "settled" || stage === "dead") flying.delete(index);
    else flying.add(index);
  };
  const makeReady = (index: number): void => {
    set(index, "ready");
    const at = startOf(index);
    let low = 0;
    let high = ready.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (startOf(must(ready[middle], "ready is dense")) > at) low = middle + 1;
      else high = middle;
    }
    ready.splice(low, 0, index);
  };
  const less = (index: number): void => {
    const left = must(due[index], "every task has a count") - 1;
    due[index] = left;
    if (left === 0 && stages[index] === "idle") makeReady(index);
  };
  /** A called task is over: the caller that waited for it may go on. */
  const calleeOver = (index: number): number[] => {
    const caller = callerOf(index);
    if (caller < 0) return [];
    const left = must(openCallees[caller], "every task has a count") - 1;
    openCallees[caller] = left;
    return left === 0 && stages[caller] === "worked" ? [caller] : [];
  };
  const kill = (first: number): number[] => {
    const freed: number[] = [];
    const queue = [first];
    for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
      if (stages[index] === "dead" || stages[index] === "settled") continue;
      if (stages[index] === "ready") ready = ready.filter((other) => other !== index);
      set(index, "dead");
      freed.push(...calleeOver(index));
      for (const next of [...(plan.successors[index] ?? []), ...(plan.callees[index] ?? [])]) {
        if (stages[next] === "idle" || stages[next] === "ready") queue.push(next);
      }
    }
    return freed.filter((caller) => stages[caller] === "worked");
  };
  const started = (index: number): boolean => {
    const stage = stages[index];
    return stage === "working" || stage === "worked" || stage === "effect" || stage === "settled";
  };

  for (let index = 0; index < count; index += 1) {
    const status = statusOf(index);
    if (status !== undefined) set(index, STAGE_OF[status]);
  }
  for (let index = 0; index < count; index += 1) {
    openCallees[index] = (plan.callees[index] ?? []).filter((callee) => {
      const stage = stages[callee];
      return stage !== "settled" && stage !== "dead";
    }).length;
    const waiting = parentsOf(index).filter((parent) => stages[parent] !== "settled").length;
    const caller = callerOf(index);
    due[index] = waiting + (caller >= 0 && !started(caller) ? 1 : 0);
  }
  for (let index = 0; index < count; index += 1) {
    if (stages[index] !== "dead") continue;
    for (const next of [...(plan.successors[index] ?? []), ...(plan.callees[index] ?? [])])
      if (stages[next] === "idle") kill(next);
  }
  for (let index = 0; index < count; index += 1) if (stages[index] === "idle" && due[index] === 0) makeReady(index);

  const mayAct = (index: number): boolean => !halted.has(plan.agentIndex[index] ?? -1) && !heldBack(index);
  const predecessors = (index: number): readonly number[] => {
    const own = parentsOf(index);
    const caller = callerOf(index);
    return own.length > 0 || caller < 0 ? own : predecessors(caller);
  };

  return {
    plan,
    stage: (index) => must(stages[index], "a task of the plan"),
    take: (virtualMs, limit) => {
      const taken: number[] = [];
      const back: number[] = [];
      while (ready.length > 0 && taken.length < limit) {
        const index = must(ready.at(-1), "ready is not empty");
        if (startOf(index) > virtualMs) break;
        ready.pop();
        if (mayAct(index)) {
          set(index, "asked");
          taken.push(index);
        } else {
          back.push(index);
        }
      }
      for (const index of back.reverse()) ready.push(index);
      return taken;
    },
    due: (virtualMs) => ready.filter((index) => startOf(index) <= virtualMs && !mayAct(index)).reverse(),
    nextStartMs: () => {
      for (let at = ready.length - 1; at >= 0; at -= 1) {
        const index = must(ready[at], "ready is dense");
        if (mayAct(index)) return startOf(index);
      }
      return null;
    },
    working: (index) => {
      set(index, "working");
      for (const callee of plan.callees[index] ?? []) less(callee);
    },
    gated: (index) => set(index, "gated"),
    worked: (index) => {
      set(index, "worked");
      return openCallees[index] === 0;
    },
    effect: (index) => set(index, "effect"),
    settled: (index) => {
      if (stages[index] === "settled") return [];
      set(index, "settled");
      for (const next of plan.successors[index] ?? []) less(next);
      return calleeOver(index);
    },
    dead: kill,
    inFlight: () => flying.size,
    asked: () => asked,
    open: () => [...flying],
    halt: (agents) => {
      halted = agents;
    },
    holdBack: (held) => {
      heldBack = held;
    },
    predecessors,
    evidence: (index) => {
      const callees = (plan.callees[index] ?? []).filter((callee) => stages[callee] === "settled");
      return [...new Set([...predecessors(index), ...callees])];
    },
    over: () => flying.size === 0 && ready.length === 0,
  };
}
