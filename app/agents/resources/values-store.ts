import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { overlaps } from "../../protocol/cascade/checkpoint.ts";
import type { StepResult } from "../../protocol/cascade/rollback-state.ts";
import { type Deed, type TaskEffect, writtenBy } from "./effect.ts";
import { after, all, createResourceBook, type StoredResource, shown, stateDigest } from "./resource-book.ts";
import type {
  KeptParticipant,
  ResourceStore,
  SavedState,
  StoredValues,
  StoreProblem,
  UndoOrder,
} from "./resource-store.ts";

/** A saved state as it is stored, with what its digest is of. */
interface StoredState extends SavedState {
  readonly states: readonly Pick<StoredResource, "uri" | "text" | "by" | "version">[];
  readonly compensation: TaskEffect["compensation"];
}

/** What became of a task's effect. `begun`: what it makes of each resource, so that a crash in the middle is finished. */
interface StoredTask {
  readonly agent: string;
  readonly ckptId: string | null;
  readonly begun: readonly StoredResource[] | null;
  readonly hash: string | null;
  readonly problem: { readonly code: string; readonly detail: string } | null;
  /** The one compensation it ever has (ECT-45). */
  readonly compensatedBy: string | null;
}

const CKPT = "resource/ckpt/";
const TASK = "resource/task/";
const STEP = "resource/undo/";
const ROLLBACK = "resource/rollback/";

/**
 * Versioned resources over a key-value store, which every storage technology implements durably. One change at a time: a
 * profile has one host. What takes several writes is noted first and finished when it is asked for again, so that a crash
 * in between leaves nothing half done for good.
 */
