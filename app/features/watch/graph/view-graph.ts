import { at, type LayoutGraph } from "../layout/layout-types.ts";
import { groupTasks } from "./groups.ts";
import { INFERRED, type TaskGraph } from "./task-graph.ts";

/** `auto` groups runs of more than AUTO_LIMIT tasks. */
export type Fold = "auto" | "on" | "off";
const AUTO_LIMIT = 1000;

/** What is drawn: tasks, and groups of alike tasks that stand for their members. */
export interface ViewGraph {
  readonly tasks: TaskGraph;
  readonly size: number;
  /** Task that each node shows; for a group its first member, which is also the group's id. */
  readonly head: Int32Array;
  /** Members of each group, null for a single task. */
  readonly members: readonly (Int32Array | null)[];
  /** Node that shows each task. */
  readonly nodeOf: Int32Array;
  /** First member of the opened group a task belongs to, or -1. */
  readonly openedFrom: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Index into EDGE_KINDS. */
  readonly kind: Uint8Array;
  readonly groups: number;
  /** Groups that could be made but are open. */
  readonly opened: number;
}

export function foldIsOn(fold: Fold, tasks: number): boolean {
  return fold === "on" || (fold === "auto" && tasks > AUTO_LIMIT);
}

/** Folds alike tasks into groups, except the groups in `open` (by their first member). */
export function viewGraph(tasks: TaskGraph, fold: Fold, open: ReadonlySet<number>): ViewGraph {
  const groups = foldIsOn(fold, tasks.tasks) ? groupTasks(tasks) : [];
  const groupOf = new Int32Array(tasks.tasks).fill(-1);
  groups.forEach((members, group) => {
    for (const task of members) groupOf[task] = group;
  });
  const head: number[] = [];
  const members: (Int32Array | null)[] = [];
  const nodeOf = new Int32Array(tasks.tasks);
  const openedFrom = new Int32Array(tasks.tasks).fill(-1);
  let opened = 0;
  for (let task = 0; task < tasks.tasks; task += 1) {
    const group = groups[at(groupOf, task)];
    const first = group === undefined ? -1 : at(group, 0);
    if (group !== undefined && !open.has(first)) {
      if (task === first) {
        head.push(task);
        members.push(group);
      }
      nodeOf[task] = task === first ? head.length - 1 : at(nodeOf, first);
      continue;
    }
    if (group !== undefined) openedFrom[task] = first;
    if (task === first) opened += 1;
    nodeOf[task] = head.length;
    head.push(task);
    members.push(null);
  }
  return {
    tasks,
    size: head.length,
    head: Int32Array.from(head),
    members,
    nodeOf,
    openedFrom,
    ...viewEdges(tasks, nodeOf, head.length),
    groups: members.reduce((count, list) => count + (list === null ? 0 : 1), 0),
    opened,
  };
}

/** Every pair of nodes once; inferred only where every edge between them is. */
function viewEdges(tasks: TaskGraph, nodeOf: Int32Array, size: number): Pick<ViewGraph, "from" | "to" | "kind"> {
  const kindOf = new Map<number, number>();
  for (let e = 0; e < tasks.from.length; e += 1) {
    const from = at(nodeOf, at(tasks.from, e));
    const to = at(nodeOf, at(tasks.to, e));
    if (from === to) continue;
    const key = from * size + to;
    const kind = at(tasks.kind, e);
    const known = kindOf.get(key);
    if (known === undefined || known === INFERRED) kindOf.set(key, kind);
  }
  const keys = [...kindOf.keys()];
  return {
    from: Int32Array.from(keys, (key) => Math.floor(key / size)),
    to: Int32Array.from(keys, (key) => key % size),
    kind: Uint8Array.from(kindOf.values()),
  };
}

/** The drawn graph as the layout wants it; lanes are agents, in the order in which they first act. */
export function layoutGraphOf(view: ViewGraph, lanes: boolean): LayoutGraph {
  return {
    nodes: view.size,
    from: view.from,
    to: view.to,
    lane: lanes ? view.head.map((task) => at(laneOrder(view.tasks).laneOf, at(view.tasks.agent, task))) : null,
  };
}

const laneOrders = new WeakMap<TaskGraph, { laneOf: Int32Array; agents: readonly number[] }>();

/**
 * Lane of each agent, and agent of each lane: those of a failure domain beside one another. Agents without a task have no
 * lane.
 */
export function laneOrder(tasks: TaskGraph): { readonly laneOf: Int32Array; readonly agents: readonly number[] } {
  const known = laneOrders.get(tasks);
  if (known !== undefined) return known;
  const first = new Map<number, number>();
  for (let task = 0; task < tasks.tasks; task += 1) {
    const agent = at(tasks.agent, task);
    first.set(agent, Math.min(first.get(agent) ?? Number.POSITIVE_INFINITY, at(tasks.layer, task)));
  }
  const byTime = [...first].sort(([a, layerA], [b, layerB]) => layerA - layerB || a - b).map(([agent]) => agent);
  const agents = besideTheirDomain(byTime, tasks.domainOf);
  const laneOf = new Int32Array(tasks.run.agents.length);
  agents.forEach((agent, lane) => {
    laneOf[agent] = lane;
  });
  const order = { laneOf, agents };
  laneOrders.set(tasks, order);
  return order;
}

/** A domain stands where the first of its agents does; an agent of none where it is. */
function besideTheirDomain(agents: readonly number[], domainOf: Int32Array | null): readonly number[] {
  if (domainOf === null) return agents;
  const placeOf = new Map<string, number[]>();
  for (const agent of agents) {
    const domain = at(domainOf, agent);
    const name = domain < 0 ? `agent ${agent}` : `domain ${domain}`;
    placeOf.set(name, [...(placeOf.get(name) ?? []), agent]);
  }
  return [...placeOf.values()].flat();
}
