import { ORPCError, safe } from "@orpc/client";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { enrolledOperator, smallRun, until } from "../api/dispatch/operator.fixture.ts";
import { verifiedExport } from "../api/dispatch/verified-file.fixture.ts";
import { must } from "../base/assert.ts";
import type { Clock } from "../base/ports.ts";
import type { Storage } from "../engine/ports.ts";
import { logExportSchema } from "../protocol/audit/claims.ts";
import { STH_TYPE } from "../protocol/audit/tree-head.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { generateSigner } from "../protocol/jose/keys.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { openedHost } from "./host.fixture.ts";

const DOMAIN = "console.local";

/** What a refused request is told. */
const refusalOf = (error: unknown): unknown => (error instanceof ORPCError ? error.data : error);

describe("a log found broken by its verification", () => {
  it("[C2] [XA-S1] is not written to any more; a stop holds all the same", async () => {
    const storage = createMemoryStorage();
    const { host, client } = await openedHost({ storage });
    const alice = await enrolledOperator(client);
    const read = storage.log.read;
    storage.log.read = async function* (...range) {
      for await (const chunk of read(...range))
        yield chunk.map((entry) => (entry.seq === 1 ? { ...entry, submitter: "urn:other" } : entry));
    };
    let report = null;
    for await (const event of await client.audit.verify()) if (event.type === "report") report = event.report;
    expect(report?.firstBad).toMatchObject({ seq: 1, code: "log_leaf_mismatch" });
    expect(host.engine.fault()).toMatchObject({ seq: 1, code: "log_leaf_mismatch" });

    const before = (await client.host.status()).position;
    const refused = await safe(enrolledOperator(client, "Mallory"));
    expect(refusalOf(refused.error)).toMatchObject({ code: "storage_failed", retry: false });
    const scope = { kind: "domain", id: DOMAIN };
    const stop = await client.override.signal({ token: await alice.signal("stop", scope) });
    expect([stop.recorded, stop.latchedAtMs]).toEqual([false, expect.any(Number)]);
    expect((await client.override.list()).latched).toBe(1);

    storage.log.read = read;
    for await (const event of await client.audit.verify()) if (event.type === "report") report = event.report;
    expect(report?.firstBad).toBeNull();
    const status = await client.host.status();
    expect([status.integrity.state, status.position.size]).toEqual(["broken", before.size]);
    expect(status.storage).toMatchObject({ state: "failed", detail: expect.stringContaining("log_leaf_mismatch") });
    host.close();
  });
});

describe("a log whose signing key is gone", () => {
  it("[C2] [XA-19] is read, verified and exported, and nothing is written or done", async () => {
    const storage = createMemoryStorage();
    const first = await openedHost({ storage });
    const alice = await enrolledOperator(first.client);
    const { wid } = await alice.start(smallRun("Without a key", 40), { speed: 10 });
    await until(first.client, async () => {
      const { counts } = (await first.client.workflow.get({ wid })).workflow;
      return (counts.done ?? 0) > 0 || null;
    });
    first.host.close();
    await first.host.engine.idle();
    await storage.values.delete("signer/log");
    const before = await contents(storage);

    const { host, client } = await openedHost({ storage });
    expect(host.engine.fault()).toMatchObject({ code: "log_key_lost" });
    expect((await client.workflow.get({ wid })).workflow.counts.done).toBeGreaterThan(0);
    const { rows } = await client.audit.entries({ limit: 1000 });
    expect(rows).toHaveLength(before.entries.length);
    const entry = await client.audit.entry({ seq: 3 });
    expect(entry.receipt.verified).toBe(true);
    let report = null;
    for await (const event of await client.audit.verify()) if (event.type === "report") report = event.report;
    expect(report?.firstBad).toBeNull();
    let text = "";
    for await (const chunk of await client.audit.export()) text += chunk.text;
    expect(logExportSchema.parse(JSON.parse(text)).entries).toEqual(before.entries);
    expect((await verifiedExport(client, { text })).report.firstBad).toBeNull();

    expect(host.conductor.covered({ kind: "domain", id: DOMAIN }, true)).toEqual([]);
    const again = alice.rebound(client);
    const refused = await safe(again.start(smallRun("Another run")));
    expect(refusalOf(refused.error)).toMatchObject({
      code: "storage_failed",
      retry: false,
      detail: expect.stringContaining("the log's signing key is gone"),
    });
    expect((await client.host.status()).storage).toMatchObject({
      state: "failed",
      detail: expect.stringContaining("export and verify them, then start a new profile"),
    });
    expect(await contents(storage)).toEqual(before);
    expect((await storage.values.get("signer/log")).ok && (await storage.values.keys("signer/"))).toMatchObject({
      value: ["signer/pep", "signer/verifier"],
    });
    host.close();
  });

  it("[C2] is still told from one whose heads another key signed", async () => {
    const storage = createMemoryStorage();
    const first = await openedHost({ storage });
    first.host.close();
    await storage.values.put("signer/log", await generateSigner());
    const { host } = await openedHost({ storage });
    expect(host.engine.fault()).toMatchObject({ code: "log_head_invalid" });
    host.close();
  });
});

