import { describe, expect, it } from "vitest";
import { enrolledOperator } from "../api/dispatch/operator.fixture.ts";
import { must } from "../base/assert.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { handClock } from "./hand-clock.fixture.ts";
import { openedHost } from "./host.fixture.ts";
import { builds, countsOf, give, order, signalOf } from "./orders.fixture.ts";
import { silentPool } from "./silent-pool.fixture.ts";

const DEADLINE_MS = 1000;

/** A run whose only agent works for a minute, by a clock that moves when told. */
async function atWork() {
  const clock = handClock();
  const storage = createMemoryStorage();
  const agents = silentPool(clock);
  const open = await openedHost({ storage, clock, pool: agents.pool });
  const alice = await enrolledOperator(open.client);
  const { wid } = await alice.start(builds(2), { speed: 1 });
  await expect.poll(async () => (await countsOf(open.client, wid)).running).toBe(1);
  const scope = { kind: "workflow", id: wid };
  const ladderOf = async (jti: string) => (await signalOf(open.client, jti)).ladder;
  const rungs = async (jti: string) => (await ladderOf(jti)).rungs.map(({ rung }) => rung);
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await open.host.engine.idle();
  };
  const say = agents.muted;
  return { ...agents, say, clock, storage, open, alice, wid, scope, ladderOf, rungs, pass };
}

/** Settles what an order has set going: agents answer in turns of their own. */
const settled = (at: Awaited<ReturnType<typeof atWork>>, jti: string) =>
  expect
    .poll(async () => (await signalOf(at.open.client, jti)).targets.every((target) => target.acknowledgedAtMs !== null))
    .toBe(true);

