import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { must } from "../app/base/assert.ts";
import { acted } from "../app/host/acting.fixture.ts";
import { acrossThree, besideOthers, trailOf } from "../app/host/domains/domains.fixture.ts";
import { channelWorkers } from "../app/host/log-check/check-worker.fixture.ts";
import { fileChecks } from "../app/host/log-check/file-checks.ts";
import { QUESTIONS } from "../app/protocol/audit/questions.ts";
import { createSha256 } from "../app/protocol/jose/hasher.ts";
import { packPage } from "../app/protocol/pack/pack-page.ts";
import type { PackOptions } from "../app/protocol/pack/pack-walk.ts";
import { packText } from "../app/protocol/pack/read-pack.ts";
import { type PackReport, verifyPack } from "../app/protocol/pack/verify-pack.ts";
import { runCli } from "../server/cli.ts";
import { type RealPacks, realPacks } from "./corpus.fixture.ts";
import { claimsOf, headerOf, type Tampered } from "./tampered.fixture.ts";
import { tamperedClaims } from "./tampered-claims.fixture.ts";
import { tamperedEntries } from "./tampered-entries.fixture.ts";
import { tamperedByExporter } from "./tampered-exporter.fixture.ts";
import { tamperedManifests } from "./tampered-manifest.fixture.ts";
import { tamperedParts } from "./tampered-parts.fixture.ts";

const packs = await realPacks();
const corpus: readonly Tampered[] = [
  ...(await tamperedEntries(packs)),
  ...(await tamperedParts(packs)),
  ...(await tamperedManifests(packs)),
  ...(await tamperedByExporter(packs)),
  ...(await tamperedClaims(packs)),
];
const sha256 = await createSha256();
const script = join(import.meta.dirname, "verify_pack.py");
const python = (...args: string[]): string =>
  execFileSync("python3", [script, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "pipe"],
  });

