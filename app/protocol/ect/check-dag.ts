import { err } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { type Outcome, passed, type Step } from "../jose/steps.ts";
import { type Ancestry, MAX_ANCESTORS, walkAncestry } from "./ancestry.ts";
import { type FoundPred, findPred, type KnownEct, type KnownEcts, type Level } from "./known-ects.ts";

/** How a verifier's own rules bear on DAG validation. */
export interface DagPolicy {
  /** What an absent predecessor means: a refusal (default, ECT-16), or a partial result that says so (ECT-31). */
  readonly missing?: "refuse" | "partial";
  /** Which workflow a task may follow beside its own; default none (D4 check 5). */
  crossWorkflow?(task: string | undefined, predecessor: string | undefined): boolean;
  /** Default 30 s (D4 check 3). */
  readonly toleranceS?: number;
}

/** Where a task stands in its workflow's graph. */
export interface Placement {
  readonly position: "root" | "linked" | "partial";
  /** The lowest level among the task and everything held behind it (ECT-29). */
  readonly pathLevel: Level;
  /** Predecessors that are not held, and further ones behind those that are: what a partial result leaves open (ECT-31). */
  readonly missing: readonly string[];
  readonly missingBehind: readonly string[];
  /** Predecessors of a lower level than the task itself (ECT-30). */
  readonly weakLinks: readonly string[];
  readonly tainted: boolean;
}

export interface DagProgress {
  preds?: readonly FoundPred[];
  ancestry?: Ancestry;
}

/** Tasks that may follow one that was rejected or waits for a human (ECT-43). */
const MAY_FOLLOW_REFUSED = /^(?:compensate|hitl_request|hitl_decision|rollback_.*|override_.*)$/;

/** ECT-45: a predecessor of a compensation is what it compensates, unless its act is one of those that may follow a refusal. */
export function isCompensable(execAct: string): boolean {
  return !MAY_FOLLOW_REFUSED.test(execAct);
}

/** A row that answers at once: what a decision in the order of a log may run. */
export interface SyncStep extends Step {
  run(): Outcome;
}

/** D4 as rows, for a task that is not held yet. Refusals carry the tasks they are about. */
export function dagSteps(
  task: () => KnownEct,
  known: KnownEcts,
  policy: DagPolicy,
  progress: DagProgress,
): readonly SyncStep[] {
  const rows: readonly (readonly [string, () => Outcome])[] = [
    ["the task is new in its workflow", () => checkUnique(task(), known)],
    ["every predecessor is a verified ECT", () => checkPresent(task(), known, policy, progress)],
    ["predecessors are not younger", () => checkOrder(task(), policy, progress)],
    ["no way back to the task", () => checkCycle(task(), known, policy, progress)],
    ["predecessors are of the same workflow", () => checkWorkflow(task(), policy, progress)],
    ["predecessors allow a successor", () => checkPredPolicy(task(), known, progress)],
  ];
  return rows.map(([check, run], index) => ({ procedure: "D4", step: index + 1, check, run }));
}

/** What the rows have found, once they have all passed. */
export function placementOf(task: KnownEct, progress: DagProgress): Placement {
  const preds = progress.preds ?? [];
  const missing = preds.filter((pred) => heldPred(pred) === undefined).map((pred) => pred.jti);
  const behind = (progress.ancestry?.missing ?? []).filter((jti) => !missing.includes(jti));
  return {
    position: task.pred.length === 0 ? "root" : missing.length === 0 ? "linked" : "partial",
    pathLevel: (progress.ancestry === undefined
      ? held(preds).map((pred) => pred.level)
      : [progress.ancestry.ancestorLevel]
    ).reduce(lower, task.level),
    missing,
    missingBehind: behind,
    weakLinks: held(preds)
      .filter((pred) => pred.level < task.level)
      .map((pred) => pred.jti),
    tainted: progress.ancestry?.tainted ?? false,
  };
}

/** The place of a task that was accepted, as of what is held now: levels rise and fall, missing predecessors arrive. */
export function placeAgain(task: KnownEct, known: KnownEcts): Placement {
  const preds = task.pred.map((jti) => findPred(known, jti, task.wid));
  return placementOf(task, { preds, ancestry: walkAncestry(task, known) });
}

/** ECT-12: once in a workflow; an id without workflow is the same everywhere, so it meets every other. */
function checkUnique(task: KnownEct, known: KnownEcts): Outcome {
  const { jti, wid } = task;
  const twin = wid === undefined ? known.byJti(jti)[0] : (known.get(jti, wid) ?? known.get(jti, undefined));
  return twin === undefined
    ? passed
    : err(refusal("dag_duplicate_task", "this task has its ECT already", { jti: task.jti }));
}

