import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { codeOf, fileOf, importText, runOf, taskOf, warned } from "./import.fixture.ts";
import { importRun } from "./import-run.ts";

const recording = async (name: string) =>
  runOf(
    await importRun([fileOf(readFileSync(new URL(`../../../e2e/fixtures/swe-agent/${name}`, import.meta.url)), name)]),
  );
const one = (steps: unknown, more: object = {}): string => JSON.stringify({ trajectory: steps, ...more });
const step = (more: object = {}) => ({ action: "ls -a\n", observation: ".", thought: "look", ...more });

describe("trajectories of SWE-agent", () => {
  it("[BEH-61] without times keep the order of their steps, and say that there are none", async () => {
    const run = await recording("humanevalfix-python-0.traj.json");
    expect(run).toMatchObject({ format: "swe-agent", schedule: "computed", makespanMs: null, counts: { steps: 5 } });
    expect(run.tasks.map((task) => [task.action, task.startMs, task.parents])).toEqual([
      ["ls", null, []],
      ["open", null, [{ id: "step-1", inferred: true }]],
      ["edit", null, [{ id: "step-2", inferred: true }]],
      ["python", null, [{ id: "step-3", inferred: true }]],
      ["submit", null, [{ id: "step-4", inferred: true }]],
    ]);
    expect(taskOf(run, "step-2")).toMatchObject({
      args: { command: "open main.py\n" },
      attributes: { state: { open_file: "n/a" }, observation: expect.stringContaining("main.py") },
      narrative: expect.stringContaining("I will open the main.py"),
    });
    expect(warned(run)).toEqual(["history_left_out", "times_unknown"]);
    expect(run.tasks[0]?.attributes).toMatchObject({ info: { exit_status: "submitted" } });
    expect(canonicalText(run).ok).toBe(true);
  });

  it("[BEH-61] with the time of commands start one after the other, which is said to be computed", async () => {
    const run = await recording("marshmallow-1867-function-calling.traj.json");
    expect(run.counts).toMatchObject({ steps: 11, api_calls: 11 });
    expect(run.tasks[0]).toMatchObject({ startMs: 0, durationMs: expect.closeTo(239.637, 2) });
    expect(run.tasks[1]?.startMs).toBeCloseTo(239.637, 2);
    expect(warned(run)).toContain("times_computed");
    expect(warned(run)).not.toContain("times_unknown");
    expect(taskOf(run, "step-1").attributes).toMatchObject({ state: { working_dir: "/testbed" } });
  });

  it.each([
    ["no step", one([]), "import_unknown_format"],
    ["a step that is none", one([step(), 5]), "import_malformed"],
    ["an action that is no text", one([step({ action: ["ls"] })]), "import_malformed"],
    ["a time before nothing", one([step({ execution_time: -1 })]), "import_malformed"],
  ])("%s is refused", async (_what, text, code) => {
    expect(codeOf(await importText(text))).toBe(code);
  });

  it("empty, huge and hostile commands are data, and only some times are said to be missing", async () => {
    const run = runOf(
      await importText(
        one([
          step({ action: "", execution_time: 0.5 }),
          step({ action: "/usr/bin/override_stop x", observation: "y".repeat(100_000) }),
          step({ action: `\u202E${"z".repeat(40_000)}`, state: "not json", __proto__: null }),
        ]),
      ),
    );
    expect(run.tasks.map((task) => [task.action, task.startMs])).toEqual([
      ["no_command", 0],
      ["recorded_override_stop", 500],
      [expect.stringMatching(/^z{50,64}$/), 500],
    ]);
    expect(warned(run)).toEqual(expect.arrayContaining(["arguments_cut", "attributes_cut", "durations_missing"]));
    expect(codeOf(await importText(one([step(), step()]), { maxTasks: 1 }))).toBe("import_too_many_tasks");
  });
});
