import { enrolledOperator, smallRun, type TestClient, until } from "../api/dispatch/operator.fixture.ts";
import { must } from "../base/assert.ts";
import type { RecordedRun } from "../protocol/run/recorded-run.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { openedHost } from "./host.fixture.ts";

type Opened = Awaited<ReturnType<typeof openedHost>>;
type Operator = Awaited<ReturnType<typeof enrolledOperator>>;

/** A chain of builds by one agent, nothing of which needs a human. */
export function builds(count: number, durationMs = 60_000): RecordedRun {
  const run = smallRun("Builds", count);
  return {
    ...run,
    tasks: run.tasks.filter((task) => task.action !== "deploy_site").map((task) => ({ ...task, durationMs })),
    agents: run.agents.filter((agent) => agent.id === "builder"),
  };
}

export const order = (
  operator: Operator,
  action: "pause" | "resume" | "modify" | "release" | "takeover",
  scope: { kind: string; id: string },
  change: object,
) => operator.signal("release", scope, { action, ...change });

export async function give(open: Opened, token: string): Promise<string> {
  return (await open.client.override.signal({ token })).jti;
}

export const signalOf = async (client: TestClient, jti: string) =>
  must(
    (await client.override.list()).signals.find((signal) => signal.jti === jti),
    "the signal is listed",
  );

/** So fast that a recorded minute is over in 60 ms. */
export const hurry = (client: TestClient, wid: string) => client.workflow.playback({ wid, speed: 1000 });

export const countsOf = async (client: TestClient, wid: string) => (await client.workflow.get({ wid })).workflow.counts;

/** A started run with its first task under way, at the recorded speed: a minute a task, so that no order comes too late. */
export async function running(run: RecordedRun, storage = createMemoryStorage()) {
  const open = await openedHost({ storage });
  const alice = await enrolledOperator(open.client);
  const { wid } = await alice.start(run, { speed: 1 });
  await until(open.client, async () => ((await countsOf(open.client, wid)).running === 1 ? true : null));
  return { open, alice, wid, storage, scope: { kind: "workflow", id: wid } };
}

/** The effects that were let through so far. */
export const effectsOf = async (client: TestClient, wid: string): Promise<number> =>
  (await client.audit.entries({ wid, limit: 1000 })).rows.filter((row) => row.action === "effect_started").length;
