import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enrolledOperator, smallRun } from "../app/api/dispatch/operator.fixture.ts";
import { connectRemote } from "../app/api/remote/connect.ts";
import { must } from "../app/base/assert.ts";
import { fromBase64url, toBase64url } from "../app/base/bytes.ts";
import type { LedgerEntry, LogExport } from "../app/protocol/audit/claims.ts";
import { entryLeaf } from "../app/protocol/audit/entry.ts";
import { parseExport, verifyExport } from "../app/protocol/audit/verify-export.ts";
import type { LogReport } from "../app/protocol/audit/verify-log.ts";
import { parseCompact } from "../app/protocol/jose/compact.ts";
import { createSha256 } from "../app/protocol/jose/hasher.ts";
import { generateSigner } from "../app/protocol/jose/keys.ts";
import { rootOf } from "../app/protocol/merkle/tree.ts";
import { runCli } from "./cli.ts";
import { openHttpHost } from "./http-host.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);
let folder: string;
let text: string;

/** A log with three signed heads and a recorded run, exported by a host the way an operator exports it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "signalbox-verify-"));
  const opened = await openHttpHost({ trustDomain: "console.local", port: 0 });
  const host = must(opened.ok ? opened.value : null, "the host opens");
  try {
    const client = connectRemote(`${host.url}/api`);
    const alice = await enrolledOperator(client);
    const { wid } = await alice.start(smallRun());
    await client.override.signal({ token: await alice.signal("stop", { kind: "workflow", id: wid }) });
    await enrolledOperator(client, "Bob");
    text = "";
    for await (const chunk of await client.audit.export()) text += chunk.text;
  } finally {
    await host.close();
  }
});
afterAll(() => rm(folder, { recursive: true }));

const exported = (): LogExport => JSON.parse(text) as LogExport;

let files = 0;
async function verify(log: unknown, ...options: string[]) {
  files += 1;
  const file = join(folder, `log-${files}.json`);
  await writeFile(file, JSON.stringify(log));
  const lines: string[] = [];
  const result = await runCli(["verify-log", file, "--json", ...options], (async function* () {})(), async (line) => {
    lines.push(line);
  });
  const report = lines[0] === undefined ? null : (JSON.parse(lines[0]) as LogReport);
  return { report, exitCode: result.ok ? 0 : result.error.exitCode, message: result.ok ? "" : result.error.message };
}

const rootAt = (log: LogExport, size: number): string =>
  toBase64url(
    rootOf(
      log.entries.slice(0, size).map((entry) => must(fromBase64url(entry.leaf), "a leaf")),
      sha256,
    ),
  );
const reseal = (entry: LedgerEntry): LedgerEntry => ({ ...entry, leaf: toBase64url(entryLeaf(entry, sha256)) });
const sizeOf = (head: string): number => {
  const parsed = parseCompact(head);
  return Number(parsed.ok ? parsed.value.payload.tree_size : Number.NaN);
};

/** The manifest as whoever changed the rest would write it anew. */
function lyingAlong(log: LogExport): LogExport {
  const { entries, heads, keys, objects } = log;
  const counts = {
    entries: entries.length,
    heads: heads.length,
    keys: keys.length,
    objects: Object.keys(objects).length,
  };
  return {
    ...log,
    manifest: { ...log.manifest, ...counts, tree_size: entries.length, root: rootAt(log, entries.length) },
  };
}

/** The first entries, with the heads and keys that go with them. */
function cutTo({ checkpoint: _over, ...log }: LogExport, size: number): LogExport {
  const entries = log.entries.slice(0, size);
  const bound = entries.map((entry) => {
    const parsed = parseCompact(entry.token);
    return parsed.ok ? JSON.stringify(parsed.value.payload) : "";
  });
  return lyingAlong({
    ...log,
    entries,
    heads: log.heads.filter((head) => sizeOf(head) <= size),
    keys: log.keys.filter(({ kid }) => bound.some((claims) => claims.includes(`"kid":"${kid}"`))),
  });
}

