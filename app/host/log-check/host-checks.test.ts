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

/** An exported log and a pack of it, by a host whose own checks are not what is looked at. */
async function files() {
  const { host, client } = await openedHost();
  const alice = await enrolledOperator(client);
  const { pepId } = await client.identity.describe();
  const joined = async (pieces: AsyncIterable<{ readonly text: string }>): Promise<string> => {
    let text = "";
    for await (const piece of pieces) text += piece.text;
    return text;
  };
  const pack = await joined(await client.audit.evidence({ token: await alice.askEvidence(pepId) }));
  const log = await joined(await client.audit.export());
  host.close();
  return { log, pack };
}
type Client = Awaited<ReturnType<typeof openedHost>>["client"];
type Events = AsyncIterable<{ readonly type: string }>;
/** Both kinds of file, in the same words. */
const VERIFY: readonly (readonly [
  "log" | "pack",
  (client: Client, text: string, signal?: AbortSignal) => Promise<Events>,
])[] = [
  ["log", (client, text, signal) => client.audit.verifyExport({ text }, signal === undefined ? {} : { signal })],
  ["pack", (client, text, signal) => client.audit.verifyPack({ text }, signal === undefined ? {} : { signal })],
];

it.each(VERIFY)(
  "[XA-78] a file is verified by workers as by one thread, whatever was changed: %s",
  async (kind, verify) => {
    const { [kind]: text } = await files();
    const workers = channelWorkers(sha256);
    const [alone, beside] = [await openedHost(), await openedHost({ checks: workers.ports(2) })];
    const reportBy = async ({ client }: typeof alone, file: string) => {
      const told = [];
      for await (const event of await verify(client, file)) told.push(event);
      expect(told.slice(0, -1).map(({ type }) => type)).toEqual(told.slice(1).map(() => "progress"));
      const { report } = told.at(-1) as unknown as { report: { atMs: number; tookMs: number } }; // the last event of both
      return { ...report, atMs: 0, tookMs: 0 };
    };
    const parsed = JSON.parse(text) as { entries: { token: string; received_at: number }[] }; // a file of ours
    const changed = (at: number, change: object) =>
      JSON.stringify({
        ...parsed,
        entries: parsed.entries.map((one, seq) => (seq === at ? { ...one, ...change } : one)),
      });
    const signature = (token = "") =>
      token.replace(/[^.]+$/, (last) => `${last.startsWith("A") ? "B" : "A"}${last.slice(1)}`);
    for (const file of [
      text,
      changed(2, { token: signature(parsed.entries[2]?.token) }),
      changed(3, { received_at: 1 }),
      JSON.stringify({ ...parsed, entries: parsed.entries.toSpliced(1, 1) }),
      JSON.stringify({ ...parsed, entries: parsed.entries.slice(0, -1) }),
    ])
      expect(await reportBy(beside, file)).toEqual(await reportBy(alone, file));
    expect(workers.made()).toBeGreaterThan(0);
    expect(workers.alive()).toBe(0);
    for (const { host } of [alone, beside]) host.close();
  },
);

it.each(VERIFY)(
  "[XA-78] a file passes by no worker that was lost, and who leaves ends its workers: %s",
  async (kind, verify) => {
    const { [kind]: text } = await files();
    const lost = channelWorkers(sha256, () => true);
    const { host, client } = await openedHost({ checks: lost.ports(2) });
    const last = async (signal?: AbortSignal): Promise<string> => {
      let type = "nothing";
      for await (const event of await verify(client, text, signal)) type = event.type;
      return type;
    };
    expect(await last().catch(codeOf)).toEqual(["UNAVAILABLE", "verification_worker_lost"]);
    expect(lost.alive()).toBe(0);
    const left = new AbortController();
    left.abort();
    expect(await last(left.signal).catch(() => "left")).not.toBe("report");
    await expect.poll(() => lost.alive()).toBe(0);
    host.close();
  },
);
