import { v4 } from "uuid";
import { expect, it } from "vitest";
import { createLocalPool } from "../agents/local-pool.ts";
import { enrolledOperator, smallRun } from "../api/dispatch/operator.fixture.ts";
import { must } from "../base/assert.ts";
import { systemIds } from "../base/system.ts";
import type { RecordedRun } from "../protocol/run/recorded-run.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { handClock } from "./hand-clock.fixture.ts";
import { openedHost } from "./host.fixture.ts";
import { countsOf } from "./orders.fixture.ts";

const TASKS = 6;

/** Tasks of one agent that were all recorded at once. */
function wide(): RecordedRun {
  const base = smallRun("Wide run", 1);
  const source = must(base.tasks[0], "a task");
  return {
    ...base,
    agents: [{ id: "builder", name: "Builder", kind: "program" }],
    tasks: Array.from({ length: TASKS }, (_, at) => ({ ...source, id: `build-${at}`, name: `build-${at}` })),
  };
}

it("[CAS-6] a re-enactment whose failure domain takes one task at a time waits its turn and finishes", {
  timeout: 60_000,
}, async () => {
  const clock = handClock();
  const pool = createLocalPool({ clock, ids: systemIds });
  const open = await openedHost({ storage: createMemoryStorage(), clock, pool });
  const alice = await enrolledOperator(open.client);
  const { trustDomain } = await open.client.identity.describe();
  const wid = v4();
  const bulkhead = {
    max_concurrency: 1,
    on_breach: "queue" as const,
    queue_max: TASKS,
    queue_timeout_ms: 86_400_000,
  };
  const members = [`spiffe://${trustDomain}/agent/${wid}/builder`];
  await alice.start(wide(), {
    speed: 1,
    wid,
    change: (policy) => ({ ...policy, failure_domains: [{ domain_id: "builders", members, bulkhead }] }),
  });
  const read = async () => must((await open.client.cascade.breakers({ wid })).domains[0], "a domain").bulkhead;
  await expect.poll(read, { interval: 10, timeout: 20_000 }).toMatchObject({ running: 1, queued: TASKS - 1, most: 1 });
  let most = 0;
  const finished = async () => {
    clock.advance(500);
    most = Math.max(most, (await countsOf(open.client, wid)).running ?? 0);
    return (await open.client.workflow.get({ wid })).workflow.status;
  };
  await expect.poll(finished, { interval: 10, timeout: 20_000 }).toBe("finished");
  expect(most).toBe(1);
  expect((await countsOf(open.client, wid)).done).toBe(TASKS);
  open.host.close();
});

/** A minute each, the last of them asked for ten seconds after the others; one runs at a time. */
async function queueing(queueTimeoutMs: number, count: number) {
  const clock = handClock();
  const open = await openedHost({ clock, pool: createLocalPool({ clock, ids: systemIds }) });
  const alice = await enrolledOperator(open.client);
  const { trustDomain } = await open.client.identity.describe();
  const wid = v4();
  const builder = `spiffe://${trustDomain}/agent/${wid}/builder`;
  const queue = { on_breach: "queue" as const, queue_max: TASKS, queue_timeout_ms: queueTimeoutMs };
  const run = wide();
  const tasks = run.tasks
    .slice(0, count)
    .map((task, at) => ({ ...task, startMs: at === count - 1 ? 10_000 : 0, durationMs: 600_000 }));
  await alice.start(
    { ...run, tasks },
    {
      speed: 1,
      wid,
      change: (policy) => ({
        ...policy,
        failure_domains: [{ domain_id: "builders", members: [builder], bulkhead: { max_concurrency: 1, ...queue } }],
      }),
    },
  );
  const queued = async () => (await open.client.cascade.breakers({ wid })).domains[0]?.bulkhead?.queued;
  await expect.poll(queued).toBe(count - 2);
  clock.advance(10_000);
  await expect.poll(queued).toBe(count - 1);
  return { clock, open, wid, builder };
}

it("[CAS-6] what waits for room is not asked about again when its agent is housed anew, and no human is asked for it", async () => {
  const { clock, open, wid, builder } = await queueing(86_400_000, 3);
  open.host.conductor.rehoused([builder]);
  await open.host.conductor.take(wid);
  await open.host.engine.idle();
  const finished = async () => {
    clock.advance(100_000);
    return (await open.client.workflow.get({ wid })).workflow.status;
  };
  await expect.poll(finished, { interval: 10, timeout: 15_000 }).toBe("finished");
  expect(await countsOf(open.client, wid)).toMatchObject({ done: 3, refused: 0 });
  expect([...open.host.troubles.values()]).toEqual([]);
  open.host.close();
});

it("[CAS-6] refuses each that has waited too long at its own time, not only the first", async () => {
  const { clock, open, wid } = await queueing(60_000, 3);
  const refused = async () => (await countsOf(open.client, wid)).refused;
  clock.advance(51_000);
  await expect.poll(refused).toBe(1);
  clock.advance(10_000);
  await expect.poll(refused).toBe(2);
  open.host.close();
});

it("[CAS-6] starts nothing under failure domains that put an agent in two of them", async () => {
  const clock = handClock();
  const pool = createLocalPool({ clock, ids: systemIds });
  const open = await openedHost({ storage: createMemoryStorage(), clock, pool });
  const alice = await enrolledOperator(open.client);
  const wid = v4();
  const members = [`spiffe://elsewhere.test/agent/${wid}/builder`];
  const domains = ["one", "two"].map((domain_id) => ({ domain_id, members }));
  const starting = alice.start(wide(), { wid, change: (policy) => ({ ...policy, failure_domains: domains }) });
  await expect(starting).rejects.toMatchObject({ data: { code: "domain_config_invalid" } });
  expect((await open.client.workflow.list()).workflows).toEqual([]);
  open.host.close();
});
