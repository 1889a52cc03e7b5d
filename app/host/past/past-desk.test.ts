import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enrolledOperator, smallRun, until } from "../../api/dispatch/operator.fixture.ts";
import { orderOfTwo, startActing, writingRun } from "../../api/dispatch/rollback.fixture.ts";
import { must } from "../../base/assert.ts";
import { concatBytes, toBase64url } from "../../base/bytes.ts";
import { ok } from "../../base/result.ts";
import { systemClock, systemIds } from "../../base/system.ts";
import { evolve } from "../../engine/evolve.ts";
import { readPastEntry } from "../../engine/past/read-entry.ts";
import type { EventLog } from "../../engine/ports.ts";
import { takeSnapshot } from "../../engine/snapshot.ts";
import { encodeState } from "../../engine/snapshot-codec.ts";
import { initialState, type State } from "../../engine/state.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { entryLeaf } from "../../protocol/audit/entry.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { appendLeaves, frontierRoot } from "../../protocol/merkle/tree.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { openedHost } from "../host.fixture.ts";
import { loadKey } from "../host-keys.ts";
import { createPastDesk, type PastPorts } from "./past-desk.ts";
import { pastHost } from "./past-host.ts";

type Open = Awaited<ReturnType<typeof openedHost>>;
const storage = createMemoryStorage();
let open: Open;

/** A log with an approval, a stop, its release, and a rollback signed by two. */
beforeAll(async () => {
  open = await openedHost({ storage });
  const { client } = open;
  const alice = await enrolledOperator(client);
  const bob = await enrolledOperator(client, "Bob");
  const { wid } = await alice.start(smallRun("Past run"));
  const row = await until(client, async () => (await client.gate.queue({ state: "pending", wid })).rows[0] ?? null);
  await alice.decide(row.request, "approve");
  const scope = { kind: "domain", id: "console.local" };
  const { jti } = await client.override.signal({ token: await alice.signal("stop", scope) });
  await client.override.signal({ token: await alice.signal("release", scope, { params: { of: jti } }) });
  const acting = await startActing(alice, writingRun(2, false));
  await until(client, async () => ((await client.workflow.get(acting)).workflow.status === "finished" ? true : null));
  const aim = { target: { kind: "workflow", id: acting.wid }, keepTarget: false, bestEffort: false } as const;
  const { token } = await orderOfTwo(client, alice, bob, { wid: acting.wid, ...aim });
  const { rbId } = await client.rollback.request({ token });
  await until(client, async () =>
    (await client.rollback.show({ rbId })).rollback.phase === "confirmed" ? true : null,
  );
  await open.host.engine.idle();
}, 20_000);
afterAll(() => open.host.close());

function deskOf({ host }: Open, log: EventLog = storage.log, spacing = 16, snapshots?: PastPorts["snapshots"]) {
  const head = () => host.engine.read((_state, at) => at);
  const { ids } = host.engine;
  return createPastDesk(
    {
      ...{ log, domain: ids.domain, clock: systemClock, sha256: host.ports.sha256, head },
      ...(snapshots === undefined ? {} : { snapshots }),
    },
    spacing,
  );
}

