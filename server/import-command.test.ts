import { copyFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runCli } from "./cli.ts";
import { summarizeFiles } from "./import-command.ts";

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const wfinstance = (name: string): string => at(`e2e/fixtures/wfinstances/${name}`);

describe("import", () => {
  it.each([
    [
      "e2e/fixtures/wfinstances/montage-chameleon-2mass-01d-001.json",
      { format: "wfformat", tasks: 103, edges: 231, roots: 21, leaves: 4, levels: 8, failed: 0, child_links: 231 },
    ],
    [
      "public/runs/complex_dec.jsonl.gz",
      {
        format: "spark-eventlog",
        name: "Spark shell",
        tasks: 57,
        failed: 2,
        jobs_failed: 1,
        reasons: { ExceptionFailure: 1 },
      },
    ],
    ["public/runs/dsAndDf.jsonl.gz", { tasks: 664, edges: 9, stage_parent_edges: 9, inferred_edges: 0, reasons: {} }],
    [
      "e2e/fixtures/langfuse/openai-agents-2025-09-30.trace.json",
      { agents: 2, types: { AGENT: 2, GENERATION: 2, TOOL: 1 } },
    ],
    ["e2e/fixtures/otlp/trace.json", { format: "otlp", tasks: 1, observedOnly: true, spans: 1 }],
  ])("%s: the counts of the recorded run", { timeout: 60_000 }, async (path, counts) => {
    const summary = await summarizeFiles([at(path)]);
    expect(summary).toMatchObject({ ok: true, value: { ...counts, warnings: expect.any(Array) } });
  });

  it("[BEH-61] of several runs in a file each is counted, or the one that is chosen by number or id", async () => {
    const folder = "e2e/fixtures/agentrx-tau-retail";
    const expected = JSON.parse(await readFile(at(`${folder}/expected-counts.json`), "utf8")) as { task_id: number }[];
    const files = ["ground_truth.json", "tau_failed.json"].map((name) => at(`${folder}/${name}`));
    expect(await summarizeFiles(files)).toMatchObject({
      ok: true,
      value: { runs: expected.map((counts, index) => ({ run: index + 1, id: `task-${counts.task_id}`, ...counts })) },
    });
    const third = {
      ok: true,
      value: { ...expected[2], tasks: 19, blame: [{ step: 19, agent: "assistant", cause: true }] },
    };
    expect(await summarizeFiles(files, "3")).toMatchObject(third);
    expect(await summarizeFiles(files, "task-12")).toMatchObject(third);
    expect(await summarizeFiles(files, "15")).toMatchObject({
      ok: false,
      error: expect.stringMatching(/import_no_such_run/),
    });
  });

  it("a folder is one rolled log, and so are several files", { timeout: 60_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-"));
    const event = (name: string, members: object) =>
      `${JSON.stringify({ Event: `SparkListener${name}`, ...members })}\n`;
    const parts = ["events_2_app", "events_1_app"].map((name) => join(folder, name));
    await writeFile(parts[0] ?? "", event("ApplicationEnd", { Timestamp: 9 }));
    await writeFile(parts[1] ?? "", event("StageSubmitted", { "Stage Info": { "Stage ID": 0, "Submission Time": 1 } }));
    await writeFile(join(folder, "appstatus_app"), "");
    await writeFile(join(folder, "LICENSE-app.txt"), "Anybody may read this.");
    await writeFile(join(folder, "README.md"), "What this is.");
    const expected = { ok: true, value: { tasks: 1, application_end: 1, lines: 2 } };
    expect(await summarizeFiles([folder])).toMatchObject(expected);
    expect(await summarizeFiles(parts)).toMatchObject(expected);
  });

  it("names the file, the place and what was expected", { timeout: 60_000 }, async () => {
    const failed = (text: string | RegExp) => ({ ok: false, error: expect.stringMatching(text) });
    expect(await summarizeFiles([wfinstance("LICENSE")])).toEqual(
      failed(/LICENSE: import_malformed at .*: expected one JSON document/),
    );
    expect(await summarizeFiles([wfinstance("none.json")])).toEqual(failed("no such file"));
    const folder = await mkdtemp(join(tmpdir(), "signalbox-"));
    expect(await summarizeFiles([folder])).toEqual(failed("import_empty"));
    await copyFile(wfinstance("LICENSE"), join(folder, "a.json"));
    expect(await summarizeFiles([folder])).toEqual(failed(/a\.json: import_malformed/));
  });

  it("is one object on one line, or one line and exit code 2", async () => {
    const lines: string[] = [];
    const cli = (...args: string[]) =>
      runCli(["import", ...args], (async function* () {})(), async (line) => {
        lines.push(line);
      });
    expect(await cli(at("e2e/fixtures/otlp/trace.json"), "--json")).toEqual({ ok: true, value: undefined });
    expect(lines.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ format: "otlp" })]);
    expect(await cli("--json", at("e2e/fixtures/otlp/logs.json"))).toEqual({
      ok: false,
      error: { exitCode: 2, message: expect.stringMatching(/^import: \P{Cc}+$/u) },
    });
  });
});
