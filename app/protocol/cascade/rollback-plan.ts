import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { parseAmount } from "../acp/amounts.ts";
import { trustDomainOf } from "../acp/decide-action.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { placeOf, placesOf } from "./checkpoint.ts";
import { MAX_STEPS, type PlanStep, planHash, type RollbackMethod } from "./rollback-claims.ts";
import { frontierOf, type UndoGraph, undoGraph } from "./rollback-graph.ts";
import type { AuthorizedInput, Choice, Conflict, Impossible, RollbackInput, UndoTask } from "./rollback-input.ts";
import { type Choices, chooseMethods } from "./rollback-methods.ts";

/** One line of the report: a step, and the work it is about. */
export interface ReportLine {
  readonly n: number;
  readonly task: string;
  readonly agent: string;
  readonly execAct: string;
  readonly method: RollbackMethod;
  readonly ckptId?: string;
}

/** What would happen, told before anything does (J6, N13). Every task to undo is in exactly one of the first five lists. */
export interface RollbackReport {
  /** Restored, or taken back with another task's checkpoint. */
  readonly undone: readonly ReportLine[];
  readonly compensated: readonly ReportLine[];
  readonly manual: readonly ReportLine[];
  /** Nothing to undo: without effect, a record, undone or compensated before. */
  readonly skipped: readonly ReportLine[];
  /** Stays changed. */
  readonly impossible: readonly Impossible[];
  readonly conflicts: readonly Conflict[];
  /** Sum of what the steps state, exact; the currency is not stated. `unstated`: steps that name no cost. */
  readonly cost: { readonly total: string; readonly unstated: number };
  /** The consistent cut: the last tasks that stay, and how many stay. */
  readonly cut: { readonly frontier: readonly string[]; readonly stays: number };
}

export interface RollbackPlan {
  readonly steps: readonly PlanStep[];
  /** Numbers of steps that may run side by side, one list after the other. */
  readonly waves: readonly (readonly number[])[];
  readonly planHash: string;
  /** By checkpoint: the digest a restore must come out with (CAS-S5), and until when it may be used (CAS-21). */
  readonly checkpoints: Readonly<Record<string, { readonly hash: string; readonly usableUntilS: number }>>;
  /** Per step what it writes, for the locks; what is skipped writes nothing. */
  readonly writes: readonly (readonly string[])[];
  /** Per step who must be told if its task stays changed (N13); for what has no effect nobody. */
  readonly tell: readonly (readonly string[])[];
  readonly report: RollbackReport;
}

/**
 * The dry run (C4 steps 2 to 4 and 6): what a rollback would do, whatever stands against it. It needs no authority and
 * changes nothing. What cannot be undone is in the plan as `skip`: that is what best effort would do with it.
 * Refusals: `rollback_target_unknown`, `rollback_empty`, `rollback_too_large`, `dag_cycle`, `dag_duplicate_task`.
 */
export function rehearseRollback(input: RollbackInput, sha256: Sha256): Result<RollbackPlan, Refusal> {
  const graph = undoGraph(input);
  if (!graph.ok) return graph;
  const count = graph.value.undone.filter(Boolean).length;
  if (count === 0) return err(refusal("rollback_empty", "nothing depends on what is kept: there is nothing to undo"));
  if (count > MAX_STEPS)
    return err(refusal("rollback_too_large", `a plan has at most ${MAX_STEPS} steps, not ${count}`));
  const choices = chooseMethods(input, graph.value);
  const { steps, writes } = orderSteps(graph.value, choices);
  const hash = planHash(steps, sha256);
  if (!hash.ok) return hash;
  const tell = steps.map(({ task: jti }) => {
    const task = graph.value.tasks[graph.value.rankOf.get(jti) ?? -1];
    return task?.effect === true ? toBeTold(task, input, choices.touches) : [];
  });
  const used = [...choices.byRank.values()].map(({ ckpt }) => ckpt).filter((ckpt) => ckpt !== null);
  return ok({
    steps,
    waves: wavesOf(steps),
    planHash: hash.value,
    checkpoints: Object.fromEntries(
      used.map(({ ckptId, hash: digest, usableUntilS }) => [ckptId, { hash: digest, usableUntilS }]),
    ),
    writes,
    tell,
    report: reportOf(graph.value, choices, steps, tell, lockConflicts(input, steps, writes)),
  });
}