describe("verify-log", () => {
  it("[XA-19] [XA-20] an exported log verifies from its own bytes, all five questions", async () => {
    const log = exported();
    expect(log.heads.length).toBeGreaterThanOrEqual(3);
    expect(Object.keys(log.objects)).toHaveLength(1);
    const { report, exitCode, message } = await verify(log);
    expect([exitCode, message]).toEqual([0, ""]);
    expect(report).toMatchObject({ firstBad: null, size: log.entries.length, entriesBefore: log.entries.length });
    const { authentic, included, consistent, complete, plausible } = must(report, "a report");
    for (const answer of [authentic, included, consistent, complete, plausible]) expect(answer.result).toBe("passed");
  });

  const at = 4;
  const changes: [string, (all: LedgerEntry[]) => LedgerEntry[], string, number][] = [
    ["altered", (all) => all.map((e, seq) => (seq === at ? { ...e, submitter: "urn:x" } : e)), "log_leaf_mismatch", at],
    [
      "altered with its leaf made anew",
      (all) => all.map((e, seq) => (seq === at ? reseal({ ...e, submitter: "urn:x" }) : e)),
      "log_root_mismatch",
      -1,
    ],
    ["deleted", (all) => all.filter((_, seq) => seq !== at), "log_gap", at],
    [
      "deleted and the rest numbered anew",
      (all) => all.filter((_, seq) => seq !== at).map((entry, seq) => reseal({ ...entry, seq })),
      "",
      -1,
    ],
    ["inserted", (all) => all.flatMap((entry, seq) => (seq === at ? [entry, entry] : [entry])), "log_gap", at + 1],
    [
      "swapped with the next",
      (all) => [...all.slice(0, at), ...all.slice(at, at + 2).reverse(), ...all.slice(at + 2)],
      "log_gap",
      at,
    ],
  ];
  it.each(changes)("[XA-S1] [XA-19] an entry %s is found and located", async (_what, change, code, seq) => {
    const log = exported();
    const changed = { ...log, entries: change(log.entries) };
    for (const document of [changed, lyingAlong(changed)]) {
      const { report, exitCode, message } = await verify(document);
      expect(exitCode).toBe(1);
      const bad = must(report?.firstBad, "a first bad entry");
      if (code !== "") expect(bad.code).toBe(code);
      if (seq >= 0) expect([bad.seq, bad.place]).toEqual([seq, `entries.${seq}`]);
      expect(message).toContain(`${bad.code} at `);
      expect(message).toContain(`entry ${bad.seq}`);
    }
  });

  it("[XA-19] [XA-20] without its heads a log is not complete, whatever its manifest says", async () => {
    const log = { ...exported(), heads: [] };
    const { report, exitCode, message } = await verify(log);
    expect([exitCode, report?.firstBad?.code, report?.firstBad?.place]).toEqual([
      1,
      "log_manifest_mismatch",
      "manifest.heads",
    ]);
    expect(report?.complete.result).toBe("not_checked");
    expect(message).toContain("the manifest counts");
    const lying = await verify(lyingAlong(log));
    expect([lying.exitCode, lying.report?.firstBad]).toEqual([1, null]);
    expect([lying.report?.consistent.result, lying.report?.complete.result]).toEqual(["not_checked", "not_checked"]);
    expect(lying.message).toBe("verify-log: consistent is not checked: no tree head was given");
  });

  it("[XA-19] [XA-12] a head taken out from between the others is missed by the next", async () => {
    const log = exported();
    const [first = "", , ...rest] = log.heads;
    const { report, exitCode } = await verify(lyingAlong({ ...log, heads: [first, ...rest] }));
    expect([exitCode, report?.firstBad?.code, report?.firstBad?.place]).toEqual([1, "log_incomplete", "heads.1"]);
    expect(report?.consistent.result).toBe("failed");
  });

  it("[XA-19] [XA-12] a head that was altered is named, and the entries stand", async () => {
    const log = exported();
    const other = (head: string): string => {
      const [header = "", payload = "", signature = ""] = head.split(".");
      const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
      const changed = Buffer.from(JSON.stringify({ ...claims, iat: 1 })).toString("base64url");
      return [header, changed, signature].join(".");
    };
    const heads = log.heads.map((head, index) => (index === 1 ? other(head) : head));
    const { report, exitCode, message } = await verify({ ...log, heads });
    expect([exitCode, report?.firstBad?.code, report?.firstBad?.place]).toEqual([
      1,
      "token_signature_invalid",
      "heads.1",
    ]);
    expect(report?.consistent.result).toBe("failed");
    expect(message).toContain("heads.1");
  });

  it("[COM-11] [XA-19] an edited recorded run is found by the digest that the start names", async () => {
    const log = exported();
    const [digest = ""] = Object.keys(log.objects);
    const run = log.objects[digest] as object;
    const { report, exitCode, message } = await verify({ ...log, objects: { [digest]: { ...run, name: "Another" } } });
    expect([exitCode, report?.firstBad?.code, report?.firstBad?.place]).toEqual([
      1,
      "object_hash_mismatch",
      `objects.${digest}`,
    ]);
    expect(report?.authentic.result).toBe("failed");
    expect(report?.included.result).toBe("passed");
    const start = must(report?.firstBad, "a first bad part").seq;
    expect(atob((log.entries[start]?.token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))).toContain(
      '"run_start"',
    );
    expect(message).toContain(`objects.${digest}`);
  });

  it("[COM-11] [XA-19] an object that is missing, or that nothing refers to, is named", async () => {
    const log = exported();
    const gone = await verify({ ...log, objects: {} });
    expect([gone.exitCode, gone.report?.firstBad?.place]).toEqual([1, "manifest.objects"]);
    const silently = await verify(lyingAlong({ ...log, objects: {} }));
    const [digest = ""] = Object.keys(log.objects);
    expect([silently.exitCode, silently.report?.firstBad?.code, silently.report?.firstBad?.place]).toEqual([
      1,
      "log_incomplete",
      `objects.${digest}`,
    ]);
    const emptyList = toBase64url(sha256(new TextEncoder().encode("[]")));
    const added = await verify(lyingAlong({ ...log, objects: { ...log.objects, [emptyList]: [] } }));
    expect([added.exitCode, added.report?.firstBad?.code]).toEqual([1, "object_unknown"]);
  });

  it("[XA-19] keys are those the log's identities bring: none swapped, given away, added or left out", async () => {
    const log = exported();
    const { jwk } = await generateSigner();
    const kid = must(jwk.kid, "a kid");
    const change = (index: number, to: Partial<LogExport["keys"][number]>): LogExport["keys"] =>
      log.keys.map((key, place) => (place === index ? { ...key, ...to } : key));
    const [, second] = log.keys;
    const changed: [LogExport["keys"], string][] = [
      [change(1, { jwk }), "keys.1"],
      [change(1, { jwk: { ...jwk, kid: must(second?.kid, "a kid") } }), "keys.1"],
      [change(1, { jwk, kid }), "keys.1"],
      [change(1, { subject: "spiffe://console.local/human/mallory" }), "keys.1"],
      [[...log.keys, { kid, jwk, subject: "spiffe://console.local/log" }], `keys.${log.keys.length}`],
      [[...log.keys.slice(0, -1), must(log.keys[0], "a key")], `keys.${log.keys.length - 1}`],
      [log.keys.slice(0, -1), "keys"],
    ];
    for (const [keys, place] of changed) {
      const { report, exitCode } = await verify(lyingAlong({ ...log, keys }));
      expect([exitCode, report?.firstBad?.code, report?.firstBad?.place]).toEqual([1, "log_keys_mismatch", place]);
      expect(report?.authentic.result).toBe("failed");
    }
  });

  it.each(["entries", "heads", "keys", "objects", "from"] as const)(
    "[XA-19] a manifest that lies about its %s is refused",
    async (member) => {
      const log = exported();
      const manifest = { ...log.manifest, [member]: log.manifest[member] + 1 };
      const { report, exitCode } = await verify({ ...log, manifest });
      expect([exitCode, report?.firstBad?.code, report?.firstBad?.place]).toEqual([
        1,
        "log_manifest_mismatch",
        `manifest.${member}`,
      ]);
    },
  );

  it("[XA-19] a manifest that lies about the root, the size or the log is refused", async () => {
    const log = exported();
    const size = log.entries.length;
    for (const [change, code] of [
      [{ root: rootAt(log, 1) }, "log_root_mismatch"],
      [{ tree_size: size + 1 }, "log_truncated"],
      [{ tree_size: size - 1 }, "log_gap"],
      [{ log_id: "spiffe://other.example/log" }, "token_key_unknown"],
      [{ domain: "other.example" }, "token_audience_mismatch"],
    ] as const) {
      const { report, exitCode } = await verify({ ...log, manifest: { ...log.manifest, ...change } });
      expect([exitCode, report?.firstBad?.code]).toEqual([1, code]);
    }
  });

  it("[XA-20] [XA-12] a tail cut together with its heads is not called complete, and a pinned head tells", async () => {
    const log = exported();
    const size = log.entries.length;
    const pin = `${size}:${log.manifest.root}`;
    const cut = cutTo(log, size - 1);
    expect(cut.heads.length).toBe(log.heads.length - 1);
    const { report, exitCode, message } = await verify(cut);
    expect([exitCode, report?.firstBad, report?.complete.result]).toEqual([1, null, "not_checked"]);
    expect(message).toMatch(/^verify-log: complete is not checked: no head covers the last entry/);
    const forgotten = await verify({ ...cut, checkpoint: log.checkpoint });
    expect([forgotten.report?.firstBad?.code, forgotten.report?.complete.result]).toEqual(["log_truncated", "failed"]);
    const pinned = await verify(cut, "--head", pin);
    expect([pinned.exitCode, pinned.report?.firstBad?.code, pinned.report?.complete.result]).toEqual([
      1,
      "log_truncated",
      "failed",
    ]);
    // Cut exactly behind an older head: only whoever remembers a newer one knows.
    const signed = sizeOf(must(log.heads[1], "a head"));
    const short = cutTo(log, signed);
    expect((await verify(short)).report?.complete.detail).toContain("only a pinned head tells of a newer one");
    expect((await verify(short, "--head", pin)).report?.firstBad?.code).toBe("log_truncated");
  });

  it("[XA-12] another log's checkpoint is told as that, not as a fault of this one", async () => {
    const log = exported();
    const own = must(log.checkpoint, "a checkpoint over the exported head");
    const other = own.replace(/^[^\n]*/, "other.example/log");
    for (const [note, exitCode] of [
      [own, 0],
      [other, 2],
    ] as const) {
      const file = join(folder, "kept.checkpoint");
      await writeFile(file, note);
      const ended = await verify(log, "--checkpoint", file);
      expect([ended.exitCode, ended.report?.firstBad ?? null]).toEqual([exitCode, null]);
      if (exitCode === 2) expect(ended.message).toContain("the checkpoint is of another log than the file");
    }
  });

  it("[XA-12] [XA-S2] a pinned head must be one of this log's, at its own size", async () => {
    const log = exported();
    const size = log.entries.length;
    expect((await verify(log, "--head", `${size}:${log.manifest.root}`)).exitCode).toBe(0);
    expect((await verify(log, `--head=${at}:${rootAt(log, at)}`)).exitCode).toBe(0);
    const { report, exitCode, message } = await verify(log, "--head", `${at}:${rootAt(log, at + 1)}`);
    expect([exitCode, report?.firstBad?.code, report?.firstBad?.seq]).toEqual([1, "log_inconsistent", at - 1]);
    expect(message).toContain("log_inconsistent");
  });

  it("[XA-12] with a pinned head over the last entry a cut log without heads is complete", async () => {
    const cut = cutTo(exported(), 3);
    const { report } = await verify({ ...lyingAlong({ ...cut, heads: [] }) }, "--head", `3:${rootAt(cut, 3)}`);
    expect([report?.complete.result, report?.consistent.result]).toEqual(["passed", "not_checked"]);
  });

  it("[XA-S1] [XA-19] any changed character of an export is found, but for the time it names", async () => {
    const free = text.indexOf('"exported_at"');
    const hasher = await createSha256();
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom(...'0aZ_9{"e '), async (place, character) => {
        fc.pre(text[place] !== character && (place < free || place > free + 30));
        const log = parseExport(`${text.slice(0, place)}${character}${text.slice(place + 1)}`);
        if (log.ok) expect((await verifyExport(log.value, hasher)).firstBad).not.toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  it.each(["", "3", "0:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", "3:short", "x:y", "-1:z"])(
    "[XA-12] --head %j is refused with what it takes",
    async (head) => {
      const { report, exitCode, message } = await verify(exported(), `--head=${head}`);
      expect([report, exitCode]).toEqual([null, 2]);
      expect(message).toMatch(/--head takes SIZE:ROOT/);
    },
  );

  it.each(["import", "verify-log"])("%s without a file asks for one", async (command) => {
    const result = await runCli([command], (async function* () {})(), async () => undefined);
    expect(result).toEqual({ ok: false, error: { exitCode: 2, message: `${command}: name the FILE to read` } });
  });

  it("an option of another command is refused", async () => {
    const result = await runCli(["import", "--head", "1:x", "f"], (async function* () {})(), async () => undefined);
    expect(result).toEqual({ ok: false, error: { exitCode: 2, message: "import: --head is not its option" } });
  });

  it("a file that is no exported log is refused with what was expected", async () => {
    const { report, exitCode, message } = await verify({ entries: [] });
    expect([report, exitCode]).toEqual([null, 2]);
    expect(message).toMatch(/not an exported log: signalbox_log/);
  });
});
