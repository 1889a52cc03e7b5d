import * as z from "zod";
import type { Json } from "../../base/json.ts";

/**
 * A recorded run in our normal form [ours]: what every importer makes and what a re-enactment plays.
 * Its digest (object digest, spec README section 4) is what the `run_start` ECT refers to (COM-11).
 * Times are milliseconds relative to the run's start. Everything textual is untrusted.
 */

const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;

export const runFormatSchema = z.enum([
  "wfformat",
  "spark-eventlog",
  "langfuse",
  "otlp",
  "signalbox-log",
  "drill",
  "agentrx",
  "who-and-when",
  "swe-agent",
  "inspect",
  "temporal",
  "ag-ui",
]);
export type RunFormat = z.infer<typeof runFormatSchema>;

export const runAgentSchema = z.object({
  /** Unique in the run; a slug `[a-z0-9-]{1,64}`, becomes the last path segment of the agent id. */
  id: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/),
  /** As the recording names it. */
  name: z.string().min(1).max(256),
  /** What this is in the source: `program`, `executor`, `driver`, `agent`, `service`. */
  kind: z.string().max(32),
});

export const runTaskSchema = z.object({
  /** Unique in the run, as in the recording where it has one. */
  id: z.string().min(1).max(256),
  name: z.string().max(512),
  /** The `exec_act` this task issues: `^[a-z][a-z0-9_]{0,63}$`. */
  action: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
  /** Id of the agent that acts. */
  agent: z.string(),
  /** Tasks that had to finish before this one started. */
  parents: z.array(z.object({ id: z.string(), inferred: z.boolean() })),
  /** The task during which this one ran (span parent, stage of a task attempt), or null. */
  caller: z.string().nullable(),
  /** Start, ms since the run's start; null when the recording has no time. */
  startMs: z.number().nonnegative().nullable(),
  durationMs: z.number().nonnegative(),
  outcome: z.enum(["success", "failure", "killed", "unfinished"]),
  /** The recorded error, bounded. */
  error: z.string().max(2000).nullable(),
  /** 0 for the first try. */
  attempt: z.number().int().nonnegative(),
  /** Names of what was read and written (files, datasets). */
  inputs: z.array(z.string().max(1024)),
  outputs: z.array(z.string().max(1024)),
  /** The arguments as recorded; canonicalised before they are shown, digested and decided upon. */
  args: z.record(z.string(), json),
  /** The agent's own words (prompt, description), untrusted, bounded; null when none. */
  narrative: z.string().max(8000).nullable(),
  usage: z
    .object({
      inputTokens: z.number().nonnegative().nullable(),
      outputTokens: z.number().nonnegative().nullable(),
      /** Of the input tokens, those that the model's provider had in a cache; absent where the source does not tell. */
      cachedTokens: z.number().nonnegative().exactOptional(),
      /** Decimal string with ISO 4217 currency, or null. */
      cost: z.object({ amount: z.string(), currency: z.string() }).nullable(),
    })
    .nullable(),
  /** Everything of the source that has no place above, kept and shown. */
  attributes: z.record(z.string(), json),
});

export const runWarningSchema = z.object({
  code: z.string(),
  message: z.string(),
  /** Number of places it concerns. */
  count: z.number().int().positive(),
  /** The first place: a task id, a line number, a JSON path. */
  where: z.string().nullable(),
});

/** What somebody noted about a failed run: a step that is to blame. Theirs, not a finding of this console. */
export const runBlameSchema = z.object({
  /** The task that is to blame; null where the annotation names a step that the recording does not have. */
  task: z.string().nullable(),
  /** The step as the annotation counts them. */
  step: z.number().int().nonnegative(),
  /** The agent of the run that is to blame; null where it is none of them. It need not be the one that acted. */
  agent: z.string().nullable(),
  /** Who is to blame, in the annotation's words. */
  named: z.string().max(256),
  category: z.string().max(256).nullable(),
  text: z.string().max(2000),
  /** Whether it is taken for the cause of the failure, or for one fault beside it. */
  cause: z.boolean(),
  /** Where it was noted: the name of a file. */
  source: z.string().max(256),
});

export const recordedRunSchema = z.object({
  version: z.literal(1),
  format: runFormatSchema,
  formatVersion: z.string(),
  name: z.string().min(1).max(256),
  source: z.object({
    file: z.string(),
    /** Where a bundled run came from and under what licence; null for a file of the user's. */
    origin: z.object({ repository: z.string(), commit: z.string(), path: z.string(), licence: z.string() }).nullable(),
    /** It was written for this console and records nothing that happened; absent for every recording. */
    scenario: z.literal(true).exactOptional(),
  }),
  /** `edges`: caller links are the DAG (spans). `groups`: tasks hang below their caller (Spark attempts below stages). */
  callers: z.enum(["edges", "groups"]),
  /** `recorded`: start times are the recording's. `computed`: scheduled by the importer from durations and parents. */
  schedule: z.enum(["recorded", "computed"]),
  /** True for traces: evidence of reports, not of enforcement (attachments 4.7). */
  observedOnly: z.boolean(),
  /** Epoch ms of the run's start as recorded, or null. */
  startedAtMs: z.number().nullable(),
  makespanMs: z.number().nonnegative().nullable(),
  agents: z.array(runAgentSchema).min(1),
  tasks: z.array(runTaskSchema).min(1),
  /** Counts of the source that the normal form has no place for (jobs, stages, executors removed…). */
  counts: z.record(z.string(), z.number()),
  warnings: z.array(runWarningSchema),
  /** In the order of the steps; absent where nobody noted anything, so that other runs keep their digest. */
  blame: z.array(runBlameSchema).min(1).max(256).exactOptional(),
});

export type RunAgent = z.infer<typeof runAgentSchema>;
export type RunTask = z.infer<typeof runTaskSchema>;
export type RunBlame = z.infer<typeof runBlameSchema>;
export type RunWarning = z.infer<typeof runWarningSchema>;
export type RecordedRun = z.infer<typeof recordedRunSchema>;