/**
 * C4 whole: a plan that may begin. Refusals beside those of the dry run: `rollback_denied` without authority,
 * `rollback_irreversible` with the tasks, when all or nothing is asked for and something stays (CAS-15), and
 * `rollback_conflict` with the tasks, while one is under way or another rollback holds what would be changed.
 */
export function planRollback(input: AuthorizedInput, sha256: Sha256): Result<RollbackPlan, Refusal> {
  if (input.authority === null) return err(refusal("rollback_denied", "nothing that was shown allows this rollback"));
  const plan = rehearseRollback(input, sha256);
  if (!plan.ok) return plan;
  const problem = planProblem(plan.value, input.bestEffort);
  return problem === null ? plan : err(problem);
}

/** Why a plan may not begin, whoever allows it; null when it may. */
export function planProblem({ report }: RollbackPlan, bestEffort: boolean): Refusal | null {
  const { impossible, conflicts } = report;
  if (impossible.length > 0 && !bestEffort)
    return refusal(
      "rollback_irreversible",
      `${impossible.length} tasks cannot be undone, and all or nothing was asked for`,
      { tasks: impossible.map(({ task }) => task) },
    );
  const blocking = new Set(conflicts.filter(({ blocks }) => blocks).map(({ task }) => task));
  return blocking.size === 0
    ? null
    : refusal("rollback_conflict", "tasks are under way, or another rollback holds what they changed", {
        tasks: [...blocking],
      });
}

/**
 * Reverse topological order (CAS-14). A step waits for the steps of all direct dependants, and for those of later tasks
 * that touched the same places: what was written last is taken back first.
 */
function orderSteps(graph: UndoGraph, { byRank }: Choices): { steps: PlanStep[]; writes: string[][] } {
  const { tasks, dependants } = graph;
  const ranks = [...byRank.keys()].toSorted((a, b) => b - a);
  const numberOf = new Map(ranks.map((rank, index) => [rank, index + 1]));
  const order = createWriteOrder();
  const steps: PlanStep[] = [];
  const writes: string[][] = [];
  ranks.forEach((rank, index) => {
    const task = tasks[rank];
    const choice = byRank.get(rank);
    if (task === undefined || choice === undefined) return;
    const n = index + 1;
    const own = choice.method === "skip" ? [] : [...new Set([...task.resources, ...(choice.ckpt?.scope ?? [])])];
    // What is skipped has its turn all the same: a restore that takes it back as well comes after what depended on it.
    const touched = task.effect && task.state !== "undone" ? new Set([...task.resources, ...own]) : [];
    const after = new Set([...touched].flatMap((resource) => order.before(resource)));
    for (const resource of touched) order.write(resource, n);
    for (const dependant of dependants[rank] ?? []) {
      const step = numberOf.get(dependant);
      if (step !== undefined) after.add(step);
    }
    steps.push({
      n,
      task: task.jti,
      agent: choice.agent,
      method: choice.method,
      ...(choice.ckpt === null ? {} : { ckpt_id: choice.ckpt.ckptId }),
      ...(task.gateway === undefined || choice.method === "skip" ? {} : { gateway: task.gateway }),
      depends_on: [...after].toSorted((a, b) => a - b),
    });
    writes.push(own);
  });
  return { steps, writes };
}

/** Which earlier steps wrote a place, something below it or something above it; what those waited for is not repeated. */
function createWriteOrder() {
  const at = new Map<string, number>();
  const under = new Map<string, number[]>();
  return {
    before: (resource: string): number[] => [
      ...(under.get(placeOf(resource)) ?? []),
      ...placesOf(resource)
        .map((place) => at.get(place))
        .filter((n) => n !== undefined),
    ],
    write: (resource: string, n: number): void => {
      const [place = "", ...above] = placesOf(resource);
      at.set(place, n);
      under.set(place, [n]);
      for (const higher of above) {
        const below = under.get(higher);
        if (below === undefined) under.set(higher, [n]);
        else if (below.at(-1) !== n) below.push(n);
      }
    },
  };
}

