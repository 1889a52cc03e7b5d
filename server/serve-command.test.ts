import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { enrolledOperator, smallRun, until } from "../app/api/dispatch/operator.fixture.ts";
import { connectRemote } from "../app/api/remote/connect.ts";
import { must } from "../app/base/assert.ts";
import { parseExport, verifyExport } from "../app/protocol/audit/verify-export.ts";
import { createSha256 } from "../app/protocol/jose/hasher.ts";
import { runCli } from "./cli.ts";

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "signalbox-serve-"));
});
afterEach(() => rm(data, { recursive: true, force: true }));

/** Runs the command until it has said its addresses, or has ended without. */
async function served(...options: string[]) {
  const ending = new AbortController();
  const lines: string[] = [];
  let said: (() => void) | null = null;
  const address = new Promise<void>((resolve) => {
    said = resolve;
  });
  const ended = runCli(
    ["serve", ...options],
    (async function* () {})(),
    async (line) => {
      lines.push(line);
      said?.();
    },
    ending.signal,
  );
  await Promise.race([address, ended]);
  const close = async () => {
    ending.abort();
    return ended;
  };
  return { lines, ended, close };
}

async function open(...options: string[]) {
  const host = await served("--data", data, "--port", "0", "--json", ...options);
  const said = JSON.parse(must(host.lines[0], "the addresses")) as { url: string; openapi: string };
  return { ...host, ...said, client: connectRemote(said.url) };
}

/** The status of an answer, asked with these headers. */
const ask = (url: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    })
      .on("error", reject)
      .end();
  });

