import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import * as fc from "fast-check";
import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { PlanStep } from "../../protocol/cascade/rollback-claims.ts";
import type { PlacedCheckpoint, UndoTask } from "../../protocol/cascade/rollback-input.ts";
import { rehearseRollback } from "../../protocol/cascade/rollback-plan.ts";
import { nodeJti } from "../../protocol/ect/object-node.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { writtenBy } from "./effect.ts";
import { agentId, type Crash, hashOf, type Participants, participants } from "./participants.fixture.ts";
import { NOW_MS, uri, value, write } from "./resource-store.suite.ts";
import { createRollbacks } from "./rollbacks.ts";

/** A rollback of one world: its requests, and the answers to them. */
function rollbackOf(world: Participants, steps: PlanStep[], writes: string[][]) {
  const rbId = v4();
  const named = (name: string) => agentId(world.wid, name);
  const request = async (name: string, phase: string, claims: object = {}): Promise<void> => {
    const common = { aud: [named(name)], rb_id: rbId, phase, plan_hash: hashOf(steps) };
    const token = await world.requestOf({ ...common, ...claims });
    await world.send(name, token, phase === "prepare" ? { steps, writes } : null);
  };
  const results = () => world.resultsOf(rbId);
  return {
    rbId,
    request,
    results,
    /** Asked for again until there is an answer, by whoever lives then. */
    answered: async (name: string, phase: string, n?: number) => {
      const found = () => results().findLast((is) => is.iss === named(name) && is.phase === phase && is.n === n);
      for (let turns = 0; found() === undefined; turns += 1) {
        expect(turns).toBeLessThan(400);
        if (world.isDead()) await world.start();
        if (turns % 20 === 0) await request(name, phase, n === undefined ? {} : { steps: [n] });
        await world.tick();
      }
      return must(found(), "an answer");
    },
  };
}

/** A device changed and a route announced by one agent, and the plan that takes both back. */
async function changed() {
  const world = await participants(["core"]);
  const { wid } = world;
  const [device, routes] = [uri(wid, "p1"), uri(wid, "routes")];
  await world.act("core", "base", [write(wid, "p1", "metric 10")]);
  const set = await world.act("core", "t1", [write(wid, "p1", "metric 50")]);
  const compensation = { deeds: [{ kind: "append", uri: routes, text: "withdraw\n" }] as const, cost: null };
  const announced = await world.act("core", "t2", [{ kind: "append", uri: routes, text: "announce\n" }], {
    undo: "assisted",
    compensation: { ...compensation, deeds: [...compensation.deeds] },
  });
  const agent = agentId(wid, "core");
  const steps: PlanStep[] = [
    { n: 1, task: announced.task, agent, method: "compensate", depends_on: [] },
    { n: 2, task: set.task, agent, method: "restore", ckpt_id: set.ckptId, depends_on: [1] },
  ];
  const writes = [[routes], [device]];
  const text = async (resource: string) => value(await world.store.read(resource))?.text ?? null;
  return { world, agent, set, announced, steps, writes, device, routes, text, ...rollbackOf(world, steps, writes) };
}

