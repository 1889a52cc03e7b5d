import { ok, type Result } from "../../base/result.ts";
import type { StepResult } from "../../protocol/cascade/rollback-state.ts";
import type { Deed } from "./effect.ts";
import type { ResourceBook, StoredResource } from "./resource-book.ts";
import type { StoredValues, StoreProblem, UndoOrder } from "./resource-store.ts";
import { CKPT, COMPENSATION, NOTHING_YET, STEP, type StoredState, type StoredTask, TASK } from "./stored-effects.ts";

/** What undoing needs of the store around it. */
export interface UndoingPorts {
  readonly values: StoredValues;
  readonly book: ResourceBook;
  nowMs(): number;
  read<T>(key: string): Promise<Result<T | null, StoreProblem>>;
  planned(
    deeds: readonly Deed[],
    by: string,
    expected: StoredState | null,
  ): Promise<Result<readonly StoredResource[], StoreProblem>>;
  carryOut(key: string, task: StoredTask): Promise<Result<{ readonly hash: string }, StoreProblem>>;
}

/** Steps of rollbacks, each done once for its agent, rollback and number (CAS-17). One at a time. */
export function createUndoing({ values, book, nowMs, read, planned, carryOut }: UndoingPorts) {
  const restore = async ({ agent, ckptId }: UndoOrder): Promise<Result<StepResult, StoreProblem>> => {
    const saved = ckptId === null ? ok(null) : await read<StoredState>(CKPT + ckptId);
    if (!saved.ok) return saved;
    // CAS-S5: nobody restores what another agent has saved.
    if (saved.value?.agent !== agent) return ok(failed("checkpoint_missing"));
    for (const { uri, text, by } of saved.value.states) {
      const held = await book.get(uri);
      if (!held.ok) return held;
      const { version, unconfirmed } = held.value;
      if (held.value.text === text && held.value.by === by && unconfirmed === null) continue;
      const put = await book.put({ uri, text, by, version: version + 1, atMs: nowMs(), unconfirmed: null });
      if (!put.ok) return put;
    }
    const hash = await book.digest(saved.value.scope);
    return hash.ok ? ok({ status: "done", restoredHash: hash.value, residue: [] }) : hash;
  };

  const compensate = async (order: UndoOrder): Promise<Result<StepResult, StoreProblem>> => {
    const key = TASK + order.task;
    const found = await read<StoredTask>(key);
    if (!found.ok) return found;
    const task = found.value ?? { ...NOTHING_YET, agent: order.agent };
    if (task.agent !== order.agent) return ok(failed("checkpoint_missing"));
    if ((task.compensatedBy ?? order.compensation) !== order.compensation) return ok(failed("dag_double_compensation"));
    if (task.begun === null) return neverWritten(key, task, order);
    const saved = task.ckptId === null ? ok(null) : await read<StoredState>(CKPT + task.ckptId);
    if (!saved.ok) return saved;
    if (saved.value?.agent !== order.agent) return ok(failed("checkpoint_missing"));
    if (saved.value.compensation === null) return ok(failed("compensation_unknown"));
    const own = await read<StoredTask>(COMPENSATION + order.compensation);
    if (!own.ok) return own;
    let begun = own.value;
    if (begun === null) {
      const next = await planned(saved.value.compensation.deeds, order.compensation, null);
      if (!next.ok) return next.error.retry === undefined ? ok(failed(next.error.code)) : next;
      begun = { ...NOTHING_YET, agent: order.agent, begun: next.value };
      const put = await values.put(COMPENSATION + order.compensation, begun);
      if (!put.ok) return put;
    }
    const marked = await values.put(key, { ...task, compensatedBy: order.compensation } satisfies StoredTask);
    if (!marked.ok) return marked;
    const done = await carryOut(COMPENSATION + order.compensation, begun);
    return done.ok ? ok({ status: "done", residue: [], compensation: order.compensation }) : done;
  };

  /**
   * The write was refused, or an approval changed its arguments: there is nothing to make good, and the step says so by its
   * code. What was not written by now never is: it would come after its own undoing.
   */
  const neverWritten = async (
    key: string,
    task: StoredTask,
    { compensation }: UndoOrder,
  ): Promise<Result<StepResult, StoreProblem>> => {
    const problem = task.problem ?? { code: "effect_undone", detail: "a rollback took this task back before it wrote" };
    const marked = await values.put(key, { ...task, problem, compensatedBy: compensation } satisfies StoredTask);
    return marked.ok ? ok({ status: "done", code: "nothing_written", residue: [], compensation }) : marked;
  };

  const keyOf = ({ agent, rbId, n }: UndoOrder): string => `${STEP}${agent}/${rbId}/${n}`;

  return {
    undone: (order: UndoOrder) => read<StepResult>(keyOf(order)),
    undo: async (order: UndoOrder): Promise<Result<StepResult, StoreProblem>> => {
      const known = await read<StepResult>(keyOf(order));
      if (!known.ok) return known;
      if (known.value !== null) return ok(known.value);
      const result = order.method === "restore" ? await restore(order) : await compensate(order);
      if (!result.ok) return result;
      const put = await values.put(keyOf(order), result.value);
      return put.ok ? result : put;
    },
  };
}

const failed = (code: string): StepResult => ({ status: "failed", code, residue: [] });
