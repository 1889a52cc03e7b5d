import { spawn as spawnProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { enrolledOperator } from "../app/api/dispatch/operator.fixture.ts";
import { utf8 } from "../app/base/bytes.ts";
import { openedHost } from "../app/host/host.fixture.ts";
import { runCli } from "./cli.ts";

const protocol = new URL("../app/protocol/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, protocol), "utf8");
const INCLUSION = ["merkle", "verify-inclusion"];
const CONSISTENCY = ["merkle", "verify-consistency"];

/** Gives the input in chunks of a few bytes, so that lines and characters are cut anywhere. */
async function run(args: readonly string[], input: string | Uint8Array, chunkBytes = 7, module: URL | null = null) {
  const bytes = typeof input === "string" ? utf8(input) : input;
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  const lines: unknown[] = [];
  const write = async (line: string): Promise<void> => {
    expect(line).toMatch(/^[^\n]*\n$/);
    lines.push(JSON.parse(line));
  };
  const result = await runCli(args, chunks(), write, undefined, module);
  return { lines, problem: result.ok ? null : result.error };
}

function vectors(kind: string): { readonly wantErr: boolean; readonly line: string }[] {
  const folder = new URL(`merkle/testdata/${kind}/`, protocol);
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .map((name) => {
      const text = readFileSync(new URL(name, folder), "utf8");
      return { wantErr: JSON.parse(text).wantErr, line: text.replaceAll("\n", " ") };
    });
}

const happy = (kind: string): string => read(`merkle/testdata/${kind}/1/happy-path.json`).replaceAll("\n", " ");

describe("answers", () => {
  it.each([
    ["[XA-13] judges all 53 published inclusion proofs as published", INCLUSION, "inclusion", 53],
    ["[XA-12] judges all 43 published consistency proofs as published", CONSISTENCY, "consistency", 43],
  ] as const)("%s", async (_title, args, kind, count) => {
    const published = vectors(kind);
    const { lines, problem } = await run(args, published.map(({ line }) => line).join("\n"));
    expect(published).toHaveLength(count);
    expect(lines).toEqual(published.map(({ wantErr }) => ({ ok: !wantErr })));
    expect(problem).toBeNull();
  });

  it("[XA-12] [XA-13] judges the published checkpoints and bundles of other logs as published", async () => {
    const vectors = new URL("../e2e/fixtures/vectors/", import.meta.url);
    const text = (name: string): string => readFileSync(new URL(name, vectors), "utf8");
    const key = text("tlog-tessera/verifier-key.txt").trim();
    const sizes = Array.from({ length: 16 }, (_, size) => size);
    const notes = sizes.map((size) => text(`tlog-tessera/log/checkpoint.${size}`));
    const given = [...notes, notes[3]?.replace("\n3\n", "\n4\n")].map((checkpoint) =>
      JSON.stringify({ checkpoint, key }),
    );
    const checkpoints = await run(["checkpoint", "verify"], given.join("\n"), 999);
    expect(checkpoints.lines).toMatchObject([
      ...sizes.map((size) => ({ ok: true, origin: "example.com/log/testdata", size })),
      { ok: false, code: "note_signature_invalid" },
    ]);
    const { spki } = JSON.parse(text("sigstore-bundles/production-log-key.json"));
    const folders = ["happy-path-v0.3", "checkpoint-wrong-roothash_fail", "rekor2-happy-path"];
    const bundles = folders.map((folder) => {
      const bundle = JSON.parse(text(`sigstore-bundles/${folder}/bundle.sigstore.json`));
      const trust = folder.startsWith("rekor2")
        ? { trusted_root: JSON.parse(text(`sigstore-bundles/${folder}/trusted_root.json`)) }
        : { log: { name: "rekor.sigstore.dev", spki } };
      return JSON.stringify({ bundle, ...trust });
    });
    const judged = await run(["bundle", "verify"], bundles.join("\n"), 999);
    expect(judged.lines).toMatchObject([
      { ok: true, entries: [{ log: "rekor.sigstore.dev", size: 75_408_393 }], not_checked: expect.any(Array) },
      { ok: false, code: "checkpoint_mismatch" },
      { ok: true, entries: [{ log: "log2025-alpha1.rekor.sigstage.dev" }] },
    ]);
  });

  it("[COM-13] jcs gives the published canonical bytes", async () => {
    const names = ["arrays", "french", "structures", "unicode"];
    const input = names.map((name) => `${read(`jcs/testdata/input/${name}.json`).replaceAll("\n", " ")}\n`).join("");
    const expected = names.map((name) => ({ hex: read(`jcs/testdata/outhex/${name}.txt`).replaceAll(/\s/g, "") }));
    expect(await run(["jcs"], input)).toEqual({ lines: expected, problem: null });
  });

  it("[COM-13] jcs answers a refused line with its code and goes on", async () => {
    const input = Buffer.concat([
      utf8('{"a":1,"a":2}\n"\\ud800"\n\n{"a":\r\n'),
      Uint8Array.of(0x22, 0xff, 0x22, 0x0a),
      utf8("1e400\n[1.0]\r\n"),
    ]);
    expect(await run(["jcs"], input)).toEqual({
      lines: [
        { error: "json_duplicate_member" },
        { error: "json_lone_surrogate" },
        { error: "json_malformed" },
        { error: "json_malformed" },
        { error: "not_utf8" },
        { error: "json_malformed" },
        { hex: "5b315d" },
      ],
      problem: null,
    });
  });

  it("no input has no answers", async () => {
    expect(await run(INCLUSION, "")).toEqual({ lines: [], problem: null });
  });
});

describe("bad input", () => {
  it.each([
    ["no JSON", "nonsense\u001b[2J", /^merkle verify-inclusion: line 2: \P{Cc}+$/u],
    ["an empty line", "", /line 2: \P{Cc}+$/u],
    ["a missing field", '{"leafIdx":0}', /line 2: treeSize: \P{Cc}+$/u],
    ["an index in quotes", happy("inclusion").replace('"leafIdx": 0', '"leafIdx": "0"'), /line 2: leafIdx: /],
    ["a hash that is not base64", happy("inclusion").replace("lqKW", "lq_W"), /line 2: proof\.0: not padded base64$/],
    ["a repeated field", happy("inclusion").replace("{", '{"leafIdx": 1,'), /line 2: the member name "leafIdx" occurs/],
  ])("[XA-13] %s stops the run after the answers before it", async (_what, line, message) => {
    const { lines, problem } = await run(INCLUSION, `${happy("inclusion")}\n${line}\n${happy("inclusion")}\n`);
    expect(lines).toEqual([{ ok: true }]);
    expect(problem).toEqual({ exitCode: 1, message: expect.stringMatching(message) });
  });

  it.each([[[]], [["merkle"]], [["jcs", "extra"]], [["toString"]]])("%j is no command", async (args) => {
    const { lines, problem } = await run(args, "1\n");
    expect(lines).toEqual([]);
    expect(problem).toEqual({ exitCode: 2, message: expect.stringContaining("use one of: jcs, merkle verify-incl") });
  });
});

describe("scripts/cli.mjs", () => {
  const script = fileURLToPath(new URL("../scripts/cli.mjs", import.meta.url));
  const made = { ...process.env, SIGNALBOX_CLI: "made" };
  const spawn = (args: readonly string[], input: string) =>
    spawnSync(process.execPath, [script, ...args], { input, encoding: "utf8", timeout: 60_000, env: made });
  // One bundle for all of them.
  let first: ReturnType<typeof spawn>;
  beforeAll(() => {
    const input = '{"b":1,"a":2}\n';
    first = spawnSync(process.execPath, [script, "jcs"], { input, encoding: "utf8", timeout: 120_000 });
  }, 180_000);

  it("[XA-12] [COM-13] bundles and runs the commands, with their exit codes", { timeout: 180_000 }, () => {
    expect(first).toMatchObject({
      status: 0,
      stdout: '{"hex":"7b2261223a322c2262223a317d"}\n',
      stderr: "",
    });
    const stopped = spawn(CONSISTENCY, `${happy("consistency")}\n[]\n`);
    expect(stopped).toMatchObject({ status: 1, stdout: '{"ok":true}\n' });
    expect(stopped.stderr).toMatch(/^cli: merkle verify-consistency: line 2: [^\n]+\n$/);
    expect(spawn(["nothing"], "")).toMatchObject({ status: 2, stdout: "" });
  });

  it("[XA-78] verifies a log and a pack by threads as by itself, and by none that was lost", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-cli-"));
    const { host, client } = await openedHost();
    const alice = await enrolledOperator(client);
    const { pepId } = await client.identity.describe();
    const kept = async (name: string, pieces: AsyncIterable<{ readonly text: string }>): Promise<string> => {
      let text = "";
      for await (const piece of pieces) text += piece.text;
      const file = join(folder, name);
      await writeFile(file, text);
      await writeFile(
        `${file}.changed`,
        text.replace(/("seq":3,.*?"token":"[^"]*)\.(.)/, (_, all, one) => `${all}.${one === "A" ? "B" : "A"}`),
      );
      return file;
    };
    const pack = await kept("pack.json", await client.audit.evidence({ token: await alice.askEvidence(pepId) }));
    const log = await kept("log.json", await client.audit.export());
    host.close();
    const bundle = pathToFileURL(join(script, "../../.cache/cli.mjs"));
    for (const [command, file] of [
      ["verify-log", `${log}.changed`],
      ["verify-pack", pack],
    ] as const) {
      const alone = await run([command, file], "");
      expect(await run([command, file, "--workers", "2"], "", 7, bundle)).toEqual(alone);
      expect(alone.problem === null).toBe(command === "verify-pack");
    }
    expect(spawn(["verify-log", log, "--workers", "2"], "")).toMatchObject({
      ...{ status: 0, stderr: "", stdout: `${JSON.stringify((await run(["verify-log", log], "")).lines[0])}\n` },
    });
    // A thread that runs nothing ends before it has answered.
    const lost = await run(["verify-log", log, "--workers", "2"], "", 7, new URL("data:text/javascript,"));
    expect(lost.problem).toEqual({ exitCode: 1, message: expect.stringContaining("verification_worker_lost") });
    expect(lost.lines).toMatchObject([{ firstBad: null, complete: { result: "not_checked" } }]);
    expect((await run(["verify-pack", pack, "--workers", "x"], "")).problem?.exitCode).toBe(2);
    expect((await run(["verify-pack", pack, "--workers", "2"], "")).problem?.message).toContain(
      "no threads can be made",
    );
    await rm(folder, { recursive: true });
  }, 180_000);

  it.each(["SIGINT", "SIGTERM"] as const)(
    "serves until %s and then closes what it has open",
    async (signal) => {
      const data = await mkdtemp(join(tmpdir(), "signalbox-cli-"));
      const host = spawnProcess(process.execPath, [script, "serve", "--data", data, "--port", "0", "--json"], {
        stdio: ["ignore", "pipe", "pipe"],
        env: made,
      });
      const ended = once(host, "exit");
      const [said] = (await once(host.stdout, "data")) as [Buffer];
      const { openapi } = JSON.parse(said.toString()) as { openapi: string };
      expect((await fetch(openapi)).status).toBe(200);
      expect(await readdir(data)).toContain("lock");
      host.kill(signal);
      expect(await ended).toEqual([0, null]);
      expect(await readdir(data)).not.toContain("lock");
      await rm(data, { recursive: true });
    },
    60_000,
  );
});
