import { describe, expect, it } from "vitest";
import { createLocalPool } from "../agents/local-pool.ts";
import type { AgentPool } from "../agents/messages.ts";
import { enrolledOperator, smallRun, until } from "../api/dispatch/operator.fixture.ts";
import { err } from "../base/result.ts";
import { systemClock, systemIds } from "../base/system.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { openedHost } from "./host.fixture.ts";

describe("a re-enactment", () => {
  it("[XA-16] loses no task while storage is full for a moment, and finishes as it would have", async () => {
    const storage = createMemoryStorage();
    const { host, client } = await openedHost({ storage });
    const alice = await enrolledOperator(client);
    const run = smallRun("Full for a moment", 12);
    const { wid } = await alice.start({ ...run, tasks: run.tasks.slice(0, 12) }, { speed: 50 });
    await until(client, async () => ((await client.workflow.get({ wid })).workflow.counts.done ?? 0) >= 3 || null);
    const append = storage.log.append;
    storage.log.append = async () => err({ code: "storage_full", retry: true, detail: "no room" });
    await expect.poll(() => host.engine.trouble()?.code).toBe("storage_full");
    storage.log.append = append;
    const done = await until(client, async () => {
      const { workflow } = await client.workflow.get({ wid });
      return workflow.status === "finished" ? workflow : null;
    });
    expect(done.counts).toMatchObject({ done: 12, refused: 0, stopped: 0, blocked: 0 });
    host.close();
  });

  it("[L2] answers as unavailable, not as empty, while the log cannot be read again", async () => {
    const storage = createMemoryStorage();
    const { host, client } = await openedHost({ storage });
    const alice = await enrolledOperator(client);
    const { append, head } = storage.log;
    storage.log.append = async () => err({ code: "storage_full", retry: true, detail: "no room" });
    storage.log.head = async () => err({ code: "storage_failed", retry: true, detail: "closed" });
    await alice.start(smallRun("Unread", 2)).catch(() => undefined);
    await expect(client.override.list()).rejects.toMatchObject({
      code: "UNAVAILABLE",
      data: { code: "storage_failed", status: 503, retry: true },
    });
    Object.assign(storage.log, { append, head });
    expect((await client.override.list()).signals).toEqual([]);
    host.close();
  });

  it("asks again for a task whose question was lost with the worker it was in", async () => {
    const local = createLocalPool({ clock: systemClock, ids: systemIds });
    const lost: string[] = [];
    const pool: AgentPool = {
      ...local,
      send: (message) => {
        if (message.t === "ask" && lost.length === 0) lost.push(message.agent);
        else local.send(message);
      },
    };
    const { host, client } = await openedHost({ pool });
    const alice = await enrolledOperator(client);
    const run = smallRun("Lost question", 2);
    const { wid } = await alice.start({ ...run, tasks: run.tasks.slice(0, 2) }, { speed: 1000 });
    await expect.poll(() => lost).toHaveLength(1);
    host.conductor.rehoused(lost);
    const done = await until(client, async () => {
      const { workflow } = await client.workflow.get({ wid });
      return workflow.status === "finished" ? workflow : null;
    });
    expect(done.counts).toMatchObject({ done: 2 });
    host.close();
  });
});
