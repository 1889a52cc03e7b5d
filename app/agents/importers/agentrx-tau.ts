import * as z from "zod";
import type { Json, JsonObject } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import type { RunTask } from "../../protocol/run/recorded-run.ts";
import { isObject } from "./bounded-json.ts";
import type { HeldRun, ReadSteps } from "./held-run.ts";
import { type FormatProblem, malformed, tooManyTasks } from "./run-format-reader.ts";
import { callArguments, chainSteps, stepTask, timelessRun } from "./step-run.ts";
import { AgentTable, actionOf, cut, type Warnings } from "./text.ts";

/**
 * Runs of tau-bench: a list, each with its conversation (`traj`) of a system prompt, a simulated user, an assistant and its
 * tools. A call and its result are one task; steps are messages, the first being step 1.
 */

const callSchema = z.looseObject({
  id: z.string().max(512).nullish(),
  function: z.looseObject({
    name: z.string().min(1),
    arguments: z.union([z.string(), z.record(z.string(), z.json())]).nullish(),
  }),
});
const messageSchema = z.looseObject({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: z.string().nullish(),
  tool_calls: z.array(callSchema).max(1_000).nullish(),
  tool_call_id: z.string().nullish(),
  name: z.string().nullish(),
});
type Message = z.infer<typeof messageSchema>;
const runSchema = z.looseObject({
  task_id: z.union([z.number(), z.string().max(256)]),
  reward: z.number().nullish(),
  trial: z.number().nullish(),
  traj: z.array(z.unknown()).min(1),
});

const isRun = (value: Json | undefined): boolean => isObject(value) && Array.isArray(value.traj) && "task_id" in value;

export const isTau = (document: Json): boolean => isRun(Array.isArray(document) ? document[0] : document);

export function readTau(
  document: Json,
  place: string,
  file: string,
  maxTasks: number,
): Result<readonly HeldRun[], FormatProblem> {
  const items = Array.isArray(document) ? document : [document];
  const runs: HeldRun[] = [];
  for (const [index, item] of items.entries()) {
    const where = Array.isArray(document) ? `${place}.${index}` : place;
    const parsed = runSchema.safeParse(item);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return malformed([where, ...(issue?.path ?? [])].join("."), issue?.message ?? "a run", "this is no run");
    }
    const { task_id: task, traj } = parsed.data;
    const trial = parsed.data.trial ?? null;
    runs.push({
      id: `task-${cut(String(task), 200)}`,
      name: `tau-bench task ${task}${trial === null || trial === task ? "" : `, trial ${trial}`}`,
      steps: traj.length,
      annotatedAs: String(task),
      read: (warnings) =>
        traj.length > maxTasks * 4
          ? tooManyTasks(`${where}.traj`, maxTasks)
          : readRun(parsed.data, item as JsonObject, where, file, warnings),
    });
  }
  return ok(runs);
}

/** What tau-bench's tools answer when they refuse. */
const FAILED = /^Error:/;

function readRun(
  run: z.infer<typeof runSchema>,
  item: JsonObject,
  where: string,
  file: string,
  warnings: Warnings,
): Result<ReadSteps, FormatProblem> {
  const agents = new AgentTable();
  const tasks: RunTask[] = [];
  const taskOfStep = new Map<number, string>();
  /** Places in `tasks` of calls, by the id of the call, and of those whose result has not come. */
  const open = new Map<string, number>();
  const unanswered = new Set<number>();
  let calls = 0;
  for (const [index, value] of run.traj.entries()) {
    const parsed = messageSchema.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return malformed(
        [`${where}.traj.${index}`, ...(issue?.path ?? [])].join("."),
        issue?.message ?? "a message",
        "this is no message",
      );
    }
    const message = parsed.data;
    const step = index + 1;
    if (message.role === "tool") {
      taskOfStep.set(step, takeResult(message, step, { tasks, open, unanswered, agents, warnings }));
      continue;
    }
    const made = messageTasks(message, step, agents, warnings);
    calls += message.tool_calls?.length ?? 0;
    for (const [at, task] of made.entries()) {
      const call = message.tool_calls?.[at];
      if (call !== undefined) unanswered.add(tasks.length);
      if (typeof call?.id === "string") open.set(call.id, tasks.length);
      tasks.push(task);
    }
    taskOfStep.set(step, made[0]?.id ?? "");
  }
  for (const at of unanswered) {
    const task = tasks[at];
    if (task === undefined) continue;
    tasks[at] = { ...task, outcome: "unfinished" };
    warnings.add("unfinished", "calls that have no result", task.id);
  }
  const [first, ...rest] = tasks;
  const { traj: _traj, ...about } = item;
  // What is said of the whole run is kept at its first task.
  const attributed =
    first === undefined
      ? []
      : [{ ...first, attributes: { ...first.attributes, ...boundedAbout(about, first.id, warnings) } }, ...rest];
  return ok({
    taskOfStep,
    run: timelessRun({
      format: "agentrx",
      formatVersion: "tau-bench",
      name: `tau-bench task ${run.task_id}`,
      file,
      agents,
      tasks: chainSteps(attributed),
      warnings,
      counts: {
        ...(typeof run.task_id === "number" ? { task_id: run.task_id } : {}),
        messages: run.traj.length,
        tool_calls: calls,
        ...(typeof run.reward === "number" ? { reward: run.reward } : {}),
      },
    }),
  });
}

