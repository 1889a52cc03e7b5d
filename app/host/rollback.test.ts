import { describe, expect, it } from "vitest";
import { enrolledOperator, until } from "../api/dispatch/operator.fixture.ts";
import { byHand, orderAbout, orderOfTwo, startActing, writingRun } from "../api/dispatch/rollback.fixture.ts";
import { must } from "../base/assert.ts";
import { openedHost } from "./host.fixture.ts";
import { countsOf, order } from "./orders.fixture.ts";
import { files, written } from "./rollback.fixture.ts";

describe("a rollback by two people", () => {
  it("[J6] [CAS-10] [CAS-13] [CAS-25] restores what tasks wrote, step by step, and leaves the agents paused", async () => {
    const { open, alice, bob, wid, tasks } = await written(3);
    const { client } = open;
    expect(await files(open, wid)).toEqual(["build-0.out", "build-1.out", "build-2.out"]);
    const checkpoints = await client.rollback.checkpoints({ wid });
    expect(checkpoints.checkpoints.map(({ expired, undo }) => [expired, undo])).toEqual(
      Array.from({ length: 3 }, () => [false, "automatic"]),
    );
    const target = { kind: "task" as const, id: must(tasks[1], "the second task") };
    const aim = { wid, target, keepTarget: false, bestEffort: false };
    const rehearsed = await client.rollback.rehearse(aim);
    expect(rehearsed.problem).toBeNull();
    expect(rehearsed.plan.counts).toEqual({ undone: 2, compensated: 0, manual: 0, skipped: 0, impossible: 0 });
    expect(rehearsed.plan.cut).toMatchObject({ stays: 1, frontier: [{ task: tasks[0], index: 0, name: "build-0" }] });
    const { token } = await orderOfTwo(client, alice, bob, aim);
    const { rbId } = await client.rollback.request({ token });
    const shown = await until(client, async () => {
      const view = await client.rollback.show({ rbId });
      return view.participants.every(({ acknowledged }) => acknowledged) ? view : null;
    });
    expect(shown.rollback).toMatchObject({ phase: "confirmed", cosigners: [bob.subject], by: alice.subject });
    expect(shown.steps.map(({ index, status, list, residue }) => [index, status, list, residue])).toEqual([
      [2, "done", "undone", []],
      [1, "done", "undone", []],
    ]);
    expect(shown.residues).toEqual([]);
    for (const { resultEct, entry } of shown.steps) {
      expect(entry).not.toBeNull();
      const ect = await client.audit.inspect({ jti: must(resultEct, "an ECT says how it ended") });
      expect(ect.steps.filter(({ result }) => result === "failed")).toEqual([]);
    }
    expect(await files(open, wid)).toEqual(["build-0.out"]);
    expect((await client.override.agents({ wid })).agents.map(({ state }) => state)).toEqual(["paused"]);
    expect((await client.rollback.list({ wid })).rollbacks).toMatchObject([{ rbId, runName: "Builds" }]);
    await client.override.signal({
      token: await order(alice, "resume", { kind: "workflow", id: wid }, { params: { of: rbId } }),
    });
    // The last task was under way on what is gone now: it is not let through.
    await client.workflow.playback({ wid, speed: 1000 });
    for (let step = 0; step < 3; step += 1) await client.workflow.playback({ wid, step: true });
    await until(client, async () => ((await countsOf(client, wid)).refused === 1 ? true : null));
    open.host.close();
  });

  it("[CAS-25] [CAS-S4] of a workflow that has finished, by its agents called back", async () => {
    const open = await openedHost();
    const { client } = open;
    const alice = await enrolledOperator(client);
    const bob = await enrolledOperator(client, "Bob");
    const { wid } = await startActing(alice, writingRun(2, false));
    await until(client, async () =>
      (await client.workflow.get({ wid })).workflow.status === "finished" ? true : null,
    );
    const aim = { wid, target: { kind: "workflow" as const, id: wid }, keepTarget: false, bestEffort: false };
    const { token } = await orderOfTwo(client, alice, bob, aim);
    const { rbId } = await client.rollback.request({ token });
    await until(client, async () =>
      (await client.rollback.show({ rbId })).rollback.phase === "confirmed" ? true : null,
    );
    expect(await files(open, wid)).toEqual([]);
    // Nothing is left to hold.
    const signal = (await client.override.list()).signals.find(({ jti }) => jti === rbId);
    expect([signal?.inForce, signal?.released?.how]).toEqual([false, "expired"]);
    open.host.close();
  });

  it("[J6] [CAS-16] [CAS-26] [N13] asks a person for what is done by hand, and to confirm what stays", async () => {
    const open = await openedHost();
    const { client } = open;
    const alice = await enrolledOperator(client);
    const bob = await enrolledOperator(client, "Bob");
    const run = writingRun(3, false);
    const undo = ["automatic", "assisted", "impossible"];
    const tasks = run.tasks.map((task, at) => ({
      ...task,
      parents: at === 0 ? [] : [{ id: "build-0", inferred: false }],
      attributes: {
        "org.signalbox.effect": {
          deeds: [{ kind: "write", path: `file-${at}`, text: `text ${at}` }],
          undo: undo[at] ?? "automatic",
          tell: at === 2 ? ["the residents"] : [],
        },
      },
    }));
    const { wid } = await startActing(alice, { ...run, tasks });
    await until(client, async () =>
      (await client.workflow.get({ wid })).workflow.status === "finished" ? true : null,
    );
    const target = { kind: "workflow" as const, id: wid };
    const rehearsed = await client.rollback.rehearse({ wid, target, keepTarget: false, bestEffort: false });
    expect(rehearsed.problem?.code).toBe("rollback_irreversible");
    expect(rehearsed.plan.steps.find(({ list }) => list === "impossible")).toMatchObject({
      ...{ name: "build-2", why: "declared_irreversible" },
      tell: [expect.stringContaining("builder"), "the residents"],
    });
    const { token } = await orderOfTwo(client, alice, bob, { wid, target, keepTarget: false, bestEffort: true });
    const { rbId } = await client.rollback.request({ token });
    const asked = await until(client, async () => {
      const { rollback } = await client.rollback.show({ rbId });
      return rollback.asked[0] ?? null;
    });
    const result = { status: "partial", residue: ["one cable is plugged elsewhere"] };
    await client.rollback.result({ token: await byHand(client, bob, rbId, asked, result) });
    const left = await until(client, async () => {
      const view = await client.rollback.show({ rbId });
      return view.rollback.needsPerson ? view : null;
    });
    expect(left.rollback.phase).toBe("partial");
    // Two that ran side by side ended in either order.
    const residues = left.residues.map(({ name, why, residue, tell }) => [name, why, residue, tell.length]);
    expect(residues.toSorted(([one], [other]) => String(one).localeCompare(String(other)))).toEqual([
      ["build-1", "partial", ["one cable is plugged elsewhere"], 1],
      ["build-2", "impossible", [], 2],
    ]);
    expect(left.steps.find(({ n }) => n === asked)?.operator).toBe(bob.subject);
    const stale = await orderAbout(client, alice, rbId, "confirm", { revision: left.revision - 1 });
    await expect(client.rollback.confirm({ token: stale })).rejects.toMatchObject({
      data: { code: "rollback_residue_changed" },
    });
    const confirmed = await client.rollback.confirm({ token: await orderAbout(client, alice, rbId, "confirm") });
    expect(confirmed.phase).toBe("confirmed");
    const { rollback } = await client.rollback.show({ rbId });
    expect(rollback.confirmedBy).toEqual({ operator: alice.subject, reason: "seen" });
    expect(await files(open, wid)).toEqual(["file-1", "file-2"]);
    open.host.close();
  });

  it("[OVR-46] [CAS-16] is ended by a stop that comes after it, and undoes what is stopped when it is ordered anew", async () => {
    const open = await openedHost();
    const { client } = open;
    const alice = await enrolledOperator(client);
    const bob = await enrolledOperator(client, "Bob");
    const run = writingRun(2, false);
    const undo = ["automatic", "assisted"];
    const tasks = run.tasks.map((task, at) => ({
      ...task,
      parents: at === 0 ? [] : [{ id: "build-0", inferred: false }],
      attributes: {
        "org.signalbox.effect": {
          deeds: [{ kind: "write", path: `file-${at}`, text: `text ${at}` }],
          undo: undo[at] ?? "automatic",
          tell: [],
        },
      },
    }));
    const { wid } = await startActing(alice, { ...run, tasks });
    await until(client, async () =>
      (await client.workflow.get({ wid })).workflow.status === "finished" ? true : null,
    );
    const aim = { wid, target: { kind: "workflow" as const, id: wid }, keepTarget: false, bestEffort: true };
    const first = await orderOfTwo(client, alice, bob, aim);
    const { rbId } = await client.rollback.request({ token: first.token });
    // A person's step is before the restore of what it rested on.
    const asked = await until(client, async () => {
      const { rollback } = await client.rollback.show({ rbId });
      return rollback.asked[0] ?? null;
    });
    await client.override.signal({ token: await alice.signal("stop", { kind: "workflow", id: wid }) });
    await client.rollback.result({ token: await byHand(client, bob, rbId, asked, {}) });
    const ended = await until(client, async () => {
      const view = await client.rollback.show({ rbId });
      return view.rollback.needsPerson ? view : null;
    });
    expect([ended.rollback.phase, ended.rollback.stopped?.code]).toEqual(["failed", "rollback_stopped"]);
    expect(ended.steps.map(({ status }) => status)).toEqual(["done", "not_run"]);
    expect(await files(open, wid)).toContain("file-0");
    await client.rollback.confirm({ token: await orderAbout(client, alice, rbId, "confirm") });
    // Two people who know that it is stopped undo it all the same.
    const second = await orderOfTwo(client, alice, bob, aim);
    const anew = await client.rollback.request({ token: second.token });
    await until(client, async () =>
      (await client.rollback.show({ rbId: anew.rbId })).rollback.phase === "confirmed" ? true : null,
    );
    expect(await files(open, wid)).not.toContain("file-0");
    expect((await client.override.agents({ wid })).agents.map(({ state }) => state)).toEqual(["stopped"]);
    open.host.close();
  });
});
