import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { fileOf, importText, runOf, taskOf, warned } from "./import.fixture.ts";
import { importRun } from "./import-run.ts";
import { summarizeRun } from "./summary.ts";

const folder = new URL("../../../e2e/fixtures/spark-eventlog/", import.meta.url);
const bundled = new URL("../../../public/runs/", import.meta.url);
const bytesOf = (name: string): Buffer => readFileSync(new URL(name, /^[3m]/.test(name) ? folder : bundled));
const textOf = (name: string): string => gunzipSync(bytesOf(name)).toString("utf8");
const recording = async (name: string) => runOf(await importRun([fileOf(bytesOf(name), name)]));

const expected = JSON.parse(readFileSync(new URL("expected-counts.json", folder), "utf8")) as Record<
  string,
  Record<string, number> & { reasons: Record<string, number> }
>;

const line = (event: string, members: object): string => JSON.stringify({ Event: `SparkListener${event}`, ...members });
const stage = (id: number, attempt = 0, parents: number[] = [], rdd = id, more: object = {}) => ({
  "Stage Info": {
    "Stage ID": id,
    "Stage Attempt ID": attempt,
    "Stage Name": `count at App.scala:${id}`,
    "Number of Tasks": 1,
    "RDD Info": [{ "RDD ID": rdd }],
    "Parent IDs": parents,
    "Submission Time": 1_000 + id,
    ...more,
  },
});
const task = (id: number, stageId: number, executor: string, more: object = {}, attempt = 0) => ({
  "Stage ID": stageId,
  "Stage Attempt ID": 0,
  "Task Info": {
    "Task ID": id,
    Index: 0,
    Attempt: attempt,
    "Launch Time": 2_000 + id,
    "Executor ID": executor,
    ...more,
  },
});
const ended = (id: number, stageId: number, reason: object, attempt = 0) => ({
  ...task(id, stageId, "1", { "Finish Time": 3_000 + id }, attempt),
  "Task Type": "ResultTask",
  "Task End Reason": reason,
});
const start = line("ApplicationStart", { "App Name": "made", "App ID": "app-1", Timestamp: 900 });
const made = (...lines: string[]): string => [start, ...lines].join("\n");