describe("an agent's part in a rollback", () => {
  it("[CAS-18] [ECT-44] compensates and restores in order, and says so in its own name", async () => {
    const { answered, agent, steps, set, announced, rbId, world, text, device, routes } = await changed();
    expect(await answered("core", "prepare")).toMatchObject({ iss: agent, status: "ready", plan_hash: hashOf(steps) });
    const first = await answered("core", "execute", 1);
    expect(first).toMatchObject({ status: "done", task: announced.task });
    expect(await answered("core", "execute", 2)).toMatchObject({ status: "done", restored_hash: set.saved.hash });
    const [ect] = world.said.flatMap((message) => (message.t === "rollback_result" ? message.ects : []));
    const parsed = parseCompact(must(ect, "the ECT of the compensation"));
    expect(parsed.ok && parsed.value.payload).toMatchObject({
      iss: agent,
      exec_act: "compensate",
      jti: first.compensation,
      pred: [announced.task, nodeJti(rbId)],
      ect_ext: { rb_id: rbId, target_jti: announced.task, compensation_required: true },
    });
    expect(await answered("core", "confirm")).toMatchObject({ status: "done" });
    expect([await text(device), await text(routes)]).toEqual(["metric 10", "announce\nwithdraw\n"]);
  });

  it("[CAS-17] [ECT-45] answers a step again the same way, and does it once", async () => {
    const { answered, request, results, world, text, routes } = await changed();
    await answered("core", "prepare");
    await answered("core", "execute", 1);
    await request("core", "execute", { steps: [1] });
    expect(results().filter(({ n }) => n === 1)).toHaveLength(2);
    const ects = world.said.flatMap((message) => (message.t === "rollback_result" ? message.ects : []));
    expect([ects.length, new Set(ects).size]).toEqual([2, 1]);
    expect(await text(routes)).toBe("announce\nwithdraw\n");
  });

  it("[CAS-S4] follows nobody but the enforcement point, and no request to somebody else", async () => {
    const { results, world, agent, rbId, steps, writes } = await changed();
    const claims = { aud: [agent], rb_id: rbId, phase: "prepare", plan_hash: hashOf(steps) };
    const { signer } = await generateSigner();
    await world.send("core", await world.requestOf(claims, signer), { steps, writes });
    await world.send("core", await world.requestOf({ ...claims, aud: [agentId(world.wid, "metro")] }), {
      steps,
      writes,
    });
    expect(results()).toEqual([]);
    await world.send("core", await world.requestOf(claims), { steps, writes });
    expect(results()).toMatchObject([{ status: "ready" }]);
  });

  it("[CAS-21] refuses a checkpoint whose time is over", async () => {
    const { answered, world } = await changed();
    await world.wait(86_400);
    expect(await answered("core", "prepare")).toMatchObject({ status: "refused", code: "checkpoint_expired" });
  });

  it("[CAS-S5] refuses a saved state that is not the one it was", async () => {
    const { answered, world, set } = await changed();
    const key = `resource/ckpt/${set.ckptId}`;
    // Only this test changes what is stored behind the store's back.
    const stored = value(await world.values.get(key)) as object;
    value(await world.values.put(key, { ...stored, states: [] }));
    expect(await answered("core", "prepare")).toMatchObject({ status: "refused", code: "rollback_state_mismatch" });
  });

  it("holds what its steps write against tasks and other rollbacks until somebody confirms", async () => {
    const { answered, world, steps, writes } = await changed();
    await answered("core", "prepare");
    await expect(world.act("core", "late", [write(world.wid, "p1", "late")])).rejects.toThrow("rollback_locked");
    const other = rollbackOf(world, steps, writes);
    expect(await other.answered("core", "prepare")).toMatchObject({ status: "refused", code: "rollback_locked" });
    await answered("core", "execute", 1);
    await answered("core", "execute", 2);
    await answered("core", "confirm");
    await world.act("core", "after", [write(world.wid, "p1", "after")]);
  });

  it("lets go after 600 s without a word, says so, and keeps what was done", async () => {
    const { answered, world, text, device, routes } = await changed();
    await answered("core", "prepare");
    await answered("core", "execute", 1);
    await world.wait(599);
    expect(world.said.some(({ t }) => t === "rollback_signal")).toBe(false);
    await world.wait(1);
    const [signal] = world.said.filter((message) => message.t === "rollback_signal");
    const parsed = parseCompact(must(signal, "a failure signal").token);
    expect(parsed.ok && parsed.value.payload).toMatchObject({ code: "rollback_unconfirmed", class: "timeout" });
    expect(await answered("core", "execute", 2)).toMatchObject({ status: "failed", code: "rollback_released" });
    expect(await answered("core", "confirm")).toMatchObject({ status: "failed", code: "rollback_released" });
    expect([await text(device), await text(routes)]).toEqual(["metric 50", "announce\nwithdraw\n"]);
    await world.act("core", "after", [write(world.wid, "p1", "after")]);
  });

  it("[CAS-17] holds on for 600 s more when it is asked again whether it is ready", async () => {
    const { answered, request, world } = await changed();
    await answered("core", "prepare");
    await world.wait(400);
    await request("core", "prepare");
    await world.wait(400);
    expect(world.said.some(({ t }) => t === "rollback_signal")).toBe(false);
    expect(await answered("core", "execute", 1)).toMatchObject({ status: "done" });
  });

  it("remembers after a crash what it holds, and lets go in time", async () => {
    const { answered, world } = await changed();
    await answered("core", "prepare");
    await world.start();
    await world.wait(600);
    expect(world.said.some(({ t }) => t === "rollback_signal")).toBe(true);
  });
});