let folder: string;
let said: Promise<readonly PackReport[]>;
/** The second implementation is run once over all cases, each of which is a line, while ours looks at them. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "signalbox-packs-"));
  const file = join(folder, "cases.jsonl");
  const lines = corpus.map(({ text, head, logKey }) => JSON.stringify({ pack: text, head, logKey }));
  writeFileSync(file, `${lines.join("\n")}\n`);
  said = promisify(execFile)("python3", [script, "--cases", file], { maxBuffer: 1 << 28 }).then(({ stdout }) =>
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as PackReport),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

function ours(
  { text, head, logKey }: Pick<Tampered, "text" | "head" | "logKey">,
  checks: Pick<PackOptions, "checker"> = {},
): Promise<PackReport> {
  const [size = "", root = ""] = head?.split(":") ?? [];
  return verifyPack(text, sha256, {
    ...checks,
    ...(head === undefined ? {} : { pinned: { size: Number(size), root } }),
    ...(logKey === undefined ? {} : { logKey }),
  }).then(({ report }) => report);
}

describe("a pack as it was exported", () => {
  it.each(["whole", "workflow", "query", "bare", "redacted"] as const)(
    "[XA-30] [XA-35] holds for both: %s",
    async (name) => {
      const text = JSON.stringify(packs[name]);
      const head = `${packs[name].manifest.tree_size}:${packs[name].manifest.root}`;
      const logKey = String(headerOf(packs[name].seal).kid);
      const file = join(folder, `${name}.json`);
      writeFileSync(file, text);
      const theirs = JSON.parse(python(file, "--json", "--head", head, "--log-key", logKey)) as PackReport;
      for (const report of [await ours({ text, head, logKey }), theirs]) {
        expect(report.firstBad).toBeNull();
        expect(QUESTIONS.map((question) => report[question].result)).toEqual(QUESTIONS.map(() => "passed"));
        expect(report.consistent.detail).toContain("from elsewhere, under keys that the pack itself brings");
        expect([report.checked, report.treeSize, report.logKey]).toEqual([
          packs[name].entries.length,
          packs[name].manifest.tree_size,
          logKey,
        ]);
      }
    },
  );

  it("[XA-32] [XA-33] holds what was asked for and what it rests on, says what it leaves out, and its own request", () => {
    const { whole, workflow, query, bare } = packs;
    expect(whole.manifest.ranges).toEqual([[0, whole.manifest.tree_size - 1]]);
    expect(workflow.entries.length).toBeLessThan(workflow.manifest.tree_size);
    expect(workflow.entries[0]?.seq).toBe(0);
    const kids = new Set(workflow.keys.map(({ kid }) => kid));
    expect(workflow.entries.every(({ token }) => kids.has(String(headerOf(token).kid)))).toBe(true);
    expect(query.elsewhere.length).toBeGreaterThan(0);
    expect(bare.objects).toEqual({});
    expect(bare.withheld.map((row) => [row.what, row.why])).toEqual([
      ["object", "left_out"],
      ["object", "left_out"],
    ]);
    for (const pack of [whole, workflow, query, bare]) {
      const asked = must(
        pack.entries.find(({ seq }) => seq === pack.manifest.request.seq),
        "the request is in the pack",
      );
      expect(headerOf(asked.token).typ).toBe("evidence-request+jwt");
    }
  });
});

describe("a pack that something was taken out of", () => {
  it("[XA-37] has neither the entries nor what was shown about them, says which by why and how many, and proves all others for both", async () => {
    const { redacted, whole } = packs;
    const places = redacted.withheld.flatMap((row) =>
      row.what === "entries" && row.why === "redacted" ? [[row.from, row.to] as const] : [],
    );
    const [[from, to] = [0, 0]] = places;
    expect([places.length, to - from]).toEqual([1, 1]);
    const asked = must(
      whole.entries.find(({ seq }) => seq === from),
      "it is in the whole log",
    );
    const text = JSON.stringify(redacted);
    expect(text).not.toContain(asked.token.split(".")[1]);
    expect([whole.views[0]?.text === null, redacted.views[0]?.text, redacted.views[0]?.hash]).toEqual([
      false,
      null,
      whole.views[0]?.hash,
    ]);
    const file = join(folder, "taken-out.json");
    writeFileSync(file, text);
    for (const report of [await ours({ text }), JSON.parse(python(file, "--json")) as PackReport]) {
      expect(report.firstBad).toBeNull();
      expect(report.complete.detail).toContain("2 of them were taken out by whoever asked for it");
    }
  });
});

describe("a pack of another domain's log", () => {
  it("[XA-30] [XA-33] [XA-35] [XDA-71] is sealed by that log, asked for in it, and holds for both and under its own key", async () => {
    const open = await besideOthers();
    const { host, client } = open;
    const { alice, wid } = await acted(client, acrossThree(), false);
    await trailOf(open, wid);
    const token = (selection: object) => alice.askEvidence("spiffe://core.example/pep", { selection });
    const refused = client.audit.evidence({
      token: await token({ kind: "workflow", wid: "0195400c-0000-7000-8000-0000000000ff" }),
      domain: "core.example",
    });
    await expect(refused).rejects.toMatchObject({ data: { code: "workflow_unknown" } });
    for (const selection of [{ kind: "all" }, { kind: "workflow", wid }]) {
      let text = "";
      for await (const piece of await client.audit.evidence({ token: await token(selection), domain: "core.example" }))
        text += piece.text;
      const { manifest, entries } = JSON.parse(text) as RealPacks["whole"]; // what the host says is a pack
      expect([manifest.domain, manifest.log_id]).toEqual(["core.example", "spiffe://core.example/log"]);
      const asked = must(
        entries.find(({ seq }) => seq === manifest.request.seq),
        "the request is in the pack",
      );
      expect(claimsOf(asked.token).iss).toBe(alice.subject);
      const file = join(folder, "beside.json");
      writeFileSync(file, text);
      const theirs = JSON.parse(python(file, "--json")) as PackReport;
      for (const report of [await ours({ text }), theirs]) expect(report.firstBad).toBeNull();
      let ownKey: boolean | null = null;
      for await (const event of await client.audit.verifyPack({ text }))
        if (event.type === "report") ownKey = event.report.ownKey;
      expect(ownKey).toBe(true);
    }
    host.close();
  }, 60_000);
});

describe("the command line", () => {
  async function run(...args: string[]) {
    const lines: string[] = [];
    const ended = await runCli(["verify-pack", ...args], (async function* () {})(), async (line) => {
      lines.push(line);
    });
    return { exitCode: ended.ok ? 0 : ended.error.exitCode, message: ended.ok ? "" : ended.error.message, lines };
  }

  it("[XA-34] answers one report and ends with 1 where a pack does not hold, as the second verifier does", async () => {
    const { whole } = packs;
    const file = join(folder, "command.json");
    const [good, bad] = [JSON.stringify(whole), JSON.stringify({ ...whole, entries: whole.entries.slice(1) })];
    writeFileSync(file, good);
    const held = await run(file, "--json");
    expect([held.exitCode, held.lines.length]).toEqual([0, 1]);
    expect(JSON.parse(must(held.lines[0], "a report"))).toMatchObject({
      firstBad: null,
      entries: whole.entries.length,
    });
    expect((await run(file, "--head", `${whole.manifest.tree_size + 1}:${whole.manifest.root}`)).message).toContain(
      "log_truncated at manifest.tree_size",
    );
    expect((await run(file, "--log-key", whole.manifest.root)).message).toContain("receipt_log_unknown at entries.0");
    writeFileSync(file, bad);
    const found = await run(file);
    expect([found.exitCode, found.message]).toEqual([1, expect.stringContaining("verify-pack: log_gap at entries.0:")]);
    expect(() => python(file)).toThrow(
      expect.objectContaining({ status: 1, stdout: expect.stringContaining("NOT VERIFIED: log_gap at entries.0") }),
    );
    expect((await run(join(folder, "none.json"))).exitCode).toBe(2);
    expect(() => python(join(folder, "none.json"))).toThrow(expect.objectContaining({ status: 2 }));
    expect((await run(file, "--head", "0:x")).exitCode).toBe(2);
  });
});

describe("a pack as a page", () => {
  it("[XA-36] is verified like its document by both, and nothing in it ends the element it stands in", async () => {
    const { whole } = packs;
    const text = JSON.stringify(whole);
    expect(text).toContain("<b>");
    const page = await packPage(text, { code: "/* the page's program */ '</script><!--'", styles: "p { margin: 0 }" });
    const file = join(folder, "pack.html");
    writeFileSync(file, page);
    expect(packText(page)).not.toContain("<");
    expect(JSON.parse(packText(page))).toEqual(whole);
    expect((await ours({ text: page })).firstBad).toBeNull();
    expect(JSON.parse(python(file, "--json"))).toMatchObject({ firstBad: null });
    const changed = page.replace("Review by", "Another by");
    writeFileSync(file, changed);
    expect((await ours({ text: changed })).firstBad?.place).toBe("manifest.purpose");
    expect(() => python(file, "--json")).toThrow(
      expect.objectContaining({ stdout: expect.stringContaining('"manifest.purpose"') }),
    );
  });
});