describe("recorded Spark event logs", () => {
  it("all nine have expected counts", () => {
    expect(Object.keys(expected)).toHaveLength(9);
  });

  it.each(Object.keys(expected))("%s has the counts counted separately", { timeout: 60_000 }, async (name) => {
    const { counts } = await recording(name);
    const { reasons, ...plain } = expected[name] ?? { reasons: {} };
    expect(counts).toMatchObject(plain);
    expect(Object.entries(counts).filter(([key]) => key.startsWith("reasons."))).toEqual(
      Object.entries(reasons).map(([reason, count]) => [`reasons.${reason}`, count]),
    );
  });

  it("edges to skipped stages lead to the stage that made the same data, and are marked inferred", async () => {
    const run = await recording("4nodes_8cores_dynamic_alloc.jsonl.gz");
    const edges = run.tasks.flatMap((found) => found.parents.map((parent) => [parent.id, found.id, parent.inferred]));
    expect(edges).toHaveLength(15);
    expect(edges.slice(0, 3)).toEqual([
      ["stage-0.0", "stage-4.0", true],
      ["stage-1.0", "stage-4.0", true],
      ["stage-4.0", "stage-8.0", true],
    ]);
    expect(warned(run)).toEqual(expect.arrayContaining(["edges_inferred", "stages_skipped"]));
    expect(run.tasks.every((found) => found.parents.every((parent) => parent.inferred))).toBe(true);
  });

  it("recorded stage parents are not inferred, and task attempts hang below their stage", async () => {
    const run = await recording("dsAndDf.jsonl.gz");
    expect(taskOf(run, "stage-4.0").parents).toEqual([{ id: "stage-3.0", inferred: false }]);
    expect(run.callers).toBe("groups");
    const attempts = run.tasks.filter((found) => found.caller !== null);
    expect(attempts).toHaveLength(651);
    expect(attempts.every((found) => found.id.startsWith("task-") && found.caller?.startsWith("stage-"))).toBe(true);
    expect(summarizeRun(run)).toMatchObject({ edges: 9, levels: 3, failed: 0, tasks: 664 });
  });

  it("a lost executor, a failed job and a log without an end are said", async () => {
    const lost = await recording("3nodes_12cores_exec_removed.jsonl.gz");
    expect(warned(lost)).toEqual(
      expect.arrayContaining(["executor_removed", "application_not_ended", "unfinished", "stages_skipped"]),
    );
    expect(lost.tasks.filter((found) => found.outcome === "unfinished")).toHaveLength(5);
    const failed = await recording("complex_dec.jsonl.gz");
    expect(taskOf(failed, "stage-17.0")).toMatchObject({
      outcome: "failure",
      error: expect.stringContaining("aborted"),
    });
    expect(taskOf(failed, "task-32")).toMatchObject({
      outcome: "failure",
      error: "ExceptionFailure: org.apache.spark.SparkException: Exception thrown in awaitResult: ",
    });
    expect(failed.warnings).toContainEqual(expect.objectContaining({ code: "job_failed", count: 1 }));
    expect(taskOf(failed, "stage-17.0").attributes["Failed jobs"]).toEqual([expect.stringContaining("job 17: ")]);
  });

  it("times are relative to the application's start and the run has a canonical form", async () => {
    const run = await recording("complex_dec.jsonl.gz");
    expect(taskOf(run, "task-32")).toMatchObject({ durationMs: 41, action: "result_task", agent: "driver" });
    expect((run.startedAtMs ?? 0) + (taskOf(run, "task-32").startMs ?? 0)).toBe(1_626_104_407_928);
    expect(canonicalText(run).ok).toBe(true);
  });

  it("rolled parts are one run, whatever order they are given in, packed or not", async () => {
    const whole = await recording("dsAndDf.jsonl.gz");
    const lines = textOf("dsAndDf.jsonl.gz").trimEnd().split("\n");
    const third = Math.ceil(lines.length / 3);
    const part = (from: number): string => `${lines.slice(from, from + third).join("\n")}\n`;
    const parts = [
      fileOf(part(2 * third), "events_10_app-1"),
      fileOf(part(0), "events_1_app-1"),
      fileOf("", "appstatus_app-1"),
      fileOf(gzipSync(part(third)), "events_2_app-1"),
    ];
    const run = runOf(await importRun(parts));
    expect({ ...run, source: null }).toEqual({ ...whole, source: null });
  });

  it.each([[[1, 2]], [[3, 4]], [[4, 1]], [[1, 2, 3, 4]]])(
    "attempts %j of one application are not one run",
    async (attempts) => {
      const names = attempts.map((attempt) => `multiple_attempts_${attempt}.jsonl.gz`);
      const result = await importRun(names.map((name) => fileOf(bytesOf(name), name)));
      expect(result).toMatchObject({
        ok: false,
        error: { code: "import_malformed", file: names[1], expected: "the log of one application attempt" },
      });
    },
  );

  it("four attempts of one application are four runs of the same shape", async () => {
    const runs = await Promise.all([1, 2, 3, 4].map((attempt) => recording(`multiple_attempts_${attempt}.jsonl.gz`)));
    const shape = ({ tasks, ...run }: (typeof runs)[number]) => ({
      name: run.name,
      tasks: tasks.map(({ id, caller, outcome }) => ({ id, caller, outcome })),
    });
    expect(new Set(runs.map((run) => JSON.stringify(shape(run)))).size).toBe(1);
    expect(new Set(runs.map((run) => run.startedAtMs)).size).toBe(4);
  });
});

