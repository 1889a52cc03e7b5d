import type { Json } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import { keptAttributes } from "./bounded-json.ts";
import {
  type FormatContext,
  type FormatProblem,
  malformed,
  type RunFormatReader,
  type RunReading,
  tooManyTasks,
} from "./run-format-reader.ts";
import {
  isSparkEventName,
  SPARK_EVENTS,
  type SparkEvent,
  type SparkEventName,
  sparkEventName,
} from "./spark-events.ts";
import { emptySparkLog, executorOf, type SparkLog, stageKey } from "./spark-log.ts";
import { errorOf, measured, placement } from "./spark-metrics.ts";
import { sparkRun } from "./spark-run.ts";
import { cut, Warnings } from "./text.ts";

/**
 * Apache Spark event logs: one listener event a line. Stages are the graph, task attempts hang below their stage. A
 * rolled log is read as one.
 */
export const SPARK_EVENTLOG: RunFormatReader = {
  title: "Apache Spark event log",
  detect: (document) => /(?:^|\.)SparkListener[A-Z]/.test(sparkEventName(document) ?? ""),
  open: readSparkLog,
};

function readSparkLog(context: FormatContext): RunReading {
  const log = emptySparkLog();
  const warnings = new Warnings();
  return {
    add: (document, place) => addEvent(log, warnings, document, place || "line 1", context.maxTasks),
    finish: () => sparkRun(log, warnings, context.file),
  };
}

type Handlers = {
  readonly [Name in SparkEventName]: (
    log: SparkLog,
    event: SparkEvent<Name>,
    warnings: Warnings,
  ) => Problem | undefined;
};
type Problem = { readonly member: string; readonly expected: string; readonly detail: string };

function addEvent(
  log: SparkLog,
  warnings: Warnings,
  document: Json,
  place: string,
  maxTasks: number,
): Result<void, FormatProblem> {
  const name = sparkEventName(document);
  if (name === null) return malformed(place, "a Spark listener event", "the line has no Event");
  log.lines += 1;
  if (!isSparkEventName(name)) {
    const unread = log.unread.get(name);
    if (unread === undefined) log.unread.set(cut(name, 256), { count: 1, place });
    else unread.count += 1;
    return ok(undefined);
  }
  const problem = readEvent(log, name, document, warnings);
  if (problem !== undefined)
    return malformed(`${place}: ${problem.member}`, problem.expected, `${name}: ${problem.detail}`);
  return log.tasks.size + log.stages.size > maxTasks ? tooManyTasks(place, maxTasks) : ok(undefined);
}

function readEvent<Name extends SparkEventName>(
  log: SparkLog,
  name: Name,
  document: Json,
  warnings: Warnings,
): Problem | undefined {
  const parsed = SPARK_EVENTS[name].safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      member: issue?.path.join(".") || "Event",
      expected: issue?.message ?? "a listener event",
      detail: "the event does not have its members",
    };
  }
  return HANDLERS[name](log, parsed.data as SparkEvent<Name>, warnings);
}

