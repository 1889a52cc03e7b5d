import { laneOrder, type ViewGraph } from "../graph/view-graph.ts";
import { at } from "../layout/layout-types.ts";

/** A row of the table: a task, a group of alike tasks as the graph has it, or an agent. */
export interface TableRow {
  readonly kind: "task" | "group" | "agent";
  /** `t5`, `g5` by its first member, `a2`. */
  readonly id: string;
  /** The task, the first member of the group, or the agent. */
  readonly of: number;
  /** What it stands for: tasks that pass search and filters. */
  readonly tasks: readonly number[];
  /** How many it would stand for without search and filters. */
  readonly whole: number;
  readonly isOpen: boolean;
  /** Rows below it; none while it is closed. */
  readonly rows: readonly TableRow[];
}

export interface RowChoice {
  /** Tasks that pass, null for all. */
  readonly matched: Uint8Array | null;
  readonly byAgent: boolean;
  /** Agents whose rows are closed. */
  readonly shut: ReadonlySet<number>;
}

/** The rows of a view, in the order of the recording: the same groups as in the graph, below their agents when asked. */
export function tableRows(view: ViewGraph, choice: RowChoice): readonly TableRow[] {
  const { matched, byAgent, shut } = choice;
  const whole = groupSizes(view);
  const rowsOf = (tasks: readonly number[]): TableRow[] => groupRows(view, tasks, whole);
  const shown = Array.from({ length: view.tasks.tasks }, (_, task) => task).filter(
    (task) => matched === null || matched[task] === 1,
  );
  if (!byAgent) return rowsOf(shown);
  const tasksOf = new Map<number, number[]>();
  for (const task of shown) listIn(tasksOf, at(view.tasks.agent, task)).push(task);
  const sizes = new Map<number, number>();
  for (const agent of view.tasks.agent) sizes.set(agent, (sizes.get(agent) ?? 0) + 1);
  return laneOrder(view.tasks).agents.flatMap((agent): TableRow[] => {
    const tasks = tasksOf.get(agent);
    if (tasks === undefined) return [];
    const isOpen = !shut.has(agent);
    const rows = isOpen ? rowsOf(tasks) : [];
    return [{ kind: "agent", id: `a${agent}`, of: agent, tasks, whole: sizes.get(agent) ?? 0, isOpen, rows }];
  });
}

/** First member of the group a task belongs to, open or closed; -1 for a task that is in none. */
function groupOf(view: ViewGraph, task: number): number {
  const node = at(view.nodeOf, task);
  return view.members[node] == null ? at(view.openedFrom, task) : at(view.head, node);
}

function groupSizes(view: ViewGraph): ReadonlyMap<number, number> {
  const sizes = new Map<number, number>();
  for (let task = 0; task < view.tasks.tasks; task += 1) {
    const first = groupOf(view, task);
    if (first >= 0) sizes.set(first, (sizes.get(first) ?? 0) + 1);
  }
  return sizes;
}

/** Tasks of a group stand together where its first one is. */
function groupRows(view: ViewGraph, tasks: readonly number[], whole: ReadonlyMap<number, number>): TableRow[] {
  const members = new Map<number, number[]>();
  for (const task of tasks) {
    const first = groupOf(view, task);
    if (first >= 0) listIn(members, first).push(task);
  }
  const rows: TableRow[] = [];
  for (const task of tasks) {
    const first = groupOf(view, task);
    const group = members.get(first);
    if (group === undefined) rows.push(taskRow(task));
    else if (group[0] === task) {
      const isOpen = at(view.openedFrom, first) === first;
      rows.push({
        kind: "group",
        id: `g${first}`,
        of: first,
        tasks: group,
        whole: whole.get(first) ?? group.length,
        isOpen,
        rows: isOpen ? group.map(taskRow) : [],
      });
    }
  }
  return rows;
}

const taskRow = (task: number): TableRow => ({
  kind: "task",
  id: `t${task}`,
  of: task,
  tasks: [task],
  whole: 1,
  isOpen: false,
  rows: [],
});

function listIn(lists: Map<number, number[]>, key: number): number[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const made: number[] = [];
  lists.set(key, made);
  return made;
}
