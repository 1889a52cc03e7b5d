import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import * as fc from "fast-check";
import { v4, v5 } from "uuid";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { must } from "../../base/assert.ts";
import type { Result } from "../../base/result.ts";
import type { Deed, TaskEffect } from "./effect.ts";
import type { ResourceStore, StoredValues } from "./resource-store.ts";
import { createResourceStore } from "./values-store.ts";

/** One technology under test. `reopen` closes it and opens the same data again. */
export interface ValuesUnderTest {
  readonly values: StoredValues;
  reopen(): Promise<StoredValues>;
  dispose(): Promise<void>;
}

export const AGENT = "spiffe://console.local/agent/w/writer";
export const NOW_MS = 1_772_064_000_000;

/** What every store of resources must do, on every storage technology. */
export function resourceStoreSuite(name: string, make: () => Promise<ValuesUnderTest>): void {
  describe(`resource store: ${name}`, () => {
    let under: ValuesUnderTest;
    let nowMs = NOW_MS;
    let store: ResourceStore;
    const open = (values: StoredValues): ResourceStore => createResourceStore(values, () => nowMs, nobleSha256);
    const reopen = async (): Promise<void> => {
      store = open(await under.reopen());
    };
    beforeEach(async () => {
      nowMs = NOW_MS;
      under = await make();
      store = open(under.values);
    });
    afterEach(() => under.dispose());

    test("gives back what a task wrote, also after it was opened again", async () => {
      const wid = v4();
      const { task } = await act(store, wid, "first", [write(wid, "a.txt", "one")]);
      expect(value(await store.read(uri(wid, "a.txt")))).toEqual({
        uri: uri(wid, "a.txt"),
        text: "one",
        version: 1,
        by: task,
        atMs: NOW_MS,
        confirmByMs: null,
      });
      await reopen();
      expect(value(await store.read(uri(wid, "a.txt")))?.text).toBe("one");
      expect(value(await store.read(uri(wid, "b.txt")))).toBeNull();
    });

    test("lists what lies at or below a place, by whole path segments", async () => {
      const wid = v4();
      await act(store, wid, "t", [write(wid, "d/a", "1"), write(wid, "d/b", "2"), write(wid, "da", "3")]);
      const names = async (place?: string) => value(await store.list(place)).map((resource) => resource.uri);
      expect(await names(uri(wid, "d"))).toEqual([uri(wid, "d/a"), uri(wid, "d/b")]);
      expect(await names(`store://${wid}/`)).toHaveLength(3);
      expect(await names()).toEqual([uri(wid, "d/a"), uri(wid, "d/b"), uri(wid, "da")]);
      expect(await names(`store://${v4()}/`)).toEqual([]);
    });

    test("[CAS-S5] has one digest for one state, and another one for every other", async () => {
      const wid = v4();
      const scope = [`store://${wid}/`];
      const empty = value(await store.digest(scope));
      await act(store, wid, "one", [write(wid, "a", "x")]);
      const first = value(await store.digest(scope));
      await act(store, wid, "two", [write(wid, "a", "y")]);
      const second = value(await store.digest(scope));
      await act(store, wid, "three", [write(wid, "a", "x")]);
      expect(new Set([empty, first, second]).size).toBe(3);
      expect(value(await store.digest(scope))).toBe(first);
    });

    test("[CAS-10] writes nothing that was not saved before", async () => {
      const wid = v4();
      const task = v4();
      const deeds = [write(wid, "a", "x")];
      expect(await store.perform({ agent: AGENT, wid, task, deeds })).toMatchObject({
        error: { code: "checkpoint_missing" },
      });
      const { task: saved } = await save(store, wid, "saved", deeds);
      expect(
        await store.perform({ agent: AGENT, wid, task: saved, deeds: [...deeds, write(wid, "b", "y")] }),
      ).toMatchObject({ error: { code: "checkpoint_missing" } });
      expect(value(await store.list(`store://${wid}/`))).toEqual([]);
    });

    test("writes once, however often it is asked", async () => {
      const wid = v4();
      const deeds: Deed[] = [{ kind: "append", uri: uri(wid, "log"), text: "line\n" }];
      const { task, hash } = await act(store, wid, "t", deeds);
      await reopen();
      expect(value(await store.perform({ agent: AGENT, wid, task, deeds })).hash).toBe(hash);
      expect(value(await store.read(uri(wid, "log")))).toMatchObject({ text: "line\n", version: 1 });
    });

    test("refuses to write over what was changed since it was saved", async () => {
      const wid = v4();
      const { task } = await save(store, wid, "slow", [write(wid, "a", "slow")]);
      await act(store, wid, "quick", [write(wid, "a", "quick")]);
      const deeds = [write(wid, "a", "slow")];
      for (let times = 0; times < 2; times += 1)
        expect(await store.perform({ agent: AGENT, wid, task, deeds })).toMatchObject({
          error: { code: "resource_conflict" },
        });
      expect(value(await store.read(uri(wid, "a")))?.text).toBe("quick");
    });

    test("keeps workflows apart, and agents out of each other's tasks", async () => {
      const wid = v4();
      const { task } = await save(store, wid, "mine", [write(wid, "a", "x")]);
      const other = write(v4(), "a", "x");
      expect(await store.perform({ agent: AGENT, wid, task, deeds: [other] })).toMatchObject({
        error: { code: "resource_denied" },
      });
      const { task: own } = await save(store, wid, "own", [write(wid, "b", "x")]);
      expect(await store.perform({ agent: `${AGENT}-2`, wid, task: own, deeds: [write(wid, "b", "x")] })).toMatchObject(
        { error: { code: "resource_denied" } },
      );
    });

    test("takes a commit back that nobody confirms in time, and keeps one that is confirmed", async () => {
      const wid = v4();
      await act(store, wid, "base", [write(wid, "r1", "old"), write(wid, "r2", "old")]);
      const commit = (path: string): Deed => {
        return { kind: "commit", uri: uri(wid, path), text: "new", confirmWithinS: 60 };
      };
      await act(store, wid, "c1", [commit("r1")]);
      await act(store, wid, "c2", [commit("r2")]);
      expect(value(await store.read(uri(wid, "r1")))).toMatchObject({ text: "new", confirmByMs: NOW_MS + 60_000 });
      expect(await saving(store, wid, "c3", [write(wid, "r1", "other")])).toMatchObject({
        error: { code: "resource_unconfirmed" },
      });
      nowMs += 59_999;
      const confirm = (path: string): Deed => ({ kind: "confirm", uri: uri(wid, path) });
      value(await store.perform({ agent: AGENT, wid, task: v4(), deeds: [confirm("r1")] }));
      nowMs += 1;
      await reopen();
      expect(value(await store.read(uri(wid, "r1")))).toMatchObject({ text: "new", confirmByMs: null });
      expect(value(await store.read(uri(wid, "r2")))).toMatchObject({ text: "old", confirmByMs: null });
      expect(await store.perform({ agent: AGENT, wid, task: v4(), deeds: [confirm("r2")] })).toMatchObject({
        error: { code: "commit_reverted" },
      });
    });

    test("[CAS-17] [CAS-S5] restores what an agent saved itself, once for each step", async () => {
      const wid = v4();
      await act(store, wid, "base", [write(wid, "a", "old")]);
      const before = value(await store.digest([`store://${wid}/`]));
      const { ckptId, hash, task } = await act(store, wid, "t", [write(wid, "a", "new"), write(wid, "b", "made")]);
      expect(hash).not.toBe(before);
      const order = { agent: AGENT, rbId: v4(), n: 1, task, method: "restore", ckptId, compensation: v4() } as const;
      expect(value(await store.undo({ ...order, rbId: v4(), agent: `${AGENT}-2` }))).toMatchObject({
        status: "failed",
        code: "checkpoint_missing",
      });
      const saved = must(value(await store.saved(ckptId)), "a saved state");
      const restored = value(await store.undo(order));
      expect(restored).toEqual({ status: "done", restoredHash: saved.hash, residue: [] });
      expect(value(await store.digest([`store://${wid}/`]))).toBe(before);
      // A repeated step is told again and takes nothing back that came after it.
      await act(store, wid, "later", [write(wid, "a", "newer")]);
      await reopen();
      expect(value(await store.undo(order))).toEqual(restored);
      expect(value(await store.read(uri(wid, "a")))?.text).toBe("newer");
    });

    test("[CAS-18] [ECT-45] compensates a task once, whoever asks", async () => {
      const wid = v4();
      const made: Deed = { kind: "append", uri: uri(wid, "routes"), text: "announce\n" };
      const good: Deed = { kind: "append", uri: uri(wid, "routes"), text: "withdraw\n" };
      const { task } = await act(store, wid, "t", [made], { deeds: [good], cost: "1" });
      const order = { agent: AGENT, rbId: v4(), n: 1, task, method: "compensate", ckptId: null } as const;
      const first = { ...order, compensation: v4() };
      for (let times = 0; times < 2; times += 1)
        expect(value(await store.undo(first))).toEqual({
          status: "done",
          residue: [],
          compensation: first.compensation,
        });
      const again = { ...order, rbId: v4(), compensation: v4() };
      expect(value(await store.undo(again))).toMatchObject({ status: "failed", code: "dag_double_compensation" });
      expect(value(await store.read(uri(wid, "routes")))).toMatchObject({
        text: "announce\nwithdraw\n",
        by: first.compensation,
      });
    });

    test("[CAS-18] [CAS-16] has nothing to make good where nothing was written, and says so", async () => {
      const wid = v4();
      const good: Deed = { kind: "append", uri: uri(wid, "routes"), text: "withdraw\n" };
      const deeds: Deed[] = [{ kind: "append", uri: uri(wid, "routes"), text: "announce\n" }];
      const apart: Deed[] = [write(wid, "apart", "x")];
      const { task: changed } = await save(store, wid, "changed", apart, { deeds: [good], cost: null });
      const { task: refused } = await save(store, wid, "refused", deeds, { deeds: [good], cost: null });
      await act(store, wid, "first", [write(wid, "routes", "")]);
      expect(await store.perform({ agent: AGENT, wid, task: refused, deeds })).toMatchObject({ ok: false });
      for (const [task, own] of [
        [changed, apart],
        [refused, deeds],
        [v4(), deeds],
      ] as const) {
        const order = { agent: AGENT, rbId: v4(), n: 1, task, method: "compensate", ckptId: null } as const;
        const compensation = v4();
        expect(value(await store.undo({ ...order, compensation }))).toEqual({
          status: "done",
          code: "nothing_written",
          residue: [],
          compensation,
        });
        // Nor is it written afterwards, behind its own undoing.
        expect(await store.perform({ agent: AGENT, wid, task, deeds: own })).toMatchObject({ ok: false });
      }
      expect(value(await store.read(uri(wid, "routes")))).toMatchObject({ text: "", version: 1 });
      expect(value(await store.read(uri(wid, "apart")))).toBeNull();
    });

    test("[CAS-S2] takes no compensation for a task, and no agent's answer for another's", async () => {
      const wid = v4();
      const good: Deed = { kind: "append", uri: uri(wid, "mine"), text: "back\n" };
      const { task } = await act(store, wid, "t", [write(wid, "mine", "")], { deeds: [good], cost: null });
      const deeds = [write(wid, "theirs", "x")];
      const victim = (await save(store, wid, "victim", deeds)).task;
      const order = { agent: AGENT, rbId: v4(), n: 1, task, method: "compensate", ckptId: null } as const;
      // Whoever comes first to a step that is another's has an answer of its own.
      expect(value(await store.undo({ ...order, agent: `${AGENT}-2`, compensation: v4() }))).toMatchObject({
        status: "failed",
      });
      expect(value(await store.undo({ ...order, compensation: victim }))).toMatchObject({ status: "done" });
      // Nor does another's asking spoil the task.
      expect(await store.perform({ agent: `${AGENT}-2`, wid, task: victim, deeds })).toMatchObject({
        error: { code: "resource_denied" },
      });
      value(await store.perform({ agent: AGENT, wid, task: victim, deeds }));
      expect(value(await store.read(uri(wid, "theirs")))?.text).toBe("x");
    });

    test("[CAS-S5] saves what is the workflow's own, once under one id", async () => {
      const wid = v4();
      const compensation = { deeds: [write(wid, "a", "good")], cost: null };
      const effect: TaskEffect = { deeds: [write(wid, "a", "x")], undo: "automatic", compensation, tell: [] };
      const input = { agent: AGENT, wid, task: v4(), ckptId: v4(), usableUntilS: NOW_MS / 1000 + 60, effect };
      const foreign = write(v4(), "a", "x");
      for (const change of [{ deeds: [foreign] }, { compensation: { deeds: [foreign], cost: null } }])
        expect(await store.save({ ...input, effect: { ...effect, ...change } })).toMatchObject({
          error: { code: "resource_denied" },
        });
      const saved = value(await store.save(input));
      await act(store, wid, "between", [write(wid, "a", "between")]);
      // The same again is what was saved then, not what is there now.
      expect(value(await store.save(input))).toEqual(saved);
      const other = { ...effect, compensation: { ...compensation, deeds: [write(wid, "a", "else")] } };
      for (const change of [{ effect: other }, { task: v4() }, { agent: `${AGENT}-2`, task: v4() }])
        expect(await store.save({ ...input, ...change })).toMatchObject({ error: { code: "checkpoint_known" } });
      expect(value(await store.saved(input.ckptId))).toEqual(saved);
    });

    test("[CAS-S2] holds for nobody who has been quiet for 600 s with nothing under way, whatever time they state", async () => {
      const wid = v4();
      const rbId = v4();
      const none = { planHash: null, code: null, steps: [], usableUntilS: {}, begun: false, results: {} };
      const state = { ...none, rbId, phase: "locked", locks: [uri(wid, "a")], underway: [] } as const;
      const held = (change: object) =>
        store.keep(AGENT, { wid, ects: {}, state: { ...state, quietSinceS: NOW_MS / 1000 + 9999, ...change } });
      value(await held({}));
      expect(value(await store.lockedBy(v4(), [uri(wid, "a")]))).toBe(rbId);
      nowMs += 600_000;
      expect(value(await store.lockedBy(v4(), [uri(wid, "a")]))).toBeNull();
      value(await held({ underway: [1], quietSinceS: NOW_MS / 1000 }));
      expect(await saving(store, wid, "t", [write(wid, "a", "x")])).toMatchObject({
        error: { code: "rollback_locked" },
      });
    });

    test("[CAS-21] [CAS-S5] tells what a checkpoint covers, until when, and whether what is saved is still that", async () => {
      const wid = v4();
      const { ckptId } = await act(store, wid, "t", [write(wid, "a", "x")]);
      const { hash, usableUntilS } = must(value(await store.saved(ckptId)), "a saved state");
      expect(value(await store.held(AGENT, [ckptId, v4()]))).toEqual([
        { ckptId, hash, storedHash: hash, usableUntilS },
      ]);
      expect(value(await store.held(`${AGENT}-2`, [ckptId]))).toEqual([]);
      const key = `resource/ckpt/${ckptId}`;
      // Only this test knows the shape of what is stored.
      const stored = value(await under.values.get(key)) as object;
      value(await under.values.put(key, { ...stored, states: [{ uri: uri(wid, "a"), text: "forged", by: null }] }));
      const [forged] = value(await store.held(AGENT, [ckptId]));
      expect(forged?.storedHash).not.toBe(hash);
    });

    test("[CAS-17] comes back byte for byte, whatever was written, wherever storage fails", {
      timeout: 60_000,
    }, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({ paths: fc.uniqueArray(fc.nat(3), { minLength: 1 }), text: fc.string({ maxLength: 12 }) }),
            {
              minLength: 1,
              maxLength: 5,
            },
          ),
          fc.array(fc.nat(6), { maxLength: 6 }),
          async (writes, failures) => {
            const wid = v4();
            const flaky = failing(under.values, failures);
            let current = open(flaky.values);
            await act(current, wid, "base", [write(wid, "p0", "base")]);
            const states: string[] = [];
            const done: { readonly task: string; readonly ckptId: string }[] = [];
            for (const [index, { paths, text }] of writes.entries()) {
              states.push(text0(value(await current.list(`store://${wid}/`))));
              const deeds = paths.map((path) => write(wid, `p${path}`, `${index} ${text}`));
              const { task, ckptId } = await save(current, wid, `t${index}`, deeds);
              await untilOk(flaky, () => {
                // Whoever crashed begins anew, over what is stored.
                current = open(flaky.values);
                return current.perform({ agent: AGENT, wid, task, deeds });
              });
              done.push({ task, ckptId });
            }
            const rbId = v4();
            for (const [n, { task, ckptId }] of [...done.entries()].toReversed()) {
              const order = {
                agent: AGENT,
                rbId,
                n: n + 1,
                task,
                method: "restore",
                ckptId,
                compensation: v4(),
              } as const;
              await untilOk(flaky, () => {
                current = open(flaky.values);
                return current.undo(order);
              });
              expect(text0(value(await current.list(`store://${wid}/`)))).toBe(states[n]);
            }
          },
        ),
        { numRuns: 12 },
      );
    });
  });
}

