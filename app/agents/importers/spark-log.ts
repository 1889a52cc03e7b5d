import type { Json } from "../../base/json.ts";
import type { RunTask } from "../../protocol/run/recorded-run.ts";
import type { StageInfo } from "./spark-events.ts";

/** What an event log has told so far. Times are epoch milliseconds. */
export interface SparkLog {
  lines: number;
  version: string;
  app: { readonly name: string; readonly id: string; readonly attempt: string; readonly startMs: number } | null;
  applicationEnds: number;
  endMs: number | null;
  /** The configuration every job repeats. */
  readonly configuration: Map<string, string>;
  readonly jobs: Map<number, SparkJob>;
  /** Ends of jobs, also of those whose start the log does not have. */
  jobsEnded: number;
  jobsFailed: number;
  /** Stages as jobs planned them, submitted or not, by stage id. */
  readonly planned: Map<number, StageInfo>;
  /** Stages as they ran, by `id.attempt`, in order. */
  readonly stages: Map<string, SparkStage>;
  /** Task attempts by Spark's task id, in order. */
  readonly tasks: Map<number, SparkTask>;
  readonly executors: Map<string, SparkExecutor>;
  readonly sql: Map<number, string>;
  executorsRemoved: number;
  taskEnds: number;
  taskRetries: number;
  readonly reasons: Map<string, number>;
  /** Events that are counted and left out, by name, with the first place. */
  readonly unread: Map<string, { count: number; readonly place: string }>;
}

export interface SparkJob {
  readonly id: number;
  readonly stageIds: readonly number[];
  readonly description: string | null;
  readonly sqlId: number | null;
  readonly properties: Readonly<Record<string, string>>;
  failure: string | null;
}

export interface SparkStage {
  info: StageInfo;
  /** From the stage's completion event; false while it runs. */
  completed: boolean;
}

export interface SparkTask {
  readonly id: number;
  readonly index: number;
  readonly attempt: number;
  readonly stage: string;
  readonly executor: string;
  readonly launchMs: number;
  /** Null until its end is recorded. */
  finishMs: number | null;
  type: string;
  outcome: RunTask["outcome"];
  error: string | null;
  attributes: Readonly<Record<string, Json>>;
}

export interface SparkExecutor {
  readonly id: string;
  host: string;
  ranTasks: boolean;
  removed: string | null;
}

export function emptySparkLog(): SparkLog {
  return {
    lines: 0,
    version: "",
    app: null,
    applicationEnds: 0,
    endMs: null,
    configuration: new Map(),
    jobs: new Map(),
    jobsEnded: 0,
    jobsFailed: 0,
    planned: new Map(),
    stages: new Map(),
    tasks: new Map(),
    executors: new Map(),
    sql: new Map(),
    executorsRemoved: 0,
    taskEnds: 0,
    taskRetries: 0,
    reasons: new Map(),
    unread: new Map(),
  };
}

export const stageKey = (id: number, attempt: number): string => `${id}.${attempt}`;

/** The executor an event names; it may be named before it is announced. */
export function executorOf(log: SparkLog, id: string): SparkExecutor {
  const known = log.executors.get(id);
  if (known !== undefined) return known;
  const made: SparkExecutor = { id, host: "", ranTasks: false, removed: null };
  log.executors.set(id, made);
  return made;
}
