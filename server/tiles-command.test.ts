import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enrolledOperator } from "../app/api/dispatch/operator.fixture.ts";
import { connectRemote } from "../app/api/remote/connect.ts";
import { must } from "../app/base/assert.ts";
import { fromBase64url, toBase64url, utf8 } from "../app/base/bytes.ts";
import { logExportSchema } from "../app/protocol/audit/claims.ts";
import { createSha256 } from "../app/protocol/jose/hasher.ts";
import { rootOf } from "../app/protocol/merkle/tree.ts";
import { runCli } from "./cli.ts";
import { openHttpHost } from "./http-host.ts";

const published = fileURLToPath(new URL("../e2e/fixtures/vectors/tlog-tessera/", import.meta.url));
let folder: string;
let file: string;
let cose: string;
let grown: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "signalbox-tiles-"));
  file = join(folder, "log.json");
  const opened = await openHttpHost({ trustDomain: "console.local", port: 0 });
  const host = must(opened.ok ? opened.value : null, "the host opens");
  try {
    const client = connectRemote(`${host.url}/api`);
    for (const name of ["Alice", "Bob", "Carol"]) await enrolledOperator(client, name);
    let text = "";
    for await (const chunk of await client.audit.export()) text += chunk.text;
    await writeFile(file, text);
    grown = must((await client.anchors.request({ old: 2 })).cose, "a proof");
    cose = (await client.anchors.receipt({ seq: 2 })).cose;
  } finally {
    await host.close();
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function run(words: readonly string[], input = "") {
  const lines: string[] = [];
  const source = (async function* () {
    if (input !== "") yield utf8(input);
  })();
  const result = await runCli(words, source, async (line) => {
    lines.push(line);
  });
  return {
    answer: lines[0] === undefined ? null : JSON.parse(lines[0]),
    exitCode: result.ok ? 0 : result.error.exitCode,
    message: result.ok ? "" : result.error.message,
  };
}
const exported = async () => logExportSchema.parse(JSON.parse(await readFile(file, "utf8")));

describe("tiles", () => {
  it("[XA-51] written from an exported log are read back up to the root it has signed", async () => {
    const to = join(folder, "whole");
    const { manifest } = await exported();
    const written = await run(["tiles", "write", file, to]);
    expect(written).toMatchObject({
      exitCode: 0,
      answer: { ok: true, origin: "console.local/log", size: manifest.entries },
    });
    expect(await run(["tiles", "verify", to, "--key", written.answer.key])).toMatchObject({
      exitCode: 0,
      answer: { ok: true, size: manifest.entries, root: manifest.root, key: "given" },
    });
    expect((await run(["tiles", "verify", to])).answer.key).toContain("from the folder itself");
    expect((await readFile(join(to, `tile/entries/000.p/${manifest.entries}`), "utf8")).includes('"seq":1')).toBe(true);
  });

  it("[XA-51] [XA-S1] with a changed entry, another checkpoint or another key are found out", async () => {
    const to = join(folder, "changed");
    const { key } = (await run(["tiles", "write", file, to])).answer;
    const { manifest } = await exported();
    const bundle = join(to, `tile/entries/000.p/${manifest.entries}`);
    const bytes = await readFile(bundle);
    await writeFile(bundle, Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]));
    expect(await run(["tiles", "verify", to, "--key", key])).toMatchObject({
      exitCode: 1,
      answer: { code: "tile_mismatch" },
    });
    await writeFile(bundle, bytes);
    const note = join(to, "checkpoint");
    const before = await readFile(note, "utf8");
    await writeFile(note, before.replace(`\n${manifest.entries}\n`, `\n${manifest.entries - 1}\n`));
    expect(await run(["tiles", "verify", to, "--key", key])).toMatchObject({
      exitCode: 1,
      answer: { code: "note_signature_invalid" },
    });
    await writeFile(note, before);
    const other = (await readFile(join(published, "verifier-key.txt"), "utf8")).trim();
    expect((await run(["tiles", "verify", to, "--key", other])).answer.code).toBe("checkpoint_origin_unknown");
  });

  it("[XA-51] of the published log are verified, and a log that does not hold is not written", async () => {
    const key = (await readFile(join(published, "verifier-key.txt"), "utf8")).trim();
    expect(await run(["tiles", "verify", join(published, "log"), "--key", key])).toMatchObject({
      exitCode: 0,
      answer: { origin: "example.com/log/testdata", size: 15 },
    });
    const log = await exported();
    const broken = join(folder, "broken.json");
    await writeFile(broken, JSON.stringify({ ...log, entries: log.entries.slice(0, -1) }));
    expect(await run(["tiles", "write", broken, join(folder, "none")])).toMatchObject({ exitCode: 2, answer: null });
    expect(await run(["tiles", "write", file])).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("write LOG DIR"),
    });
  });

  it("[XA-51] [XA-20] a checkpoint in an export that is over something else, or another's, is located", async () => {
    const log = await exported();
    const changes: readonly [string | undefined, string][] = [
      [must(log.checkpoint, "it has one").replace(`\n${log.entries.length}\n`, "\n2\n"), "note_signature_invalid"],
      ["no note", "note_malformed"],
      [await readFile(join(published, "log/checkpoint"), "utf8"), "checkpoint_origin_unknown"],
    ];
    for (const [checkpoint, code] of changes) {
      const changed = join(folder, "checkpoint.json");
      await writeFile(changed, JSON.stringify({ ...log, checkpoint }));
      const { answer, exitCode } = await run(["verify-log", changed]);
      expect([exitCode, answer.firstBad.code, answer.firstBad.place, answer.consistent.result]).toEqual([
        1,
        code,
        "checkpoint",
        "failed",
      ]);
    }
  });
});

