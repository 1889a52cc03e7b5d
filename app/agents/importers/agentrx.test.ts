import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { codeOf, fileOf, importText, runOf, taskOf, warned } from "./import.fixture.ts";
import { importRun } from "./import-run.ts";
import { summarizeRun } from "./summary.ts";

const file = (folder: string, name: string) =>
  fileOf(readFileSync(new URL(`../../../e2e/fixtures/${folder}/${name}`, import.meta.url)), name);
const read = (folder: string, name: string) =>
  JSON.parse(readFileSync(new URL(`../../../e2e/fixtures/${folder}/${name}`, import.meta.url), "utf8"));
const TAU = "agentrx-tau-retail";
const MAGENTIC = "agentrx-magentic-one";
const truth = (folder: string) => file(folder, "ground_truth.json");
const tau = (run: string) => importRun([truth(TAU), file(TAU, "tau_failed.json")], { run });

describe("runs of tau-bench in one file", () => {
  const expected = read(TAU, "expected-counts.json") as readonly Record<string, number>[];

  it("[BEH-61] are listed to choose from, each with its steps, and none is taken unasked", async () => {
    const result = await importRun([file(TAU, "tau_failed.json")]);
    expect(result).toMatchObject({ ok: false, error: { code: "import_several_runs" } });
    const runs = result.ok ? [] : (result.error.runs ?? []);
    expect(runs.map(({ id, steps }) => [id, steps])).toEqual(
      expected.map((one) => [`task-${one.task_id}`, one.messages]),
    );
    expect(codeOf(await importRun([file(TAU, "tau_failed.json")], { run: "15" }))).toBe("import_no_such_run");
  });

  it("[BEH-61] have the counts counted separately, by number and by id", async () => {
    for (const [index, counts] of expected.entries()) {
      const run = runOf(await tau(String(index + 1)));
      expect(run.counts).toEqual(counts);
      expect(runOf(await tau(`task-${counts.task_id}`))).toEqual(run);
      expect(run).toMatchObject({ format: "agentrx", observedOnly: true, schedule: "computed", makespanMs: null });
      expect(run.tasks.every((task) => task.startMs === null && task.durationMs === 0)).toBe(true);
      // A result is part of its call.
      const results = run.tasks.filter((task) => "result_step" in task.attributes);
      expect(run.tasks).toHaveLength((counts.messages ?? 0) - results.length);
      expect(summarizeRun(run)).toMatchObject({ levels: run.tasks.length, roots: 1, leaves: 1 });
      expect(canonicalText(run).ok).toBe(true);
    }
  });

  it("a call without a result has none, whether it has an id, the id of another or no id at all", async () => {
    const call = (id: string | null) => ({
      ...(id === null ? {} : { id }),
      function: { name: "look", arguments: "{}" },
    });
    const traj = [
      { role: "assistant", tool_calls: [call("a"), call(null), call("a"), call("b")] },
      { role: "tool", tool_call_id: "a", content: "found" },
    ];
    const run = runOf(await importText(JSON.stringify([{ task_id: 1, traj }])));
    expect(run.tasks.map(({ outcome }) => outcome)).toEqual(["unfinished", "unfinished", "success", "unfinished"]);
  });

  it("[BEH-61] where only one run is there, another that is asked for is not", async () => {
    const one = JSON.stringify([{ task_id: 1, traj: [{ role: "user", content: "hello" }] }]);
    expect(runOf(await importText(one, { run: "1" }))).toEqual(runOf(await importText(one, { run: "task-1" })));
    expect(codeOf(await importText(one, { run: "7" }))).toBe("import_no_such_run");
  });

  it("a call and its result are one task of the assistant, with its arguments and its refusal", async () => {
    const run = runOf(await tau("task-98"));
    const failed = run.tasks.filter((task) => task.outcome === "failure");
    expect(failed.map((task) => [task.agent, task.error])).toEqual([
      ["assistant", "Error: non-delivered order cannot be exchanged"],
      ["assistant", "Error: non-pending order cannot be modified"],
      ["assistant", "Error: non-pending order cannot be cancelled"],
    ]);
    expect(failed[2]).toMatchObject({ action: "cancel_pending_order", args: { order_id: expect.any(String) } });
    expect(run.agents.map((agent) => [agent.id, agent.kind])).toEqual([
      ["system", "instructions"],
      ["user", "simulated user"],
      ["assistant", "agent"],
    ]);
    expect(run.tasks[1]?.parents).toEqual([{ id: "step-1", inferred: true }]);
  });

  it("[BEH-60] step n of the annotation is the nth message; blame falls on the assistant or the simulated user", async () => {
    const three = runOf(await tau("task-3"));
    expect(three.blame).toEqual([
      expect.objectContaining({ step: 3, task: "step-3", agent: "assistant", named: "Assistant", cause: false }),
      expect.objectContaining({
        step: 7,
        task: "step-7",
        category: "Misinterpretation of Tool Output",
        cause: true,
        source: "ground_truth.json",
      }),
    ]);
    expect(taskOf(three, "step-3").action).toBe("list_all_product_types");
    expect(taskOf(three, "step-7").narrative).toMatch(/there are 11 available T-shirt options/);
    const user = runOf(await tau("task-59")).blame?.[0];
    expect(user).toMatchObject({ step: 14, agent: "user", task: "step-14", cause: true });
    for (const counts of expected) {
      const { blame = [], tasks } = runOf(await tau(`task-${counts.task_id}`));
      expect(blame.filter((one) => one.cause)).toHaveLength(1);
      expect(blame.every((one) => tasks.some((task) => task.id === one.task))).toBe(true);
    }
  });

  it("an annotation that blames another than the one who acted is kept and said", async () => {
    const run = runOf(await tau("task-80"));
    expect(run.blame?.[0]).toMatchObject({ step: 26, agent: "assistant", task: "step-26" });
    expect(taskOf(run, "step-26").agent).toBe("user");
    expect(warned(run)).toContain("annotated_agent_differs");
  });

  it("without its annotations a run has no such member; with those of other runs that is said", async () => {
    const bare = runOf(await importRun([file(TAU, "tau_failed.json")], { run: "1" }));
    expect("blame" in bare).toBe(false);
    const other = runOf(await importRun([file(TAU, "tau_failed.json"), truth(MAGENTIC)], { run: "1" }));
    expect("blame" in other).toBe(false);
    expect(warned(other)).toContain("not_annotated");
    expect(codeOf(await importRun([truth(TAU)]))).toBe("import_malformed");
  });
});

