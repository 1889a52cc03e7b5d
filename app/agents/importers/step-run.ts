import type { Json, JsonObject } from "../../base/json.ts";
import type { RecordedRun, RunFormat, RunTask } from "../../protocol/run/recorded-run.ts";
import { isObject, keptArgs, keptAttributes } from "./bounded-json.ts";
import { unnested } from "./prompt-text.ts";
import { type AgentTable, blankTask, cut, type Warnings } from "./text.ts";

/** Recordings that are a list of steps: who said or did what, one after the other. */

const MAX_NARRATIVE = 8_000;
const MAX_ERROR = 2_000;

export interface Step {
  readonly id: string;
  readonly name: string;
  readonly agent: string;
  readonly action: string;
  /** What was said, in the agent's own words. */
  readonly said: string | null;
  readonly args?: Json;
  /** Everything else that the recording says of this step. */
  readonly kept?: JsonObject;
  /** The recorded error, of a step that failed. */
  readonly error?: string | null;
  readonly outcome?: RunTask["outcome"];
  readonly durationMs?: number;
}

/** A step as a task; what is too long is cut and said so. */
export function stepTask(step: Step, warnings: Warnings): RunTask {
  const { said, args = {}, kept = {}, error = null } = step;
  if (said !== null && said.length > MAX_NARRATIVE)
    warnings.add("text_cut", "texts longer than 8,000 characters are cut", step.id);
  const given = isObject(args) ? args : { value: args };
  return {
    ...blankTask(step.id, step.name, step.agent, step.action),
    durationMs: step.durationMs ?? 0,
    outcome: step.outcome ?? (error === null ? "success" : "failure"),
    error: error === null ? null : cut(error, MAX_ERROR),
    args: keptArgs(given, () =>
      warnings.add("arguments_cut", "arguments longer than 16,384 characters are cut", step.id),
    ),
    narrative: said === null || said === "" ? null : cut(said, MAX_NARRATIVE),
    attributes: keptAttributes(kept, () =>
      warnings.add("attributes_cut", "attributes that are too long are cut", step.id),
    ),
  };
}

/** Arguments of a call: an object, or JSON text of one. */
export function callArguments(value: Json | undefined, where: string, warnings: Warnings): JsonObject {
  const inner = value === undefined || value === null || value === "" ? {} : unnested(value);
  if (isObject(inner)) return inner;
  warnings.add("arguments_no_object", "arguments of calls that are no JSON object are kept as they are", where);
  return { arguments: inner };
}

/**
 * Each step after the one before it. That one answers the other is inferred from their order; where the recording itself
 * says whom a step turns to (`recorded`, by task id), it is not.
 */
export function chainSteps(tasks: readonly RunTask[], recorded: ReadonlySet<string> = new Set()): RunTask[] {
  return tasks.map((task, at) => {
    const before = tasks[at - 1];
    return before === undefined ? task : { ...task, parents: [{ id: before.id, inferred: !recorded.has(task.id) }] };
  });
}

export interface StepRunFacts {
  readonly format: RunFormat;
  readonly formatVersion: string;
  readonly name: string;
  readonly file: string;
  readonly counts: Record<string, number>;
  readonly agents: AgentTable;
  readonly tasks: readonly RunTask[];
  readonly warnings: Warnings;
}

/** A run without any times: nothing but the order is known, and nothing is made up. */
export function timelessRun(facts: StepRunFacts): RecordedRun {
  const { warnings, tasks, file } = facts;
  warnings.add(
    "times_unknown",
    "the recording has no times: each step comes as soon as the one before it is done",
    tasks[0]?.id ?? null,
    Math.max(1, tasks.length),
  );
  return {
    version: 1,
    format: facts.format,
    formatVersion: facts.formatVersion,
    name: cut(facts.name, 256) || cut(file, 256) || facts.format,
    source: { file, origin: null },
    callers: "edges",
    schedule: "computed",
    observedOnly: true,
    startedAtMs: null,
    makespanMs: null,
    agents: facts.agents.list(),
    tasks: [...tasks],
    counts: facts.counts,
    warnings: warnings.list(),
  };
}