describe("verify-log --checkpoint", () => {
  it("[XA-52] [XA-12] a checkpoint that was kept elsewhere finds a cut tail, which the file alone does not show", async () => {
    const { checkpoint, ...log } = await exported();
    const kept = join(folder, "kept.txt");
    await writeFile(kept, must(checkpoint, "it has one"));
    expect(await run(["verify-log", file, "--checkpoint", kept])).toMatchObject({ exitCode: 0 });
    const size = log.entries.length - 1;
    const leaves = log.entries.slice(0, size).map(({ leaf }) => must(fromBase64url(leaf), "a leaf"));
    const cut = {
      ...log,
      entries: log.entries.slice(0, size),
      heads: [],
      manifest: {
        ...log.manifest,
        entries: size,
        heads: 0,
        tree_size: size,
        root: toBase64url(rootOf(leaves, await createSha256())),
      },
    };
    const short = join(folder, "cut.json");
    await writeFile(short, JSON.stringify(cut));
    expect((await run(["verify-log", short])).answer.firstBad).toBeNull();
    expect(await run(["verify-log", short, "--checkpoint", kept])).toMatchObject({
      exitCode: 1,
      answer: { firstBad: { seq: size, code: "log_truncated" } },
    });
    for (const words of [
      ["--checkpoint", file],
      ["--checkpoint", kept, "--head", `1:${log.manifest.root}`],
    ])
      expect(await run(["verify-log", file, ...words])).toMatchObject({ exitCode: 2, answer: null });
  });
});

describe("receipt verify", () => {
  it("[XA-50] [XA-13] answers what a COSE receipt of a host proves, and with a code where it does not hold", async () => {
    const log = await exported();
    const { subject, jwk } = must(
      log.keys.find(({ subject }) => subject === log.manifest.log_id),
      "the log's key",
    );
    const ask = (change: object) =>
      run(["receipt", "verify"], `${JSON.stringify({ cose, log: subject, key: jwk, ...change })}\n`);
    expect((await ask({})).answer).toMatchObject({ ok: true, claims: { seq: 2 }, token: log.entries[2]?.token });
    expect((await ask({ log: "spiffe://console.local/pep" })).answer).toEqual({
      ok: false,
      code: "receipt_issuer_mismatch",
    });
    expect((await ask({ cose: `${cose.slice(0, -8)}AAAAAAA=` })).answer).toMatchObject({ ok: false });
    const leaves = log.entries.slice(0, 2).map(({ leaf }) => must(fromBase64url(leaf), "a leaf"));
    const before = { size: 2, root: toBase64url(rootOf(leaves, await createSha256())) };
    const { entries, root } = log.manifest;
    expect((await ask({ cose: grown, before })).answer).toEqual({ ok: true, size: entries, root });
    expect((await ask({ cose: grown, before: { ...before, root } })).answer.code).toBe("cose_signature_invalid");
    expect((await ask({ cose: "0" })).answer).toEqual({ ok: false, code: "cose_malformed" });
  });
});
