import { ORPCError, safe } from "@orpc/client";
import { describe, expect, it } from "vitest";
import { enrolledOperator } from "../api/dispatch/operator.fixture.ts";
import { verifiedExport } from "../api/dispatch/verified-file.fixture.ts";
import { must } from "../base/assert.ts";
import { fromBase64url, toBase64url } from "../base/bytes.ts";
import { err } from "../base/result.ts";
import type { Storage } from "../engine/ports.ts";
import { STH_TYPE } from "../protocol/audit/tree-head.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import { appendLeaves, frontierRoot, rootOf } from "../protocol/merkle/tree.ts";
import { verifyConsistency } from "../protocol/merkle/verify.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { openedHost } from "./host.fixture.ts";

const DOMAIN = "console.local";
type Opened = Awaited<ReturnType<typeof openedHost>>;
const codeOf = (error: unknown): unknown => (error instanceof ORPCError ? error.data?.code : error);

async function verified({ client }: Opened) {
  for await (const event of await client.audit.verify()) if (event.type === "report") return event.report;
  throw new Error("no report");
}

/** The storage as somebody leaves it who cuts the tail with every head over it, and makes what is left agree with itself. */
async function cutTo(storage: Storage, size: number): Promise<Storage> {
  const cut = createMemoryStorage();
  const sha256 = await createSha256();
  const entries = [];
  for await (const chunk of storage.log.read(DOMAIN, 0, size)) entries.push(...chunk);
  const leaves = entries.map((entry) => must(fromBase64url(entry.leaf), "a leaf"));
  const frontier = appendLeaves([], 0, leaves, sha256);
  const root = toBase64url(frontierRoot(frontier, size, sha256));
  const heads = await storage.log.heads(DOMAIN);
  for (const sth of heads.ok ? heads.value : []) {
    const parsed = parseCompact(sth);
    const claims = parsed.ok ? STH_TYPE.schema.safeParse(parsed.value.payload) : null;
    if (claims?.success === true && claims.data.tree_size === size)
      await cut.log.append(DOMAIN, 0, {
        entries,
        head: { size, root, frontier: frontier.map((node) => toBase64url(node)) },
        sth,
      });
  }
  return { ...storage, log: cut.log, values: storage.values };
}

/** A console whose log has a witnessed head over more entries than a head of its own, with the witness. */
async function anchored(storage: Storage) {
  const log = await openedHost({ storage });
  const witness = await openedHost();
  await enrolledOperator(log.client);
  await log.host.engine.issueHead();
  const signed = must(log.host.engine.newestHead(), "a head").size;
  await enrolledOperator(log.client, "Bob", null);
  const { checkpoint } = await log.client.anchors.checkpoint();
  const { text } = await log.client.anchors.request({ old: 0 });
  const seen = await witness.client.anchors.witness({ request: text, logKey: checkpoint.verifierKey });
  return { log, witness, checkpoint, seen, signed };
}

