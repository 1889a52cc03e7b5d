import { describe, expect, it } from "vitest";
import { enrolledOperator, smallRun, until } from "../api/dispatch/operator.fixture.ts";
import { must } from "../base/assert.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { openedHost } from "./host.fixture.ts";

describe("a host that is opened again", () => {
  it("takes a re-enactment up where the log says it is, however often, and does every task once", async () => {
    const storage = createMemoryStorage();
    let open = await openedHost({ storage });
    const alice = await enrolledOperator(open.client);
    const { wid } = await alice.start(smallRun("Interrupted run", 12), { speed: 100 });
    for (let round = 1; round <= 5; round += 1) {
      await until(open.client, async () => {
        const { counts } = (await open.client.workflow.get({ wid })).workflow;
        return (counts.done ?? 0) >= round * 2 || null;
      });
      open.host.close();
      open = await openedHost({ storage });
    }
    const row = await until(
      open.client,
      async () => (await open.client.gate.queue({ state: "pending" })).rows[0] ?? null,
    );
    open.host.close();
    open = await openedHost({ storage });
    const again = must((await open.client.gate.queue({ state: "pending" })).rows[0], "the request is still there");
    expect(again.request).toBe(row.request);
    expect(again.remainingMs).toBeLessThanOrEqual(row.remainingMs ?? 0);
    await alice.rebound(open.client).decide(row.request, "approve");
    const done = await until(open.client, async () => {
      const { workflow } = await open.client.workflow.get({ wid });
      return workflow.status === "finished" ? workflow : null;
    });
    expect(done.counts).toMatchObject({ done: 13 });
    const ects = await open.client.audit.entries({ wid, typ: "exec+jwt", limit: 1000 });
    // The start, one a task, and those of the request and its decision: nothing doubled.
    expect(ects.total).toBe(16);
    let bad = null;
    for await (const event of await open.client.audit.verify())
      if (event.type === "report") bad = event.report.firstBad;
    expect(bad).toBeNull();
    open.host.close();
  });

  it("[S3] keeps a stop latched", async () => {
    const storage = createMemoryStorage();
    const first = await openedHost({ storage });
    const alice = await enrolledOperator(first.client);
    const { wid } = await alice.start(smallRun("Latched run", 30), { speed: 10 });
    await first.client.override.signal({
      token: await alice.signal("stop", { kind: "domain", id: "console.local" }),
    });
    first.host.close();
    const second = await openedHost({ storage });
    expect((await second.client.override.list()).latched).toBe(1);
    expect((await second.client.workflow.get({ wid })).workflow.status).toBe("stopped");
    const size = (await second.client.host.status()).position.size;
    await second.client.workflow.playback({ wid, paused: false });
    expect((await second.client.host.status()).position.size).toBe(size);
    second.host.close();
  });

  it.each(["before", "after"])(
    "[OVR-32] [S4] a stop that was released %s it was opened again latches nothing when it comes once more",
    async (when) => {
      const storage = createMemoryStorage();
      const scope = { kind: "domain", id: "console.local" };
      let open = await openedHost({ storage });
      const alice = await enrolledOperator(open.client);
      const token = await alice.signal("stop", scope);
      const { jti } = await open.client.override.signal({ token });
      const release = async () =>
        open.client.override.signal({ token: await alice.signal("release", scope, { params: { of: jti } }) });
      if (when === "before") await release();
      await open.host.engine.idle();
      open.host.close();
      open = await openedHost({ storage });
      if (when === "after") await release();
      expect(await open.client.override.signal({ token })).toMatchObject({ recorded: true });
      expect(open.host.gateway.latches.all()).toEqual([]);
      open.host.close();
    },
  );
});
