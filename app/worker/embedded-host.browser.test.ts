import { ORPCError, safe } from "@orpc/client";
import { createRouterClient } from "@orpc/server";
import { deleteDB, openDB } from "idb";
import { afterEach, describe, expect, test, vi } from "vitest";
import { enrolledOperator, smallRun, until } from "../api/dispatch/operator.fixture.ts";
import { router } from "../api/dispatch/router.ts";
import { must } from "../base/assert.ts";
import { DEFAULT_TRUST_DOMAIN } from "../protocol/identity/trust-domain-name.ts";
import { openEmbeddedHost } from "./embedded-host.ts";

const newProfile = (): string => `embedded-test-${crypto.randomUUID()}`;
const everything = { kind: "domain", id: DEFAULT_TRUST_DOMAIN };
/** What a refused request is told. */
const refusalOf = ({ error }: { readonly error: unknown }): unknown =>
  error instanceof ORPCError ? error.data : error;

async function opened(profile: string) {
  const result = await openEmbeddedHost(1, profile);
  const host = must(result.ok ? result.value : null, JSON.stringify(result));
  return { host, client: createRouterClient(router, { context: { host } }) };
}

/** Everything the panes ask for. */
async function readAll({ client }: Awaited<ReturnType<typeof opened>>) {
  return {
    status: await client.host.status(),
    entries: await client.audit.entries({ limit: 1000 }),
    stops: await client.override.list(),
    gates: await client.gate.queue({}),
    workflows: await client.workflow.list(),
  };
}

async function verified({ client }: Awaited<ReturnType<typeof opened>>) {
  for await (const event of await client.audit.verify()) if (event.type === "report") return event.report.firstBad;
  return "no report";
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("a browser that keeps no data", () => {
  const refuse = (): void => {
    vi.spyOn(IDBFactory.prototype, "open").mockImplementation(() => {
      throw new DOMException("the user denied permission", "SecurityError");
    });
  };
  const denials: readonly (readonly [string, () => void])[] = [
    ["refuses to open a database", refuse],
    ["has no databases at all", () => void vi.stubGlobal("indexedDB", undefined)],
  ];

  test.each(denials)("opens to be read and calls nothing recorded: it %s", async (_what, deny) => {
    deny();
    const embedded = await opened(newProfile());
    const { client, host } = embedded;
    const seen = await readAll(embedded);
    expect(seen.status.storage.state).toBe("denied");
    expect(seen.status.storage.detail).toMatch(/keeps no data .* reload$/);
    expect([seen.status.position.size, seen.entries.total, seen.status.sth]).toEqual([0, 0, null]);
    expect([await verified(embedded), host.engine.fault()]).toEqual([null, null]);

    const enrolled = await safe(enrolledOperator(client));
    expect(refusalOf(enrolled)).toMatchObject({
      status: 503,
      code: "storage_denied",
      retry: false,
      detail: seen.status.storage.detail,
    });
    const run = await client.workflow.addRun(smallRun());
    expect((await client.workflow.graph({ digest: run.digest })).names).toHaveLength(4);
    expect((await client.host.status()).position.size).toBe(0);
    host.close();
  });
});

describe("a browser whose storage is full", () => {
  test("[INV-3] [OVR-11] stays readable, says so, calls nothing recorded, and records a stop once there is room", async () => {
    const profile = newProfile();
    const room = takeRoom();
    const embedded = await opened(profile);
    const { client, host } = embedded;
    const alice = await enrolledOperator(client);
    const before = await readAll(embedded);
    room.left = false;

    const refused = await safe(enrolledOperator(client, "Bob"));
    expect(refusalOf(refused)).toMatchObject({ status: 503, code: "storage_full", retry: true });
    const stop = await client.override.signal({ token: await alice.signal("stop", everything) });
    expect([stop.recorded, stop.latchedAtMs]).toEqual([false, expect.any(Number)]);
    const full = await readAll(embedded);
    expect(full.status.storage.state).toBe("full");
    expect(full.status.position.size).toBe(before.status.position.size);
    expect(full.entries.rows).toEqual(before.entries.rows);
    expect(full.stops.signals).toMatchObject([{ jti: stop.jti, seq: null, latched: true }]);

    room.left = true;
    const signal = await until(client, async () => {
      const found = (await client.override.list()).signals.find(({ jti }) => jti === stop.jti);
      return found !== undefined && found.seq !== null ? found : null;
    });
    expect(signal.latched).toBe(true);
    expect((await client.host.status()).storage.state).toBe("ok");
    expect(await verified(embedded)).toBeNull();
    host.close();
    await deleteDB(profile);
  });
});

describe("a browser whose storage another tab holds", () => {
  test("says so with what to do, where a newer version of the console wrote it", async () => {
    const profile = newProfile();
    (await openDB(profile, 2)).close();
    const result = await openEmbeddedHost(1, profile);
    expect(result).toMatchObject({ ok: false, error: { code: "storage_blocked", retry: false } });
    expect(!result.ok && result.error.detail).toMatch(/newer version; reload/);
    await deleteDB(profile);
  });

  test("[INV-3] refuses every write with what to do, once a newer version took the storage over", async () => {
    const profile = newProfile();
    const embedded = await opened(profile);
    const alice = await enrolledOperator(embedded.client);
    const before = await readAll(embedded);
    const newer = await openDB(profile, 2);
    expect(await readAll(embedded)).toMatchObject({ entries: { rows: before.entries.rows } });
    const refused = await safe(enrolledOperator(embedded.client, "Bob"));
    expect(refusalOf(refused)).toMatchObject({
      code: "storage_blocked",
      retry: false,
      detail: expect.stringContaining("reload this one"),
    });
    const stop = await embedded.client.override.signal({ token: await alice.signal("stop", everything) });
    expect([stop.recorded, stop.latchedAtMs]).toEqual([false, expect.any(Number)]);
    expect(await newer.count("frames")).toBeGreaterThan(0);
    embedded.host.close();
    newer.close();
    await deleteDB(profile);
  });
});

/** Says when there is room for entries. A real quota is in the storage's own tests; when one is used up is up to the browser. */
function takeRoom(): { left: boolean } {
  const room = { left: true };
  const { put } = IDBObjectStore.prototype;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...args) {
    if (!room.left && this.name === "frames") throw new DOMException("no room", "QuotaExceededError");
    return put.apply(this, args);
  });
  return room;
}