function checkPresent(task: KnownEct, known: KnownEcts, policy: DagPolicy, progress: DagProgress): Outcome {
  const preds = task.pred.map((jti) => findPred(known, jti, task.wid));
  progress.preds = preds;
  const missing = preds
    .filter((pred) => pred.same === undefined && pred.elsewhere.length === 0)
    .map((pred) => pred.jti);
  if (missing.length === 0 || policy.missing === "partial") return passed;
  return refuse(task, "dag_pred_missing", `no verified ECT is held for ${missing.join(", ")}`, missing);
}

function checkOrder(task: KnownEct, policy: DagPolicy, progress: DagProgress): Outcome {
  const latest = task.iat + (policy.toleranceS ?? 30);
  const younger = held(progress.preds ?? [])
    .filter((pred) => pred.iat >= latest)
    .map((pred) => pred.jti);
  if (younger.length === 0) return passed;
  return refuse(task, "dag_time_order", `made before its predecessor ${younger.join(", ")}`, younger);
}

/** Defence in depth where ECTs arrive in order; decisive where a log is loaded in another. */
function checkCycle(task: KnownEct, known: KnownEcts, policy: DagPolicy, progress: DagProgress): Outcome {
  // Checks 1 and 2 have passed: the task is new, and all that it names is held.
  if (known.inOrder && policy.missing !== "partial") return passed;
  const ancestry = walkAncestry(task, known);
  progress.ancestry = ancestry;
  if (ancestry.cycle !== null) return refuse(task, "dag_cycle", ancestry.cycle.join(" follows "), ancestry.cycle);
  if (!ancestry.limited) return passed;
  return refuse(task, "dag_limit", `more than ${MAX_ANCESTORS} ancestors`, []);
}

/** Two workflows that both know the id leave open which one is meant: that is no link. */
function checkWorkflow(task: KnownEct, policy: DagPolicy, progress: DagProgress): Outcome {
  const foreign = (progress.preds ?? []).filter((pred) => {
    if (pred.same !== undefined || pred.elsewhere.length === 0) return false;
    const [only] = pred.elsewhere;
    return pred.elsewhere.length > 1 || policy.crossWorkflow?.(task.wid, only?.wid) !== true;
  });
  if (foreign.length === 0) return passed;
  const tasks = foreign.map((pred) => pred.jti);
  return refuse(task, "dag_workflow_mismatch", `${tasks.join(", ")} belongs to another workflow`, tasks);
}

/** ECT-43, ECT-45. */
function checkPredPolicy(task: KnownEct, known: KnownEcts, progress: DagProgress): Outcome {
  const preds = held(progress.preds ?? []);
  const compensated = task.execAct === "compensate" ? preds.filter((pred) => isCompensable(pred.execAct)) : [];
  const again = compensated
    .filter((pred) => known.successors(pred.jti, pred.wid).some((other) => other.execAct === "compensate"))
    .map((pred) => pred.jti);
  if (again.length > 0)
    return refuse(task, "dag_double_compensation", `${again.join(", ")} was compensated already`, again);
  if (MAY_FOLLOW_REFUSED.test(task.execAct)) return passed;
  const refused = preds
    .filter((pred) => pred.ext.pol_decision === "rejected" || pred.ext.pol_decision === "pending_human_review")
    .filter((pred) => !preds.some((decision) => approves(decision, pred, known)))
    .map((pred) => pred.jti);
  if (refused.length === 0) return passed;
  return refuse(task, "dag_pred_policy", `${refused.join(", ")} was rejected or waits for a human`, refused);
}

/** A human's yes to exactly this task: the decision follows it, or follows a request that does. */
function approves(decision: KnownEct, task: KnownEct, known: KnownEcts): boolean {
  if (decision.execAct !== "hitl_decision" || (decision.ext.outcome !== "approve" && decision.ext.outcome !== "modify"))
    return false;
  const asked = decision.pred
    .map((jti) => findPred(known, jti, decision.wid).same)
    .filter((ect) => ect !== undefined && ect.execAct === "hitl_request");
  return decision.pred.includes(task.jti) || asked.some((request) => request?.pred.includes(task.jti) === true);
}

const lower = (a: Level, b: Level): Level => (a < b ? a : b);

/** The one predecessor that is meant: of the same workflow, or the only one elsewhere. */
function heldPred(pred: FoundPred): KnownEct | undefined {
  return pred.same ?? (pred.elsewhere.length === 1 ? pred.elsewhere[0] : undefined);
}

function held(preds: readonly FoundPred[]): KnownEct[] {
  return preds.map(heldPred).filter((ect) => ect !== undefined);
}

function refuse(task: KnownEct, code: string, detail: string, tasks: readonly string[]): { ok: false; error: Refusal } {
  return err(refusal(code, detail, { claim: "pred", jti: task.jti, tasks }));
}