describe("what the recorded logs do not have", () => {
  it("retries keep their attempt, the failed try stays a failure and a killed one is killed", async () => {
    const run = runOf(
      await importText(
        made(
          line("StageSubmitted", stage(1)),
          line("TaskStart", task(7, 1, "1")),
          line("TaskEnd", ended(7, 1, { Reason: "ExecutorLostFailure", "Loss Reason": "Container killed" })),
          line("TaskEnd", ended(8, 1, { Reason: "TaskKilled", "Kill Reason": "another attempt succeeded" }, 1)),
          line("TaskEnd", ended(9, 1, { Reason: "Success" }, 2)),
          line("StageCompleted", stage(1, 0, [], 1, { "Completion Time": 4_000 })),
          line("StageSubmitted", stage(1, 1)),
        ),
      ),
    );
    const told = ["task-7", "task-8", "task-9"]
      .map((id) => taskOf(run, id))
      .map((t) => [t.attempt, t.outcome, t.error]);
    expect(told).toEqual([
      [0, "failure", "ExecutorLostFailure: Container killed"],
      [1, "killed", "TaskKilled: another attempt succeeded"],
      [2, "success", null],
    ]);
    expect(run.counts).toMatchObject({ task_retries: 2, stages_retried: 1, stage_attempts_submitted: 2 });
    expect(taskOf(run, "stage-1.1")).toMatchObject({ attempt: 1, outcome: "unfinished" });
  });

  it("a retried stage waits for the retried parent, and never for a later one", async () => {
    const run = runOf(
      await importText(
        made(
          line("StageSubmitted", stage(2)),
          line("StageSubmitted", stage(3, 0, [2])),
          line("StageSubmitted", stage(2, 1)),
          line("StageSubmitted", stage(3, 1, [2])),
        ),
      ),
    );
    expect(taskOf(run, "stage-3.0").parents).toEqual([{ id: "stage-2.0", inferred: false }]);
    expect(taskOf(run, "stage-3.1").parents).toEqual([{ id: "stage-2.1", inferred: false }]);
  });

  it("a skipped stage whose data nobody made leads on to its own parents; a parent without trace is said", async () => {
    const planned = [stage(4, 0, [2], 44), stage(5, 0, [4, 99], 55)].map((item) => item["Stage Info"]);
    const run = runOf(
      await importText(
        made(
          line("StageSubmitted", stage(2)),
          line("JobStart", { "Job ID": 0, "Stage Infos": planned }),
          line("StageSubmitted", stage(5, 0, [4, 99], 55)),
        ),
      ),
    );
    expect(taskOf(run, "stage-5.0").parents).toEqual([{ id: "stage-2.0", inferred: true }]);
    expect(run.warnings).toContainEqual(
      expect.objectContaining({ code: "parent_unknown", count: 1, where: "stage-5.0 -> stage 99" }),
    );
  });

  it("a task on a removed executor says so; a task of an unknown stage gets one", async () => {
    const run = runOf(
      await importText(
        made(
          line("StageSubmitted", stage(1)),
          line("TaskStart", task(1, 1, "5")),
          line("ExecutorRemoved", { "Executor ID": "5", "Removed Reason": "worker lost" }),
          line("TaskEnd", ended(2, 8, { Reason: "Success" })),
        ),
      ),
    );
    expect(taskOf(run, "task-1")).toMatchObject({
      outcome: "unfinished",
      error: "executor 5 was removed: worker lost",
    });
    expect(taskOf(run, "task-2").caller).toBe("stage-8.0");
    expect(warned(run)).toContain("stage_unknown");
  });

  it("a log that lost its beginning is read from its first stage on, and says so", async () => {
    const failed = { Result: "JobFailed", Exception: { Message: "no" } };
    const run = runOf(
      await importText(
        [line("StageSubmitted", stage(3)), line("JobEnd", { "Job ID": 9, "Job Result": failed })].join("\n"),
      ),
    );
    expect(run).toMatchObject({
      name: "run.json",
      startedAtMs: 1003,
      counts: { jobs: 0, jobs_ended: 1, jobs_failed: 1 },
    });
    expect(warned(run)).toEqual(expect.arrayContaining(["application_not_started", "job_unknown", "job_failed"]));
  });

  it("unread events are counted; a compacted part stands for the parts before it", async () => {
    const rolled = (text: string, name: string) => fileOf(text, name);
    const run = runOf(
      await importRun([
        rolled("{not read}", "events_1_app-1"),
        rolled(made(line("StageSubmitted", stage(1))), "events_2_app-1.compact"),
        rolled(`${line("BlockUpdated", {})}\n${line("ApplicationEnd", { Timestamp: 5_000 })}\n`, "events_3_app-1"),
      ]),
    );
    expect(run.warnings).toContainEqual(expect.objectContaining({ code: "events_left_out", count: 1 }));
    expect([run.makespanMs, run.counts.application_end]).toEqual([4_100, 1]);
  });
});

describe("bad logs", () => {
  it.each([
    ["a line cut short", made(line("StageSubmitted", stage(1)).slice(0, 40)), /^line 2, column \d+$/],
    ["a line that is no event", made("[]"), /^line 2$/],
    ["a member of the wrong kind", made(line("StageSubmitted", stage("x" as never))), /^line 2: Stage Info\.Stage ID$/],
    ["a repeated member", made('{"Event":"SparkListenerX","Event":"y"}'), /^line 2, column \d+$/],
    ["a log without a stage", made(line("ApplicationEnd", { Timestamp: 1 })), /^the last line$/],
  ])("%s is refused with its place", async (_what, text, place) => {
    const result = await importText(text);
    expect(result).toMatchObject({ ok: false, error: { code: "import_malformed", file: "run.json" } });
    expect(result.ok ? "" : result.error.place).toMatch(place);
  });

  it("a gzip file that is cut off is refused", async () => {
    const bytes = bytesOf("complex_dec.jsonl.gz");
    const result = await importRun([fileOf(bytes.subarray(0, bytes.length / 2), "cut.gz")]);
    expect(result).toMatchObject({ ok: false, error: { code: "import_malformed", expected: "a whole gzip file" } });
  });

  it("too many tasks stop the reading at the line that has one too many", async () => {
    const many = Array.from({ length: 50 }, (_, index) => line("TaskStart", task(index, 1, "1")));
    const result = await importText(made(line("StageSubmitted", stage(1)), ...many), { maxTasks: 10 });
    expect(result).toMatchObject({ ok: false, error: { code: "import_too_many_tasks", place: "line 12" } });
  });
});
