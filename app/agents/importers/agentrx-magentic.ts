import * as z from "zod";
import type { Json } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import { isObject } from "./bounded-json.ts";
import type { HeldRun, ReadSteps } from "./held-run.ts";
import { magenticRole } from "./magentic-role.ts";
import { type FormatProblem, malformed, tooManyTasks } from "./run-format-reader.ts";
import { chainSteps, stepTask, timelessRun } from "./step-run.ts";
import { AgentTable, actionOf, cut, type Warnings } from "./text.ts";

/** Logs of Magentic-One: a list of `{role, content}`; the run has no id but its file's name. Steps count from 1. */

const stepsSchema = z.array(z.looseObject({ role: z.string().min(1).max(512), content: z.string() })).min(1);
type Steps = z.infer<typeof stepsSchema>;

/** A chat by roles like these; one of a model with its user has other roles and is none. */
export const isMagentic = (document: Json): boolean =>
  Array.isArray(document) &&
  isObject(document[0]) &&
  typeof document[0].role === "string" &&
  "content" in document[0] &&
  !("name" in document[0]) &&
  document.some(
    (item) =>
      isObject(item) && typeof item.role === "string" && /^.+ \((?:-> .+|thought)\)$/.test(item.role.slice(0, 512)),
  );

export function readMagentic(
  document: Json,
  place: string,
  file: string,
  maxTasks: number,
): Result<readonly HeldRun[], FormatProblem> {
  const parsed = stepsSchema.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return malformed([place, ...(issue?.path ?? [])].join("."), issue?.message ?? "steps", "this is no step");
  }
  const steps = parsed.data;
  if (steps.length > maxTasks) return tooManyTasks(place, maxTasks);
  const stem = file.replace(/\.gz$/i, "").replace(/\.json$/i, "");
  return ok([
    {
      id: `log-${cut(stem, 200)}`,
      name: cut((steps[0]?.content ?? "").trim().split("\n")[0] ?? "", 160) || stem,
      steps: steps.length,
      annotatedAs: stem,
      read: (warnings) => ok(readSteps(steps, file, warnings)),
    },
  ]);
}

/** What the web surfer reports that it did, by its report's first words. */
const REPORTED: readonly (readonly [RegExp, string])[] = [
  [/^I typed /, "type_text"],
  [/^I clicked /, "click"],
  [/^I scrolled /, "scroll"],
  [/^I (?:visited|opened) /, "visit_page"],
  [/^I hovered /, "hover"],
  [/^I (?:am waiting|waited) /, "wait"],
];

function readSteps(steps: Steps, file: string, warnings: Warnings): ReadSteps {
  const agents = new AgentTable();
  const taskOfStep = new Map<number, string>();
  const asked = new Set<string>();
  let turnedTo: string | null = null;
  const roles = new Map<string, number>();
  const tasks = steps.map(({ role, content, ...kept }, index) => {
    const { speaker, to, note } = magenticRole(role);
    roles.set(role, (roles.get(role) ?? 0) + 1);
    const id = `step-${index + 1}`;
    taskOfStep.set(index + 1, id);
    // The role of the step before names whose turn this is: an edge of the recording's own.
    if (turnedTo !== null && turnedTo === speaker) asked.add(id);
    turnedTo = to;
    const reported = REPORTED.find(([words]) => words.test(content))?.[1];
    if (reported !== undefined)
      warnings.add("actions_from_reports", "what was done is taken from the first words of its report", id);
    const isPerson = speaker.toLowerCase() === "human";
    const action = isPerson
      ? "ask"
      : to !== null
        ? "delegate"
        : note !== null
          ? actionOf(note)
          : (reported ?? "respond");
    return stepTask(
      {
        id,
        name: to === null ? `${speaker}: ${note ?? action.replaceAll("_", " ")}` : `${speaker} to ${to}`,
        agent: agents.idOf(speaker.toLowerCase(), speaker, isPerson ? "human" : "agent"),
        action,
        said: content,
        args: to === null ? {} : { to },
        // It came from JSON, so that it is JSON.
        kept: kept as Record<string, Json>,
      },
      warnings,
    );
  });
  return {
    taskOfStep,
    run: timelessRun({
      format: "agentrx",
      formatVersion: "magentic-one",
      name: cut((steps[0]?.content ?? "").trim().split("\n")[0] ?? "", 160),
      file,
      agents,
      tasks: chainSteps(tasks, asked),
      warnings,
      counts: {
        steps: steps.length,
        ...Object.fromEntries([...roles].map(([role, count]) => [`roles.${cut(role, 256)}`, count])),
      },
    }),
  };
}
