import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Deed, writtenBy } from "./effect.ts";
import { createLockBook } from "./lock-book.ts";
import { after, all, createResourceBook, type StoredResource, shown, stateDigest } from "./resource-book.ts";
import type { ResourceStore, SavedState, StoredValues, StoreProblem } from "./resource-store.ts";
import { CKPT, isOwn, NOTHING_YET, type StoredState, type StoredTask, shownState, TASK } from "./stored-effects.ts";
import { createUndoing } from "./undoing.ts";

/**
 * Versioned resources over a key-value store, which every storage technology implements durably. One change at a time: a
 * profile has one host. What takes several writes is noted first and finished when it is asked for again, so that a crash
 * in between leaves nothing half done for good. `isOver`: whether a rollback holds nothing any more.
 */
export function createResourceStore(
  values: StoredValues,
  nowMs: () => number,
  sha256: Sha256,
  isOver: (rbId: string) => Promise<boolean> = () => Promise.resolve(false),
): ResourceStore {
  const book = createResourceBook(values, nowMs, sha256);
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(run: () => Promise<Result<T, StoreProblem>>): Promise<Result<T, StoreProblem>> => {
    const mine = turn.then(run);
    turn = mine.catch(() => undefined);
    return mine;
  };
  /** Only this store writes under its prefixes, so that what is read has the shape that was written. */
  const read = async <T>(key: string): Promise<Result<T | null, StoreProblem>> => {
    const found = await values.get(key);
    return found.ok ? ok((found.value ?? null) as T | null) : found;
  };

  const locks = createLockBook(values, nowMs, isOver);
  const unlocked = async (resources: readonly string[]): Promise<Result<void, StoreProblem>> => {
    const holder = await locks.lockedBy("", resources);
    if (!holder.ok) return holder;
    return holder.value === null
      ? ok(undefined)
      : err({ code: "rollback_locked", detail: `rollback ${holder.value} holds what this task writes` });
  };

  /** A second time under the same id it is the same state, or nothing: what was signed over does not change. */
  const savedBefore = async (
    input: Parameters<ResourceStore["save"]>[0],
    scope: readonly string[],
  ): Promise<Result<StoredState | null, StoreProblem>> => {
    const found = await read<StoredState>(CKPT + input.ckptId);
    if (!found.ok || found.value === null) return found;
    const { agent, wid, task, usableUntilS, compensation } = found.value;
    const same = (of: unknown, and: unknown): boolean => JSON.stringify(of) === JSON.stringify(and);
    return same([agent, wid, task, usableUntilS], [input.agent, input.wid, input.task, input.usableUntilS]) &&
      same([found.value.scope, compensation], [scope, input.effect.compensation])
      ? found
      : err({ code: "checkpoint_known", detail: "another state was saved under this id" });
  };

  const stateNow = async (
    { agent, wid, task, ckptId, usableUntilS, effect }: Parameters<ResourceStore["save"]>[0],
    scope: readonly string[],
  ): Promise<Result<StoredState, StoreProblem>> => {
    const found = await all(scope.map((uri) => book.get(uri)));
    if (!found.ok) return found;
    if (found.value.some(({ unconfirmed }) => unconfirmed !== null))
      return err({ code: "resource_unconfirmed", detail: "a commit on it waits for its confirmation" });
    const hash = stateDigest(found.value, sha256);
    if (!hash.ok) return hash;
    const madeAfter = found.value.reduce<StoredResource | null>(
      (latest, held) => (held.by !== null && (latest === null || held.atMs > latest.atMs) ? held : latest),
      null,
    );
    const states = found.value.map(({ uri, text, by, version }) => ({ uri, text, by, version }));
    const saved: SavedState = {
      ckptId,
      agent,
      wid,
      task,
      scope,
      hash: hash.value,
      usableUntilS,
      madeAfter: madeAfter?.by ?? null,
    };
    return ok({ ...saved, states, compensation: effect.compensation });
  };

  const save: ResourceStore["save"] = (input) =>
    inTurn(async () => {
      const { agent, wid, task, ckptId, effect } = input;
      const scope = writtenBy(effect);
      if (![...effect.deeds, ...(effect.compensation?.deeds ?? [])].every(({ uri }) => isOwn(wid, uri)))
        return err({ code: "resource_denied", detail: "this is not of the task's own workflow" });
      const known = await read<StoredTask>(TASK + task);
      if (!known.ok) return known;
      if (known.value !== null && known.value.agent !== agent)
        return err({ code: "resource_denied", detail: "this is not the agent's own task" });
      const free = await unlocked(scope);
      if (!free.ok) return free;
      const before = await savedBefore(input, scope);
      if (!before.ok) return before;
      const stored = before.value === null ? await stateNow(input, scope) : ok(before.value);
      if (!stored.ok) return stored;
      const put = before.value === null ? await values.put(CKPT + ckptId, stored.value) : ok(undefined);
      if (!put.ok) return put;
      const saved = ok(shownState(stored.value));
      // What was begun is finished from the state it began with.
      if (known.value !== null && (known.value.begun !== null || known.value.problem !== null)) return saved;
      const noted = await values.put(TASK + task, { ...NOTHING_YET, agent, ckptId } satisfies StoredTask);
      return noted.ok ? saved : noted;
    });

  /** Carries out what is noted; a part that was carried out before is passed over. */
  const carryOut = async (key: string, task: StoredTask): Promise<Result<{ hash: string }, StoreProblem>> => {
    for (const next of task.begun ?? []) {
      const version = await book.version(next.uri);
      if (!version.ok) return version;
      const put = version.value >= next.version ? ok(undefined) : await book.put(next);
      if (!put.ok) return put;
    }
    const hash = stateDigest(task.begun ?? [], sha256);
    if (!hash.ok) return hash;
    const put = await values.put(key, { ...task, hash: hash.value } satisfies StoredTask);
    return put.ok ? ok({ hash: hash.value }) : put;
  };

  const planned = async (
    deeds: readonly Deed[],
    by: string,
    expected: StoredState | null,
  ): Promise<Result<readonly StoredResource[], StoreProblem>> => {
    const next = new Map<string, StoredResource>();
    for (const deed of deeds) {
      const known = next.get(deed.uri);
      const held = known === undefined ? await book.get(deed.uri) : ok(known);
      if (!held.ok) return held;
      const saved = expected?.states.find(({ uri }) => uri === deed.uri);
      if (known === undefined && expected !== null && deed.kind !== "confirm" && saved?.version !== held.value.version)
        return err({ code: "resource_conflict", detail: `${deed.uri} was changed after its state was saved` });
      const made = after(held.value, deed, by, nowMs());
      if (!made.ok) return made;
      next.set(deed.uri, made.value);
    }
    return ok([...next.values()]);
  };

  const perform: ResourceStore["perform"] = ({ agent, wid, task, deeds }) =>
    inTurn(async () => {
      const key = TASK + task;
      const found = await read<StoredTask>(key);
      if (!found.ok) return found;
      const known = found.value ?? { ...NOTHING_YET, agent };
      // Nothing is noted: another agent's question decides nothing about this one's task.
      if (known.agent !== agent) return err({ code: "resource_denied", detail: "this is not the agent's own task" });
      if (known.problem !== null) return err(known.problem);
      if (known.hash !== null) return ok({ hash: known.hash });
      if (known.begun !== null) return carryOut(key, known);
      const refuse = async (problem: StoreProblem): Promise<Result<never, StoreProblem>> => {
        if (problem.retry !== undefined) return err(problem);
        const { code, detail } = problem;
        const put = await values.put(key, { ...known, problem: { code, detail } } satisfies StoredTask);
        return put.ok ? err(problem) : put;
      };
      const uris = [...new Set(deeds.map(({ uri }) => uri))];
      if (!uris.every((uri) => isOwn(wid, uri)))
        return refuse({ code: "resource_denied", detail: "this is not of the task's own workflow" });
      const written = writtenBy({ deeds: [...deeds] });
      const saved = known.ckptId === null ? ok(null) : await read<StoredState>(CKPT + known.ckptId);
      if (!saved.ok) return saved;
      if (written.some((uri) => saved.value?.scope.includes(uri) !== true))
        return refuse({ code: "checkpoint_missing", detail: "nothing was saved before this change (CAS-10)" });
      const free = await unlocked(uris);
      if (!free.ok) return refuse(free.error);
      const next = await planned(deeds, task, saved.value);
      if (!next.ok) return refuse(next.error);
      const begun: StoredTask = { ...known, begun: next.value };
      const put = await values.put(key, begun);
      return put.ok ? carryOut(key, begun) : put;
    });

  const undoing = createUndoing({ values, book, nowMs, read, planned, carryOut });

  return {
    save,
    perform,
    undo: (order) => inTurn(() => undoing.undo(order)),
    undone: (order) => inTurn(() => undoing.undone(order)),
    ...locks,
    held: async (agent, ckptIds) => {
      const found = await all(ckptIds.map((ckptId) => read<StoredState>(CKPT + ckptId)));
      if (!found.ok) return found;
      return ok(
        found.value
          .filter((saved) => saved !== null)
          .filter((saved) => saved.agent === agent)
          .map(({ ckptId, hash, usableUntilS, states }) => {
            const stored = stateDigest(states, sha256);
            return { ckptId, hash, usableUntilS, storedHash: stored.ok ? stored.value : null };
          }),
      );
    },
    read: async (uri) => {
      const held = await book.get(uri);
      return held.ok ? ok(shown(held.value)) : held;
    },
    list: async (place) => {
      const found = await book.within(place === undefined ? null : [place]);
      return found.ok ? ok(found.value.map(shown).filter((resource) => resource !== null)) : found;
    },
    digest: book.digest,
    saved: async (ckptId) => {
      const found = await read<StoredState>(CKPT + ckptId);
      if (!found.ok) return found;
      return ok(found.value === null ? null : shownState(found.value));
    },
  };
}