/** The log with a snapshot after its first entries, signed by the log itself, and which of its entries are read. */
async function withSnapshot({ host }: Open, size: number) {
  const { sha256 } = host.ports;
  const { ids } = host.engine;
  let state = initialState();
  let lastAt = 0;
  const leaves: Uint8Array[] = [];
  for await (const chunk of storage.log.read(ids.domain, 0, size))
    for (const entry of chunk) {
      const read = readPastEntry(entry, leaves.length, sha256);
      const { logged, leaf } = must(read.ok ? read.value : null, JSON.stringify(read));
      state = evolve(state, logged);
      lastAt = logged.receivedAt;
      leaves.push(leaf);
    }
  const frontier = appendLeaves([], 0, leaves, sha256);
  const head = {
    size,
    root: toBase64url(frontierRoot(frontier, size, sha256)),
    frontier: frontier.map((node) => toBase64url(node)),
  };
  const key = await loadKey(storage.values, "signer/log");
  const { signer, jwk } = must(key.ok ? key.value : null, "the log has a key");
  const snapshot = await takeSnapshot({ ids, uuid: systemIds, logSigner: signer }, { state, head, lastAt });
  const read = new Set<number>();
  const log: EventLog = {
    ...storage.log,
    snapshot: async () => ok(snapshot),
    read: async function* (...range) {
      for await (const chunk of storage.log.read(...range)) {
        for (const { seq } of chunk) read.add(seq);
        yield chunk;
      }
    },
  };
  return { snapshot, log, read, snapshots: { ids, logKey: async () => jwk } };
}

const bytesOf = (state: State, { host }: Open): string =>
  toBase64url(host.ports.sha256(concatBytes(...encodeState({ ...state, seen: new Map() }))));

async function everyFold(of: Open): Promise<string[]> {
  const { sha256 } = of.host.ports;
  const found: string[] = [];
  let state = initialState();
  for await (const chunk of storage.log.read(of.host.engine.ids.domain, 0, Number.MAX_SAFE_INTEGER))
    for (const entry of chunk) {
      const read = readPastEntry(entry, found.length, sha256);
      state = evolve(state, must(read.ok ? read.value : null, JSON.stringify(read)).logged);
      found.push(bytesOf(state, of));
    }
  return found;
}