it("[XA-S3] an entry that came long after it says it was made is flagged by both, and refused by neither", async () => {
  const { whole } = packs;
  const old = whole.policies[1]?.seq;
  const file = join(folder, "late.json");
  writeFileSync(file, JSON.stringify(whole));
  const theirs = JSON.parse(python(file, "--json")) as PackReport;
  for (const report of [await ours({ text: JSON.stringify(whole) }), theirs]) {
    expect(report.backdated).toEqual([old]);
    expect(report.plausible).toEqual({ result: "passed", detail: expect.stringContaining(`the first is ${old}`) });
  }
});

it("[XA-35] the corpus has at least 200 changed packs, each named once", async () => {
  expect(corpus.length).toBeGreaterThanOrEqual(200);
  expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
  expect(await said).toHaveLength(corpus.length);
}, 60_000);

it("[XA-78] [XA-34] one thread and several workers say the same of every twentieth changed pack", async () => {
  const workers = channelWorkers(sha256);
  for (const tampered of corpus.filter((_, at) => at % 20 === 0)) {
    const { checker, close } = fileChecks(workers.ports(2));
    expect([tampered.name, await ours(tampered, { checker })]).toEqual([tampered.name, await ours(tampered)]);
    close();
  }
  expect(workers.made()).toBeGreaterThan(20);
  expect(workers.alive()).toBe(0);
}, 60_000);

describe("a changed pack", () => {
  it.each(corpus.map((one, at) => [one.name, one, at] as const))(
    "[XA-34] [XA-35] [XA-S1] is found and located by both: %s",
    async (_name, tampered, at) => {
      const { firstBad: own } = await ours(tampered);
      const { firstBad: other } = must((await said)[at], "an answer");
      expect([own?.place, own?.code]).toEqual([tampered.place, tampered.code ?? own?.code]);
      expect([other?.place, other?.code, other?.seq]).toEqual([own?.place, own?.code, own?.seq]);
    },
  );
});
