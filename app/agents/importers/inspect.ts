import type { Json, JsonObject } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";
import { isObject } from "./bounded-json.ts";
import { type InspectLog, logSchema } from "./inspect-schema.ts";
import { PERSON, sampleSpans } from "./inspect-spans.ts";
import {
  type FormatContext,
  type FormatProblem,
  malformed,
  type RunFormatReader,
  readOneDocument,
  tooManyTasks,
} from "./run-format-reader.ts";
import type { RunSpan } from "./run-span.ts";
import { spanRun } from "./span-run.ts";
import { cut, Warnings } from "./text.ts";

/** An evaluation log of Inspect: one run, each sample a tree of its own below a task for the sample. */
export const INSPECT: RunFormatReader = {
  title: "Inspect evaluation log",
  detect: (document) =>
    isObject(document) &&
    isObject(document.eval) &&
    Array.isArray(document.samples) &&
    typeof document.status === "string",
  open: readOneDocument(parse),
};

function parse(document: Json, { file, maxTasks }: FormatContext): Result<RecordedRun, FormatProblem> {
  const parsed = logSchema.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return malformed(`$.${issue?.path.join(".") ?? ""}`, issue?.message ?? "an Inspect log", "this is no Inspect log");
  }
  const log = parsed.data;
  const warnings = new Warnings();
  const spans = new Map<string, RunSpan>();
  const counts = new Map<string, number>();
  const count = (name: string, by = 1): void => void counts.set(name, (counts.get(name) ?? 0) + by);
  for (const [index, sample] of log.samples.entries()) {
    const added = sampleSpans(log, sample, { index, spans, count, warnings });
    if (!added.ok) return added;
    if (spans.size > maxTasks) return tooManyTasks(`$.samples.${index}`, maxTasks);
  }
  if (log.status !== "success")
    warnings.add(
      `status_${cut(log.status, 32)}`,
      `the evaluation ended as ${cut(log.status, 64)}; what its samples did until then is here`,
    );
  const run = spanRun(
    spans,
    {
      format: "inspect",
      formatVersion: String(log.version),
      name: log.eval.task,
      file,
      counts: { samples: log.samples.length, ...resultsOf(log), ...Object.fromEntries(counts) },
    },
    warnings,
  );
  return ok(inOrder(run, log, document as JsonObject));
}

function resultsOf({ results }: InspectLog): Record<string, number> {
  return Object.fromEntries(
    (["total_samples", "completed_samples"] as const).flatMap((name) => {
      const value = results?.[name];
      return typeof value === "number" && Number.isFinite(value) ? [[name, value]] : [];
    }),
  );
}

/** People and judges are no agents of the evaluation; results without times keep the order they have. */
function inOrder(run: RecordedRun, log: InspectLog, document: JsonObject): RecordedRun {
  const { samples: _samples, reductions: _reductions, ...about } = document;
  const hasTimes = run.tasks.some((task) => task.startMs !== null);
  const before = new Map<string, string>();
  const tasks = run.tasks.map((task, at) => {
    const isUntimed = task.startMs === null && task.caller !== null;
    const previous = isUntimed ? before.get(task.caller ?? "") : undefined;
    if (isUntimed) before.set(task.caller ?? "", task.id);
    const parents = previous === undefined ? task.parents : [{ id: previous, inferred: true }];
    return at === 0 ? { ...task, parents, attributes: { ...task.attributes, ...shown(about) } } : { ...task, parents };
  });
  return {
    ...run,
    tasks,
    schedule: hasTimes ? "recorded" : "computed",
    agents: run.agents.map((agent) => ({
      ...agent,
      kind: agent.name === PERSON ? "human" : agent.name === log.eval.task ? "evaluation" : agent.kind,
    })),
  };
}

/** What is said of the whole evaluation, as far as it is short. */
const shown = (about: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(about).filter(([, value]) => JSON.stringify(value).length <= 16_384));
