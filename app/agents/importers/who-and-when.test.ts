import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { codeOf, fileOf, importText, runOf, taskOf, warned } from "./import.fixture.ts";
import { importRun } from "./import-run.ts";

const recording = async (name: string) =>
  runOf(
    await importRun([
      fileOf(readFileSync(new URL(`../../../e2e/fixtures/who-and-when/${name}`, import.meta.url)), name),
    ]),
  );
const document = (more: object, history: unknown = [{ content: "a", role: "user", name: "A" }]): string =>
  JSON.stringify({ history, mistake_agent: "A", mistake_step: "0", mistake_reason: "because", ...more });

describe("annotated failures of Who&When", () => {
  it.each([
    ["algorithm-generated-107.json", 8, 6, "verification-expert"],
    ["algorithm-generated-111.json", 10, 8, "verification-expert"],
    ["algorithm-generated-117.json", 7, 0, "json-expert"],
  ] as const)("[BEH-60] %s: %i messages, step %i by %s is to blame", async (name, messages, step, agent) => {
    const run = await recording(name);
    expect(run).toMatchObject({
      format: "who-and-when",
      counts: { messages },
      schedule: "computed",
      startedAtMs: null,
    });
    expect(run.tasks).toHaveLength(messages);
    expect(run.blame).toEqual([
      expect.objectContaining({ task: `step-${step}`, step, agent, cause: true, category: null, source: name }),
    ]);
    expect(taskOf(run, `step-${step}`).agent).toBe(agent);
    expect(run.tasks.slice(1).every((task) => task.parents.length === 1 && task.parents[0]?.inferred)).toBe(true);
    expect(warned(run)).toContain("times_unknown");
    expect(canonicalText(run).ok).toBe(true);
  });

  it("what the terminal ran has its exit code as its outcome, and what is said of the run is kept at its first step", async () => {
    const run = await recording("algorithm-generated-107.json");
    expect(run.tasks.map((task) => [task.agent, task.action, task.outcome])).toEqual([
      ["genomics-expert", "message", "success"],
      ["bioinformatics-expert", "message", "success"],
      ["bioinformatics-expert", "write_code", "success"],
      ["computer-terminal", "run_code", "failure"],
      ["bioinformatics-expert", "write_code", "success"],
      ["computer-terminal", "run_code", "success"],
      ["verification-expert", "message", "success"],
      ["genomics-expert", "terminate", "success"],
    ]);
    expect(taskOf(run, "step-3").error).toMatch(/^exitcode: 1/);
    expect(run.tasks[0]?.attributes).toMatchObject({ level: "Hard", is_correct: false });
  });

  it.each([
    ["a history that is none", document({}, "none"), "import_unknown_format"],
    ["an empty history", document({}, []), "import_malformed"],
    ["a step that is none", document({}, [7]), "import_malformed"],
    ["a step without a role", document({}, [{ content: "a" }]), "import_malformed"],
    ["an agent that is no text", document({ mistake_agent: { a: 1 } }), "import_malformed"],
  ])("%s is refused", async (_what, text, code) => {
    expect(codeOf(await importText(text))).toBe(code);
  });

  it("a step out of range or without a number, logs with speakers in roles, and huge or hostile texts are read as data", async () => {
    const beyond = runOf(await importText(document({ mistake_step: 5 })));
    expect(beyond.blame?.[0]).toMatchObject({ task: null, step: 5, agent: "a" });
    expect(warned(beyond)).toContain("annotated_step_unknown");
    const none = runOf(await importText(document({ mistake_step: "the third" })));
    expect("blame" in none).toBe(false);
    expect(warned(none)).toContain("not_annotated");
    const roles = [
      { content: "x", role: "Orchestrator (-> WebSurfer)" },
      { content: "y".repeat(30_000), role: "WebSurfer" },
      { content: null, role: "\u202E__proto__" },
    ];
    const run = runOf(await importText(document({ mistake_agent: "WebSurfer", mistake_step: "1" }, roles)));
    expect(run.tasks[1]).toMatchObject({ agent: "websurfer", parents: [{ id: "step-0", inferred: false }] });
    expect(run.tasks[1]?.narrative).toHaveLength(8_000);
    expect(run.blame?.[0]).toMatchObject({ agent: "websurfer", task: "step-1" });
    expect(codeOf(await importText(document({}, roles), { maxTasks: 2 }))).toBe("import_too_many_tasks");
  });
});