describe("an agent that was begun anew", () => {
  it("[CAS-17] asks again for what it holds while storage cannot say", async () => {
    const { answered, world, agent } = await changed();
    await answered("core", "prepare");
    const timers: (() => void)[] = [];
    const said: string[] = [];
    let out = true;
    const kept = world.store.kept;
    const { signer, jwk } = await generateSigner();
    const rollbacks = createRollbacks(
      { agent, signer, pepId: "pep", pepKey: jwk },
      {
        // Long after the last word.
        clock: {
          nowMs: () => NOW_MS + 700_000,
          monotonicMs: () => 0,
          after: (_ms, run) => {
            timers.push(run);
            return () => undefined;
          },
        },
        ids: { uuid: v4 },
        desk: {
          ...world.store,
          kept: (name) =>
            out
              ? Promise.resolve({ ok: false, error: { code: "storage_failed", detail: "no", retry: true } })
              : kept(name),
        },
        send: ({ t }) => said.push(t),
      },
    );
    const resuming = rollbacks.resume();
    await expect.poll(() => timers.length).toBe(1);
    out = false;
    timers[0]?.();
    await resuming;
    await expect.poll(() => timers.length).toBe(2);
    timers[1]?.();
    await expect.poll(() => said).toEqual(["rollback_signal"]);
  });
});

interface Written {
  readonly agent: number;
  readonly paths: readonly number[];
  readonly text: string;
  readonly back: number | null;
}

const taskArbitrary: fc.Arbitrary<Written> = fc.record({
  agent: fc.nat(2),
  paths: fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 3 }),
  text: fc.string({ maxLength: 8 }),
  // Follows the task so many before it.
  back: fc.option(fc.nat(3)),
});
const NAMES = ["core", "metro", "access"];

/** Tasks one after another, as the log would have them: each at its position, its checkpoint just before it. */
async function history(world: Participants, tasks: readonly Written[]) {
  const undoTasks: UndoTask[] = [];
  const checkpoints: PlacedCheckpoint[] = [];
  const texts: { readonly task: string; readonly written: readonly (readonly [string, string])[] }[] = [];
  for (const [index, { agent, paths, text, back }] of tasks.entries()) {
    const deeds = paths.map((path) => write(world.wid, `d${path}`, `${index} ${text}`));
    const made = await world.act(NAMES[agent] ?? "", `t${index}`, deeds);
    const before = back === null ? undefined : undoTasks[index - 1 - back]?.jti;
    const position = 10 * (index + 1);
    undoTasks.push({
      jti: made.task,
      agent: made.agent,
      pred: before === undefined ? [] : [before],
      execAct: "configure",
      state: "done",
      effect: true,
      resources: writtenBy({ deeds }),
      span: { from: position, to: position + 5 },
      undo: "automatic",
      compensation: null,
    });
    const { hash, scope, usableUntilS, madeAfter } = made.saved;
    const store = `store://${world.wid}/`;
    const about = { undo: "automatic", cost: null, usableUntilS, madeAfter, position: position - 1 } as const;
    checkpoints.push({ ckptId: made.ckptId, agent: made.agent, scope, hash, store, ...about });
    texts.push({ task: made.task, written: deeds.flatMap((deed) => ("text" in deed ? [[deed.uri, deed.text]] : [])) });
  }
  return { undoTasks, checkpoints, texts };
}

