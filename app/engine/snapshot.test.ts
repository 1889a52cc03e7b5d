import { describe, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import { concatBytes, utf8 } from "../base/bytes.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";
import { generateSigner } from "../protocol/jose/keys.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import { ids } from "./engine.fixture.ts";
import { openEngine } from "./engine.ts";
import { loadLog } from "./load.ts";
import { type LongLog, longLog } from "./long-log.fixture.ts";
import type { EventLog, Snapshot } from "./ports.ts";
import { isSnapshotDue } from "./seal.ts";
import { openSnapshot, takeSnapshot } from "./snapshot.ts";
import { encodeState } from "./snapshot-codec.ts";
import type { State } from "./state.ts";

async function stored({ storage }: LongLog): Promise<Snapshot> {
  const snapshot = await storage.log.snapshot(ids.domain);
  return must(snapshot.ok ? snapshot.value : null, "a snapshot was taken");
}

/** The log with another snapshot in it, and the entries that are read from it from now on. */
function opened(log: LongLog, snapshot: Snapshot | null) {
  const read: LedgerEntry[] = [];
  const counting: EventLog = {
    ...log.storage.log,
    snapshot: async () => ({ ok: true, value: snapshot }),
    dropSnapshots: async () => {
      snapshot = null;
      return { ok: true, value: undefined };
    },
    read: async function* (...range) {
      for await (const chunk of log.storage.log.read(...range)) {
        read.push(...chunk);
        yield chunk;
      }
    },
  };
  return { ports: { ...log.ports, log: counting }, read, kept: () => snapshot };
}

async function loaded(ports: LongLog["ports"]) {
  const result = await loadLog(ports);
  return must(result.ok ? result.value : null, "the log loads");
}

const sameBytes = (a: unknown, b: unknown): boolean =>
  Buffer.compare(concatBytes(...encodeState(a)), concatBytes(...encodeState(b))) === 0;

describe("snapshots", () => {
  it("[INV-1] open a log of 100,000 entries from there and the tail, to the state of the whole fold", {
    timeout: 60_000,
  }, async () => {
    const log = await longLog(100_000, 90_000);
    const snapshot = await stored(log);
    expect(snapshot.size).toBeLessThan(95_000);
    const fast = opened(log, snapshot);
    const engine = await openEngine(fast.ports);
    const state = must(engine.ok ? await engine.value.read((now) => now) : null, "the engine opens");
    expect(engine.ok && engine.value.fault()).toBeNull();
    expect([fast.read[0]?.seq, fast.read.length]).toEqual([snapshot.size, 100_000 - snapshot.size]);
    expect(fast.kept()).toBe(snapshot);
    // The fold of every entry from the first; compared as bytes, since member by member it would take longer than the rest.
    expect(sameBytes(state, log.state)).toBe(true);
  });

  it("[C2] hold nothing but what the log has signed: anything else is thrown away and folded anew", async () => {
    const log = await longLog(2500);
    const snapshot = await stored(log);
    const content = must(await openSnapshot(log.ports, snapshot), "the log's own snapshot opens");
    const other = await longLog(2500);
    // What whoever reaches the browser's storage would want: one latch less, one gate approved.
    const wish: State = { ...content.state, workflows: new Map() };
    const { signer: stranger } = await generateSigner();
    const forged = await takeSnapshot({ ...log.ports, logSigner: stranger }, { ...content, state: wish });
    const text = new TextDecoder().decode(snapshot.bytes);
    const edited = utf8(text.replace('"status":"done"', '"status":"asked"'));
    const claims = JSON.parse(atob(snapshot.token.split(".")[1] ?? "")) as object;
    const head = { ...claims, iss: ids.logId, tree_size: snapshot.size, prev_root: snapshot.root, prev_size: 0 };
    const bad: [string, Snapshot][] = [
      ["edited bytes", { ...snapshot, bytes: edited }],
      ["no bytes", { ...snapshot, bytes: new Uint8Array() }],
      ["another signer", { ...forged, token: forged.token }],
      ["its bytes with the true token", { ...snapshot, bytes: forged.bytes }],
      ["another log's", await stored(other)],
      ["another size", { ...snapshot, size: snapshot.size - 1 }],
      ["another root", { ...snapshot, root: "A".repeat(43) }],
      ["another version", { ...snapshot, version: snapshot.version + 1 }],
      ["a head's token", { ...snapshot, token: await signToken("audit-sth+jwt", head, log.ports.logSigner) }],
      ["no token", { ...snapshot, token: "" }],
      [
        "an earlier version of the console",
        Object.assign(
          { size: snapshot.size, root: snapshot.root, version: 1 },
          { state: content },
        ) as unknown as Snapshot,
      ],
    ];
    for (const [what, snapshotThere] of bad) {
      const doubtful = opened(log, snapshotThere);
      const folded = await loaded(doubtful.ports);
      expect([what, folded.fault, doubtful.read[0]?.seq, doubtful.kept() === null]).toEqual([what, null, 0, true]);
      expect(folded.state).toEqual(log.state);
      // The next append takes one again.
      expect(folded.position.snapshotSize).toBe(0);
    }
  });

  it("do not cover damage in the tail, nor entries that are another log's", async () => {
    const log = await longLog(2500);
    const snapshot = await stored(log);
    const { log: own } = log.storage;
    const damaged: EventLog = {
      ...own,
      read: async function* (...range) {
        for await (const chunk of own.read(...range))
          yield chunk.map((entry) => (entry.seq === 2400 ? { ...entry, submitter: "urn:other" } : entry));
      },
    };
    const { fault } = await loaded({ ...log.ports, log: damaged });
    expect(fault).toMatchObject({ seq: 2400, code: "log_leaf_mismatch" });
    expect(snapshot.size).toBeLessThan(2400);
  });

  it("become rarer as the log grows, since no append ends while one is taken", () => {
    expect([isSnapshotDue(1999, 0), isSnapshotDue(2000, 0)]).toEqual([false, true]);
    expect([isSnapshotDue(3999, 2000), isSnapshotDue(4000, 2000)]).toEqual([false, true]);
    expect([isSnapshotDue(89_999, 80_000), isSnapshotDue(90_000, 80_000)]).toEqual([false, true]);
  });

  it("let other work of the thread run while one is taken", async () => {
    const log = await longLog(8);
    const seen = new Map(Array.from({ length: 100_000 }, (_, at) => [`agent ${crypto.randomUUID()}`, at]));
    let turns = 0;
    let over = false;
    const other = async (): Promise<void> => {
      for (; !over; turns += 1) await new Promise((resolve) => setTimeout(resolve));
    };
    const running = other();
    const content = must(await openSnapshot(log.ports, await takeSnapshot(log.ports, bigContent(log, seen))), "opens");
    over = true;
    await running;
    expect(turns).toBeGreaterThan(2);
    expect(content.state.seen).toEqual(seen);
  });
});

function bigContent({ state }: LongLog, seen: State["seen"]): Parameters<typeof takeSnapshot>[1] {
  const digest = "A".repeat(43);
  return { state: { ...state, seen }, head: { size: state.size, root: digest, frontier: [digest] }, lastAt: 1 };
}
