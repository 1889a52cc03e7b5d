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