describe("the past of a host's log", () => {
  it("[XA-40] is the fold of its first entries, also after the host was opened again", async () => {
    const expected = await everyFold(open);
    const sizes = expected.map((_, at) => at + 1).toSorted((a, b) => ((a * 37) % 61) - ((b * 37) % 61));
    for (const each of [
      open,
      await openedHost({ storage: { ...storage, log: { ...storage.log, close: () => undefined } } }),
    ]) {
      const desk = deskOf(each);
      for (const at of sizes) {
        const past = await desk.open(at);
        expect(past.ok && bytesOf(past.value.state, each)).toBe(expected[at - 1]);
      }
      desk.close();
    }
  });

  it("[XA-40] names a place that is none, and a log that does not give the root it should", async () => {
    const { size } = await open.host.engine.read((_state, head) => head);
    const desk = deskOf(open);
    const codes = await Promise.all([0, -3, 1.5, size + 1].map((at) => desk.open(at)));
    expect(codes.map((past) => !past.ok && past.error.code)).toEqual([
      ...Array(3).fill("at_before_log"),
      "at_beyond_log",
    ]);
    const changed = (change: (entry: LedgerEntry) => LedgerEntry | null): EventLog => ({
      ...storage.log,
      read: async function* (...range) {
        for await (const chunk of storage.log.read(...range)) yield chunk.flatMap((entry) => change(entry) ?? []);
      },
    });
    const earlier = (entry: LedgerEntry): LedgerEntry => ({ ...entry, received_at: entry.received_at - 1 });
    const { sha256 } = open.host.ports;
    const contradicted = await deskOf(
      open,
      changed((entry) =>
        entry.seq === 5 ? { ...earlier(entry), leaf: toBase64url(entryLeaf(earlier(entry), sha256)) } : entry,
      ),
    ).open(size);
    expect(contradicted).toMatchObject({ ok: false, error: { code: "past_contradicts_head" } });
    // What is not what its leaf says is found at any place, not at the newest one alone.
    const edited = deskOf(
      open,
      changed((entry) => (entry.seq === 5 ? earlier(entry) : entry)),
    );
    expect((await edited.open(5)).ok).toBe(true);
    expect(await edited.open(9)).toMatchObject({ ok: false, error: { code: "past_unreadable" } });
    const gap = deskOf(
      open,
      changed((entry) => (entry.seq === 5 ? null : entry)),
    );
    expect((await gap.open(5)).ok).toBe(true);
    expect(await gap.open(9)).toMatchObject({ ok: false, error: { code: "past_unreadable" } });
  });

  it("[XA-40] [XA-46] begins at what the log has signed where that is nearer, with the same states", async () => {
    const expected = await everyFold(open);
    const size = Math.floor(expected.length * 0.7);
    const { log, read, snapshots, snapshot } = await withSnapshot(open, size);
    const desk = deskOf(open, log, 2, snapshots);
    const same = async (of: typeof desk, at: number) => {
      const past = await of.open(at);
      expect([at, past.ok && bytesOf(past.value.state, open)]).toEqual([at, expected[at - 1]]);
    };
    await same(desk, expected.length);
    // Nothing before it was folded for that.
    expect(Math.min(...read)).toBe(size);
    for (let at = expected.length; at >= 1; at -= 3) await same(desk, at);
    for (let at = 1; at <= expected.length; at += 5) await same(desk, at);
    const prepared = deskOf(open, log, 2, snapshots);
    prepared.prepare();
    await expect.poll(() => prepared.reach(), { timeout: 15_000 }).toBe(size - (size % 2));
    for (const at of [1, size - 1, size, size + 1, expected.length]) await same(prepared, at);
    // What the log has not signed so, or nobody can tell, begins nothing.
    const bytes = Uint8Array.from(snapshot.bytes);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    for (const [changed, logKey] of [
      [{ ...snapshot, bytes }, snapshots.logKey],
      [snapshot, async () => null],
    ] as const) {
      read.clear();
      const doubted = deskOf(open, { ...log, snapshot: async () => ok(changed) }, 2, { ...snapshots, logKey });
      await same(doubted, expected.length);
      expect(Math.min(...read)).toBe(0);
    }
  });

  it("[XA-79] [XA-46] begins at the nearest earlier snapshot before a place in the middle, or at the one before where that is doubted", async () => {
    const expected = await everyFold(open);
    const [low, high] = [0.3, 0.6].map((part) => Math.floor(expected.length * part)) as [number, number];
    const [lower, upper] = [await withSnapshot(open, low), await withSnapshot(open, high)];
    const { log, read } = upper;
    const kept = new Map([lower, upper].map(({ snapshot }) => [snapshot.size, snapshot]));
    const shelf = { sizes: async () => [...kept.keys()], read: async (size: number) => kept.get(size) ?? null };
    const none = { ...log, snapshot: async () => ok(null) };
    const first = async (at: number, earliest: number): Promise<void> => {
      read.clear();
      const desk = deskOf(open, none, 2, { ...upper.snapshots, shelf });
      const past = await desk.open(at);
      expect([at, past.ok && bytesOf(past.value.state, open)]).toEqual([at, expected[at - 1]]);
      expect(Math.min(...read)).toBe(earliest);
      // And from there to every other place.
      for (const other of [at, low, high, expected.length, 1]) {
        const opened = await desk.open(other);
        expect(opened.ok && bytesOf(opened.value.state, open)).toBe(expected[other - 1]);
      }
      desk.close();
    };
    await first(high + 3, high);
    await first(high - 1, low);
    await first(low - 1, 0);
    const bytes = Uint8Array.from(upper.snapshot.bytes);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    kept.set(high, { ...upper.snapshot, bytes });
    await first(high + 3, low);
    kept.delete(low);
    await first(high + 3, 0);
  });

  it("[XA-79] has a host's own earlier snapshots to begin at, kept as its log takes them", async () => {
    const own = createMemoryStorage();
    const { host } = await openedHost({ storage: own });
    const { jwk } = await generateSigner();
    // Identities are the entries that are made soonest: the host signs them itself.
    const enrolled = await Promise.all(
      Array.from({ length: 2500 }, (_, at) => {
        const subject = `spiffe://console.local/human/h${at}`;
        return host.engine.submit({ kind: "enrol", subject, name: "H", jwk, kid: `k${at}`, lifetimeS: 60 });
      }),
    );
    expect(enrolled.every((done) => done.ok)).toBe(true);
    const newest = await own.log.snapshot("console.local");
    const { size } = must(newest.ok ? newest.value : null, "a log of this size has one");
    const kept = async () => {
      const keys = await own.values.keys("past-snapshot/");
      return keys.ok ? keys.value.map((key) => Number(key.split("/")[2])) : [];
    };
    await expect.poll(kept).toEqual([size]);
    host.close();

    const log: EventLog = { ...own.log, snapshot: async () => ok(null) };
    const again = await openedHost({ storage: { ...own, log } });
    const desk = await again.host.past.open();
    const head = await again.host.engine.read((_state, at) => at);
    const past = await desk.open(head.size);
    expect(past.ok && past.value.root).toBe(head.root);
    // Nothing was folded from the first entry on.
    expect(desk.reach()).toBe(0);
    again.host.close();
  });

  it("[XA-40] opens what the ladder reaches while somebody waits for what it does not", async () => {
    const { size } = await open.host.engine.read((_state, head) => head);
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const desk = deskOf(open, {
      ...storage.log,
      read: async function* (domain, from, to) {
        for await (const chunk of storage.log.read(domain, from, to)) {
          if (to > 40) await held;
          yield chunk;
        }
      },
    });
    expect((await desk.open(32)).ok).toBe(true);
    const far = desk.open(size);
    for (const at of [20, 7, 33]) expect((await desk.open(at)).ok).toBe(true);
    go();
    expect((await far).ok).toBe(true);
  });

  it("[XA-40] reads again what broke off while it was read", async () => {
    let broken = true;
    const desk = deskOf(open, {
      ...storage.log,
      read: (...range) => {
        if (broken) throw new Error("cut off by the test");
        return storage.log.read(...range);
      },
    });
    expect(await desk.open(20)).toMatchObject({ ok: false, error: { code: "past_unreadable" } });
    broken = false;
    expect((await desk.open(20)).ok).toBe(true);
  });

  it("[XA-42] knows of no timer of now", async () => {
    const past = await deskOf(open).open(20);
    const running = { remainingMs: () => 5 };
    const { host } = open;
    const now = {
      ...host,
      timers: { ...host.timers, ...running },
      overrideTimers: { ...host.overrideTimers, ...running },
      orderlyStops: { ...host.orderlyStops, ...running },
      breakerTimers: { ...host.breakerTimers, ...running },
    };
    const then = pastHost(now, must(past.ok ? past.value : null, "an entry that is there"));
    const { timers, overrideTimers, orderlyStops, breakerTimers } = then;
    for (const timer of [timers, overrideTimers, orderlyStops, breakerTimers])
      expect(timer.remainingMs("0195400c-0000-7000-8000-000000000301")).toBeNull();
  });

  it("[XA-40] shares one state among those who ask for the same entry, and makes the ladder ahead when told", async () => {
    const desk = deskOf(open);
    const [a, b] = await Promise.all([desk.open(30), desk.open(30)]);
    expect(a.ok && b.ok && a.value === b.value).toBe(true);
    expect(desk.reach()).toBe(16);
    desk.prepare();
    const { size } = await open.host.engine.read((_state, head) => head);
    await expect.poll(() => desk.reach(), { timeout: 15_000 }).toBe(size - (size % 16));
  });

  it("[XA-41] finds the last entry that had come by a time", async () => {
    const desk = deskOf(open);
    const times: number[] = [];
    for await (const chunk of storage.log.read(open.host.engine.ids.domain, 0, Number.MAX_SAFE_INTEGER))
      times.push(...chunk.map((entry) => entry.received_at));
    for (const time of new Set([0, ...times.flatMap((at) => [at - 1, at, at + 1])]))
      expect(await desk.sizeAt(time)).toBe(times.filter((at) => at <= time).length);
  });
});