describe("serve", () => {
  it("says where it answers, and answers there on the loopback only", async () => {
    const host = await served("--data", data, "--port", "0");
    const [, url = "", openapi = ""] =
      /^Signalbox host: (http:\/\/127\.0\.0\.1:\d+\/api)\ndescribed at (http:\/\/127\.0\.0\.1:\d+\/openapi\.json)\n\(Ctrl\+C/.exec(
        host.lines.join(""),
      ) ?? [];
    const document = (await (await fetch(openapi)).json()) as { openapi: string };
    expect(document.openapi).toMatch(/^3\.1/);
    expect(await connectRemote(url).identity.describe()).toMatchObject({ logId: "spiffe://console.local/log" });
    expect(await host.close()).toEqual({ ok: true, value: undefined });
    await expect(fetch(openapi)).rejects.toThrow();
  });

  it("[XA-9] [XA-19] opened again over the same directory it goes on with the same log, keys and gates", async () => {
    const first = await open();
    const alice = await enrolledOperator(first.client);
    const { wid } = await alice.start(smallRun());
    const pending = async (client: typeof first.client) =>
      (await client.gate.queue({ wid, state: "pending" })).rows[0] ?? null;
    const before = await until(first.client, () => pending(first.client));
    const { latest } = await first.client.audit.heads();
    expect(await first.close()).toEqual({ ok: true, value: undefined });

    const second = await open();
    alice.rebound(second.client);
    const after = await until(second.client, () => pending(second.client));
    expect(after.request).toBe(before.request);
    await alice.decide(after.request, "approve");
    const finished = await until(second.client, async () => {
      const { workflow } = await second.client.workflow.get({ wid });
      return workflow.status === "finished" ? workflow : null;
    });
    expect(finished.counts).toMatchObject({ done: 4 });
    let text = "";
    for await (const chunk of await second.client.audit.export()) text += chunk.text;
    expect(await second.close()).toEqual({ ok: true, value: undefined });

    const log = parseExport(text);
    const { tree_size: size, root } = must(latest, "a head of before").claims;
    const report = await verifyExport(must(log.ok ? log.value : null, "an export"), await createSha256(), {
      pinned: { size, root },
    });
    expect([report.firstBad, report.complete.result, report.consistent.result]).toEqual([null, "passed", "passed"]);
  });

  it("[COM-12] keeps its keys where nobody else on the machine reads them, and leaves no lock behind", async () => {
    const host = await open();
    const names = await readdir(join(data, "values"));
    const log = must(
      names.find((name) => name.includes("log")),
      "the log's key",
    );
    expect(await readFile(join(data, "values", log), "utf8")).toContain("PRIVATE KEY");
    expect((await stat(join(data, "values"))).mode & 0o077).toBe(0);
    expect((await stat(join(data, "values", log))).mode & 0o077).toBe(0);
    await host.close();
    await expect.poll(() => readdir(data)).not.toContain("lock");
  });

  it("answers no page of another name or origin", async () => {
    const host = await open();
    const own = new URL(host.url).host;
    expect(await ask(host.openapi, {})).toBe(200);
    expect(await ask(host.openapi, { origin: `http://${own}` })).toBe(200);
    expect(await ask(host.openapi, { host: "rebound.example" })).toBe(403);
    expect(await ask(host.openapi, { host: "127.0.0.1.rebound.example" })).toBe(403);
    expect(await ask(host.openapi, { origin: "https://elsewhere.example" })).toBe(403);
    await host.close();
  });

  it("ends what still listens to it", async () => {
    const host = await open();
    const notices = await host.client.audit.watch();
    const broken = (async () => {
      for await (const _notice of notices);
    })().catch(() => undefined);
    expect(await host.close()).toEqual({ ok: true, value: undefined });
    await broken;
  });

  it("says that the port is in use, and gives the directory back", async () => {
    const host = await open();
    const port = new URL(host.url).port;
    const other = await mkdtemp(join(tmpdir(), "signalbox-serve-"));
    const second = await served("--data", other, "--port", port);
    expect([second.lines, await second.ended]).toEqual([
      [],
      {
        ok: false,
        error: { exitCode: 2, message: `serve: port ${port} is in use: name another with --port` },
      },
    ]);
    const third = await served("--data", other, "--port", "0");
    expect(third.lines).toHaveLength(1);
    await third.close();
    await host.close();
    await rm(other, { recursive: true });
  });

  it("says that a directory is in use or cannot be one", async () => {
    const file = join(data, "file");
    await writeFile(file, "");
    const refused = await served("--data", file, "--port", "0");
    expect(await refused.ended).toMatchObject({
      ok: false,
      error: { exitCode: 2, message: expect.stringMatching(/^serve: .*\/file cannot be used: \w+: [^\n]+$/) },
    });
    const host = await open();
    const second = await served("--data", data, "--port", "0");
    expect(await second.ended).toMatchObject({
      error: { exitCode: 2, message: expect.stringContaining("another process writes to this directory") },
    });
    await host.close();
  });

  it("[XDA-49] begins a log under the name that is given, which the log then keeps", async () => {
    const first = await open("--domain", "ops.example");
    const described = await first.client.identity.describe();
    expect(described).toMatchObject({
      trustDomain: "ops.example",
      trustDomainFixed: expect.stringContaining("starts"),
    });
    await enrolledOperator(first.client);
    await first.close();
    const again = await open();
    expect((await again.client.identity.describe()).logId).toBe("spiffe://ops.example/log");
    await again.close();
    const refused = await served("--data", data, "--port", "0", "--domain", "other.example");
    expect(await refused.ended).toMatchObject({
      error: { exitCode: 2, message: expect.stringContaining("of ops.example, and a log keeps its name") },
    });
  });

  it("says that a key cannot be read, and nothing of the key", async () => {
    await (await open()).close();
    const names = await readdir(join(data, "values"));
    const path = join(
      data,
      "values",
      must(
        names.find((name) => name.includes("log")),
        "the log's key",
      ),
    );
    const stored = await readFile(path, "utf8");
    await writeFile(path, stored.replace(/KEY-----\\n.{20}/, "KEY-----\\nAAAA"));
    const refused = await served("--data", data, "--port", "0");
    expect(await refused.ended).toEqual({
      ok: false,
      error: {
        exitCode: 2,
        message: `serve: ${data} cannot be used: the key stored as signer/log cannot be read`,
      },
    });
  });

  it.each([
    [[], "name the directory"],
    [["--data", "x", "--port", "http"], "--port takes a number"],
    [["--data", "x", "--port", "65536"], "--port takes a number"],
    [["--data", "x", "--domain", "Ops"], "--domain takes a name such as ops.example"],
    [["--data", "x", "more"], '"more" is not understood'],
  ])("%j is refused with what is expected", async (options, message) => {
    const { ended } = await served(...options);
    expect(await ended).toMatchObject({ ok: false, error: { exitCode: 2, message: expect.stringContaining(message) } });
  });
});
