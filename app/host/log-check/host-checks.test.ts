import { ORPCError } from "@orpc/server";
import { expect, it } from "vitest";
import { enrolledOperator } from "../../api/dispatch/operator.fixture.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { openedHost } from "../host.fixture.ts";
import type { CheckWorker } from "./check-pool.ts";
import { channelWorkers } from "./check-worker.fixture.ts";

const sha256 = await createSha256();

async function hostWith(workers: ReturnType<typeof channelWorkers>) {
  const opened = await openedHost({ checks: workers.ports(2) });
  await enrolledOperator(opened.client);
  return opened;
}

async function lastEvent(client: Awaited<ReturnType<typeof hostWith>>["client"]) {
  let last: { readonly type: string } | null = null;
  for await (const event of await client.audit.verify()) last = event;
  return last;
}

const codeOf = (error: unknown): unknown => (error instanceof ORPCError ? [error.code, error.data?.code] : error);

it("[XA-20] a host verifies with workers that are made for it and ended with it", async () => {
  const workers = channelWorkers(sha256);
  const { host, client } = await hostWith(workers);
  expect(await lastEvent(client)).toMatchObject({
    type: "report",
    report: { firstBad: null, complete: { result: "passed" } },
  });
  expect(workers.made()).toBeGreaterThan(0);
  expect(workers.alive()).toBe(0);
  expect(host.integrity.state().state).toBe("intact");
  host.close();
});

it("[XA-20] a worker that ends is told as a failure, and what was found before stays", async () => {
  const workers = channelWorkers(sha256, () => true);
  const { host, client } = await hostWith(workers);
  const failed = await lastEvent(client).then(() => "passed", codeOf);
  expect(failed).toEqual(["UNAVAILABLE", "verification_worker_lost"]);
  expect(host.integrity.state()).toMatchObject({ state: "unchecked", checkedSize: 0, report: null });
  expect(host.engine.fault()).toBeNull();
  host.close();
});

it("[XA-20] who leaves before the report ends the verification", async () => {
  const workers = channelWorkers(sha256);
  const { host, client } = await hostWith(workers);
  const leaving = new AbortController();
  leaving.abort();
  const told: string[] = [];
  const left = async (): Promise<void> => {
    for await (const event of await client.audit.verify(undefined, { signal: leaving.signal })) told.push(event.type);
  };
  await left().catch(() => undefined);
  expect(told).not.toContain("report");
  await expect.poll(() => host.integrity.state().state).toBe("unchecked");
  expect(workers.alive()).toBe(0);
  host.close();
});

it("[XA-20] who leaves while a worker does not answer ends the verification, and the worker", async () => {
  let begun = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const alive = new Set<CheckWorker>();
  const mute = (): CheckWorker => {
    const worker: CheckWorker = {
      ...{ onmessage: null, onmessageerror: null, onerror: null },
      postMessage: () => begun(),
      terminate: () => void alive.delete(worker),
    };
    alive.add(worker);
    return worker;
  };
  const { host, client } = await openedHost({ checks: { ...channelWorkers(sha256).ports(2), spawn: mute } });
  await enrolledOperator(client);
  const leaving = new AbortController();
  const left = host.integrity.verify(undefined, leaving.signal);
  await asked;
  leaving.abort();
  expect((await left).unfinished?.code).toBe("verification_cancelled");
  expect([host.integrity.state().state, alive.size]).toEqual(["unchecked", 0]);
  host.close();
});
