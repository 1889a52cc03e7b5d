import { describe, expect, it } from "vitest";
import { createLocalPool } from "../agents/local-pool.ts";
import { enrolledOperator, until } from "../api/dispatch/operator.fixture.ts";
import { systemIds } from "../base/system.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { handClock } from "./hand-clock.fixture.ts";
import { openedHost } from "./host.fixture.ts";
import { builds, countsOf, effectsOf, give, hurry, order, running, signalOf } from "./orders.fixture.ts";

function parsedJti(token: string): string {
  const parsed = parseCompact(token);
  return parsed.ok ? String(parsed.value.payload.jti) : "";
}

describe("a re-enactment that an operator pauses", () => {
  it("[OVR-19] [OVR-8] [S7] now: suspends the work, says so in five facts, and does nothing until it is resumed", async () => {
    const { open, alice, wid, scope } = await running(builds(4));
    const { client } = open;
    const pause = await give(open, await order(alice, "pause", scope, { params: { mode: "now" } }));
    const obeyed = await until(client, async () => {
      const signal = await signalOf(client, pause);
      return signal.targets.every((target) => target.compliedAtMs !== null) ? signal : null;
    });
    const [builder] = obeyed.targets;
    expect(builder).toMatchObject({ status: "acknowledged", state: "paused", unfinished: [], verifiedAtMs: null });
    expect(obeyed).toMatchObject({ inForce: true, latched: false, params: { mode: "now" } });
    await hurry(client, wid);
    const effects = await effectsOf(client, wid);
    // The deadline is a second: then it is verified by evidence, the evidence being that nothing happened meanwhile.
    await until(client, async () =>
      (await signalOf(client, pause)).targets.every((target) => target.status === "verified") ? true : null,
    );
    expect(await effectsOf(client, wid)).toBe(effects);
    expect((await client.override.agents({ wid })).agents).toMatchObject([{ state: "paused", signals: [pause] }]);
    const resume = await give(open, await order(alice, "resume", scope, { params: { of: pause } }));
    await until(client, async () => ((await countsOf(client, wid)).done === 4 ? true : null));
    const ended = await signalOf(client, pause);
    expect(ended.released).toMatchObject({ how: "resumed", by: alice.subject });
    expect((await signalOf(client, resume)).targets.map((target) => target.compliedAtMs !== null)).toEqual([true]);
    const verdicts = await client.audit.entries({ typ: "override-compliance+jwt", limit: 10 });
    expect(verdicts.rows.map((row) => row.outcome)).toEqual(["compliant"]);
    open.host.close();
  });

  it.each([
    ["the resume", false],
    ["the resume, the host having been opened again in between", true],
  ])("[OVR-6] [S3] goes on exactly where it was: of four seconds the last one follows %s", async (_what, again) => {
    const clock = handClock();
    const storage = createMemoryStorage();
    const opened = () => openedHost({ storage, clock, pool: createLocalPool({ clock, ids: systemIds }) });
    let open = await opened();
    let { client } = open;
    const alice = await enrolledOperator(client);
    const { wid } = await alice.start(builds(1, 4000), { speed: 1 });
    const scope = { kind: "workflow", id: wid };
    // Notices wait for the clock, which stands still here: what is so is asked for.
    await expect.poll(async () => (await countsOf(client, wid)).running).toBe(1);
    clock.advance(3000);
    const pause = await give(open, await order(alice, "pause", scope, { params: { mode: "now" } }));
    const complied = (jti: string) =>
      expect
        .poll(async () => (await signalOf(client, jti)).targets.map((target) => target.compliedAtMs !== null))
        .toEqual([true]);
    await complied(pause);
    clock.advance(60_000);
    if (again) {
      await open.host.engine.idle();
      open.host.close();
      open = await opened();
      client = open.client;
    }
    await complied(await give(open, await order(alice, "resume", scope, { params: { of: pause } })));
    clock.advance(999);
    await open.host.engine.idle();
    expect(await effectsOf(client, wid)).toBe(0);
    clock.advance(1);
    await expect.poll(() => effectsOf(client, wid)).toBe(1);
    open.host.close();
  });

  it("[OVR-27] after the task: that one ends, no other begins", async () => {
    const { open, alice, wid, scope } = await running(builds(4));
    const { client } = open;
    const pause = await give(open, await order(alice, "pause", scope, { params: { mode: "after_task" } }));
    const during = await signalOf(client, pause);
    expect(during.targets.map(({ state, unfinished }) => [state, unfinished.length])).toEqual([["pausing", 1]]);
    await hurry(client, wid);
    await until(client, async () =>
      (await signalOf(client, pause)).targets.every(
        (target) => target.state === "paused" && target.compliedAtMs !== null,
      )
        ? true
        : null,
    );
    expect(await countsOf(client, wid)).toMatchObject({ done: 1 });
    expect((await countsOf(client, wid)).running ?? 0).toBe(0);
    await give(open, await order(alice, "resume", scope, { params: { of: pause } }));
    await until(client, async () => ((await countsOf(client, wid)).done === 4 ? true : null));
    open.host.close();
  });

  it("[OVR-28] [S3] stays paused when the host is opened again, and ends by its time", async () => {
    const { open: first, alice, wid, storage, scope } = await running(builds(2));
    const end = Math.floor(Date.now() / 1000) + 2;
    const pause = await give(first, await order(alice, "pause", scope, { params: { mode: "now" }, effect_until: end }));
    expect((await signalOf(first.client, pause)).remainingMs).toBeGreaterThan(0);
    first.host.close();
    const again = await openedHost({ storage });
    const { client } = again;
    expect((await client.override.agents({ wid })).agents.map(({ state }) => state)).toEqual(["paused"]);
    expect(await effectsOf(client, wid)).toBe(0);
    await until(client, async () => ((await signalOf(client, pause)).released === null ? null : true));
    expect(Date.now()).toBeGreaterThanOrEqual(end * 1000);
    await hurry(client, wid);
    expect((await signalOf(client, pause)).released).toMatchObject({ how: "expired" });
    await until(client, async () => ((await countsOf(client, wid)).done === 2 ? true : null));
    again.host.close();
  });

  it("[S13] a released stop and a new start leave a pause as it is", async () => {
    const { open, alice, wid, scope } = await running(builds(3));
    const { client } = open;
    const pause = await give(open, await order(alice, "pause", scope, { params: { mode: "now" } }));
    const stop = await give(open, await alice.signal("stop", scope));
    await give(open, await alice.signal("release", scope, { params: { of: stop } }));
    await alice.start(builds(3), { wid, speed: 1000 });
    expect((await client.override.agents({ wid })).agents.map(({ state }) => state)).toEqual(["paused"]);
    const before = await effectsOf(client, wid);
    await give(open, await order(alice, "resume", scope, { params: { of: pause } }));
    await until(client, async () => ((await countsOf(client, wid)).done === 3 ? true : null));
    expect(before).toBe(0);
    open.host.close();
  });

  it("[OVR-25] [S12] a drill of a stop reaches the agents and is acknowledged, and everything goes on", async () => {
    const { open, alice, wid, scope } = await running(builds(2));
    const { client } = open;
    const token = await alice.signal("stop", scope, { params: { mode: "immediate", drill: true } });
    expect(await client.override.signal({ token })).toMatchObject({ latchedAtMs: null, targets: 1 });
    const drill = parsedJti(token);
    const heard = await until(client, async () => {
      const signal = await signalOf(client, drill);
      return signal.targets.every((target) => target.compliedAtMs !== null) ? signal : null;
    });
    expect(heard).toMatchObject({ drill: true, latched: false, inForce: false });
    expect((await client.override.list()).latched).toBe(0);
    await hurry(client, wid);
    await until(client, async () => ((await countsOf(client, wid)).done === 2 ? true : null));
    expect((await client.audit.entries({ typ: "override-compliance+jwt", limit: 10 })).rows).toEqual([]);
    open.host.close();
  });

  it("[OVR-20] answers a signal that comes twice as the first time, and orders it once", async () => {
    const { open, alice, scope } = await running(builds(2));
    const token = await order(alice, "pause", scope, { params: { mode: "now" } });
    const first = await open.client.override.signal({ token });
    expect(await open.client.override.signal({ token })).toEqual(first);
    expect((await open.client.override.list()).signals).toHaveLength(1);
    open.host.close();
  });
});