describe("after a rollback by all participants", () => {
  it("[CAS-17] [CAS-S5] the whole store is byte for byte what the tasks that stay have made, wherever anybody crashed", {
    timeout: 60_000,
  }, async () => {
    let undone = 0;
    let crashed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(taskArbitrary, { minLength: 1, maxLength: 6 }),
        fc.option(fc.nat(5)),
        fc.array(fc.record({ call: fc.integer({ min: 1, max: 12 }), done: fc.boolean() }), { maxLength: 3 }),
        fc.array(fc.nat(100), { minLength: 8, maxLength: 8 }),
        async (tasks, from, crashes: readonly Crash[], order) => {
          const world = await participants(NAMES, crashes);
          const { undoTasks, checkpoints, texts } = await history(world, tasks);
          const first = from === null ? undefined : undoTasks[from % undoTasks.length];
          const target =
            first === undefined
              ? ({ kind: "workflow", id: world.wid } as const)
              : ({ kind: "task", id: first.jti } as const);
          const plan = rehearseRollback(
            {
              wid: world.wid,
              tasks: undoTasks,
              checkpoints,
              target,
              keepTarget: false,
              bestEffort: false,
              nowS: 1_772_064_001,
              ownDomain: "console.local",
              gateways: {},
              locks: [],
            },
            nobleSha256,
          );
          const { steps, writes, report } = must(plan.ok ? plan.value : null, JSON.stringify(plan));
          // What somebody who stays has written over cannot come back: all or nothing would not begin (CAS-15).
          if (report.impossible.length > 0) return;
          const rollback = rollbackOf(
            world,
            [...steps],
            writes.map((resources) => [...resources]),
          );
          const open = steps.filter(({ method }) => method === "restore");
          const involved = NAMES.filter((name) => open.some(({ agent }) => agent === agentId(world.wid, name)));
          for (const name of involved)
            expect(await rollback.answered(name, "prepare")).toMatchObject({ status: "ready" });
          // In any order that the plan allows.
          const over = new Set(steps.filter(({ method }) => method === "skip").map(({ n }) => n));
          const left = new Map(open.map((step) => [step.n, step]));
          for (let turn = 0; left.size > 0; turn += 1) {
            const ready = [...left.values()].filter(({ depends_on }) => depends_on.every((n) => over.has(n)));
            const step = must(ready[(order[turn % order.length] ?? 0) % ready.length], "a step that may begin");
            const name = step.agent.slice(step.agent.lastIndexOf("/") + 1);
            const result = await rollback.answered(name, "execute", step.n);
            const ckpt = checkpoints.find(({ ckptId }) => ckptId === step.ckpt_id);
            expect(result).toMatchObject({ status: "done", restored_hash: ckpt?.hash });
            over.add(step.n);
            left.delete(step.n);
          }
          for (const name of involved)
            expect(await rollback.answered(name, "confirm")).toMatchObject({ status: "done" });
          const gone = new Set(report.undone.map(({ task }) => task));
          const expected = new Map(texts.filter(({ task }) => !gone.has(task)).flatMap(({ written }) => written));
          const actual = value(await world.store.list(`store://${world.wid}/`)).map((is) => [is.uri, is.text]);
          expect(actual).toEqual([...expected].toSorted(([a], [b]) => (a < b ? -1 : 1)));
          undone += gone.size;
          crashed += crashes.length - world.crashesLeft();
        },
      ),
      { numRuns: 30 },
    );
    expect(undone).toBeGreaterThan(5);
    expect(crashed).toBeGreaterThan(2);
  });
});
