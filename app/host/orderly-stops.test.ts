import { describe, expect, it } from "vitest";
import { enrolledOperator } from "../api/dispatch/operator.fixture.ts";
import { err } from "../base/result.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { handClock } from "./hand-clock.fixture.ts";
import { openedHost } from "./host.fixture.ts";
import { builds, countsOf, effectsOf, give, signalOf } from "./orders.fixture.ts";
import { silentPool } from "./silent-pool.fixture.ts";

const GRACE_MS = 20_000;

/** Two tasks one after the other, the first under way, by a clock that moves when told. */
async function atWork(durationMs = 60_000) {
  const clock = handClock();
  const storage = createMemoryStorage();
  const agents = silentPool(clock);
  const open = await openedHost({ storage, clock, pool: agents.pool });
  const alice = await enrolledOperator(open.client);
  const { wid } = await alice.start(builds(2, durationMs), { speed: 1 });
  await expect.poll(async () => (await countsOf(open.client, wid)).running).toBe(1);
  const scope = { kind: "workflow", id: wid };
  const stop = (change: object = {}) =>
    alice.signal("stop", scope, { level: "mandatory", params: { mode: "orderly", grace_ms: GRACE_MS }, ...change });
  const stateOf = async () => (await open.client.override.agents({ wid })).agents.map(({ state }) => state);
  return { ...agents, clock, storage, open, alice, wid, scope, stop, stateOf };
}

describe("an orderly stop", () => {
  it("[S10] [OVR-34] begins nothing, lets what is under way end, and is stopped as soon as it has", async () => {
    const at = await atWork(8000);
    const { client } = at.open;
    const stop = await give(at.open, await at.stop());
    expect(await signalOf(client, stop)).toMatchObject({ latched: true, stopping: true, remainingMs: GRACE_MS });
    expect(await at.stateOf()).toEqual(["stopping"]);
    at.clock.advance(8000);
    await expect.poll(() => effectsOf(client, at.wid)).toBe(1);
    await expect.poll(at.stateOf).toEqual(["stopped"]);
    const over = await signalOf(client, stop);
    expect(over).toMatchObject({ latched: true, stopping: false, remainingMs: null });
    at.clock.advance(60_000);
    await at.open.host.engine.idle();
    expect([await effectsOf(client, at.wid), (await countsOf(client, at.wid)).done]).toEqual([1, 1]);
    at.open.host.close();
  });

  it("[S10] [OVR-34] is immediate when its time is over, by itself, with an agent that hangs: its worker is ended and no effect follows", async () => {
    const at = await atWork();
    const { client } = at.open;
    // It never says that its work is done, and hears nothing of what it is told.
    at.muted.add("worked").add("ack");
    const stop = await give(at.open, await at.stop());
    at.clock.advance(GRACE_MS - 1);
    await at.open.host.engine.idle();
    expect(await at.stateOf()).toEqual(["stopping"]);
    at.clock.advance(1);
    // The latch holds before the log says so.
    expect(at.open.host.gateway.latches.all().map(({ jti }) => jti)).toEqual([stop]);
    at.clock.advance(250);
    await expect.poll(at.stateOf).toEqual(["stopped"]);
    await expect
      .poll(async () => (await signalOf(client, stop)).targets.map(({ terminatedAtMs }) => terminatedAtMs !== null))
      .toEqual([true]);
    const due = (await client.audit.entries({ wid: at.wid, limit: 1000 })).rows.find(
      ({ action }) => action === "stop_due",
    );
    expect(due).toBeDefined();
    at.muted.clear();
    at.clock.advance(120_000);
    await at.open.host.engine.idle();
    expect(await effectsOf(client, at.wid)).toBe(0);
    expect(await countsOf(client, at.wid)).toMatchObject({ stopped: 1, running: 0 });
    at.open.host.close();
  });

  it("[S10] [L6] [OVR-34] keeps its time over a host that is opened again", async () => {
    const at = await atWork();
    const stop = await give(at.open, await at.stop());
    at.clock.advance(15_000);
    await at.open.host.engine.idle();
    at.open.host.close();
    const reopened = await openedHost({ storage: at.storage, clock: at.clock, pool: silentPool(at.clock).pool });
    const left = (await signalOf(reopened.client, stop)).remainingMs ?? 0;
    expect(left).toBeGreaterThan(3000);
    expect(left).toBeLessThanOrEqual(5000);
    at.clock.advance(left - 1);
    await reopened.host.engine.idle();
    expect((await signalOf(reopened.client, stop)).stopping).toBe(true);
    at.clock.advance(1);
    await expect.poll(async () => (await signalOf(reopened.client, stop)).stopping).toBe(false);
    reopened.host.close();
  });

  it("[S3] [OVR-34] is immediate where storage would not take it, and stays so when it does, also when the host is opened again", async () => {
    const at = await atWork();
    const { log } = at.storage;
    const { append } = log;
    log.append = async () => err({ code: "storage_full", retry: true, detail: "no room" });
    const stop = await give(at.open, await at.stop());
    const latched = (open: typeof at.open) => open.host.gateway.latches.all().map(({ jti }) => jti);
    expect(latched(at.open)).toEqual([stop]);
    log.append = append;
    at.clock.advance(5000);
    await expect
      .poll(async () => (await at.open.client.override.list()).signals.map(({ stopping }) => stopping))
      .toEqual([false]);
    expect(await signalOf(at.open.client, stop)).toMatchObject({ latched: true, remainingMs: null });
    expect(await at.stateOf()).toEqual(["stopped"]);
    await at.open.host.engine.idle();
    at.open.host.close();
    const reopened = await openedHost({ storage: at.storage, clock: at.clock, pool: silentPool(at.clock).pool });
    expect(latched(reopened)).toEqual([stop]);
    reopened.host.close();
  });

  it("[S4] [OVR-34] is not released while it stops, and an immediate stop cuts it short", async () => {
    const at = await atWork();
    const { client } = at.open;
    const stop = await give(at.open, await at.stop());
    const release = await at.alice.signal("release", at.scope, { params: { of: stop } });
    await expect(client.override.signal({ token: release })).rejects.toMatchObject({
      data: { code: "override_state_invalid" },
    });
    await give(at.open, await at.alice.signal("stop", at.scope));
    await expect.poll(async () => (await signalOf(client, stop)).stopping).toBe(false);
    expect(await at.stateOf()).toEqual(["stopped"]);
    at.open.host.close();
  });

  it.each([
    ["an emergency", { level: "emergency", deadline_ms: 1000 }],
    ["no grace", { params: { mode: "orderly" } }],
    ["a grace that is too long", { params: { mode: "orderly", grace_ms: 3_600_001 } }],
  ])(
    "[OVR-11] [S10] halts at once with %s: what does not ask for order in so many words gets none",
    async (_what, change) => {
      const at = await atWork();
      const stop = await give(at.open, await at.stop(change));
      expect(await signalOf(at.open.client, stop)).toMatchObject({ latched: true, stopping: false });
      expect(await at.stateOf()).toEqual(["stopped"]);
      at.open.host.close();
    },
  );
});