const text0 = (resources: readonly { readonly uri: string; readonly text: string }[]): string =>
  JSON.stringify(resources.map((resource) => [resource.uri, resource.text]));

/** Values whose writes fail after so many, once for each number, while they are armed. */
function failing(values: StoredValues, failures: readonly number[]) {
  let armed = false;
  let left = [...failures];
  let writes = 0;
  return {
    arm: (on: boolean): void => {
      armed = on;
      writes = 0;
    },
    values: {
      ...values,
      get: (key: string) => values.get(key),
      keys: (prefix: string) => values.keys(prefix),
      put: async (key: string, given: unknown) => {
        if (armed && left[0] === writes) {
          left = left.slice(1);
          writes = 0;
          return { ok: false, error: { code: "storage_failed", detail: "no", retry: true } } as const;
        }
        writes += 1;
        return values.put(key, given);
      },
    },
  };
}

async function untilOk(flaky: ReturnType<typeof failing>, ask: () => Promise<Result<unknown, unknown>>): Promise<void> {
  for (;;) {
    flaky.arm(true);
    const answer = await ask();
    flaky.arm(false);
    if (answer.ok) return;
    expect(answer.error).toMatchObject({ retry: true });
  }
}

export const uri = (wid: string, path: string): string => `store://${wid}/${path}`;
export const write = (wid: string, path: string, text: string): Deed => ({ kind: "write", uri: uri(wid, path), text });

export function saving(
  store: ResourceStore,
  wid: string,
  name: string,
  deeds: Deed[],
  compensation: TaskEffect["compensation"] = null,
) {
  const effect: TaskEffect = { deeds, undo: "automatic", compensation, tell: [] };
  const usableUntilS = NOW_MS / 1000 + 86_400;
  return store.save({ agent: AGENT, wid, task: v5(name, wid), ckptId: v4(), usableUntilS, effect });
}

export async function save(...args: Parameters<typeof saving>) {
  return value(await saving(...args));
}

/** Saves what a task is going to write, and has it written. */
export async function act(...args: Parameters<typeof saving>) {
  const [store, wid, , deeds] = args;
  const { task, ckptId } = await save(...args);
  const { hash } = value(await store.perform({ agent: AGENT, wid, task, deeds }));
  return { task, ckptId, hash };
}

/** The value of a result that has to be ok. */
export function value<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}
