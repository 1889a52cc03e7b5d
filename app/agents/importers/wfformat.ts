import * as z from "zod";
import type { Json } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { RecordedRun, RunTask, RunWarning } from "../../protocol/run/recorded-run.ts";
import type { FormatProblem, RunFormatReader } from "./run-format-reader.ts";

/** WfCommons WfFormat 1.4 and 1.5: specification (tasks, parents, files) beside execution (run times, machines). */

const specificationTask = z.object({
  name: z.string(),
  id: z.string().min(1),
  parents: z.array(z.string()),
  children: z.array(z.string()).default([]),
  inputFiles: z.array(z.string()).default([]),
  outputFiles: z.array(z.string()).default([]),
});
const executionTask = z
  .object({
    id: z.string(),
    runtimeInSeconds: z.number().nonnegative(),
    command: z
      .object({ program: z.string().optional(), arguments: z.array(z.string()).optional() })
      .loose()
      .optional(),
    machines: z.array(z.string()).optional(),
  })
  .loose();
const documentSchema = z.object({
  name: z.string(),
  schemaVersion: z.string().regex(/^1\.[45]$/, "schemaVersion 1.4 or 1.5"),
  workflow: z.object({
    specification: z.object({ tasks: z.array(specificationTask).min(1) }),
    execution: z.object({
      makespanInSeconds: z.number().nonnegative(),
      executedAt: z.string().optional(),
      tasks: z.array(executionTask),
    }),
  }),
});
type Document = z.infer<typeof documentSchema>;
type ExecutionTask = z.infer<typeof executionTask>;

export const WFFORMAT: RunFormatReader = {
  title: "WfCommons WfFormat 1.5",
  detect: (document) =>
    typeof document === "object" && document !== null && "schemaVersion" in document && "workflow" in document,
  parse,
};

const MAX_ARGS_CHARACTERS = 16_384;

function parse(document: Json, file: string): Result<RecordedRun, FormatProblem> {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return err({
      code: "import_malformed",
      place: `$.${issue?.path.join(".") ?? ""}`,
      expected: issue?.message ?? "WfFormat 1.5",
      detail: "the document is not WfFormat",
    });
  }
  const { specification, execution } = parsed.data.workflow;
  const ids = new Set<string>();
  for (const task of specification.tasks) {
    if (ids.has(task.id))
      return err({
        code: "import_malformed",
        place: `task ${task.id}`,
        expected: "ids that occur once",
        detail: "two tasks have this id",
      });
    ids.add(task.id);
  }
  const warnings = new Map<string, RunWarning>();
  const warn = (code: string, message: string, where: string): void => {
    const known = warnings.get(code);
    warnings.set(code, known === undefined ? { code, message, count: 1, where } : { ...known, count: known.count + 1 });
  };
  const executed = new Map(execution.tasks.map((task) => [task.id, task]));
  const agents = new Map<string, { id: string; name: string; kind: string }>();
  const tasks = specification.tasks.map((task): RunTask => {
    const run = executed.get(task.id);
    if (run === undefined) warn("not_executed", "tasks of the specification that the execution does not have", task.id);
    const unknown = task.parents.filter((parent) => !ids.has(parent));
    for (const parent of unknown)
      warn("parent_unknown", "parents that are no task of the run are left out", `${task.id} -> ${parent}`);
    const program = programOf(task.name);
    const agent = slug(program, "-");
    if (!agents.has(agent)) agents.set(agent, { id: agent, name: program.slice(0, 256), kind: "program" });
    return {
      id: task.id,
      name: task.name.slice(0, 512),
      action: actionOf(program),
      agent,
      parents: [...new Set(task.parents)].filter((parent) => ids.has(parent)).map((id) => ({ id, inferred: false })),
      caller: null,
      startMs: null,
      durationMs: (run?.runtimeInSeconds ?? 0) * 1000,
      outcome: run === undefined ? "unfinished" : "success",
      error: null,
      attempt: 0,
      inputs: task.inputFiles.map((name) => name.slice(0, 1024)),
      outputs: task.outputFiles.map((name) => name.slice(0, 1024)),
      args: argsOf(run, () => warn("arguments_cut", "arguments longer than 16,384 characters are cut", task.id)),
      narrative: null,
      usage: null,
      attributes: attributesOf(run),
    };
  });
  const cycle = schedule(tasks);
  if (cycle !== null)
    return err({
      code: "import_cycle",
      place: `task ${cycle}`,
      expected: "an acyclic graph",
      detail: "this task comes before itself",
    });
  warn(
    "times_computed",
    "WfFormat records no start times: each task starts when its predecessors have finished",
    specification.tasks[0]?.id ?? "",
  );
  return ok(runOf(parsed.data, file, [...agents.values()], tasks, [...warnings.values()]));
}

