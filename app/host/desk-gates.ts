import { writtenBy } from "../agents/resources/effect.ts";
import {
  compensationId,
  type KeptParticipant,
  type ResourceDesk,
  type SavedState,
  type StoreProblem,
  type UndoOrder,
} from "../agents/resources/resource-store.ts";
import type { Clock } from "../base/ports.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Engine } from "../engine/engine.ts";
import type { LatchTable } from "../gateway/latch-table.ts";
import { checkDeclaredUndo, coversResource } from "../protocol/cascade/checkpoint.ts";
import { isFinished, type RollbackState } from "../protocol/cascade/rollback-state.ts";

/** What the log lets an agent do at the desk. An agent's own word is no leave. */
export function createDeskGates(engine: Engine, clock: Clock, latches: Pick<LatchTable, "coveringAll">) {
  type Leave<T = void> = Result<T, StoreProblem>;
  const refuse = (code: string, detail: string): Leave<never> => err({ code, detail });

  return {
    /** Only of the agent's own task, in a workflow whose agents act, and only where the log has it. */
    standing: (
      { agent, wid, task }: { readonly agent: string; readonly wid: string; readonly task: string },
      status: "running" | "effect",
    ): Promise<Leave> =>
      engine.read((state): Leave => {
        const workflow = state.workflows.get(wid);
        const known = workflow?.tasks.get(task);
        return workflow?.acts === true && known?.agent === agent && known.status === status
          ? ok(undefined)
          : refuse("task_not_permitted", `no task of this agent is ${status} under this id`);
      }),

    /** CAS-10, CAS-11: what is written was declared in the intent, and what undoes it is in the log, or that nothing does. */
    declared: ({ agent, wid, task, deeds }: Parameters<ResourceDesk["perform"]>[0]): Promise<Leave> =>
      engine.read((state): Leave => {
        const { undo, needs } = state.workflows.get(wid)?.tasks.get(task)?.intent ?? {};
        const resources = writtenBy({ deeds: [...deeds] });
        const stated = needs?.resources ?? [];
        if (resources.length > 0 && undo?.effect === false)
          return refuse("effect_undeclared", "its intent says that it has no effect");
        if (!resources.every((resource) => coversResource(stated, resource)))
          return refuse("effect_undeclared", "its intent does not name what it writes");
        // The desk saves what is written by its very name, so that no place above it need be looked for.
        const own = [...state.checkpoints.values()].filter(
          (ckpt) => ckpt.wid === wid && ckpt.agent === agent && ckpt.scope.includes(resources[0] ?? ""),
        );
        const action = { effect: resources.length > 0, resources, undo: undo?.kind ?? null };
        const checked = checkDeclaredUndo(action, own, Math.floor(clock.nowMs() / 1000));
        return checked.ok ? ok(undefined) : refuse(checked.error.code, checked.error.detail);
      }),

    /** CAS-35: what would make the task good again writes only what its intent names, as the task itself may. */
    promised: ({ wid, task, effect: { compensation } }: Parameters<ResourceDesk["save"]>[0]): Promise<Leave> =>
      engine.read((state): Leave => {
        const stated = state.workflows.get(wid)?.tasks.get(task)?.intent?.needs?.resources ?? [];
        return (compensation === null ? [] : writtenBy(compensation)).every((uri) => coversResource(stated, uri))
          ? ok(undefined)
          : refuse("effect_undeclared", "its intent does not name what its compensation would write");
      }),

    /** Only a step of the plan that was approved, by its agent, while the coordinator has asked for it and may take its result. */
    asked: ({ agent, rbId, n, task, method, ckptId, compensation }: UndoOrder): Promise<Leave> =>
      engine.read((state): Leave => {
        const run = state.rollbacks.get(rbId)?.run ?? null;
        const step = run?.request.steps[n - 1];
        const status = run?.steps[n - 1]?.status;
        const open = (status === "open" || status === "timeout") && !hasLetGo(run);
        const stops = latches.coveringAll({ agent, wid: run?.request.wid ?? "", task });
        const rollback = state.rollbacks.get(rbId);
        // OVR-46: what came after the order bars its steps too, while the log does not have it yet, and when it is released.
        const isEnded = run?.stopped?.code === "rollback_stopped";
        if (
          rollback !== undefined &&
          (isEnded || stops.some(({ jti }) => (state.overrides.get(jti)?.seq ?? rollback.seq + 1) > rollback.seq))
        )
          return refuse(
            "override_active",
            "a stop that came after the rollback was ordered is latched, or has ended it",
          );
        const own =
          step?.agent === agent &&
          step.task === task &&
          step.method === method &&
          (step.ckpt_id ?? null) === ckptId &&
          compensation === compensationId(rbId, n);
        return open && own
          ? ok(undefined)
          : refuse("rollback_step_unasked", "no rollback has asked this agent for this step now");
      }),

    /** CAS-S5: what would be put back is what its checkpoint states in the log, no more and nothing else. */
    stated: (saved: SavedState | null, ckptId: string): Promise<Leave> =>
      engine.read((state): Leave => {
        const ckpt = state.checkpoints.get(ckptId);
        return saved !== null &&
          ckpt?.hash === saved.hash &&
          ckpt.agent === saved.agent &&
          saved.scope.every((resource) => coversResource(ckpt.scope, resource))
          ? ok(undefined)
          : refuse("rollback_state_mismatch", "the state that was saved is not the one the log states");
      }),

    /** What a participant may remember: it holds what its own steps write, and nothing once its rollback is over. */
    holding: (agent: string, kept: KeptParticipant): Promise<Leave<KeptParticipant>> =>
      engine.read((state): Leave<KeptParticipant> => {
        const run = state.rollbacks.get(kept.state.rbId)?.run ?? null;
        if (run === null || run.request.wid !== kept.wid || !Object.hasOwn(run.answers, agent))
          return refuse("rollback_participant_denied", "not a participant of this rollback");
        const { steps, writes } = run.request;
        const own = new Set(steps.flatMap((step) => (step.agent === agent ? (writes[step.n - 1] ?? []) : [])));
        if (!kept.state.locks.every((lock) => own.has(lock)))
          return refuse("rollback_participant_denied", "its own steps do not write all of this");
        return ok(hasLetGo(run) ? { ...kept, state: { ...kept.state, locks: [] } } : kept);
      }),

    /** Whether a rollback holds nothing any more, whatever its participants say. */
    isOver: (rbId: string): Promise<boolean> =>
      engine.read((state) => hasLetGo(state.rollbacks.get(rbId)?.run ?? null)),
  };
}

/** Of what is finished, or was not confirmed in time, nothing is held and no step is done (C5). */
function hasLetGo(run: RollbackState | null): boolean {
  return run === null || isFinished(run.phase) || run.lapsed;
}
