import { safe } from "@orpc/client";
import { describe, expect, it } from "vitest";
import { enrolledOperator, smallRun, type TestClient } from "../../api/dispatch/operator.fixture.ts";
import type { Result } from "../../base/result.ts";
import { ECT_TYPE } from "../../protocol/ect/ect-token.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { orderAgent } from "../behavior/behavior.fixture.ts";
import { openedHost } from "../host.fixture.ts";
import { benchOrder } from "./bench.fixture.ts";

async function opened(storage = createMemoryStorage()) {
  const open = await openedHost({ storage });
  return { ...open, alice: await enrolledOperator(open.client) };
}

/** Until a benchmark has its end. */
async function ended(client: TestClient, order: string) {
  await expect.poll(async () => (await client.benchmark.detail({ order })).benchmark.status).not.toBe("running");
  return client.benchmark.detail({ order });
}

/** Goes on for a minute in recorded time: however slow the machine is, it is not over before something is done about it. */
const LONG = smallRun("Long run", 60);

function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const codeOf = (error: unknown): unknown => (error as { data?: { code?: string } } | null)?.data?.code;

describe("a benchmark", () => {
  it("[BEH-15] [BEH-16] [BEH-45] [BEH-46] [BEH-47] [BEH-49] runs for real: its result is signed with intervals, environment and the starts of its runs, all marked", async () => {
    const { client, host, alice } = await opened();
    const { wids, profile, ...input } = await benchOrder(client, alice, smallRun());
    const { order, seq } = await client.benchmark.order(input);
    const { benchmark, result, taskSet, now } = await ended(client, order);
    expect(benchmark).toMatchObject({ status: "done", by: alice.subject, seq, runs: 4, score: 100, aborted: null });
    expect(now).toBeNull();
    expect(taskSet).toEqual(input.set);
    // Three measured runs of four tasks; the warm-up is thrown away.
    expect(result).toMatchObject({
      ...{ n: 12, failed: 0, score: 100, order, deviations: [] },
      environment: { ...profile.environment, "host.kind": "mock", "host.agents": "thread" },
      bench: { bench_id: "small-run", version: 1 },
    });
    expect(result?.results).toMatchObject({
      task_completion: { value: 1, ci_high: 1, n: 12 },
      accuracy: { value: 1, n: 12 },
      consistency: { value: 1, n: 4 },
      latency_p95_ms: { n: 12 },
      throughput: { n: 3 },
    });
    expect(result?.results.task_completion?.ci_low).toBeCloseTo(0.7575, 3);
    // Each task takes at least its recorded second at 1,000 times the speed.
    expect(result?.results.latency_p95_ms?.value).toBeGreaterThanOrEqual(1);
    expect(result?.runs).toHaveLength(3);
    const token = parseCompact((await client.audit.entry({ seq: benchmark.endSeq ?? -1 })).token);
    expect(token.ok && token.value.payload).toMatchObject({ iss: host.engine.ids.pepId, score: 100 });

    // Whoever judges conduct leaves these out: every ECT of theirs is marked, and so is the workflow.
    const marks = new Set<unknown>();
    for await (const entries of host.ports.storage.log.read(host.engine.ids.domain, 0, benchmark.endSeq ?? 0))
      for (const entry of entries) {
        const parsed = parseCompact(entry.token);
        if (!parsed.ok || parsed.value.header.typ !== ECT_TYPE.typ[0]) continue;
        if (wids.includes(String(parsed.value.payload.wid))) marks.add(markOf(parsed.value.payload));
      }
    expect([...marks]).toEqual(["small-run"]);
    const workflows = await host.engine.read((state) => wids.map((wid) => state.workflows.get(wid)));
    expect(workflows.map((workflow) => [workflow?.bench, workflow?.status])).toEqual(
      wids.map(() => ["small-run", "finished"]),
    );
    // Nor are they offered where a profile is written.
    expect((await client.behavior.seen()).agents).toEqual([]);
    host.close();
  });

  it("[BEH-15] [BEH-48] [BEH-68] B5 has no result where the person calls it off, or where the console was closed in the middle", async () => {
    const storage = createMemoryStorage();
    const { client, host, alice } = await opened(storage);
    const slow = { profile: { playback: 1 } };
    const first = await benchOrder(client, alice, LONG, slow);
    const { order } = await client.benchmark.order(first);
    expect(codeOf((await safe(client.benchmark.order(await benchOrder(client, alice, LONG, slow)))).error)).toBe(
      "bench_running",
    );
    const [going = ""] = first.wids;
    // What runs here is no measure of anybody else's agents, nor of one instance.
    for (const subject of [
      "spiffe://ops.example/agent/builder",
      "spiffe://ops.example/agents",
      `spiffe://console.local/agent/${order}/builder`,
    ])
      expect(
        codeOf(
          (await safe(client.benchmark.order(await benchOrder(client, alice, LONG, { ...slow, claims: { subject } }))))
            .error,
        ),
      ).toBe("bench_invalid");
    await expect.poll(() => host.engine.read((state) => state.workflows.get(going)?.status ?? null)).toBe("running");
    expect(codeOf((await safe(client.workflow.playback({ wid: going, speed: 1000 }))).error)).toBe("bench_running");
    // By somebody who is there and may stop: who it was is on record, by the console's word.
    const viewer = await enrolledOperator(client, "Vera", ["auditor"]);
    const codeFor = async (by: string) => codeOf((await safe(client.benchmark.cancel({ order, by }))).error);
    expect(await codeFor("spiffe://console.local/human/nobody")).toBe("role_subject_unknown");
    expect(await codeFor(viewer.subject)).toBe("bench_unauthorized");
    expect((await client.benchmark.detail({ order })).benchmark.status).toBe("running");
    await client.benchmark.cancel({ order, by: alice.subject });
    const called = (await ended(client, order)).benchmark;
    expect(called).toMatchObject({
      status: "aborted",
      aborted: { reason: "cancelled", detail: `${alice.subject} called it off` },
    });
    const { claims: record } = await client.audit.entry({ seq: called.endSeq ?? -1 });
    expect(record).toMatchObject({
      data: { called_off_by: alice.subject, "org.signalbox.asserted": ["called_off_by"] },
    });
    expect((await client.workflow.get({ wid: going })).workflow.status).toBe("finished");

    const second = await benchOrder(client, alice, LONG, slow);
    const again = await client.benchmark.order(second);
    const [wid = ""] = second.wids;
    await expect.poll(() => host.engine.read((state) => state.workflows.get(wid)?.status ?? null)).toBe("running");
    host.close();
    const reopened = await openedHost({ storage });
    const { benchmark, result } = await reopened.client.benchmark.detail({ order: again.order });
    expect(benchmark).toMatchObject({ status: "aborted", score: null, aborted: { reason: "interrupted" } });
    expect(result).toBeNull();
    expect((await reopened.client.workflow.get({ wid })).workflow.status).toBe("finished");
    reopened.host.close();
  });

  it("[BEH-48] has no result where a stop reaches one of its runs, and is left alone by one that does not", async () => {
    const { client, host, alice } = await opened();
    const other = await alice.start(LONG, { speed: 1 });
    const given = await benchOrder(client, alice, LONG, { profile: { playback: 1 } });
    const { order } = await client.benchmark.order(given);
    const [wid = ""] = given.wids;
    await expect.poll(() => host.engine.read((state) => state.workflows.get(wid)?.tasks.size ?? 0)).toBeGreaterThan(0);
    await client.override.signal({ token: await alice.signal("stop", { kind: "workflow", id: other.wid }) });
    const { jti } = await client.override.signal({ token: await alice.signal("stop", { kind: "workflow", id: wid }) });
    const { benchmark } = await ended(client, order);
    expect(benchmark.aborted).toEqual({ reason: "stopped", detail: "an order to stop reached one of its runs" });
    const stopped = await host.engine.read((state) => state.overrides.get(jti)?.seq);
    expect(benchmark.endSeq).toBeGreaterThan(stopped ?? Number.POSITIVE_INFINITY);
    host.close();
  });

  it("[BEH-15] [BEH-48] B5 is aborted when more than a fifth of its runs take too long", async () => {
    const { client, host, alice } = await opened();
    const late = { profile: { playback: 1, timeout_ms: 1000, warmup: 0 } };
    const { order } = await client.benchmark.order(await benchOrder(client, alice, smallRun(), late));
    const { benchmark } = await ended(client, order);
    expect(benchmark.aborted).toEqual({ reason: "timeouts", detail: "1 of 3 runs took longer than 1000 ms" });
    host.close();
  });

  it("[BEH-13] [BEH-15] B5 measures no agent that is not conformant", async () => {
    const { client, host, alice } = await opened();
    // The log knows its agents from then on.
    await alice.start(smallRun());
    await orderAgent(client, alice, { order: "quarantine", reason: "it leaked" });
    const { error } = await safe(client.benchmark.order(await benchOrder(client, alice, smallRun())));
    expect((error as { data?: object } | null)?.data).toMatchObject({
      code: "bench_aborted",
      detail: "builder is quarantined, not conformant",
    });
    expect((await client.benchmark.list()).benchmarks).toEqual([]);
    host.close();
  });

  it("[BEH-S5] keeps a secret task set to itself until the result, and refuses another one than was committed to", async () => {
    const { client, host, alice } = await opened();
    const { set, ...input } = await benchOrder(client, alice, smallRun(), { nonce: "q83vEjRWeJCrze8SNFZ4kA" });
    const other = { ...set, nonce: "r83vEjRWeJCrze8SNFZ4kA" };
    expect(codeOf((await safe(client.benchmark.order(input))).error)).toBe("bench_invalid");
    expect(codeOf((await safe(client.benchmark.order({ ...input, taskSet: other }))).error)).toBe(
      "object_hash_mismatch",
    );
    const { order, seq } = await client.benchmark.order({ ...input, taskSet: set });
    // What was committed to names no run.
    const committed = parseCompact((await client.audit.entry({ seq })).token);
    expect(JSON.stringify(committed.ok ? committed.value.payload : null)).not.toContain(input.digest);
    expect((await client.benchmark.detail({ order, at: seq + 1 })).taskSet).toBeNull();
    const { result } = await ended(client, order);
    expect(result?.task_set).toEqual(set);
    host.close();
  });

  it("[BEH-48] one whose end is in no log is called off like any other, and does not keep the next one back", async () => {
    const { client, host, alice } = await opened();
    const { order } = await benchOrder(client, alice, smallRun());
    // Ordered, and nobody runs it.
    const received = must(await host.engine.receive(order));
    if (received.fact.typ !== "bench-order+jwt") throw new Error("it is an order");
    const { verified, fact } = received;
    must(await host.engine.submit({ kind: "token", verified, fact }));
    await client.benchmark.cancel({ order: fact.claims.jti, by: alice.subject });
    expect((await client.benchmark.detail({ order: fact.claims.jti })).benchmark.aborted).toMatchObject({
      reason: "interrupted",
    });
    const next = await client.benchmark.order(await benchOrder(client, alice, smallRun()));
    expect((await ended(client, next.order)).benchmark.status).toBe("done");
    host.close();
  });

  it("[BEH-16] [BEH-46] takes its mark from nobody but a running order of the same person, and every run of one carries it", async () => {
    const { client, host, alice } = await opened();
    const bob = await enrolledOperator(client, "Bob");
    const mark = { ext: () => ({ bench_id: "small-run" }) };
    expect(codeOf((await safe(alice.start(smallRun(), mark))).error)).toBe("bench_mark_mismatch");
    for (const [who, change] of [
      [alice, { mark: null }],
      [alice, { mark: "another" }],
    ] as const) {
      const { order } = await client.benchmark.order(await benchOrder(client, who, smallRun(), change));
      expect((await ended(client, order)).benchmark.aborted).toMatchObject({ reason: "refused" });
    }
    const long = await benchOrder(client, alice, LONG, { profile: { playback: 1 } });
    const { order: running } = await client.benchmark.order(long);
    // Another run in the place of a later one of it would be out of sight for nothing.
    const instead = { ...mark, wid: long.wids.at(-1) ?? "" };
    expect(codeOf((await safe(alice.start(smallRun("Something else"), instead))).error)).toBe("bench_mark_mismatch");
    await client.benchmark.cancel({ order: running, by: alice.subject });
    expect(codeOf((await safe(client.benchmark.cancel({ order: running, by: alice.subject }))).error)).toBe(
      "bench_over",
    );
    const first = await benchOrder(client, alice, smallRun());
    const foreign = await benchOrder(client, bob, smallRun(), { claims: { wids: first.wids } });
    expect(codeOf((await safe(client.benchmark.order({ ...foreign, starts: first.starts }))).error)).toBeUndefined();
    const [latest] = (await client.benchmark.list()).benchmarks;
    expect((await ended(client, latest?.order ?? "")).benchmark.aborted?.detail).toContain("by who ordered it");
    host.close();
  });
});

function markOf(payload: object): unknown {
  return "ect_ext" in payload ? (payload.ect_ext as { readonly bench_id?: unknown }).bench_id : undefined; // of an ECT
}
