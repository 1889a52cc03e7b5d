import type { Clock, Ids } from "../../base/ports.ts";
import { err, type Result } from "../../base/result.ts";
import { CHECKPOINT_ACT, checkpointExt } from "../../protocol/cascade/checkpoint.ts";
import type { EctClaims } from "../../protocol/ect/claims.ts";
import type { AgentTask } from "../messages.ts";
import { type TaskEffect, writtenBy } from "./effect.ts";
import type { ResourceDesk, StoreProblem } from "./resource-store.ts";

/** Seconds a saved state is kept for use [ours]. */
export const CHECKPOINT_LIFETIME_S = 86_400;
/** Milliseconds after which storage that could not answer is asked again. */
const ASK_AGAIN_MS = 1000;

/** An agent's hands: what it does to resources around a task, and what it says of it. */
export interface Acting {
  /**
   * Saves what the task will write, and gives the members of the ECT that says so (CAS-10). Also where it cannot be undone:
   * that is declared here (CAS-11). Null when there is nothing to write.
   */
  declare(task: AgentTask): Promise<Result<Pick<EctClaims, "exec_act" | "pred" | "ect_ext">, StoreProblem> | null>;
  /** Does it. A refusal leaves everything as it was. */
  carryOut(task: AgentTask, effect: TaskEffect): Promise<Result<{ readonly hash: string }, StoreProblem>>;
}

export function createActing(
  agent: string,
  desk: ResourceDesk,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): Acting {
  return {
    declare: async ({ effect, wid, jti }) => {
      if (effect == null || writtenBy(effect).length === 0) return null;
      const ckptId = ids.uuid();
      const usableUntilS = Math.floor(clock.nowMs() / 1000) + CHECKPOINT_LIFETIME_S;
      const saved = await patiently(clock, () => desk.save({ agent, wid, task: jti, ckptId, usableUntilS, effect }));
      if (!saved.ok) return saved;
      const ext = checkpointExt({
        ckpt_id: ckptId,
        ckpt_scope: [...saved.value.scope],
        ckpt_hash: saved.value.hash,
        ckpt_store: `store://${wid}/`,
        ckpt_expires: usableUntilS,
        undo: effect.undo,
        undo_deadline_s: CHECKPOINT_LIFETIME_S,
      });
      if (!ext.ok) return err({ code: ext.error.code, detail: ext.error.detail });
      const { madeAfter } = saved.value;
      return {
        ok: true,
        value: {
          exec_act: CHECKPOINT_ACT,
          pred: madeAfter === null ? [] : [madeAfter],
          ect_ext: { ...ext.value, target_jti: jti },
        },
      };
    },
    carryOut: ({ wid, jti }, { deeds }) => patiently(clock, () => desk.perform({ agent, wid, task: jti, deeds })),
  };
}

/** Asks until there is an answer: a storage that could not say decides nothing. */
export async function patiently<T>(
  clock: Clock,
  ask: () => Promise<Result<T, StoreProblem>>,
): Promise<Result<T, StoreProblem>> {
  for (;;) {
    const answer = await ask();
    if (answer.ok || answer.error.retry !== true) return answer;
    await new Promise<void>((resolve) => clock.after(ASK_AGAIN_MS, resolve));
  }
}