function wavesOf(steps: readonly PlanStep[]): number[][] {
  const waveOf: number[] = [];
  const waves: number[][] = [];
  for (const { n, depends_on } of steps) {
    const wave = depends_on.reduce((latest, earlier) => Math.max(latest, (waveOf[earlier] ?? 0) + 1), 0);
    waveOf[n] = wave;
    const members = waves[wave];
    if (members === undefined) waves[wave] = [n];
    else members.push(n);
  }
  return waves;
}

/** Places that another rollback holds. */
function lockConflicts(
  { locks }: RollbackInput,
  steps: readonly PlanStep[],
  writes: readonly (readonly string[])[],
): Conflict[] {
  const at = new Map<string, string>();
  const under = new Map<string, string>();
  for (const { rbId, resources } of locks)
    for (const resource of resources) {
      at.set(placeOf(resource), rbId);
      for (const place of placesOf(resource)) under.set(place, rbId);
    }
  if (at.size === 0) return [];
  return steps.flatMap(({ task }, index) =>
    (writes[index] ?? []).flatMap((resource): Conflict[] => {
      const above = placesOf(resource).find((place) => at.has(place));
      const by = under.get(placeOf(resource)) ?? (above === undefined ? undefined : at.get(above));
      return by === undefined ? [] : [{ kind: "locked", task, blocks: true, resource, by }];
    }),
  );
}

function reportOf(
  graph: UndoGraph,
  { byRank, conflicts }: Choices,
  steps: readonly PlanStep[],
  tell: RollbackPlan["tell"],
  locked: readonly Conflict[],
): RollbackReport {
  const lists = { undone: [], compensated: [], manual: [], skipped: [] } as {
    [list in "undone" | "compensated" | "manual" | "skipped"]: ReportLine[];
  }; // Empty literals say nothing about what they will hold.
  const impossible: Impossible[] = [];
  let total = parseAmount("0");
  let unstated = 0;
  for (const { n, task: jti, agent, method, ckpt_id: ckptId } of steps) {
    const rank = graph.rankOf.get(jti);
    const task = rank === undefined ? undefined : graph.tasks[rank];
    const choice = rank === undefined ? undefined : byRank.get(rank);
    if (task === undefined || choice === undefined) continue;
    if (choice.impossible !== null) {
      impossible.push({
        n,
        task: jti,
        agent: task.agent,
        execAct: task.execAct,
        why: choice.impossible,
        resources: task.resources,
        tell: tell[n - 1] ?? [],
      });
      continue;
    }
    const line = { n, task: jti, agent, execAct: task.execAct, method, ...(ckptId === undefined ? {} : { ckptId }) };
    lists[listOf(choice)].push(line);
    if (method === "skip") continue;
    const cost = choice.cost === null ? null : parseAmount(choice.cost);
    if (cost === null) unstated += 1;
    else total = total?.plus(cost) ?? null;
  }
  return {
    ...lists,
    impossible,
    conflicts: [...conflicts, ...locked],
    cost: { total: total?.toFixed() ?? "0", unstated },
    cut: { frontier: frontierOf(graph), stays: graph.undone.filter((undone) => !undone).length },
  };
}

function listOf({ method, covered }: Choice): "undone" | "compensated" | "manual" | "skipped" {
  if (method === "restore" || covered) return "undone";
  return method === "compensate" ? "compensated" : method === "manual" ? "manual" : "skipped";
}

/** Its agent, its domain's gateway, who else works with what stays changed, and whom the task itself names. */
function toBeTold(task: UndoTask, input: RollbackInput, touches: Choices["touches"]): string[] {
  const domain = trustDomainOf(task.agent).toLowerCase();
  const gateway = Object.hasOwn(input.gateways, domain) ? input.gateways[domain] : undefined;
  const others = task.resources.flatMap((resource) => touches.stayingAgents(resource));
  const gateways = [gateway, task.gateway].filter((one) => one !== undefined);
  return [...new Set([task.agent, ...gateways, ...others, ...(task.tell ?? [])])];
}