describe("the escalation ladder", () => {
  it("[OVR-8] [OVR-33] climbs a rung each deadline for who does not acknowledge, each an entry that says what and why", async () => {
    const at = await atWork();
    at.muted.add("ack");
    // It works on, so that nothing shows that it is where it was ordered.
    const pause = await give(
      at.open,
      await order(at.alice, "pause", at.scope, { params: { mode: "after_task" }, deadline_ms: DEADLINE_MS }),
    );
    await at.pass(DEADLINE_MS - 1);
    expect(await at.rungs(pause)).toEqual([]);
    const climbed: string[][] = [];
    for (let rung = 0; rung < 5; rung += 1) {
      await at.pass(rung === 0 ? 1 : DEADLINE_MS);
      climbed.push(await at.rungs(pause));
    }
    const all = ["resend", "enforce", "isolate", "alert"];
    expect(climbed).toEqual([1, 2, 3, 4, 4].map((count) => all.slice(0, count)));
    const { rungs, next } = await at.ladderOf(pause);
    expect(next).toBeNull();
    expect(rungs.map(({ agents, violated }) => [agents.length, violated.length])).toEqual(all.map(() => [1, 0]));
    const rows = (await at.open.client.audit.entries({ wid: at.wid, limit: 1000 })).rows;
    expect(
      rows.filter(({ action }) => action === "override_escalated").map(({ outcome, severity }) => [outcome, severity]),
    ).toEqual(expect.arrayContaining(all.map((rung) => [rung, "critical"])));
    at.open.host.close();
  });

  it("[OVR-33] [OVR-3] sends it again first, and an acknowledgement on the way ends the climb", async () => {
    const at = await atWork();
    at.muted.add("ack");
    const pause = await give(
      at.open,
      await order(at.alice, "pause", at.scope, { params: { mode: "after_task" }, deadline_ms: DEADLINE_MS }),
    );
    const holds = () => at.sent.filter((message) => message.t === "hold").length;
    const before = holds();
    at.muted.clear();
    await at.pass(DEADLINE_MS);
    expect(holds()).toBe(before + 1);
    await settled(at, pause);
    await at.pass(10 * DEADLINE_MS);
    expect(await at.rungs(pause)).toEqual(["resend"]);
    at.open.host.close();
  });

  it("[OVR-33] takes the authority away, then the credential: what the agent signs after the isolation is refused, until it is started anew", async () => {
    const at = await atWork();
    const { client } = at.open;
    at.muted.add("ack");
    const pause = await give(
      at.open,
      await order(at.alice, "pause", at.scope, { params: { mode: "after_task" }, deadline_ms: DEADLINE_MS }),
    );
    await at.pass(DEADLINE_MS);
    await at.pass(DEADLINE_MS);
    // Nothing is permitted to it any more, what was under way included.
    expect(await countsOf(client, at.wid)).toMatchObject({ running: 0, stopped: 1 });
    const [target] = (await signalOf(client, pause)).targets;
    const key = () =>
      at.open.host.engine.read((state) =>
        [...state.keys.values()].filter(({ subject }) => subject === target?.agent).map(({ exp }) => exp),
      );
    const before = await key();
    await at.pass(DEADLINE_MS);
    expect(Math.max(...(await key()))).toBeLessThan(Math.max(...before));
    await at.pass(2000);
    const nowS = Math.floor(at.clock.nowMs() / 1000);
    expect((await key()).every((exp) => exp <= nowS)).toBe(true);
    expect((await client.override.agents({ wid: at.wid })).agents).toMatchObject([{ state: "stopped" }]);
    // What it signs now is by a key that is not accepted: also an acknowledgement comes too late.
    at.muted.clear();
    at.open.host.conductor.resend(
      must(at.open.host.monitor.watched(pause), "it is watched").claims,
      must(at.open.host.monitor.watched(pause), "it is watched").digest,
      new Set([target?.agent ?? ""]),
    );
    await at.pass(0);
    expect((await signalOf(client, pause)).targets).toMatchObject([{ acknowledgedAtMs: null }]);
    // An operator's new start, under a new policy, gives it its place and its key back.
    await give(at.open, await order(at.alice, "resume", at.scope, { params: { of: pause } }));
    await at.alice.start(builds(2), { wid: at.wid, speed: 1000 });
    await expect
      .poll(async () => {
        at.clock.advance(100);
        return (await countsOf(client, at.wid)).done;
      })
      .toBe(2);
    at.open.host.close();
  });

  it("[OVR-S6] [OVR-33] climbs at once for who acknowledges and goes on, and no acknowledgement ends that", async () => {
    const at = await atWork();
    const pause = await give(
      at.open,
      await order(at.alice, "pause", at.scope, { params: { mode: "now" }, deadline_ms: DEADLINE_MS }),
    );
    await settled(at, pause);
    const agent = (await signalOf(at.open.client, pause)).targets[0]?.agent ?? "";
    const task = crypto.randomUUID();
    at.open.host.monitor.sawCall(agent, "asked for permission", crypto.randomUUID(), task);
    await at.open.host.engine.idle();
    expect((await at.ladderOf(pause)).rungs).toMatchObject([{ rung: "resend", agents: [agent], violated: [agent] }]);
    await settled(at, pause);
    await at.pass(DEADLINE_MS);
    await at.pass(DEADLINE_MS);
    expect(await at.rungs(pause)).toEqual(["resend", "enforce", "isolate"]);
    await expect.poll(async () => (await signalOf(at.open.client, pause)).targets[0]?.terminatedAtMs).not.toBeNull();
    at.open.host.close();
  });

  it("[OVR-33] obeys on_no_ack: isolate begins with the isolation, and nobody is climbed for whose stop is proven", async () => {
    const at = await atWork();
    at.muted.add("ack");
    const stop = await give(at.open, await at.alice.signal("stop", at.scope, { on_no_ack: "isolate" }));
    await at.pass(250);
    // Its worker is ended, and with that it is stopped for sure.
    await at.pass(DEADLINE_MS);
    await at.pass(DEADLINE_MS);
    expect(await at.rungs(stop)).toEqual([]);
    expect((await signalOf(at.open.client, stop)).targets).toMatchObject([{ status: "verified" }]);
    at.open.host.close();

    const again = await atWork();
    again.muted.add("ack");
    const pause = await give(
      again.open,
      await order(again.alice, "pause", again.scope, {
        params: { mode: "after_task" },
        deadline_ms: DEADLINE_MS,
        on_no_ack: "isolate",
      }),
    );
    await again.pass(DEADLINE_MS);
    expect(await again.rungs(pause)).toEqual(["isolate"]);
    await again.pass(DEADLINE_MS);
    expect(await again.rungs(pause)).toEqual(["isolate", "alert"]);
    again.open.host.close();
  });

  it("[OVR-33] does nothing about an agent that was stopped before and has lost its worker", async () => {
    const at = await atWork();
    at.muted.add("ack");
    await give(at.open, await at.alice.signal("stop", at.scope));
    await at.pass(250);
    const pause = await give(
      at.open,
      await order(at.alice, "pause", at.scope, { params: { mode: "after_task" }, deadline_ms: DEADLINE_MS }),
    );
    const before = at.sent.filter((message) => message.t === "hold").length;
    for (let rung = 0; rung < 5; rung += 1) await at.pass(DEADLINE_MS);
    expect(await at.ladderOf(pause)).toEqual({ rungs: [], next: null });
    expect(at.sent.filter((message) => message.t === "hold")).toHaveLength(before);
    expect(at.open.host.troubles.size).toBe(0);
    at.open.host.close();
  });

  it("[OVR-33] goes on where it was when the host is opened again, and is over with its signal", async () => {
    const at = await atWork();
    at.muted.add("ack");
    const pause = await give(
      at.open,
      await order(at.alice, "pause", at.scope, { params: { mode: "after_task" }, deadline_ms: DEADLINE_MS }),
    );
    await at.pass(DEADLINE_MS);
    expect(await at.rungs(pause)).toEqual(["resend"]);
    at.open.host.close();
    const mute = silentPool(at.clock);
    mute.muted.add("ack");
    const reopened = await openedHost({ storage: at.storage, clock: at.clock, pool: mute.pool });
    const rungs = async () => (await signalOf(reopened.client, pause)).ladder.rungs.map(({ rung }) => rung);
    at.clock.advance(DEADLINE_MS);
    await reopened.host.engine.idle();
    expect(await rungs()).toEqual(["resend", "enforce"]);
    await give(reopened, await order(at.alice, "resume", at.scope, { params: { of: pause } }));
    at.clock.advance(10 * DEADLINE_MS);
    await reopened.host.engine.idle();
    expect(await rungs()).toEqual(["resend", "enforce"]);
    reopened.host.close();
  });
});
