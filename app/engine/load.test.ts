import { describe, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import { toBase64url } from "../base/bytes.ts";
import { ok } from "../base/result.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";
import { entryLeaf } from "../protocol/audit/entry.ts";
import { generateSigner } from "../protocol/jose/keys.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import { appendLeaves, frontierRoot } from "../protocol/merkle/tree.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { ids } from "./engine.fixture.ts";
import { type Engine, openEngine } from "./engine.ts";
import { faultOf, loadLog, writeRefusal } from "./load.ts";
import { type LongLog, longLog } from "./long-log.fixture.ts";
import type { EventLog, LogHead } from "./ports.ts";

const GROW = { kind: "enrol", subject: "urn:new", name: "New", lifetimeS: 60 } as const;

/** All that is stored, to be written again as whoever reaches the browser's storage could. */
async function contents({ storage }: LongLog) {
  const entries: LedgerEntry[] = [];
  for await (const chunk of storage.log.read(ids.domain, 0, 10_000)) entries.push(...chunk);
  const heads = await storage.log.heads(ids.domain);
  return { entries, heads: [...must(heads.ok ? heads.value : null, "heads")] };
}

/** A log in which everything that needs no key agrees with everything else: leaves, numbers, root and frontier. */
async function rewritten(
  log: LongLog,
  entries: readonly LedgerEntry[],
  heads: readonly string[],
): Promise<LongLog["ports"]> {
  const { sha256 } = log.ports;
  const sealed = entries.map((entry, seq) => ({
    ...entry,
    seq,
    leaf: toBase64url(entryLeaf({ ...entry, seq }, sha256)),
  }));
  const frontier = appendLeaves(
    [],
    0,
    sealed.map((entry) => entryLeaf(entry, sha256)),
    sha256,
  );
  const head: LogHead = {
    size: sealed.length,
    root: toBase64url(frontierRoot(frontier, sealed.length, sha256)),
    frontier: frontier.map((node) => toBase64url(node)),
  };
  const memory = createMemoryStorage().log;
  const stored = await memory.append(ids.domain, 0, { entries: sealed, head });
  must(stored.ok ? true : null, "memory takes everything");
  const forged: EventLog = { ...memory, heads: async () => ok(heads) };
  return { ...log.ports, log: forged };
}

async function fault(ports: LongLog["ports"]) {
  const result = await loadLog(ports);
  return must(result.ok ? result.value : null, "the log loads").fault;
}

/** Signed by whoever, over whatever. */
function headToken(log: LongLog, size: number, root: string, signer = log.ports.logSigner): Promise<string> {
  const claims = {
    iss: ids.logId,
    iat: 1,
    jti: crypto.randomUUID(),
    tree_size: size,
    root,
    prev_root: root,
    prev_size: 0,
  };
  return signToken("audit-sth+jwt", claims, signer);
}

describe("loading a log", () => {
  it("[C2] [XA-S1] finds entries rewritten with leaves, root and frontier, by the heads that were signed over them", async () => {
    const log = await longLog(60);
    await log.append(log.task());
    const { entries, heads } = await contents(log);
    const other = entries.map((entry) => (entry.seq === 30 ? { ...entry, submitter: "urn:other" } : entry));
    // One head is over the first frame only: the damage behind it shows at none, until one is signed over it.
    const late = await headToken(log, entries.length, await rootOf(log));
    expect(await fault(await rewritten(log, entries, [...heads, late]))).toBeNull();
    expect(await fault(await rewritten(log, other, [...heads, late]))).toMatchObject({
      seq: entries.length - 1,
      code: "log_root_mismatch",
    });
    const early = await headToken(log, 31, await rootOf(log, 31));
    expect(await fault(await rewritten(log, other, [...heads, early, late]))).toMatchObject({
      seq: 30,
      code: "log_root_mismatch",
    });
  });

  it("[C2] [XA-12] takes a head for the log's only by its signature, and never none for enough", async () => {
    const log = await longLog(60);
    const { entries, heads } = await contents(log);
    const { signer } = await generateSigner();
    const root = await rootOf(log);
    const invalid: [string, readonly string[]][] = [
      ["of another key", [...heads, await headToken(log, entries.length, root, signer)]],
      ["of another key, over more than there is", [...heads, await headToken(log, 9999, root, signer)]],
      [
        "of another key, over other entries",
        [await headToken(log, 30, root, signer), ...heads, await headToken(log, entries.length, root)],
      ],
      ["that cannot be read", [...heads, "no.head.this"]],
      ["of another type", [...heads, await signToken("audit-receipt+jwt", {}, log.ports.logSigner)]],
      ["missing, all of them", []],
    ];
    for (const [what, stored] of invalid)
      expect([what, (await fault(await rewritten(log, entries, stored)))?.code]).toEqual([what, "log_head_invalid"]);
    const truncated = await rewritten(log, entries, [...heads, await headToken(log, 9999, root)]);
    expect(await fault(truncated)).toMatchObject({ seq: 60, code: "log_truncated" });
  });

  it("signs nothing after entries that are not those it had signed", async () => {
    const log = await longLog(60);
    const { entries, heads } = await contents(log);
    const late = await headToken(log, entries.length, await rootOf(log));
    const cut = [...entries.slice(0, 20), ...entries.slice(24), ...entries.slice(56)];
    const opened = await openEngine(await rewritten(log, cut, [...heads, late]));
    const engine = must(opened.ok ? opened.value : null, "it opens, to be read");
    expect(engine.fault()).toMatchObject({ code: "log_root_mismatch" });
    await expectRefused(engine, "log_root_mismatch");
    expect(await engine.read((_state, head) => head.size)).toBe(60);
  });
});

describe("an engine that takes a fault", () => {
  it("[C2] writes nothing more, says why, and keeps it, whatever comes after", async () => {
    const opened = await openEngine((await longLog(30)).ports);
    const engine = must(opened.ok ? opened.value : null, "it opens");
    expect(engine.fault()).toBeNull();
    const { jwk } = await generateSigner();
    expect((await engine.submit({ ...GROW, jwk, kid: "a" })).ok).toBe(true);
    const found = faultOf({ seq: 7, code: "token_replayed", detail: "this token id was used before" });
    expect(found).toEqual({
      seq: 7,
      code: "log_token_refused",
      detail: "token_replayed: this token id was used before",
    });
    engine.breakOff(found);
    engine.breakOff({ seq: 9, code: "log_gap", detail: "later" });
    expect(engine.fault()).toEqual(found);
    await expectRefused(engine, "token_replayed");
    const { size } = await engine.read((_state, head) => head);
    await engine.issueHead();
    expect(await engine.read((_state, head) => head.size)).toBe(size);
    expect(engine.trouble()).toEqual(writeRefusal(found));
  });

  it("opened to be read only, it still takes news of damage", async () => {
    const { ports } = await longLog(30);
    const opened = await openEngine(ports, { seq: 30, code: "log_key_lost", detail: "gone" });
    const engine = must(opened.ok ? opened.value : null, "it opens");
    await expectRefused(engine, "gone");
    engine.breakOff({ seq: 3, code: "log_gap", detail: "entry 3 is missing" });
    expect(engine.fault()).toMatchObject({ seq: 3, code: "log_gap" });
  });
});

async function expectRefused(engine: Engine, why: string): Promise<void> {
  const { jwk } = await generateSigner();
  const answer = await engine.submit({ ...GROW, jwk, kid: crypto.randomUUID() });
  expect(answer).toMatchObject({ ok: false, error: { code: "storage_failed", retry: false } });
  expect(!answer.ok && answer.error.detail).toContain(why);
}

/** The root over the first entries of the log as it is, of all by default. */
async function rootOf(log: LongLog, size?: number): Promise<string> {
  const { entries } = await contents(log);
  const { sha256 } = log.ports;
  const leaves = entries.slice(0, size ?? entries.length).map((entry) => entryLeaf(entry, sha256));
  return toBase64url(frontierRoot(appendLeaves([], 0, leaves, sha256), leaves.length, sha256));
}
