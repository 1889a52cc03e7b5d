import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { codeOf, fileOf, importText, runOf, taskOf, warned } from "./import.fixture.ts";
import { importRun } from "./import-run.ts";

const file = (name: string) =>
  fileOf(readFileSync(new URL(`../../../e2e/fixtures/temporal-histories/${name}`, import.meta.url)), name);
const recording = async (...names: string[]) => runOf(await importRun(names.map(file)));
const event = (id: number | string, type: string, told: object = {}, time = "2022-07-01T20:28:48.000000001Z") => ({
  eventId: id,
  eventTime: time,
  eventType: type,
  [`${type[0]?.toLowerCase()}${type.slice(1)}EventAttributes`]: told,
});
const history = (events: readonly unknown[]): string => JSON.stringify(events);

describe("histories of Temporal", () => {
  it.each([
    ["events.completed.json", { events: 18, activities: 1, timers: 1, retries: 0, timeouts: 0, pending: 0 }, 9, 0],
    ["raw-events.ascending.completed.json", { events: 18, activities: 1, timers: 1, timeouts: 0 }, 9, 0],
    ["events.failed.json", { events: 7, activities: 0, retries: 1 }, 5, 1],
    ["events.timed-out.json", { events: 18, activities: 1, timers: 1, timeouts: 3, pending: 1 }, 11, 3],
  ])("%s: events that tell of the same work are one task", async (name, counts, tasks, failed) => {
    const run = await recording(name);
    expect(run).toMatchObject({ format: "temporal", schedule: "recorded", counts });
    expect(run.tasks).toHaveLength(tasks);
    expect(run.tasks.filter((task) => task.outcome === "failure")).toHaveLength(failed);
    expect(canonicalText(run).ok).toBe(true);
  });

  it("a list from the newest and the API's own shape from the oldest give the same tasks, times and edges", async () => {
    const [listed, raw] = await Promise.all([
      recording("events.completed.json"),
      recording("raw-events.ascending.completed.json"),
    ]);
    const plain = ({ id, name, action, agent, parents, startMs, durationMs, outcome }: (typeof raw.tasks)[number]) => ({
      ...{ id, name, action, agent, parents, startMs, durationMs, outcome },
    });
    expect(listed.tasks.map(plain)).toEqual(raw.tasks.map(plain));
    expect(taskOf(raw, "event-12")).toMatchObject({
      name: "activity.standard-visibility",
      action: "activity_standard_visibility",
      startMs: 4091.481585,
      durationMs: 10.210792,
      // What a workflow task decided is recorded; that a workflow task follows a fired timer is not.
      parents: [{ id: "event-9", inferred: false }],
    });
    expect(taskOf(raw, "event-9").parents).toEqual([{ id: "event-7", inferred: true }]);
    expect(raw.agents.map((agent) => agent.kind)).toEqual(["workflow", "worker", "service"]);
  });

  it("what comes while something goes on is not taken to come after it", async () => {
    const run = runOf(
      await importText(
        history([
          event(1, "WorkflowExecutionStarted"),
          event(2, "ActivityTaskScheduled", { activityType: { name: "long" } }),
          event(3, "ActivityTaskStarted", { scheduledEventId: 2 }),
          event(4, "WorkflowExecutionSignaled", { signalName: "hurry" }),
          event(5, "ActivityTaskCompleted", { scheduledEventId: 2 }),
          event(6, "WorkflowExecutionSignaled", { signalName: "thanks" }),
        ]),
      ),
    );
    expect(run.tasks.map(({ id, parents }) => [id, parents.map((parent) => parent.id)])).toEqual([
      ["event-1", []],
      ["event-2", ["event-1"]],
      ["event-4", ["event-1"]],
      ["event-6", ["event-2"]],
    ]);
  });

  it("time-outs, failures with their causes and a retry of the whole are kept", async () => {
    const late = await recording("events.timed-out.json");
    expect(taskOf(late, "event-13").error).toMatch(/^activity ScheduleToStart timeout: listWorkflow returned 0/);
    expect(taskOf(late, "event-17").outcome).toBe("unfinished");
    const failed = await recording("events.failed.json");
    expect(taskOf(failed, "event-1").attempt).toBe(1);
    expect(taskOf(failed, "event-7")).toMatchObject({ outcome: "failure", error: "failing on attempt 2" });
  });

  it("a description has no events: the workflow as it stood and what was pending; beside its history it adds to that", async () => {
    const pending = await recording("workflow.pending-activities.json");
    expect(pending.tasks.map((task) => [task.name, task.outcome, task.caller, task.startMs])).toEqual([
      ["RainbowStatusesWorkflow", "unfinished", null, 0],
      ["LongActivity1", "unfinished", "workflow", 41.720929],
      ["LongActivity2", "unfinished", "workflow", 41.720929],
    ]);
    expect(taskOf(pending, "pending-1").args).toEqual({ heartbeat: [2] });
    expect(warned(pending)).toContain("no_history");
    const alone = await recording("workflow.failed.json");
    expect(alone.tasks[0]).toMatchObject({ outcome: "failure", durationMs: 1012.33375 });
    const both = await recording("workflow.failed.json", "events.failed.json");
    expect(both.tasks).toHaveLength(5);
    expect(both.tasks[0]?.attributes).toMatchObject({ description: { historyLength: "7" } });
  });

  it.each([
    ["an event without a time", history([event(1, "WorkflowExecutionStarted", {}, "today")]), "$.0.eventTime"],
    ["an id given twice", history([event(1, "TimerStarted"), event("1", "TimerFired")]), "$.1.eventId"],
    ["an id that is no number", history([event("x", "TimerStarted")]), "$.0.eventId"],
    ["an event that is none", history([event(1, "TimerStarted"), 7]), "$.1"],
  ])("%s is refused with its place", async (_what, text, place) => {
    expect(await importText(text)).toMatchObject({ ok: false, error: { code: "import_malformed", place } });
  });

  it("ends without a beginning, events that name themselves or later ones, deep failures and odd payloads are bounded", async () => {
    let failure: object = { message: "deep" };
    for (let depth = 0; depth < 30; depth += 1) failure = { message: `m${depth}`, cause: failure };
    const run = runOf(
      await importText(
        history([
          event(1, "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"),
          event(2, "ActivityTaskCompleted", { scheduledEventId: "99" }),
          event(3, "ActivityTaskScheduled", {
            workflowTaskCompletedEventId: "3",
            activityType: { name: "__proto__" },
            input: { payloads: [{ metadata: { encoding: "json/plain" }, data: "!!" }, 5] },
          }),
          event(4, "ActivityTaskFailed", { scheduledEventId: 3, failure }),
          event(5, "TimerStarted", { workflowTaskCompletedEventId: "6" }),
          event(6, "TimerFired", { startedEventId: "5" }),
        ]),
      ),
    );
    expect(run.tasks.map((task) => [task.id, task.outcome])).toEqual([
      ["event-1", "success"],
      ["event-2", "success"],
      ["event-3", "failure"],
      ["event-5", "success"],
    ]);
    expect(taskOf(run, "event-3").parents).toEqual([{ id: "event-2", inferred: true }]);
    expect(taskOf(run, "event-3").error).toMatch(/^m29: m28/);
    expect(warned(run)).toContain("beginning_missing");
    const two = history([event(1, "TimerStarted")]);
    expect(codeOf(await importRun([fileOf(two, "a"), fileOf(two, "b")]))).toBe("import_malformed");
    const many = Array.from({ length: 9 }, (_, id) => event(id + 1, "MarkerRecorded"));
    expect(codeOf(await importText(history(many), { maxTasks: 2 }))).toBe("import_too_many_tasks");
  });
});
