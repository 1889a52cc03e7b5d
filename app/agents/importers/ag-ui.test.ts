import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { codeOf, fileOf, importText, runOf, taskOf, warned } from "./import.fixture.ts";
import { importRun } from "./import-run.ts";

const folder = new URL("../../../e2e/fixtures/ag-ui-sessions/", import.meta.url);
const session = async (name: string) => {
  const path = new URL(`${name}/`, folder);
  // The order in which files are given means nothing: turns come by the numbers in their names.
  const files = readdirSync(path).reverse();
  return runOf(await importRun(files.map((file) => fileOf(readFileSync(new URL(file, path)), file))));
};
const plain = (run: Awaited<ReturnType<typeof session>>) =>
  run.tasks.map((task) => [
    task.action,
    task.agent,
    task.caller,
    task.parents.map((parent) => `${parent.inferred ? "~" : ""}${parent.id}`).join(" "),
  ]);

describe("sessions of AG-UI", () => {
  it.each([
    ["Step01_GettingStarted", { turns: 2, "messages.user": 2, "events.RUN_FINISHED": 2 }, 6],
    ["Step02_BackendTools", { turns: 1, "events.TOOL_CALL_RESULT": 1 }, 4],
    ["Step04_HumanInLoop", { turns: 2, "messages.tool": 1, "events.TOOL_CALL_START": 2 }, 7],
    ["Step12_ParallelToolCalls", { turns: 1, "events.TOOL_CALL_START": 2, "events.TOOL_CALL_RESULT": 2 }, 5],
  ])("[BEH-61] %s: a mark before the text, several files, no times", async (name, counts, tasks) => {
    const run = await session(name);
    expect(run).toMatchObject({ format: "ag-ui", schedule: "computed", startedAtMs: null, counts });
    expect(run.tasks).toHaveLength(tasks);
    expect(run.tasks.every((task) => task.outcome === "success" && task.startMs === null)).toBe(true);
    expect(canonicalText(run).ok).toBe(true);
  });

  it("an approval goes round: the call asks, a person answers in the next turn's request, and the tool runs", async () => {
    const run = await session("Step04_HumanInLoop");
    expect(plain(run)).toEqual([
      ["message", "user", null, ""],
      ["agent_turn", "agent", null, "task-1"],
      ["request_approval", "agent", "task-2", ""],
      ["answer_request_approval", "user", null, "task-3"],
      ["agent_turn", "agent", null, "task-4"],
      ["approve_expense_report", "agent", "task-5", ""],
      ["respond", "agent", "task-5", "~task-6"],
    ]);
    expect(taskOf(run, "task-3").args).toMatchObject({ request: { function_name: "ApproveExpenseReport" } });
    expect(taskOf(run, "task-4").narrative).toContain('"approved":true');
    expect(taskOf(run, "task-2").usage).toEqual({ inputTokens: 146, outputTokens: 97, cachedTokens: 0, cost: null });
    expect(taskOf(run, "task-6").attributes.result).toMatch(/has been approved and processed/);
    // What a turn sends again of the turns before is no second message.
    expect(warned(run)).toContain("history_repeated");
  });

  it("calls begun before either has a result stand side by side; an answer comes after both", async () => {
    const run = await session("Step12_ParallelToolCalls");
    expect(plain(run).slice(2)).toEqual([
      ["get_weather", "agent", "task-2", ""],
      ["get_current_time", "agent", "task-2", ""],
      ["respond", "agent", "task-2", "~task-3 ~task-4"],
    ]);
    expect(taskOf(run, "task-5").narrative).toMatch(/Paris: sunny/);
  });

  it("an event a line with times, a failed run, an unanswered call and unknown events are read", async () => {
    const lines = [
      { type: "RUN_STARTED", threadId: "t", runId: "r", timestamp: 1000 },
      { type: "TOOL_CALL_START", toolCallId: "c", toolCallName: "run_start", timestamp: 1100 },
      { type: "TOOL_CALL_ARGS", toolCallId: "c", delta: "{not json" },
      { type: "STATE_DELTA", delta: [{ op: "add", path: "/a", value: 1 }] },
      { type: "ACTIVITY_SNAPSHOT", content: { a: 1 }, message: {} },
      { type: "TOOL_CALL_RESULT", toolCallId: "other", content: "x" },
      { type: "RUN_ERROR", message: "gone \u202E", timestamp: 1500 },
    ];
    const run = runOf(await importText(lines.map((line) => JSON.stringify(line)).join("\n")));
    expect(run).toMatchObject({ schedule: "recorded", startedAtMs: 1000, makespanMs: 500 });
    expect(run.tasks).toMatchObject([
      { action: "agent_turn", outcome: "failure", error: "gone \u202E", durationMs: 500 },
      { action: "recorded_run_start", outcome: "unfinished", startMs: 100, args: { arguments: "{not json" } },
    ]);
    expect(warned(run)).toEqual(
      expect.arrayContaining(["arguments_no_object", "events_left_out", "result_without_call", "unfinished"]),
    );
  });

  it("a piece of a call that does not name it again goes on with it, and a result that comes twice ends it once", async () => {
    const run = runOf(
      await importText(
        JSON.stringify([
          { type: "RUN_STARTED" },
          { type: "TOOL_CALL_CHUNK", toolCallId: "c", toolCallName: "look", delta: '{"a"' },
          { type: "TOOL_CALL_CHUNK", delta: ":1}" },
          { type: "TOOL_CALL_RESULT", toolCallId: "c", content: "x" },
          { type: "TOOL_CALL_RESULT", toolCallId: "c", content: "x" },
          { type: "TEXT_MESSAGE_CHUNK", messageId: "m", delta: "done" },
        ]),
      ),
    );
    expect(plain(run).slice(1)).toEqual([
      ["look", "agent", "task-1", ""],
      ["respond", "agent", "task-1", "~task-2"],
    ]);
    expect(taskOf(run, "task-2")).toMatchObject({ args: { a: 1 }, outcome: "success" });
  });

  it("very many things side by side do not make an edge for each pair of them", async () => {
    const each = (type: string, from: number) =>
      Array.from({ length: 200 }, (_, n) => ({ type, messageId: `m${from + n}` }));
    const run = runOf(
      await importText(
        JSON.stringify([
          { type: "RUN_STARTED" },
          ...each("TEXT_MESSAGE_START", 0),
          ...each("TEXT_MESSAGE_END", 0),
          ...each("TEXT_MESSAGE_START", 200),
        ]),
      ),
    );
    expect(Math.max(...run.tasks.map(({ parents }) => parents.length))).toBe(64);
    expect(warned(run)).toContain("edges_left_out");
  });

  it.each([
    ["an event without a type", JSON.stringify([{ type: "RUN_STARTED" }, { id: 1 }]), "import_malformed", "$.1.type"],
    [
      "a piece of text that is none",
      JSON.stringify([{ type: "RUN_STARTED" }, { type: "TEXT_MESSAGE_CONTENT", delta: 1 }]),
      "import_malformed",
      "$.1.delta",
    ],
    ["messages that are none", '{"threadId":"t","runId":"r","messages":[7]}', "import_malformed", "$.messages.0"],
    ["nothing said", '{"threadId":"t","runId":"r","messages":[]}', "import_malformed", "$"],
    ["other events", JSON.stringify([{ type: "SPAN" }]), "import_unknown_format", "$"],
  ])("%s is refused with its place", async (_what, text, code, place) => {
    expect(await importText(text)).toMatchObject({ ok: false, error: { code, place } });
  });

  it("more events than tasks could have are refused", async () => {
    const words = Array.from({ length: 301 }, () => ({ type: "TEXT_MESSAGE_CHUNK", messageId: "m", delta: "x" }));
    expect(codeOf(await importText(JSON.stringify(words), { maxTasks: 3 }))).toBe("import_too_many_tasks");
    expect(runOf(await importText(JSON.stringify(words))).tasks[0]?.narrative).toHaveLength(301);
  });
});
