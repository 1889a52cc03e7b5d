import { type Checkpoint, coversResource } from "../../protocol/cascade/checkpoint.ts";
import type { RollbackTarget } from "../../protocol/cascade/rollback-claims.ts";
import type { PlacedCheckpoint, RollbackInput, UndoTask } from "../../protocol/cascade/rollback-input.ts";
import type { HostIds } from "../records.ts";
import type { State, TaskState, WorkflowState } from "../state.ts";
import { isUnderWay } from "./rollback-states.ts";
import type { TrailPlace, TrailPlaces } from "./trail-places.ts";
import { undoneTasks } from "./undone.ts";

/** What is asked for, as its order names it. */
export interface RollbackAim {
  readonly wid: string;
  readonly target: RollbackTarget;
  readonly keepTarget: boolean;
  readonly bestEffort: boolean;
}

/** Of an agent's checkpoints before a task the latest are looked at for what it declared, no more. */
const MAX_LOOKED_AT = 32;

/**
 * All that a plan follows from (C4), out of the log: the tasks whose effect was let through, with what their intents
 * declared; joins; compensations; checkpoints; and what other rollbacks hold. What was permitted and has not happened is
 * no task yet: it is held, and refused afterwards because what it follows is undone.
 */
export function rollbackInput(
  state: State,
  workflow: WorkflowState,
  aim: RollbackAim,
  ids: HostIds,
  nowS: number,
  places: TrailPlaces,
): RollbackInput {
  const checkpoints = [...state.checkpoints.values()].filter(({ wid }) => wid === aim.wid);
  const undone = undoneTasks(state, aim.wid);
  const declared = declarations(checkpoints);
  const tasks: UndoTask[] = [];
  for (const task of workflow.tasks.values()) {
    const made = undoTask(task, undone.has(task.jti), declared);
    if (made !== null) tasks.push(placed(made, places.get(task.jti)));
  }
  const byJti = new Map(tasks.map((task) => [task.jti, task]));
  for (const [jti, ect] of workflow.ects) {
    const none = { undo: null, compensation: null };
    const own = { jti, agent: ect.iss, pred: ect.pred, execAct: ect.execAct, span: { from: ect.seq, to: ect.seq } };
    if (ect.execAct === "join") tasks.push({ ...own, ...none, state: "done", effect: false, resources: [] });
    if (ect.execAct !== "compensate" || byJti.has(jti)) continue;
    const resources = ect.pred.flatMap((pred) => byJti.get(pred)?.resources ?? []);
    tasks.push({ ...own, ...none, state: "done", effect: true, resources });
  }
  const locks = [...state.rollbacks.values()].flatMap(({ rbId, run }) =>
    run === null || !isUnderWay(run.phase) || run.lapsed ? [] : [{ rbId, resources: run.request.writes.flat() }],
  );
  return {
    ...aim,
    tasks,
    checkpoints,
    nowS,
    ownDomain: ids.domain,
    // Agents of this host alone are reached from this console: what is another trust domain's is told as impossible.
    gateways: {},
    locks,
  };
}

/** C4 step 6: what is another domain's trail has that domain's gateway take part, and whoever was handed it be told. */
function placed(task: UndoTask, place: TrailPlace | undefined): UndoTask {
  if (place === undefined) return task;
  const { gateway, handedTo } = place;
  return { ...task, gateway, tell: [...(task.tell ?? []), ...handedTo] };
}

function undoTask(
  task: TaskState,
  undone: boolean,
  declared: (agent: string, resources: readonly string[], before: number) => Checkpoint | null,
): UndoTask | null {
  const running = task.status === "effect";
  if (task.intent === null || (task.ect === null && !running)) return null;
  const ended = task.ect?.seq ?? Number.POSITIVE_INFINITY;
  const from = task.entries.findLast((entry) => entry < ended) ?? 0;
  const { needs, undo } = task.intent;
  const resources = needs?.resources ?? [];
  return {
    jti: task.jti,
    agent: task.agent,
    pred: task.ect?.pred ?? task.intent.pred,
    execAct: task.execAct,
    state: running ? "running" : undone ? "undone" : "done",
    effect: undo?.effect ?? resources.length > 0,
    resources,
    span: { from, to: running ? null : ended },
    undo: undo?.kind ?? declared(task.agent, resources, from)?.undo ?? null,
    compensation: undo?.compensation === undefined ? null : { agent: task.agent, cost: undo.compensation.cost ?? null },
    ...(undo?.tell === undefined ? {} : { tell: undo.tell }),
  };
}

/** What an agent's newest checkpoint before a task declares of the resources it touches. */
function declarations(checkpoints: readonly PlacedCheckpoint[]) {
  const byAgent = new Map<string, PlacedCheckpoint[]>();
  for (const ckpt of checkpoints) {
    const own = byAgent.get(ckpt.agent);
    if (own === undefined) byAgent.set(ckpt.agent, [ckpt]);
    else own.push(ckpt);
  }
  return (agent: string, resources: readonly string[], before: number): Checkpoint | null => {
    if (resources.length === 0) return null;
    const own = byAgent.get(agent) ?? [];
    let looked = 0;
    for (let at = own.length - 1; at >= 0 && looked < MAX_LOOKED_AT; at -= 1) {
      const ckpt = own[at];
      if (ckpt === undefined || ckpt.position >= before) continue;
      looked += 1;
      if (resources.every((resource) => coversResource(ckpt.scope, resource))) return ckpt;
    }
    return null;
  };
}