const HANDLERS: Handlers = {
  SparkListenerLogStart: (log, event) => {
    log.version = event["Spark Version"];
    return undefined;
  },
  SparkListenerApplicationStart: (log, event) => {
    const app = {
      name: event["App Name"],
      id: event["App ID"] ?? "",
      attempt: event["App Attempt ID"] ?? "",
      startMs: event.Timestamp,
    };
    if (log.app !== null && (log.app.id !== app.id || log.app.attempt !== app.attempt)) {
      return {
        member: "App ID",
        expected: "the log of one application attempt",
        detail: `a second one starts: ${app.id} attempt ${app.attempt || "1"}`,
      };
    }
    log.app ??= app;
    return undefined;
  },
  SparkListenerApplicationEnd: (log, event) => {
    log.applicationEnds += 1;
    log.endMs = event.Timestamp;
    return undefined;
  },
  SparkListenerEnvironmentUpdate: (log, event) => {
    for (const [name, value] of Object.entries(event["Spark Properties"])) log.configuration.set(name, value);
    return undefined;
  },
  SparkListenerJobStart: (log, event) => {
    const properties = event.Properties;
    const sqlId = Number(properties["spark.sql.execution.id"] ?? Number.NaN);
    log.jobs.set(event["Job ID"], {
      id: event["Job ID"],
      stageIds:
        event["Stage Infos"].length > 0 ? event["Stage Infos"].map((stage) => stage["Stage ID"]) : event["Stage IDs"],
      description: properties["spark.job.description"] ?? null,
      sqlId: Number.isNaN(sqlId) ? null : sqlId,
      properties,
      failure: null,
    });
    for (const stage of event["Stage Infos"]) {
      if (!log.planned.has(stage["Stage ID"])) log.planned.set(stage["Stage ID"], stage);
    }
    return undefined;
  },
  SparkListenerJobEnd: (log, event, warnings) => {
    const job = log.jobs.get(event["Job ID"]);
    const failed = event["Job Result"].Result !== "JobSucceeded";
    log.jobsEnded += 1;
    if (failed) log.jobsFailed += 1;
    const message = cut(event["Job Result"].Exception?.Message ?? event["Job Result"].Result, 2000);
    if (failed) warnings.add("job_failed", "jobs that failed", `job ${event["Job ID"]}: ${message.split("\n")[0]}`);
    if (job === undefined) {
      warnings.add("job_unknown", "jobs that end without having started", `job ${event["Job ID"]}`);
      return undefined;
    }
    job.failure = failed ? message : null;
    return undefined;
  },
  SparkListenerStageSubmitted: (log, event) => {
    const info = event["Stage Info"];
    log.stages.set(stageKey(info["Stage ID"], info["Stage Attempt ID"]), { info, completed: false });
    return undefined;
  },
  SparkListenerStageCompleted: (log, event) => {
    const info = event["Stage Info"];
    log.stages.set(stageKey(info["Stage ID"], info["Stage Attempt ID"]), { info, completed: true });
    return undefined;
  },
  SparkListenerTaskStart: (log, event) => {
    const info = event["Task Info"];
    log.tasks.set(info["Task ID"], {
      id: info["Task ID"],
      index: info.Index,
      attempt: info.Attempt,
      stage: stageKey(event["Stage ID"], event["Stage Attempt ID"]),
      executor: info["Executor ID"],
      launchMs: info["Launch Time"],
      finishMs: null,
      type: "",
      outcome: "unfinished",
      error: null,
      attributes: placement(info),
    });
    executorOf(log, info["Executor ID"]);
    return undefined;
  },
  SparkListenerTaskEnd: readTaskEnd,
  SparkListenerExecutorAdded: (log, event) => {
    executorOf(log, event["Executor ID"]).host = event["Executor Info"]?.Host ?? "";
    return undefined;
  },
  SparkListenerExecutorRemoved: (log, event, warnings) => {
    log.executorsRemoved += 1;
    const reason = cut(event["Removed Reason"], 500);
    executorOf(log, event["Executor ID"]).removed = reason;
    warnings.add(
      "executor_removed",
      "executors that were lost or given back",
      `executor ${event["Executor ID"]}: ${reason}`,
    );
    return undefined;
  },
  "org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart": (log, event) => {
    log.sql.set(event.executionId, event.description ?? "");
    return undefined;
  },
};

function readTaskEnd(log: SparkLog, event: SparkEvent<"SparkListenerTaskEnd">, warnings: Warnings): undefined {
  const info = event["Task Info"];
  const reason = event["Task End Reason"];
  log.taskEnds += 1;
  if (info.Attempt > 0) log.taskRetries += 1;
  if (reason.Reason !== "Success") log.reasons.set(reason.Reason, (log.reasons.get(reason.Reason) ?? 0) + 1);
  executorOf(log, info["Executor ID"]).ranTasks = true;
  const onCut = (): void =>
    warnings.add("attributes_cut", "attributes that are too long are cut", `task ${info["Task ID"]}`);
  log.tasks.set(info["Task ID"], {
    id: info["Task ID"],
    index: info.Index,
    attempt: info.Attempt,
    stage: stageKey(event["Stage ID"], event["Stage Attempt ID"]),
    executor: info["Executor ID"],
    launchMs: info["Launch Time"],
    finishMs: Math.max(info["Launch Time"], info["Finish Time"]),
    type: event["Task Type"],
    outcome: reason.Reason === "Success" ? "success" : reason.Reason === "TaskKilled" ? "killed" : "failure",
    error: reason.Reason === "Success" ? null : errorOf(reason),
    attributes: keptAttributes({ ...placement(info), ...measured(event) }, onCut),
  });
  return undefined;
}
