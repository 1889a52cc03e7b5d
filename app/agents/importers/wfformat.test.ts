import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codeOf, fileOf, importText } from "./import.fixture.ts";
import { importRun } from "./import-run.ts";
import { summarizeRun } from "./summary.ts";

const folder = new URL("../../../e2e/fixtures/wfinstances/", import.meta.url);
const expected = JSON.parse(readFileSync(new URL("expected-counts.json", folder), "utf8")) as Record<
  string,
  Record<string, number>
>;

type Task = { id: string; name: string; parents: string[] };
const document = (tasks: readonly Task[], more: object = {}): string =>
  JSON.stringify({
    name: "made",
    schemaVersion: "1.5",
    workflow: {
      specification: { tasks },
      execution: { makespanInSeconds: 1, tasks: tasks.map((task) => ({ id: task.id, runtimeInSeconds: 1 })) },
    },
    ...more,
  });

describe("recorded WfFormat runs", () => {
  it.each(Object.keys(expected))("%s has the counts counted separately", { timeout: 60_000 }, async (name) => {
    const run = await importRun([fileOf(readFileSync(new URL(name, folder)), name)]);
    const counts = expected[name];
    if (!run.ok || counts === undefined) throw new Error(JSON.stringify(run));
    const summary = summarizeRun(run.value);
    expect([
      summary.tasks,
      summary.edges,
      summary.roots,
      summary.leaves,
      summary.levels,
      summary.maxFanIn,
      summary.maxFanOut,
    ]).toEqual([
      counts.tasks,
      counts.edges,
      counts.roots,
      counts.leaves,
      counts.levels,
      counts.max_fan_in,
      counts.max_fan_out,
    ]);
    expect(summary.longestPathS).toBeCloseTo(counts.longest_runtime_path_s ?? 0, 2);
    expect(run.value.tasks.filter((task) => task.durationMs === 0)).toHaveLength(counts.tasks_with_zero_runtime ?? -1);
    expect(run.value.warnings.map((warning) => warning.code)).toContain("times_computed");
  });

  it("takes 15,000 tasks", { timeout: 60_000 }, async () => {
    const tasks = Array.from({ length: 15_000 }, (_, index) => ({
      id: `t${index}`,
      name: `step_${index}`,
      parents: index === 0 ? [] : [`t${Math.floor(index / 3)}`],
    }));
    const first = tasks[1];
    if (first !== undefined) first.parents = ["t0"];
    const run = await importText(document(tasks));
    expect(run.ok && summarizeRun(run.value).tasks).toBe(15_000);
  });
});

describe("bad files", () => {
  const one = { id: "a", name: "a", parents: [] };
  it.each([
    ["an empty file", "", "import_empty"],
    ["a cut file", document([one]).slice(0, 60), "import_malformed"],
    ["another document", '{"resourceLogs":[]}', "import_unknown_format"],
    ["another version", document([one], { schemaVersion: "0.9" }), "import_malformed"],
    ["an id given twice", document([one, one]), "import_malformed"],
    [
      "a circle",
      document([
        { id: "a", name: "a", parents: ["b"] },
        { id: "b", name: "b", parents: ["a"] },
      ]),
      "import_cycle",
    ],
    ["a task that is its own parent", document([{ id: "a", name: "a", parents: ["a"] }]), "import_cycle"],
    ["no task", document([]), "import_malformed"],
    ["deep nesting", `${"[".repeat(200)}${"]".repeat(200)}`, "import_malformed"],
    ["a repeated member", '{"workflow":1,"workflow":2}', "import_malformed"],
  ])("%s is refused, naming the file, the place and what was expected", async (_what, text, code) => {
    const result = await importText(text);
    const error = result.ok ? null : result.error;
    expect(error?.code).toBe(code);
    expect([error?.file, error?.place, error?.expected].every((part) => part !== undefined && part !== "")).toBe(true);
  });

  it("bytes that are no text, too many bytes, too many tasks and a cancelled import are refused", async () => {
    expect(codeOf(await importRun([fileOf(Uint8Array.of(0xff, 0xfe, 0))]))).toBe("import_malformed");
    expect(codeOf(await importText(document([one]), { maxBytes: 10 }))).toBe("import_too_large");
    expect(codeOf(await importText(document([one, { ...one, id: "b" }]), { maxTasks: 1 }))).toBe(
      "import_too_many_tasks",
    );
    expect(codeOf(await importText(document([one]), { signal: AbortSignal.abort() }))).toBe("import_cancelled");
  });

  it("a parent that does not exist is left out and said; hostile names stay plain data", async () => {
    const hostile = { id: "__proto__", name: "\u202Eevil<script>_7", parents: ["nobody"] };
    const run = await importText(document([hostile, { id: "b", name: "b", parents: ["__proto__"] }]));
    const task = run.ok ? run.value.tasks[0] : undefined;
    expect([task?.parents, task?.name, task?.agent, task?.action]).toEqual([
      [],
      hostile.name,
      "evil-script",
      "evil_script",
    ]);
    expect(run.ok && run.value.warnings.map((warning) => [warning.code, warning.count])).toContainEqual([
      "parent_unknown",
      1,
    ]);
  });
});