describe("signed heads", () => {
  it("[XA-11] cover every entry within 60 s, also when no other entry follows", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 }), async (gaps) => {
        const clock = movableClock(1_772_064_000_000);
        const storage = createMemoryStorage();
        const { host } = await openedHost({ storage, clock });
        // What a timer began is under way after a turn, and over when the engine is idle.
        const settle = (): Promise<void> =>
          new Promise((resolve) => setTimeout(resolve)).then(() => host.engine.idle());
        for (const gap of [...gaps, 61]) {
          await clock.advance(gap * 1000, settle);
          const { jwk } = await generateSigner();
          const kid = crypto.randomUUID();
          const enrolled = { subject: `urn:${kid}`, name: "One", jwk: { ...jwk, kid }, kid, lifetimeS: 60 };
          if (gap !== 61) must((await host.engine.submit({ kind: "enrol", ...enrolled })).ok || null, "it is enrolled");
        }
        const { entries, heads } = await contents(storage);
        for (const entry of entries) {
          const first = heads.find((claims) => claims.tree_size > entry.seq);
          expect((first?.iat ?? Number.POSITIVE_INFINITY) - entry.received_at).toBeLessThanOrEqual(60);
        }
        host.close();
      }),
      { numRuns: 15 },
    );
  });
});

async function contents(storage: Storage) {
  const entries = [];
  for await (const chunk of storage.log.read(DOMAIN, 0, 100_000)) entries.push(...chunk);
  const stored = await storage.log.heads(DOMAIN);
  const heads = (stored.ok ? stored.value : []).map((compact) => {
    const parsed = parseCompact(compact);
    return STH_TYPE.schema.parse(parsed.ok ? parsed.value.payload : null);
  });
  return { entries, heads };
}

/** A clock that moves when told, second by second, and then runs what has become due. */
function movableClock(startMs: number): Clock & { advance(ms: number, settle: () => Promise<void>): Promise<void> } {
  let nowMs = startMs;
  let due: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + delayMs, run };
      due.push(timer);
      return () => {
        due = due.filter((other) => other !== timer);
      };
    },
    advance: async (ms, settle) => {
      const untilMs = nowMs + ms;
      for (;;) {
        const next = Math.min(untilMs, ...due.map((timer) => timer.atMs));
        nowMs = Math.max(nowMs, next);
        const now = due.filter((timer) => timer.atMs <= nowMs);
        due = due.filter((timer) => timer.atMs > nowMs);
        for (const timer of now) timer.run();
        await settle();
        if (nowMs >= untilMs && !due.some((timer) => timer.atMs <= nowMs)) return;
      }
    },
  };
}