describe("anchors", () => {
  it("[XA-52] [C2] a tail cut with its heads is found by a kept anchor, and would not be without it", async () => {
    const storage = createMemoryStorage();
    const { log, witness, seen, signed: size } = await anchored(storage);
    const kept = await log.client.anchors.keep({ note: seen.note, witnessKeys: [seen.witnessKey] });
    expect(kept).toMatchObject({ standing: "agrees", witnesses: [{ timeS: expect.any(Number) }] });
    expect((await verified(log)).firstBad).toBeNull();
    log.host.close();

    expect(kept.size).toBeGreaterThan(size);
    const unanchored = await cutTo(storage, size);
    const without = await openedHost({
      storage: {
        ...unanchored,
        values: {
          ...unanchored.values,
          keys: async (prefix) => (prefix === "anchor/" ? { ok: true, value: [] } : unanchored.values.keys(prefix)),
        },
      },
    });
    expect(await verified(without)).toMatchObject({ size, firstBad: null, complete: { result: "passed" } });
    // The same paper brought from elsewhere finds it all the same, and it is kept.
    const late = await without.client.anchors.keep({ note: seen.note, witnessKeys: [seen.witnessKey] });
    expect(late.standing).toBe("shorter");
    without.host.close();

    const reopened = await openedHost({ storage: await cutTo(storage, size) });
    const report = await verified(reopened);
    expect(report).toMatchObject({ firstBad: { seq: size, code: "log_truncated" }, complete: { result: "failed" } });
    expect(report.complete.detail).toContain(must(kept.witnesses[0], "a witness").name);
    expect((await reopened.client.anchors.list()).anchors).toMatchObject([{ standing: "shorter" }]);
    expect(codeOf((await safe(enrolledOperator(reopened.client, "Mallory"))).error)).toBe("storage_failed");
    await reopened.client.anchors.forget(kept);
    expect((await reopened.client.anchors.list()).anchors).toEqual([]);
    reopened.host.close();
    witness.host.close();
  });

  it("[XA-52] [XA-12] a log that was rewritten by its own key is found, and located before the anchor", async () => {
    const storage = createMemoryStorage();
    const { log, witness, seen, signed } = await anchored(storage);
    const kept = await log.client.anchors.keep({ note: seen.note, witnessKeys: [seen.witnessKey] });
    log.host.close();
    const cut = await cutTo(storage, signed);
    const again = await openedHost({ storage: cut });
    await enrolledOperator(again.client, "Mallory");
    await enrolledOperator(again.client, "Marvin", null);
    again.host.close();
    const reopened = await openedHost({ storage: cut });
    expect(await verified(reopened)).toMatchObject({
      firstBad: { seq: kept.size - 1, code: "log_inconsistent" },
      consistent: { result: "failed", detail: expect.stringContaining("witnessed") },
    });
    expect((await reopened.client.anchors.list()).anchors).toMatchObject([{ standing: "different" }]);
    reopened.host.close();
    witness.host.close();
  });

  it("[XA-52] a checkpoint that another log has signed, or a witness's forged signature, is no anchor", async () => {
    const { log, witness, seen, checkpoint } = await anchored(createMemoryStorage());
    await enrolledOperator(witness.client);
    const foreign = (await witness.client.anchors.checkpoint()).checkpoint.note;
    expect(codeOf((await safe(log.client.anchors.keep({ note: foreign, witnessKeys: [] }))).error)).toBe(
      "note_signature_missing",
    );
    const forged = seen.note.replace(/.{9}=\n$/, "AAAAAAAA0=\n");
    const refused = await safe(log.client.anchors.keep({ note: forged, witnessKeys: [seen.witnessKey] }));
    expect(codeOf(refused.error)).toMatch(/^note_/);
    // A copy of the log's own is one, by nobody else, whatever key is given for it.
    const own = { note: checkpoint.note, witnessKeys: [checkpoint.verifierKey] };
    expect(await log.client.anchors.keep(own)).toMatchObject({ witnesses: [] });
    // The witness's signature is added to it when it comes.
    await log.client.anchors.keep({ note: seen.note, witnessKeys: [seen.witnessKey] });
    await log.client.anchors.keep({ note: checkpoint.note, witnessKeys: [] });
    expect((await log.client.anchors.list()).anchors).toMatchObject([
      { witnesses: [{ name: expect.stringContaining("witness"), verifierKey: seen.witnessKey }] },
    ]);
    // Its key is known from then on.
    await enrolledOperator(log.client, "Carol", null);
    const { text } = await log.client.anchors.request({ old: checkpoint.size });
    const again = await witness.client.anchors.witness({ request: text });
    expect(await log.client.anchors.keep({ note: again.note, witnessKeys: [] })).toMatchObject({
      witnesses: [{ verifierKey: seen.witnessKey }],
    });
    log.host.close();
    witness.host.close();
  });
});

describe("what a witness answers", () => {
  it("[XA-52] is taken as its signature alone, for the checkpoint that was handed out, although the log has grown", async () => {
    const { log, witness, seen, checkpoint } = await anchored(createMemoryStorage());
    await enrolledOperator(log.client, "Carol", null);
    await log.client.anchors.request({ old: 0 });
    const line = `${seen.note.trimEnd().split("\n").at(-1)}\n`;
    const kept = await log.client.anchors.keep({ note: line, witnessKeys: [seen.witnessKey] });
    expect(kept).toMatchObject({ size: checkpoint.size, standing: "agrees", note: seen.note });
    const unknown = await safe(log.client.anchors.keep({ note: line.replace(/ (.)/, " x$1"), witnessKeys: [] }));
    expect(codeOf(unknown.error)).toBe("anchor_signature_unknown");
    for (const { host } of [log, witness]) host.close();
  });
});

