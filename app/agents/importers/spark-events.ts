import * as z from "zod";
import type { Json } from "../../base/json.ts";

/**
 * The members of Apache Spark's listener events that give a run its shape, by the `Event` they belong to. Everything
 * else of an event passes through and is kept. Spark writes them with spaces and capitals; older versions leave some out.
 */

const id = z.int();
/** Epoch milliseconds; Spark writes -1 or 0 for "not yet". */
const time = z.number();

export const stageInfoSchema = z.looseObject({
  "Stage ID": id,
  "Stage Attempt ID": id.nonnegative().default(0),
  "Stage Name": z.string().default(""),
  "Number of Tasks": z.int().nonnegative().default(0),
  "RDD Info": z.array(z.looseObject({ "RDD ID": id })).default([]),
  "Parent IDs": z.array(id).default([]),
  "Submission Time": time.optional(),
  "Completion Time": time.optional(),
  "Failure Reason": z.string().optional(),
});
export type StageInfo = z.infer<typeof stageInfoSchema>;

export const taskInfoSchema = z.looseObject({
  "Task ID": id.nonnegative(),
  Index: id,
  Attempt: id.nonnegative().default(0),
  "Launch Time": time,
  "Executor ID": z.string().min(1).max(256),
  "Finish Time": time.default(0),
});

/** Settings; only those that are text matter, and what is none is no reason to refuse a log. */
const properties = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((all) =>
    Object.fromEntries(
      Object.entries(all ?? {}).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
    ),
  );
const ofStage = { "Stage ID": id, "Stage Attempt ID": id.nonnegative().default(0) };

export const taskEndReasonSchema = z.looseObject({ Reason: z.string().min(1).max(256) });
export type TaskEndReason = z.infer<typeof taskEndReasonSchema>;

/** One schema per event that is read; an event without one is counted and left out. */
export const SPARK_EVENTS = {
  SparkListenerLogStart: z.looseObject({ "Spark Version": z.string() }),
  SparkListenerApplicationStart: z.looseObject({
    "App Name": z.string(),
    "App ID": z.string().nullish(),
    "App Attempt ID": z.string().nullish(),
    Timestamp: time,
  }),
  SparkListenerApplicationEnd: z.looseObject({ Timestamp: time }),
  SparkListenerEnvironmentUpdate: z.looseObject({ "Spark Properties": properties }),
  SparkListenerJobStart: z.looseObject({
    "Job ID": id,
    "Submission Time": time.optional(),
    "Stage Infos": z.array(stageInfoSchema).default([]),
    "Stage IDs": z.array(id).default([]),
    Properties: properties,
  }),
  SparkListenerJobEnd: z.looseObject({
    "Job ID": id,
    "Completion Time": time.optional(),
    "Job Result": z.looseObject({
      Result: z.string(),
      Exception: z.looseObject({ Message: z.string().nullish() }).nullish(),
    }),
  }),
  SparkListenerStageSubmitted: z.looseObject({ "Stage Info": stageInfoSchema, Properties: properties }),
  SparkListenerStageCompleted: z.looseObject({ "Stage Info": stageInfoSchema }),
  SparkListenerTaskStart: z.looseObject({ ...ofStage, "Task Info": taskInfoSchema }),
  SparkListenerTaskEnd: z.looseObject({
    ...ofStage,
    "Task Type": z.string().default(""),
    "Task End Reason": taskEndReasonSchema,
    "Task Info": taskInfoSchema,
  }),
  SparkListenerExecutorAdded: z.looseObject({
    "Executor ID": z.string(),
    "Executor Info": z.looseObject({ Host: z.string().optional() }).optional(),
  }),
  SparkListenerExecutorRemoved: z.looseObject({ "Executor ID": z.string(), "Removed Reason": z.string().default("") }),
  "org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart": z.looseObject({
    executionId: id,
    description: z.string().nullish(),
  }),
} as const;

export type SparkEventName = keyof typeof SPARK_EVENTS;
export type SparkEvent<Name extends SparkEventName> = z.infer<(typeof SPARK_EVENTS)[Name]>;

export const isSparkEventName = (name: string): name is SparkEventName => Object.hasOwn(SPARK_EVENTS, name);

/** The name of a listener event, or null for another kind of document. */
export function sparkEventName(document: Json): string | null {
  if (typeof document !== "object" || document === null || !("Event" in document)) return null;
  return typeof document.Event === "string" ? document.Event : null;
}