export function createResourceStore(values: StoredValues, nowMs: () => number, sha256: Sha256): ResourceStore {
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

  /** Names of what participants keep: asked for with every write, and written by nobody else. */
  let rollbacks: Set<string> | null = null;
  const participants = async (prefix: string): Promise<Result<readonly KeptParticipant[], StoreProblem>> => {
    const keys = rollbacks === null ? await values.keys(ROLLBACK) : null;
    if (keys?.ok === false) return keys;
    rollbacks ??= new Set(keys?.value ?? []);
    const names = [...rollbacks].filter((key) => key.startsWith(prefix));
    const found = await all(names.map((key) => read<KeptParticipant>(key)));
    return found.ok ? ok(found.value.filter((kept) => kept !== null)) : found;
  };
  const lockedBy: ResourceStore["lockedBy"] = async (rbId, resources) => {
    const kept = await participants(ROLLBACK);
    if (!kept.ok) return kept;
    const holder = kept.value.find(
      ({ state }) =>
        state.rbId !== rbId && state.locks.some((lock) => resources.some((resource) => overlaps(lock, resource))),
    );
    return ok(holder?.state.rbId ?? null);
  };
  const unlocked = async (resources: readonly string[]): Promise<Result<void, StoreProblem>> => {
    const holder = await lockedBy("", resources);
    if (!holder.ok) return holder;
    return holder.value === null
      ? ok(undefined)
      : err({ code: "rollback_locked", detail: `rollback ${holder.value} holds what this task writes` });
  };

  const save: ResourceStore["save"] = ({ agent, wid, task, ckptId, usableUntilS, effect }) =>
    inTurn(async () => {
      const scope = writtenBy(effect);
      const free = await unlocked(scope);
      if (!free.ok) return free;
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
      const stored: StoredState = { ...saved, states, compensation: effect.compensation };
      const put = await values.put(CKPT + ckptId, stored);
      if (!put.ok) return put;
      const known = await read<StoredTask>(TASK + task);
      if (!known.ok) return known;
      // What was begun is finished from the state it began with.
      if (known.value !== null && (known.value.begun !== null || known.value.problem !== null)) return ok(saved);
      const noted = await values.put(TASK + task, { ...NOTHING_YET, agent, ckptId } satisfies StoredTask);
      return noted.ok ? ok(saved) : noted;
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
      if (known.agent !== agent || uris.some((uri) => !uri.startsWith(`store://${wid}/`)))
        return refuse({ code: "resource_denied", detail: "this is not the agent's own task, or not its workflow's" });
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

  const restore = async (saved: StoredState): Promise<Result<StepResult, StoreProblem>> => {
    for (const { uri, text, by } of saved.states) {
      const held = await book.get(uri);
      if (!held.ok) return held;
      const { version, unconfirmed } = held.value;
      if (held.value.text === text && held.value.by === by && unconfirmed === null) continue;
      const put = await book.put({ uri, text, by, version: version + 1, atMs: nowMs(), unconfirmed: null });
      if (!put.ok) return put;
    }
    const hash = await book.digest(saved.scope);
    return hash.ok ? ok({ status: "done", restoredHash: hash.value, residue: [] }) : hash;
  };

  const compensate = async (saved: StoredState, order: UndoOrder): Promise<Result<StepResult, StoreProblem>> => {
    const key = TASK + order.task;
    const task = await read<StoredTask>(key);
    if (!task.ok) return task;
    if (task.value === null || saved.compensation === null) return ok(failed("compensation_unknown"));
    if ((task.value.compensatedBy ?? order.compensation) !== order.compensation)
      return ok(failed("dag_double_compensation"));
    const own = await read<StoredTask>(TASK + order.compensation);
    if (!own.ok) return own;
    let begun = own.value;
    if (begun === null) {
      const next = await planned(saved.compensation.deeds, order.compensation, null);
      if (!next.ok) return next.error.retry === undefined ? ok(failed(next.error.code)) : next;
      begun = { ...NOTHING_YET, agent: order.agent, begun: next.value };
      const put = await values.put(TASK + order.compensation, begun);
      if (!put.ok) return put;
    }
    const marked = await values.put(key, { ...task.value, compensatedBy: order.compensation } satisfies StoredTask);
    if (!marked.ok) return marked;
    const done = await carryOut(TASK + order.compensation, begun);
    return done.ok ? ok({ status: "done", residue: [], compensation: order.compensation }) : done;
  };

  const undo: ResourceStore["undo"] = (order) =>
    inTurn(async () => {
      const key = `${STEP}${order.rbId}/${order.n}`;
      const known = await read<StepResult>(key);
      if (!known.ok) return known;
      if (known.value !== null) return ok(known.value);
      const saved = await stateFor(order);
      if (!saved.ok) return saved;
      // CAS-S5: nobody restores what another agent has saved.
      const own = saved.value?.agent === order.agent ? saved.value : null;
      const result =
        own === null
          ? ok(failed("checkpoint_missing"))
          : order.method === "restore"
            ? await restore(own)
            : await compensate(own, order);
      if (!result.ok) return result;
      const put = await values.put(key, result.value);
      return put.ok ? result : put;
    });
  /** A restore names its checkpoint; what is compensated was saved before its task acted. */
  const stateFor = async ({ method, ckptId, task }: UndoOrder): Promise<Result<StoredState | null, StoreProblem>> => {
    if (method === "restore") return ckptId === null ? ok(null) : read<StoredState>(CKPT + ckptId);
    const known = await read<StoredTask>(TASK + task);
    if (!known.ok) return known;
    return known.value?.ckptId == null ? ok(null) : read<StoredState>(CKPT + known.value.ckptId);
  };

  return {
    save,
    perform,
    undo,
    lockedBy,
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
    keep: async (agent, kept) => {
      const key = `${ROLLBACK}${agent}/${kept.state.rbId}`;
      const put = await values.put(key, kept);
      if (put.ok) rollbacks?.add(key);
      return put;
    },
    kept: (agent) => participants(`${ROLLBACK}${agent}/`),
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
      if (!found.ok || found.value === null) return found.ok ? ok(null) : found;
      const { states: _states, compensation: _compensation, ...saved } = found.value;
      return ok(saved);
    },
  };
}

const NOTHING_YET = { ckptId: null, begun: null, hash: null, problem: null, compensatedBy: null } as const;
const failed = (code: string): StepResult => ({ status: "failed", code, residue: [] });