describe("an exported log", () => {
  it("[XA-52] [XA-12] is held against a checkpoint that was kept elsewhere", async () => {
    const { log, witness, seen } = await anchored(createMemoryStorage());
    let text = "";
    for await (const chunk of await witness.client.audit.export()) text += chunk.text;
    const against = (checkpoint: string) => verifiedExport(witness.client, { text, checkpoint });
    const { note } = (await witness.client.anchors.checkpoint()).checkpoint;
    expect((await against(note)).report.firstBad).toBeNull();
    // Another log's: longer than this one, or with other entries.
    expect((await against(seen.note)).report.firstBad?.code).toMatch(/^log_(truncated|inconsistent)$/);
    expect(codeOf((await safe(against("no note"))).error)).toBe("note_malformed");
    for (const { host } of [log, witness]) host.close();
  });
});

describe("growth", () => {
  it("[XA-12] is proven from any earlier size, and refused from a larger one", async () => {
    const { log, witness, checkpoint, signed } = await anchored(createMemoryStorage());
    const sha256 = await createSha256();
    const { size, root, path } = await log.client.anchors.growth({ from: signed });
    expect([size, root]).toEqual([checkpoint.size, checkpoint.root]);
    const bytes = (digest: string) => must(fromBase64url(digest), "a digest");
    const leaves = await Promise.all(
      Array.from({ length: signed }, async (_, seq) => bytes((await log.client.audit.entry({ seq })).leaf)),
    );
    const heads = { size1: signed, root1: rootOf(leaves, sha256), size2: size, root2: bytes(root) };
    expect(verifyConsistency({ ...heads, path: path.map(bytes) }, sha256)).toBe(true);
    expect(codeOf((await safe(log.client.anchors.growth({ from: size + 1 }))).error)).toBe("log_shorter");
    for (const { host } of [log, witness]) host.close();
  });
});