describe("runs of Magentic-One", () => {
  const expected = read(MAGENTIC, "expected-counts.json") as Record<
    string,
    { steps: number; roles: Record<string, number> }
  >;

  it.each(Object.entries(expected))("[BEH-60] %s has the counts counted separately", async (name, { steps, roles }) => {
    const run = runOf(await importRun([file(MAGENTIC, name), truth(MAGENTIC)]));
    expect(run.tasks).toHaveLength(steps);
    expect(run.counts).toEqual({
      steps,
      ...Object.fromEntries(Object.entries(roles).map(([role, count]) => [`roles.${role}`, count])),
    });
    // An edge is the recording's own where the role of the step before names the next speaker.
    const told = run.tasks.flatMap((task) => task.parents).filter((parent) => !parent.inferred);
    expect(told).toHaveLength(
      run.tasks.filter((task, at) => {
        const next = run.agents.find((agent) => agent.id === run.tasks[at + 1]?.agent);
        return task.args.to !== undefined && task.args.to === next?.name;
      }).length,
    );
    expect(run.blame?.every((one) => one.task === `step-${one.step}`)).toBe(true);
    expect(canonicalText(run).ok).toBe(true);
  });

  it("the file's name is the run's id; agents are speakers, and what the surfer did is read from its report", async () => {
    const name = Object.keys(expected).find((one) => one.startsWith("7488")) ?? "";
    const run = runOf(await importRun([truth(MAGENTIC), file(MAGENTIC, name)]));
    expect(run.agents.map((agent) => [agent.id, agent.kind])).toEqual([
      ["human", "human"],
      ["orchestrator", "agent"],
      ["websurfer", "agent"],
    ]);
    expect(run.blame?.map((one) => [one.step, one.agent, one.cause])).toEqual([
      [32, "websurfer", true],
      ...[36, 40, 55, 71, 91, 95].map((step) => [step, "websurfer", false]),
      [124, "orchestrator", false],
    ]);
    expect(taskOf(run, "step-4")).toMatchObject({ action: "delegate", args: { to: "WebSurfer" } });
    expect(taskOf(run, "step-5")).toMatchObject({
      action: "type_text",
      parents: [{ id: "step-4", inferred: false }],
    });
    const several = await importRun(Object.keys(expected).map((one) => file(MAGENTIC, one)));
    expect(several.ok ? null : several.error.runs?.map((one) => one.steps)).toEqual(
      Object.values(expected).map((one) => one.steps),
    );
  });
});

