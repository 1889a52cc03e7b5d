import * as z from "zod";
import type { Json, JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { RecordedRun, RunTask } from "../../protocol/run/recorded-run.ts";
import { keptArgs, keptAttributes } from "./bounded-json.ts";
import {
  type FormatContext,
  type FormatProblem,
  malformed,
  type RunFormatReader,
  readOneDocument,
} from "./run-format-reader.ts";
import { AgentTable, actionOf, blankTask, cut, Warnings } from "./text.ts";

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
  open: readOneDocument(parse),
};

function parse(document: Json, { file }: FormatContext): Result<RecordedRun, FormatProblem> {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return malformed(
      `$.${issue?.path.join(".") ?? ""}`,
      issue?.message ?? "WfFormat 1.5",
      "the document is not WfFormat",
    );
  }
  const { specification, execution } = parsed.data.workflow;
  const ids = new Set<string>();
  for (const task of specification.tasks) {
    if (ids.has(task.id)) return malformed(`task ${task.id}`, "ids that occur once", "two tasks have this id");
    ids.add(task.id);
  }
  const warnings = new Warnings();
  const agents = new AgentTable();
  const executed = new Map(execution.tasks.map((task) => [task.id, task]));
  const tasks = specification.tasks.map((task): RunTask => {
    const run = executed.get(task.id);
    if (run === undefined)
      warnings.add("not_executed", "tasks of the specification that the execution does not have", task.id);
    for (const parent of task.parents.filter((id) => !ids.has(id)))
      warnings.add("parent_unknown", "parents that are no task of the run are left out", `${task.id} -> ${parent}`);
    return taskOf(task, run, ids, agents, warnings);
  });
  const cycle = schedule(tasks);
  if (cycle !== null)
    return err({
      code: "import_cycle",
      place: `task ${cycle}`,
      expected: "an acyclic graph",
      detail: "this task comes before itself",
    });
  warnings.add(
    "times_computed",
    "WfFormat records no start times: each task starts when its predecessors have finished",
    specification.tasks[0]?.id ?? "",
  );
  return ok(runOf(parsed.data, file, agents, tasks, warnings));
}

function taskOf(
  task: Document["workflow"]["specification"]["tasks"][number],
  run: ExecutionTask | undefined,
  ids: ReadonlySet<string>,
  agents: AgentTable,
  warnings: Warnings,
): RunTask {
  const program = programOf(task.name);
  const argsCut = (): void => warnings.add("arguments_cut", "arguments longer than 16,384 characters are cut", task.id);
  const attributesCut = (): void => warnings.add("attributes_cut", "attributes that are too long are cut", task.id);
  return {
    ...blankTask(task.id, task.name, agents.idOf(program, program, "program"), actionOf(program)),
    id: task.id,
    parents: [...new Set(task.parents)].filter((parent) => ids.has(parent)).map((id) => ({ id, inferred: false })),
    durationMs: (run?.runtimeInSeconds ?? 0) * 1000,
    outcome: run === undefined ? "unfinished" : "success",
    inputs: task.inputFiles.map((name) => cut(name, 1024)),
    outputs: task.outputFiles.map((name) => cut(name, 1024)),
    args: keptArgs({ program: run?.command?.program ?? "", arguments: run?.command?.arguments ?? [] }, argsCut),
    attributes: run === undefined ? {} : keptAttributes(unmapped(run), attributesCut),
  };
}

function runOf(
  document: Document,
  file: string,
  agents: AgentTable,
  tasks: RunTask[],
  warnings: Warnings,
): RecordedRun {
  const { specification, execution } = document.workflow;
  const startedAt = Date.parse(execution.executedAt ?? "");
  return {
    version: 1,
    format: "wfformat",
    formatVersion: document.schemaVersion,
    name: cut(document.name, 256) || cut(file, 256),
    source: { file, origin: null },
    callers: "edges",
    schedule: "computed",
    observedOnly: false,
    startedAtMs: Number.isNaN(startedAt) ? null : startedAt,
    makespanMs: execution.makespanInSeconds * 1000,
    agents: agents.list(),
    tasks,
    counts: {
      child_links: specification.tasks.reduce((sum, task) => sum + task.children.length, 0),
      tasks_with_zero_runtime: tasks.filter((task) => task.durationMs === 0).length,
      sum_runtime_s: Math.round(tasks.reduce((sum, task) => sum + task.durationMs, 0)) / 1000,
      makespan_s: execution.makespanInSeconds,
    },
    warnings: warnings.list(),
  };
}

/** The name of what runs: the task's name without its path of groups and its running number. */
function programOf(name: string): string {
  const last = name.split(".").at(-1) ?? name;
  return last.replace(/(?:[_-]?(?:ID)?\d+)+$/, "") || last;
}

/** What has no place of its own is kept and shown. It came from JSON, so that it is JSON. */
function unmapped(run: ExecutionTask): JsonObject {
  const { id: _id, runtimeInSeconds: _runtime, command: _command, ...rest } = run;
  return rest as JsonObject;
}

/** Gives every task its earliest start, in place; the id of a task on a cycle, or null. */
function schedule(tasks: RunTask[]): string | null {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const successors = new Map<string, RunTask[]>();
  const due = new Map(tasks.map((task) => [task.id, task.parents.length]));
  for (const task of tasks) {
    for (const parent of task.parents) {
      const list = successors.get(parent.id);
      if (list === undefined) successors.set(parent.id, [task]);
      else list.push(task);
    }
  }
  const ready = tasks.filter((task) => task.parents.length === 0);
  for (const task of ready) {
    task.startMs = task.parents.reduce((latest, parent) => Math.max(latest, endOf(byId.get(parent.id))), 0);
    for (const next of successors.get(task.id) ?? []) {
      const left = (due.get(next.id) ?? 0) - 1;
      due.set(next.id, left);
      if (left === 0) ready.push(next);
    }
  }
  return ready.length === tasks.length ? null : (tasks.find((task) => (due.get(task.id) ?? 0) > 0)?.id ?? "");
}

const endOf = (task: RunTask | undefined): number => (task?.startMs ?? 0) + (task?.durationMs ?? 0);