describe("a witness", () => {
  it("[XA-53] [XA-12] signs what grew out of what it saw, by a proof from there, and remembers it over a reload", async () => {
    const { log, witness, checkpoint, seen } = await anchored(createMemoryStorage());
    expect(seen.log).toMatchObject({ state: "fresh", pinned: { size: checkpoint.size } });
    await enrolledOperator(log.client, "Carol");
    const unproven = (await log.client.anchors.request({ old: 0 })).text;
    const refused = await safe(witness.client.anchors.witness({ request: unproven }));
    expect(codeOf(refused.error)).toBe("witness_old_size");
    expect(refused.error instanceof ORPCError && refused.error.data.detail).toContain(String(checkpoint.size));
    const grown = await log.client.anchors.request({ old: checkpoint.size });
    expect((await witness.client.anchors.witness({ request: grown.text })).log).toMatchObject({
      state: "consistent",
      pinned: { size: grown.size },
    });
    const reopened = await openedHost({ storage: witness.host.ports.storage });
    expect((await reopened.client.anchors.watched()).logs).toMatchObject([{ pinned: { size: grown.size } }]);
    for (const { host } of [log, witness, reopened]) host.close();
  });

  it("[XA-S2] [XA-53] signs no split view, keeps both heads, and nothing more of that log until it is acknowledged", async () => {
    const storage = createMemoryStorage();
    const { log, witness, checkpoint, signed } = await anchored(storage);
    log.host.close();
    const twin = await openedHost({ storage: await cutTo(storage, signed) });
    await enrolledOperator(twin.client, "Mallory");
    const { text, size } = await twin.client.anchors.request({ old: 0 });
    expect(size).toBe(checkpoint.size);
    expect(codeOf((await safe(witness.client.anchors.witness({ request: text }))).error)).toBe("log_split_view");
    const [watched] = (await witness.client.anchors.watched()).logs;
    expect(watched).toMatchObject({
      state: "inconsistent",
      contradiction: { before: { root: checkpoint.root }, after: { size } },
    });
    expect(codeOf((await safe(witness.client.anchors.witness({ request: text }))).error)).toBe("log_closed");
    const { verifierKey } = must(watched, "it is watched");
    await witness.client.anchors.acknowledge({ verifierKey, from: "after" });
    expect((await witness.client.anchors.witness({ request: text })).log).toMatchObject({ state: "consistent" });
    twin.host.close();
    witness.host.close();
  });

  it("[XA-53] [XA-S2] signs one of two heads over one size that come at the same time, never both", async () => {
    const storage = createMemoryStorage();
    const { log, witness, checkpoint, signed } = await anchored(storage);
    const first = (await log.client.anchors.request({ old: 0 })).text;
    log.host.close();
    const twin = await openedHost({ storage: await cutTo(storage, signed) });
    await enrolledOperator(twin.client, "Mallory");
    const second = (await twin.client.anchors.request({ old: 0 })).text;
    const fresh = await openedHost();
    const answers = await Promise.all(
      [first, second].map((request) => safe(fresh.client.anchors.witness({ request, logKey: checkpoint.verifierKey }))),
    );
    expect(answers.map(({ error }) => codeOf(error)).toSorted()).toEqual(["log_split_view", null]);
    expect((await fresh.client.anchors.watched()).logs).toMatchObject([{ state: "inconsistent" }]);
    for (const { host } of [twin, witness, fresh]) host.close();
  });

  it("[XA-53] [XA-12] refuses a proof that does not hold, and says nothing against the log: it did not sign the proof", async () => {
    const { log, witness, checkpoint } = await anchored(createMemoryStorage());
    await enrolledOperator(log.client, "Carol");
    const { text } = await log.client.anchors.request({ old: checkpoint.size });
    const [old = "", hash = "", ...rest] = text.split("\n");
    const other = `${hash.startsWith("A") ? "B" : "A"}${hash.slice(1)}`;
    const bad = await safe(witness.client.anchors.witness({ request: [old, other, ...rest].join("\n") }));
    expect(codeOf(bad.error)).toBe("witness_proof_invalid");
    expect((await witness.client.anchors.watched()).logs).toMatchObject([{ state: "fresh", contradiction: null }]);
    expect((await witness.client.anchors.witness({ request: text })).log).toMatchObject({ state: "consistent" });
    for (const { host } of [log, witness]) host.close();
  });

  it("[XA-53] [XA-12] that cannot read what it has seen of a log signs nothing of it", async () => {
    const { log, witness, checkpoint } = await anchored(createMemoryStorage());
    const name = `monitor/${checkpoint.verifierKey}`;
    await witness.host.ports.storage.values.put(name, { pinned: "gone" });
    const { text } = await log.client.anchors.request({ old: 0 });
    const refused = await safe(witness.client.anchors.witness({ request: text, logKey: checkpoint.verifierKey }));
    expect(codeOf(refused.error)).toBe("storage_failed");
    expect(await witness.host.ports.storage.values.get(name)).toMatchObject({ value: { pinned: "gone" } });
    for (const { host } of [log, witness]) host.close();
  });

  it("[XA-53] needs the log's key once, and does not witness its own log", async () => {
    const { log, witness, checkpoint } = await anchored(createMemoryStorage());
    const own = (await log.client.anchors.request({ old: 0 })).text;
    const itself = await safe(log.client.anchors.witness({ request: own, logKey: checkpoint.verifierKey }));
    expect(codeOf(itself.error)).toBe("witness_own_log");
    const fresh = await openedHost();
    expect(codeOf((await safe(fresh.client.anchors.witness({ request: own }))).error)).toBe("witness_key_needed");
    for (const { host } of [log, witness, fresh]) host.close();
  });

  it("[XA-S5] lets go of heads that came after a key was stolen", async () => {
    const { log, witness, checkpoint } = await anchored(createMemoryStorage());
    await witness.client.anchors.compromised({ verifierKey: checkpoint.verifierKey, atMs: Date.now() + 1 });
    await new Promise((resolve) => witness.host.ports.clock.after(5, () => resolve(null)));
    await enrolledOperator(log.client, "Carol");
    const { text } = await log.client.anchors.request({ old: checkpoint.size });
    expect(codeOf((await safe(witness.client.anchors.witness({ request: text }))).error)).toBe("log_distrusted");
    expect((await witness.client.anchors.watched()).logs).toMatchObject([{ pinned: { size: checkpoint.size } }]);
    log.host.close();
    witness.host.close();
  });

  it("[XA-20] [XA-55] anchors that cannot be read now are not told as ones that the log agrees with", async () => {
    const storage = createMemoryStorage();
    let isHeld = false;
    const values: Storage["values"] = {
      ...storage.values,
      keys: async (prefix) =>
        isHeld && prefix.startsWith("anchor/")
          ? err({ code: "storage_failed", retry: true, detail: "held back by the test" })
          : storage.values.keys(prefix),
    };
    const open = await openedHost({ storage: { ...storage, values } });
    await enrolledOperator(open.client);
    await open.host.engine.issueHead();
    expect((await verified(open)).consistent.result).toBe("passed");
    isHeld = true;
    const report = await verified(open);
    expect(report.consistent).toMatchObject({
      result: "not_checked",
      detail: expect.stringContaining("cannot be read"),
    });
    expect(report.firstBad).toBeNull();
    open.host.close();
  });
});