describe("hostile files", () => {
  const message = (role: string, content: unknown, more: object = {}) => ({ role, content, ...more });
  const one = (traj: unknown, more: object = {}) => JSON.stringify([{ task_id: 1, traj, ...more }]);
  const call = (id: string, args: unknown, name = "think") => ({ id, function: { name, arguments: args } });

  it.each([
    ["no messages", one([]), "import_malformed"],
    ["a message that is none", one([message("user", "a"), 5]), "import_malformed"],
    ["an unknown role", one([message("root", "a")]), "import_malformed"],
    ["content that is no text", one([message("user", { a: 1 })]), "import_malformed"],
    ["calls without a function", one([message("assistant", null, { tool_calls: [{ id: "a" }] })]), "import_malformed"],
    [
      "a run that is none among them",
      JSON.stringify([{ task_id: 1, traj: [message("user", "a")] }, 7]),
      "import_malformed",
    ],
    ["steps of a log that are none", JSON.stringify([message("A (-> B)", "x"), message("B", 7)]), "import_malformed"],
    [
      "a chat that is no Magentic-One",
      JSON.stringify([message("user", "x"), message("assistant", "y")]),
      "import_unknown_format",
    ],
    [
      "annotations without steps",
      JSON.stringify([{ trajectory_id: 1, failures: [{ step_number: -1 }] }]),
      "import_malformed",
    ],
    [
      "annotations given twice",
      JSON.stringify([
        { trajectory_id: 1, failures: [] },
        { trajectory_id: 1, failures: [] },
      ]),
      "import_malformed",
    ],
  ])("%s: refused with its place", async (_what, text, code) => {
    const result = await importText(text);
    expect(codeOf(result)).toBe(code);
    expect(result.ok ? "" : result.error.place).toMatch(/^\$/);
  });

  it("arguments that are no object, results without a call, calls without a result and huge texts are kept in bounds", async () => {
    const run = runOf(
      await importText(
        one([
          message("user", "x".repeat(20_000)),
          message("assistant", "two", {
            tool_calls: [call("a", "not json"), call("b", '{"__proto__":1}', "run_start")],
          }),
          message("tool", "orphan", { tool_call_id: "zz", name: "__proto__" }),
          message("tool", "y".repeat(50_000), { tool_call_id: "a" }),
        ]),
      ),
    );
    expect(run.tasks.map((task) => [task.id, task.action, task.outcome])).toEqual([
      ["step-1", "message", "success"],
      ["step-2-1", "think", "success"],
      ["step-2-2", "recorded_run_start", "unfinished"],
      ["step-3", "proto", "success"],
    ]);
    expect(taskOf(run, "step-2-1").args).toEqual({ arguments: "not json" });
    expect(taskOf(run, "step-1").narrative).toHaveLength(8_000);
    expect(JSON.stringify(taskOf(run, "step-2-1").attributes).length).toBeLessThan(9_000);
    expect(warned(run)).toEqual(
      expect.arrayContaining([
        "text_cut",
        "attributes_cut",
        "arguments_no_object",
        "result_without_call",
        "unfinished",
        "times_unknown",
      ]),
    );
  });

  it("runs of one id stay apart, and that annotations may be about another of them is said", async () => {
    const user = (content: string) => ({ role: "user", content });
    const runs = [1, 1, "1-2"].map((id, at) => ({ task_id: id, traj: [user(`run ${at}`)] }));
    const notes = [{ trajectory_id: 1, failures: [{ failure_id: 1, step_number: 1, failed_agent: "User" }] }];
    const files = [fileOf(JSON.stringify(runs), "runs.json"), fileOf(JSON.stringify(notes), "notes.json")];
    const listed = await importRun(files);
    expect(listed.ok ? [] : listed.error.runs?.map((run) => run.id)).toEqual(["task-1", "task-1-2", "task-1-2-2"]);
    const second = runOf(await importRun(files, { run: "2" }));
    expect(second.tasks[0]?.narrative).toBe("run 1");
    expect(warned(second)).toContain("annotation_ambiguous");
    expect(runOf(await importRun(files, { run: "3" })).tasks[0]?.narrative).toBe("run 2");
  });

  it("annotated steps that the run does not have lead nowhere and stay; too many steps are refused", async () => {
    const log = fileOf(
      JSON.stringify([message("A (-> B)", "x"), message("B", "y"), message("constructor", "z")]),
      "r.json",
    );
    const notes = (step: number) =>
      fileOf(
        JSON.stringify([
          { trajectory_id: "r", failures: [{ failure_id: 1, step_number: step, failed_agent: "\u202Enobody" }] },
        ]),
        "notes.json",
      );
    const run = runOf(await importRun([log, notes(9)]));
    expect(run.blame).toEqual([
      {
        task: null,
        step: 9,
        agent: null,
        named: "\u202Enobody",
        category: null,
        text: "",
        cause: false,
        source: "notes.json",
      },
    ]);
    expect(warned(run)).toContain("annotated_step_unknown");
    expect(codeOf(await importRun([log], { maxTasks: 1 }))).toBe("import_too_many_tasks");
    expect(codeOf(await importRun([log, notes(1), notes(1)]))).toBe("import_malformed");
  });
});
