import { must } from "../../base/assert.ts";
import { trustDomainOf } from "../acp/decide-action.ts";
import { isCompensable } from "../ect/check-dag.ts";
import { isReservedAct } from "../ect/reserved-acts.ts";
import { CHECKPOINT_ACT, coversResource, placeOf, placesOf } from "./checkpoint.ts";
import type { UndoGraph } from "./rollback-graph.ts";
import type {
  Choice,
  Conflict,
  ImpossibleReason,
  PlacedCheckpoint,
  RollbackInput,
  UndoTask,
} from "./rollback-input.ts";
import { indexTouches, knownResources, type Touches } from "./rollback-touches.ts";

/** Of the checkpoints before a task the latest are looked at, no more: a flood of them costs nothing [ours]. */
const MAX_LOOKED_AT = 32;

/** How every task to undo is undone, by rank, and what is to be known about it. */
export interface Choices {
  readonly byRank: ReadonlyMap<number, Choice>;
  readonly conflicts: readonly Conflict[];
  readonly touches: Touches;
}

/** What a checkpoint would overwrite if it were restored now. */
interface Reach {
  readonly staying: string | null;
  /** The first task to undo, by rank, that touched the scope since. */
  readonly first: number;
}

/**
 * C4 step 4, for all tasks from the first on: a usable checkpoint, else compensation, else a person, else nothing. A
 * checkpoint is restored for one task only: the first that touched its scope since. Then everything it takes back with it
 * has been undone before (CAS-14); later tasks it covers are skipped. One that would take back what stays is not used.
 */
export function chooseMethods(input: RollbackInput, graph: UndoGraph): Choices {
  const touches = indexTouches(graph.tasks, graph.undone);
  const compensatedBy = compensations(graph);
  const candidatesOf = indexCheckpoints(input);
  const reaches = new Map<string, Reach>();
  const used = new Map<string, PlacedCheckpoint[]>();
  const conflicts: Conflict[] = [];
  const byRank = new Map<number, Choice>();

  const reachOf = (ckpt: PlacedCheckpoint): Reach => {
    const known = reaches.get(ckpt.ckptId);
    if (known !== undefined) return known;
    const reach: Reach = {
      staying: ckpt.scope.map((entry) => touches.stayingSince(entry, ckpt.position)).find((by) => by !== null) ?? null,
      first: ckpt.scope.reduce(
        (least, entry) => Math.min(least, touches.firstUndoneSince(entry, ckpt.position)),
        Number.POSITIVE_INFINITY,
      ),
    };
    reaches.set(ckpt.ckptId, reach);
    return reach;
  };
  const covers = (ckpt: PlacedCheckpoint, resources: readonly string[]): boolean =>
    resources.every((resource) => coversResource(ckpt.scope, resource));

  /** The latest checkpoint before the task that may be restored for it; each one passed over is told. */
  const usable = (task: UndoTask, rank: number, resources: readonly string[]): PlacedCheckpoint | null => {
    for (const ckpt of candidatesOf(task)) {
      const about = { task: task.jti, blocks: false, ckptId: ckpt.ckptId };
      if (ckpt.undo === "impossible") continue;
      if (input.nowS >= ckpt.usableUntilS) {
        conflicts.push({ kind: "checkpoint_expired", ...about });
        continue;
      }
      const missed = resources.find((resource) => !coversResource(ckpt.scope, resource));
      if (missed !== undefined) {
        conflicts.push({ kind: "checkpoint_scope", ...about, resource: missed });
        continue;
      }
      const { staying, first } = reachOf(ckpt);
      if (staying !== null) {
        conflicts.push({ kind: "touched_since", ...about, by: staying });
        continue;
      }
      if (first === rank) return ckpt;
      const by = graph.tasks[first]?.jti;
      conflicts.push({ kind: "checkpoint_shared", ...about, ...(by === undefined ? {} : { by }) });
    }
    return null;
  };
  // Only with a restore that the same domain's log takes in: no other gateway says of its task that it is undone (CAS-37).
  const coveredBy = (task: UndoTask, resources: readonly string[]): PlacedCheckpoint | null =>
    placesOf(resources[0] ?? "")
      .flatMap((place) => used.get(`${task.gateway ?? ""} ${place}`)?.slice(-MAX_LOOKED_AT) ?? [])
      .find((ckpt) => ckpt.position < task.span.from && covers(ckpt, resources)) ?? null;

  const choose = (task: UndoTask, rank: number): Choice => {
    const record = isRecord(task.execAct);
    const compensation = compensatedBy.get(task.jti);
    if (compensation !== undefined) {
      conflicts.push({ kind: "already_compensated", task: task.jti, blocks: false, by: compensation });
      return skip(task);
    }
    if (task.execAct === "compensate" && task.effect && !undoesWithin(task, graph))
      return { ...skip(task), impossible: "compensation_stays" };
    if (!task.effect || record || task.state === "undone") return skip(task);
    const resources = knownResources(task);
    if (resources === null) conflicts.push({ kind: "scope_unknown", task: task.jti, blocks: false });
    if (resources !== null && task.undo !== "impossible") {
      const before = conflicts.length;
      const ckpt = usable(task, rank, resources);
      const covering = ckpt === null ? coveredBy(task, resources) : null;
      if (covering !== null) {
        // Undone all the same: that its own checkpoint is older than another task is then no news.
        const kept = conflicts.splice(before).filter(({ kind }) => kind !== "checkpoint_shared");
        conflicts.push(...kept);
        return { ...skip(task), ckpt: covering, covered: true };
      }
      if (ckpt?.undo === "automatic") {
        const choice = addressed({ ...skip(task), method: "restore", agent: ckpt.agent, ckpt, cost: ckpt.cost }, input);
        if (choice.method === "restore")
          for (const entry of ckpt.scope) push(used, `${task.gateway ?? ""} ${placeOf(entry)}`, ckpt);
        return choice;
      }
      if (ckpt !== null && task.compensation === null)
        return { ...skip(task), method: "manual", ckpt, cost: ckpt.cost };
    }
    for (const resource of task.resources) {
      const by = touches.stayingSince(resource, task.span.to ?? Number.POSITIVE_INFINITY);
      if (by !== null) conflicts.push({ kind: "touched_since", task: task.jti, blocks: false, resource, by });
    }
    if (task.compensation !== null)
      return { ...skip(task), method: "compensate", agent: task.compensation.agent, cost: task.compensation.cost };
    if (task.undo === "assisted") return { ...skip(task), method: "manual" };
    return { ...skip(task), impossible: task.undo === "impossible" ? "declared_irreversible" : "no_way_known" };
  };

  graph.tasks.forEach((task, rank) => {
    if (graph.undone[rank] !== true) return;
    if (task.state === "running") conflicts.push({ kind: "in_flight", task: task.jti, blocks: true });
    byRank.set(rank, addressed(choose(task, rank), input));
  });
  return { byRank, conflicts, touches };
}