const boundedAbout = (about: JsonObject, id: string, warnings: Warnings): Record<string, Json> =>
  stepTask({ id, name: "", agent: "", action: "", said: null, kept: about }, warnings).attributes;

const SPEAKERS = {
  system: { name: "System prompt", kind: "instructions", action: "instruct" },
  user: { name: "User", kind: "simulated user", action: "message" },
  assistant: { name: "Assistant", kind: "agent", action: "respond" },
} as const;

/** A message, or its calls: one task each. */
function messageTasks(message: Message, step: number, agents: AgentTable, warnings: Warnings): RunTask[] {
  if (message.role === "tool") return [];
  const { name, kind, action } = SPEAKERS[message.role];
  const agent = agents.idOf(message.role, name, kind);
  const { content, tool_calls: calls, role: _role, ...kept } = message;
  const said = content ?? null;
  const shared = { agent, kept: jsonOf(kept) };
  if (calls === null || calls === undefined || calls.length === 0)
    return [stepTask({ ...shared, id: `step-${step}`, name: `${name} ${action}`, action, said }, warnings)];
  return calls.map((call, at) => {
    const id = calls.length === 1 ? `step-${step}` : `step-${step}-${at + 1}`;
    return stepTask(
      {
        ...shared,
        id,
        name: call.function.name,
        action: actionOf(call.function.name),
        said: at === 0 ? said : null,
        args: callArguments(call.function.arguments ?? undefined, id, warnings),
        kept: { ...shared.kept, ...(typeof call.id === "string" ? { tool_call_id: call.id } : {}) },
      },
      warnings,
    );
  });
}

interface Reading {
  readonly tasks: RunTask[];
  readonly open: Map<string, number>;
  readonly unanswered: Set<number>;
  readonly agents: AgentTable;
  readonly warnings: Warnings;
}

/** Puts a result to its call; one without a call is a task of its own. Answers the task's id. */
function takeResult(message: Message, step: number, { tasks, open, unanswered, agents, warnings }: Reading): string {
  const content = message.content ?? "";
  const error = FAILED.test(content) ? content : null;
  const at = open.get(message.tool_call_id ?? "");
  const call = at === undefined ? undefined : tasks[at];
  if (at === undefined || call === undefined) {
    const id = `step-${step}`;
    warnings.add("result_without_call", "results of calls that the recording does not have", id);
    const agent = agents.idOf("tool", "Tools", "program");
    tasks.push(
      stepTask(
        { id, name: message.name ?? "tool", agent, action: actionOf(message.name ?? "tool"), said: content, error },
        warnings,
      ),
    );
    return id;
  }
  open.delete(message.tool_call_id ?? "");
  unanswered.delete(at);
  const result = stepTask(
    { id: call.id, name: "", agent: "", action: "", said: null, error, kept: { result: content, result_step: step } },
    warnings,
  );
  tasks[at] = {
    ...call,
    outcome: result.outcome,
    error: result.error,
    attributes: { ...call.attributes, ...result.attributes },
  };
  return call.id;
}

/** Members that came from JSON are JSON; those that say nothing are left. */
const jsonOf = (members: Record<string, unknown>): JsonObject =>
  Object.fromEntries(
    Object.entries(members).filter(
      ([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  ) as JsonObject;
