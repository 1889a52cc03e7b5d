import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { codeOf, fileOf, importText, runOf, taskOf, warned } from "./import.fixture.ts";
import { importRun } from "./import-run.ts";

const recording = async (name: string) =>
  runOf(
    await importRun([
      fileOf(readFileSync(new URL(`../../../e2e/fixtures/inspect-logs/${name}`, import.meta.url)), name),
    ]),
  );
const INPUT = "2024-11-05T13-31-45-05-00_input-task_8zXjbRzCWrL9GXiXo2vus9.json";
const log = (samples: unknown, more: object = {}): string =>
  JSON.stringify({ version: 2, status: "success", eval: { task: "t" }, samples, ...more });
const at = (second: number): string => `2025-05-12T20:28:${String(second).padStart(2, "0")}.5-04:00`;
const sample = (events: unknown[], more: object = {}) => ({ id: 1, epoch: 1, events, ...more });

describe("logs of Inspect", () => {
  it("spans begin and end by events; a person's input and the scorer are agents of their own", async () => {
    const run = await recording(INPUT);
    expect(run).toMatchObject({ format: "inspect", formatVersion: "2", schedule: "recorded", makespanMs: 34335.754 });
    expect(run.agents.map((agent) => [agent.id, agent.kind])).toEqual([
      ["input-task", "evaluation"],
      ["person", "human"],
      ["model-graded-fact", "agent"],
    ]);
    expect(taskOf(run, "sample-1-1/2")).toMatchObject({
      action: "input",
      agent: "person",
      caller: "sample-1-1/1",
      startMs: 30865.473,
      narrative: expect.stringContaining("Question Request"),
    });
    // Steps of older logs nest by their order; one after another is inferred.
    expect(taskOf(run, "sample-1-1/5")).toMatchObject({
      name: "generate",
      durationMs: 1403.36,
      parents: [{ id: "sample-1-1/1", inferred: true }],
    });
    // What is attached under its digest is put in its place.
    expect(taskOf(run, "sample-1-1/10").narrative).toMatch(/You are comparing a submitted answer/);
    expect(run.counts).toMatchObject({ samples: 1, input_tokens: 274, output_tokens: 189, "events.input": 1 });
    expect(canonicalText(run).ok).toBe(true);
  });

  it("a cancelled evaluation keeps its finished samples and says that it was", async () => {
    const run = await recording("2025-05-12T20-28-13-04-00_popularity.json");
    expect(warned(run)).toContain("status_cancelled");
    expect(run.counts).toMatchObject({ samples: 3, completed_samples: 3, "events.span_begin": 12, input_tokens: 192 });
    expect(run.tasks.filter((task) => task.caller === null).map((task) => task.id)).toEqual([
      "sample-1-1",
      "sample-2-1",
      "sample-3-1",
    ]);
    expect(run.tasks.filter((task) => task.action === "chat").map((task) => task.durationMs)).toEqual([
      656.751, 1770.514, 646.317,
    ]);
    expect(run.tasks.every((task) => task.outcome === "success")).toBe(true);
  });

  it("[BEH-61] eleven kinds of tool errors in messages are failures in their order, without times", async () => {
    const run = await recording("log_tool_call_error.json");
    const failed = run.tasks.filter((task) => task.outcome === "failure");
    expect(failed.map((task) => task.error?.split(":")[0])).toEqual([
      ...["parsing", "timeout", "parsing", "unicode_decode", "permission", "file_not_found", "is_a_directory"],
      ...["limit", "approval", "unknown", "output_limit"],
    ]);
    expect(failed[1]?.parents).toEqual([{ id: "sample-1-4/m0", inferred: true }]);
    expect(run).toMatchObject({ schedule: "computed", startedAtMs: null, counts: { "tool_errors.parsing": 2 } });
    expect(run.tasks.every((task) => task.startMs === null)).toBe(true);
  });

  it.each([
    ["no sample", log([]), "import_malformed"],
    ["a sample that is none", log([7]), "import_malformed"],
    ["an event without a time", log([sample([{ event: "model", timestamp: "now" }])]), "import_malformed"],
    ["an event that is none", log([sample(["model"])]), "import_malformed"],
    ["two samples with one id", log([sample([]), sample([])]), "import_malformed"],
    ["an unknown role", log([{ id: 1, messages: [{ role: "root", content: "" }] }]), "import_malformed"],
  ])("%s is refused", async (_what, text, code) => {
    expect(codeOf(await importText(text))).toBe(code);
  });

  it("ends without a begin, spans below themselves, attachments to themselves and deep arguments are bounded", async () => {
    let deep: object = { end: true };
    for (let depth = 0; depth < 40; depth += 1) deep = { deep };
    const events = [
      { event: "span_end", timestamp: at(1), id: "never" },
      { event: "span_begin", timestamp: at(1), id: "a", parent_id: "a", type: "agent", name: "\u202Eevil" },
      { event: "tool", timestamp: at(2), completed: at(3), span_id: "a", function: "__proto__", arguments: deep },
      { event: "tool", timestamp: at(4), span_id: "none", function: "x", error: { type: "timeout", message: "late" } },
      { event: "step", timestamp: at(5), action: "end" },
      { event: "store", timestamp: at(6) },
    ];
    const attachments = { aa: "attachment://aa" };
    const run = runOf(
      await importText(log([sample(events, { attachments, input: "attachment://aa", error: { message: "broke" } })])),
    );
    expect(run.tasks.map((task) => [task.id, task.outcome, task.caller])).toEqual([
      ["sample-1-1", "failure", null],
      ["sample-1-1/1", "unfinished", "sample-1-1"],
      ["sample-1-1/2", "success", "sample-1-1/1"],
      ["sample-1-1/3", "failure", "sample-1-1"],
    ]);
    expect(taskOf(run, "sample-1-1/2").args).toHaveProperty("preview");
    expect(taskOf(run, "sample-1-1/3").error).toBe("timeout: late");
    expect(warned(run)).toEqual(expect.arrayContaining(["end_without_begin", "changes_left_out", "arguments_cut"]));
    expect(codeOf(await importText(log([sample(events)]), { maxTasks: 2 }))).toBe("import_too_many_tasks");
  });
});
