import * as z from "zod";
import type { Json, JsonObject } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";
import { withBlame } from "./blame.ts";
import { isObject } from "./bounded-json.ts";
import { magenticRole } from "./magentic-role.ts";
import {
  type FormatContext,
  type FormatProblem,
  malformed,
  type RunFormatReader,
  readOneDocument,
  tooManyTasks,
} from "./run-format-reader.ts";
import { chainSteps, stepTask, timelessRun } from "./step-run.ts";
import { AgentTable, actionOf, cut, Warnings } from "./text.ts";

/**
 * Who&When: a failed run of a team of agents, with the agent and the step to blame in the same file. Steps count from 0,
 * and `mistake_step` is text. Speakers are in `name`; logs of Magentic-One in this format have them in `role`.
 */

const documentSchema = z.looseObject({
  history: z
    .array(
      z.looseObject({ content: z.string().nullish(), role: z.string().max(512), name: z.string().max(512).nullish() }),
    )
    .min(1),
  mistake_agent: z.string().nullish(),
  mistake_step: z.union([z.string(), z.number()]).nullish(),
  mistake_reason: z.string().nullish(),
  question: z.string().nullish(),
});

export const WHO_AND_WHEN: RunFormatReader = {
  title: "Who&When annotated failure",
  detect: (document) =>
    isObject(document) &&
    Array.isArray(document.history) &&
    ("mistake_step" in document || "mistake_agent" in document),
  open: readOneDocument(parse),
};

/** What the terminal of the team answers: the exit code first. */
const EXIT = /^exitcode: (\d+)/;

function parse(document: Json, { file, maxTasks }: FormatContext): Result<RecordedRun, FormatProblem> {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return malformed(`$.${issue?.path.join(".") ?? ""}`, issue?.message ?? "Who&When", "the document is not Who&When");
  }
  const { history, question, mistake_step: step, mistake_agent: named, mistake_reason: reason } = parsed.data;
  if (history.length > maxTasks) return tooManyTasks("$.history", maxTasks);
  const warnings = new Warnings();
  const agents = new AgentTable();
  const taskOfStep = new Map<number, string>();
  const asked = new Set<string>();
  let turnedTo: string | null = null;
  const { history: _history, ...about } = document as JsonObject;
  const tasks = history.map(({ content, role, name, ...kept }, index) => {
    const said = content ?? "";
    const by = typeof name === "string" && name !== "" ? { speaker: name, to: null, note: null } : magenticRole(role);
    const id = `step-${index}`;
    taskOfStep.set(index, id);
    if (turnedTo !== null && turnedTo === by.speaker) asked.add(id);
    turnedTo = by.to;
    const exit = EXIT.exec(said)?.[1];
    const action = actionIn(said, exit, by);
    return stepTask(
      {
        id,
        name: `${by.speaker}: ${action.replaceAll("_", " ")}`,
        agent: agents.idOf(by.speaker.toLowerCase(), by.speaker, exit === undefined ? "agent" : "program"),
        action,
        said,
        args: by.to === null ? {} : { to: by.to },
        error: exit === undefined || Number(exit) === 0 ? null : said,
        // It came from JSON, so that it is JSON. What is said of the whole run is kept at its first task.
        kept: { role, ...(kept as JsonObject), ...(index === 0 ? about : {}) },
      },
      warnings,
    );
  });
  warnings.add(
    "actions_from_form",
    "what kind of step it is is told by its form: code, an exit code, the word TERMINATE",
  );
  const run = timelessRun({
    format: "who-and-when",
    formatVersion: "",
    name: cut((question ?? "").trim().split("\n")[0] ?? "", 160),
    file,
    agents,
    tasks: chainSteps(tasks, asked),
    warnings,
    counts: { messages: history.length },
  });
  const number = stepNumber(step);
  if (number === null) {
    warnings.add("not_annotated", "the file names no step that is to blame", "$.mistake_step");
    return ok({ ...run, warnings: warnings.list() });
  }
  const annotated = { step: number, named: named ?? "", category: null, text: reason ?? "", cause: true };
  return ok(withBlame(run, [annotated], taskOfStep, file, warnings));
}

function stepNumber(step: string | number | null | undefined): number | null {
  const text = String(step ?? "").trim();
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function actionIn(said: string, exit: string | undefined, by: ReturnType<typeof magenticRole>): string {
  if (exit !== undefined) return "run_code";
  if (by.to !== null) return "delegate";
  if (by.note !== null) return actionOf(by.note);
  if (said.trim() === "TERMINATE") return "terminate";
  return /^```(?:python|sh|bash)\b/m.test(said) ? "write_code" : "message";
}
