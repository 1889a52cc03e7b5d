import * as z from "zod";
import type { Json, JsonObject } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import type { RecordedRun, RunTask } from "../../protocol/run/recorded-run.ts";
import { isObject } from "./bounded-json.ts";
import { unnested } from "./prompt-text.ts";
import {
  type FormatContext,
  type FormatProblem,
  malformed,
  type RunFormatReader,
  readOneDocument,
  tooManyTasks,
} from "./run-format-reader.ts";
import { chainSteps, stepTask, timelessRun } from "./step-run.ts";
import { AgentTable, actionOf, Warnings } from "./text.ts";

/**
 * Trajectories of SWE-agent: thought, action and observation of each step. `state` is JSON text or an object, and only newer
 * ones tell how long a command took. The messages that were sent to the model (`history`) say the same once more.
 */

const stepSchema = z.looseObject({
  action: z.string(),
  observation: z.string().nullish(),
  thought: z.string().nullish(),
  response: z.string().nullish(),
  execution_time: z.number().nonnegative().nullish(),
});
const documentSchema = z.looseObject({ trajectory: z.array(stepSchema).min(1) });

/** Members that say again what the steps say. */
const REPEATED = ["history", "trajectory"];

export const SWE_AGENT: RunFormatReader = {
  title: "SWE-agent trajectory",
  detect: (document) =>
    isObject(document) &&
    Array.isArray(document.trajectory) &&
    isObject(document.trajectory[0]) &&
    "action" in document.trajectory[0],
  open: readOneDocument(parse),
};

function parse(document: Json, { file, maxTasks }: FormatContext): Result<RecordedRun, FormatProblem> {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return malformed(`$.${issue?.path.join(".") ?? ""}`, issue?.message ?? "a trajectory", "this is no trajectory");
  }
  const { trajectory } = parsed.data;
  if (trajectory.length > maxTasks) return tooManyTasks("$.trajectory", maxTasks);
  const warnings = new Warnings();
  const agents = new AgentTable();
  const agent = agents.idOf("swe-agent", "SWE-agent", "agent");
  const about = Object.fromEntries(Object.entries(document as JsonObject).filter(([name]) => !REPEATED.includes(name)));
  const told = Array.isArray(parsed.data.history) ? parsed.data.history.length : 0;
  warnings.add("history_left_out", "messages to the model that say again what the steps say are left out", null, told);
  const tasks = trajectory.map(({ action, thought, response, execution_time: seconds, ...kept }, index) => {
    const program = action.trim().split(/\s/, 1)[0] ?? "";
    return stepTask(
      {
        id: `step-${index + 1}`,
        name: action.trim().split("\n", 1)[0] || "no command",
        agent,
        action: program === "" ? "no_command" : actionOf(program.split("/").at(-1) ?? program),
        said: thought ?? response ?? null,
        args: { command: action },
        kept: keptOf(kept, response === thought ? null : response, index === 0 ? about : {}),
        durationMs: (seconds ?? 0) * 1000,
      },
      warnings,
    );
  });
  const timed = trajectory.filter((step) => typeof step.execution_time === "number").length;
  const run = timelessRun({
    format: "swe-agent",
    formatVersion: "",
    name: file.replace(/\.gz$/i, "").replace(/(?:\.traj)?(?:\.json)?$/i, ""),
    file,
    agents,
    tasks: chainSteps(tasks),
    // With the times of commands it is not timeless, and says so itself.
    warnings: timed === 0 ? warnings : new Warnings(),
    counts: { steps: trajectory.length, ...modelStats(parsed.data.info as Json | undefined) },
  });
  if (timed === 0) return ok(run);
  warnings.add(
    "times_computed",
    "only the time that commands took is recorded: each starts when the one before it has ended, without the model's time",
    "step-1",
    trajectory.length,
  );
  warnings.add("durations_missing", "steps whose time is not recorded take none", null, trajectory.length - timed);
  return ok({ ...run, tasks: started(run.tasks), warnings: warnings.list() });
}

function started(tasks: readonly RunTask[]): RunTask[] {
  let at = 0;
  return tasks.map((task) => {
    const startMs = at;
    at += task.durationMs;
    return { ...task, startMs };
  });
}

function keptOf(kept: JsonObject | object, response: string | null | undefined, about: JsonObject): JsonObject {
  // Members of a step came from JSON, so that they are JSON.
  const members = Object.entries(kept as JsonObject).filter(([, value]) => value !== null && value !== "");
  return {
    ...Object.fromEntries(members.map(([name, value]) => [name, name === "state" ? unnested(value) : value])),
    ...(response === null || response === undefined ? {} : { response }),
    ...about,
  };
}

/** Tokens and calls are told of the whole run only. */
function modelStats(info: Json | undefined): Record<string, number> {
  const stats = isObject(info) && isObject(info.model_stats) ? info.model_stats : {};
  return Object.fromEntries(
    ["tokens_sent", "tokens_received", "api_calls", "instance_cost"].flatMap((name) => {
      const value = stats[name];
      return typeof value === "number" && Number.isFinite(value) ? [[name, value]] : [];
    }),
  );
}