function runOf(
  document: Document,
  file: string,
  agents: RecordedRun["agents"],
  tasks: RunTask[],
  warnings: RunWarning[],
): RecordedRun {
  const startedAt = Date.parse(document.workflow.execution.executedAt ?? "");
  return {
    version: 1,
    format: "wfformat",
    formatVersion: document.schemaVersion,
    name: document.name.slice(0, 256) || file,
    source: { file, origin: null },
    callers: "edges",
    schedule: "computed",
    observedOnly: false,
    startedAtMs: Number.isNaN(startedAt) ? null : startedAt,
    makespanMs: document.workflow.execution.makespanInSeconds * 1000,
    agents,
    tasks,
    counts: {},
    warnings,
  };
}

/** The name of what runs: the task's name without its path of groups and its running number. */
function programOf(name: string): string {
  const last = name.split(".").at(-1) ?? name;
  return last.replace(/(?:[_-]?(?:ID)?\d+)+$/, "") || last;
}

function slug(name: string, joiner: "-" | "_"): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, joiner);
  return (
    plain
      .replaceAll(/^[-_]+/g, "")
      .slice(0, 60)
      .replaceAll(/[-_]+$/g, "") || "program"
  );
}

function actionOf(program: string): string {
  const plain = slug(program, "_");
  return /^[a-z]/.test(plain) ? plain : `run_${plain}`;
}

function argsOf(run: ExecutionTask | undefined, cut: () => void): RunTask["args"] {
  const program = run?.command?.program ?? "";
  const list = run?.command?.arguments ?? [];
  const whole = { program, arguments: list };
  const length = JSON.stringify(whole).length;
  if (length <= MAX_ARGS_CHARACTERS) return whole;
  cut();
  return { preview: JSON.stringify(whole).slice(0, MAX_ARGS_CHARACTERS / 2), characters: length };
}

/** What has no place of its own is kept and shown. */
function attributesOf(run: ExecutionTask | undefined): RunTask["attributes"] {
  if (run === undefined) return {};
  const { id: _id, runtimeInSeconds: _runtime, command: _command, ...rest } = run;
  return z.record(z.string(), z.json()).parse(rest);
}

/** Gives every task its earliest start, in place; the id of a task on a cycle, or null. */
function schedule(tasks: RunTask[]): string | null {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const successors = new Map<string, RunTask[]>();
  const due = new Map(tasks.map((task) => [task.id, task.parents.length]));
  for (const task of tasks)
    for (const parent of task.parents) successors.set(parent.id, [...(successors.get(parent.id) ?? []), task]);
  const ready = tasks.filter((task) => task.parents.length === 0);
  for (const task of ready) {
    task.startMs = Math.max(0, ...task.parents.map((parent) => endOf(byId.get(parent.id))));
    for (const next of successors.get(task.id) ?? []) {
      const left = (due.get(next.id) ?? 0) - 1;
      due.set(next.id, left);
      if (left === 0) ready.push(next);
    }
  }
  return ready.length === tasks.length ? null : (tasks.find((task) => (due.get(task.id) ?? 0) > 0)?.id ?? "");
}

const endOf = (task: RunTask | undefined): number => (task?.startMs ?? 0) + (task?.durationMs ?? 0);
