import { must } from "../../base/assert.ts";
import { drained, flatMapSteps, STEP } from "../../base/steps.ts";
import { walkAncestry } from "./ancestry.ts";
import { createEctMemory, findPred, type KnownEct, type KnownEcts, taskKey } from "./known-ects.ts";

/** ECTs put in order for display, with what cannot be. */
export interface DagOrder {
  /** Every task after its predecessors; among those that could be next, the earliest `iat`, then the lowest `jti`. */
  readonly order: readonly KnownEct[];
  /** Closed paths, each beginning and ending with the same task. Their tasks, and what rests on them, are not in `order`. */
  readonly cycles: readonly (readonly string[])[];
  /** Second and further ECTs of a task, in the order given. */
  readonly duplicates: readonly KnownEct[];
}

/** Kahn's algorithm over ECTs in any order, as a log from elsewhere brings them (D4). Predecessors outside the set bind nothing. */
export function orderDag(ects: readonly KnownEct[]): DagOrder {
  return drained(orderDagSteps(ects));
}

/** The same in steps, for a thread that has other work. */
export function* orderDagSteps(ects: readonly KnownEct[]): Generator<void, DagOrder> {
  const known = createEctMemory();
  const duplicates: KnownEct[] = [];
  for (const [at, ect] of ects.entries()) {
    if (at % STEP === 0) yield;
    if (known.byJti(ect.jti).some((twin) => twin.wid === ect.wid)) duplicates.push(ect);
    else known.add(ect);
  }
  const tasks = known.all();
  const open = new Map<string, number>();
  const successors = new Map<string, KnownEct[]>();
  for (const [at, ect] of tasks.entries()) {
    if (at % STEP === 0) yield;
    const preds = heldPreds(ect, known);
    open.set(keyOf(ect), preds.length);
    for (const pred of preds) {
      const following = successors.get(keyOf(pred));
      if (following === undefined) successors.set(keyOf(pred), [ect]);
      else following.push(ect);
    }
  }
  const first = yield* flatMapSteps(tasks, (ect) => (open.get(keyOf(ect)) === 0 ? [ect] : []));
  const ready = createHeap(first);
  const order: KnownEct[] = [];
  for (let next = ready.take(); next !== undefined; next = ready.take()) {
    if (order.length % STEP === 0) yield;
    order.push(next);
    for (const successor of successors.get(keyOf(next)) ?? []) {
      const left = must(open.get(keyOf(successor)), "a task of the set") - 1;
      open.set(keyOf(successor), left);
      if (left === 0) ready.put(successor);
    }
  }
  return { order, cycles: order.length === tasks.length ? [] : cyclesOf(tasks, order, known), duplicates };
}

const keyOf = (ect: KnownEct): string => taskKey(ect.jti, ect.wid);

function heldPreds(ect: KnownEct, known: KnownEcts): KnownEct[] {
  return ect.pred
    .map((jti) => {
      const found = findPred(known, jti, ect.wid);
      return found.same ?? (found.elsewhere.length === 1 ? found.elsewhere[0] : undefined);
    })
    .filter((pred) => pred !== undefined);
}

/** One closed path for every knot among the tasks that could not be ordered. */
function cyclesOf(tasks: readonly KnownEct[], order: readonly KnownEct[], known: KnownEcts): string[][] {
  const ordered = new Set(order.map(keyOf));
  const told = new Set<string>();
  const cycles: string[][] = [];
  for (const ect of tasks.filter((candidate) => !ordered.has(keyOf(candidate))).toSorted(compareTasks)) {
    if (told.has(ect.jti)) continue;
    const { cycle } = walkAncestry(ect, known);
    if (cycle === null || cycle.some((jti) => told.has(jti))) continue;
    for (const jti of cycle) told.add(jti);
    cycles.push([...cycle]);
  }
  return cycles;
}

/** By `iat`, then `jti`; negative when `a` comes first. */
function compareTasks(a: KnownEct, b: KnownEct): number {
  if (a.iat !== b.iat) return a.iat - b.iat;
  return a.jti < b.jti ? -1 : a.jti > b.jti ? 1 : 0;
}

/** A binary heap: the first by `compareTasks` is taken next. */
function createHeap(initial: readonly KnownEct[]) {
  const items: KnownEct[] = [];
  const at = (index: number): KnownEct => must(items[index], "an index inside the heap");
  const swap = (a: number, b: number): void => {
    const kept = at(a);
    items[a] = at(b);
    items[b] = kept;
  };
  const put = (ect: KnownEct): void => {
    items.push(ect);
    for (let child = items.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (compareTasks(at(child), at(parent)) >= 0) return;
      swap(child, parent);
      child = parent;
    }
  };
  const take = (): KnownEct | undefined => {
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first;
    items[0] = last;
    for (let parent = 0; ; ) {
      const children = [2 * parent + 1, 2 * parent + 2].filter((child) => child < items.length);
      const least = children.toSorted((a, b) => compareTasks(at(a), at(b)))[0];
      if (least === undefined || compareTasks(at(least), at(parent)) >= 0) return first;
      swap(least, parent);
      parent = least;
    }
  };
  for (const ect of initial) put(ect);
  return { put, take };
}