/** Entries that state what happened, and are no work anybody could undo. */
function isRecord(execAct: string): boolean {
  return isReservedAct(execAct) || execAct === CHECKPOINT_ACT || execAct === "compensate";
}

const skip = (task: UndoTask): Choice => ({
  method: "skip",
  agent: task.agent,
  ckpt: null,
  covered: false,
  cost: null,
  impossible: null,
});

/** ECT-45: what has its compensation already, and which. */
function compensations({ tasks, rankOf }: UndoGraph): Map<string, string> {
  const by = new Map<string, string>();
  for (const task of tasks.filter(({ execAct }) => execAct === "compensate"))
    for (const jti of task.pred) {
      const rank = rankOf.get(jti);
      const pred = rank === undefined ? undefined : tasks[rank];
      if (pred !== undefined && isCompensable(pred.execAct) && !by.has(jti)) by.set(jti, task.jti);
    }
  return by;
}

/** Whether what a compensation has undone is to be undone anyway: then it has done a part of it. */
function undoesWithin(task: UndoTask, { tasks, rankOf, undone }: UndoGraph): boolean {
  return task.pred.every((jti) => {
    const rank = rankOf.get(jti);
    return rank === undefined || undone[rank] === true || !isCompensable(must(tasks[rank], "a rank").execAct);
  });
}

/** C4 step 6: whoever is of another domain is reached over that domain's gateway, or not at all. */
function addressed(choice: Choice, { ownDomain, gateways }: RollbackInput): Choice {
  const domain = trustDomainOf(choice.agent).toLowerCase();
  if (choice.method === "skip" || domain === ownDomain.toLowerCase()) return choice;
  const gateway = Object.hasOwn(gateways, domain) ? gateways[domain] : undefined;
  if (gateway !== undefined) return { ...choice, agent: gateway };
  const why: ImpossibleReason = "domain_without_gateway";
  return { ...choice, method: "skip", ckpt: null, cost: null, impossible: why };
}

/** By agent and place: checkpoints of a task's own agent, and of the custodians. */
function indexCheckpoints({ checkpoints, custodians = [] }: RollbackInput): (task: UndoTask) => PlacedCheckpoint[] {
  const byPlace = new Map<string, PlacedCheckpoint[]>();
  for (const ckpt of checkpoints.toSorted((a, b) => a.position - b.position))
    for (const place of new Set(ckpt.scope.map(placeOf))) push(byPlace, `${ckpt.agent} ${place}`, ckpt);
  return (task) => {
    const places = placesOf(task.resources[0] ?? "");
    const agents = new Set([task.agent, ...custodians]);
    return latest(
      [...agents].flatMap((agent) => places.map((place) => byPlace.get(`${agent} ${place}`) ?? [])),
      task,
    );
  };
}

/** The latest of those made before the task began, latest first; each list is in order of position. */
function latest(lists: readonly (readonly PlacedCheckpoint[])[], task: UndoTask): PlacedCheckpoint[] {
  const before = lists.flatMap((list) => {
    let from = 0;
    let until = list.length;
    while (from < until) {
      const middle = (from + until) >> 1;
      if (must(list[middle], "an index inside the list").position < task.span.from) from = middle + 1;
      else until = middle;
    }
    return list.slice(Math.max(0, from - MAX_LOOKED_AT), from);
  });
  return [...new Set(before)].toSorted((a, b) => b.position - a.position).slice(0, MAX_LOOKED_AT);
}

function push<T>(index: Map<string, T[]>, key: string, value: T): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, [value]);
  else values.push(value);
}
