import type { JsonObject } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import type { RecordedRun, RunTask } from "../../protocol/run/recorded-run.ts";
import { keptAttributes } from "./bounded-json.ts";
import { type FormatProblem, malformed } from "./run-format-reader.ts";
import { sparkCounts } from "./spark-counts.ts";
import { SparkEdges } from "./spark-edges.ts";
import type { StageInfo } from "./spark-events.ts";
import type { SparkJob, SparkLog, SparkStage, SparkTask } from "./spark-log.ts";
import { accumulated } from "./spark-metrics.ts";
import { AgentTable, actionOf, blankTask, cut, splitWords, type Warnings } from "./text.ts";

/** Makes the run of a log that was read to its end. */
export function sparkRun(log: SparkLog, warnings: Warnings, file: string): Result<RecordedRun, FormatProblem> {
  addUnknownStages(log, warnings);
  if (log.stages.size === 0) return malformed("the last line", "at least one stage", "the log has no stage");
  const view: View = {
    log,
    warnings,
    agents: new AgentTable(),
    edges: new SparkEdges(log),
    jobsOf: jobsByStage(log),
    originMs: log.app?.startMs ?? firstMs(log),
    lastMs: lastMs(log),
  };
  const tasks = tasksOf(view);
  warnAboutWhole(log, warnings);
  return ok({
    version: 1,
    format: "spark-eventlog",
    formatVersion: cut(log.version, 64),
    name: cut(log.app?.name ?? "", 256) || cut(file, 256),
    source: { file, origin: null },
    callers: "groups",
    schedule: "recorded",
    observedOnly: false,
    startedAtMs: view.originMs,
    makespanMs: Math.max(0, (log.endMs ?? view.lastMs) - view.originMs),
    agents: view.agents.list(),
    tasks,
    counts: sparkCounts(log),
    warnings: warnings.list(),
  });
}

interface View {
  readonly log: SparkLog;
  readonly warnings: Warnings;
  readonly agents: AgentTable;
  readonly edges: SparkEdges;
  readonly jobsOf: ReadonlyMap<number, readonly SparkJob[]>;
  readonly originMs: number;
  /** The last thing a stage or task did; what never ended is drawn up to there. */
  readonly lastMs: number;
}

const stageId = (key: string): string => `stage-${key}`;

/** Every stage attempt, each followed by the task attempts that hang below it. */
function tasksOf(view: View): RunTask[] {
  const attempts = new Map<string, SparkTask[]>();
  for (const task of view.log.tasks.values()) {
    const list = attempts.get(task.stage);
    if (list === undefined) attempts.set(task.stage, [task]);
    else list.push(task);
  }
  return [...view.log.stages].flatMap(([key, stage]) => {
    const below = attempts.get(key) ?? [];
    return [
      stageTask(view, key, stage, below),
      ...below.map((attempt) => attemptTask(view, attempt, typeOf(attempt, below))),
    ];
  });
}

function stageTask(view: View, key: string, stage: SparkStage, attempts: readonly SparkTask[]): RunTask {
  const { info } = stage;
  const { warnings } = view;
  const id = stageId(key);
  const found = view.edges.of(key, info);
  for (const parent of found.missing)
    warnings.add("parent_unknown", "parent stages of which nothing ran are left out", `${id} -> stage ${parent}`);
  const inferred = found.parents.filter((parent) => parent.inferred);
  warnings.add(
    "edges_inferred",
    "edges to skipped stages lead to the stage that made the same data",
    `${id} -> ${stageId(inferred[0]?.id ?? "")}`,
    inferred.length,
  );
  const jobs = view.jobsOf.get(info["Stage ID"]) ?? [];
  const failure = info["Failure Reason"];
  if (!stage.completed) warnings.add("unfinished", "stages and tasks whose end the log does not have", id);
  const startMs =
    info["Submission Time"] ?? attempts.reduce((first, task) => Math.min(first, task.launchMs), view.lastMs);
  const endMs = stage.completed ? (info["Completion Time"] ?? lastFinish(attempts, startMs)) : view.lastMs;
  return {
    ...blankTask(
      id,
      info["Stage Name"] || `stage ${key}`,
      view.agents.idOf("driver", "driver", "driver"),
      stageAction(info),
    ),
    parents: found.parents.map((parent) => ({ id: stageId(parent.id), inferred: parent.inferred })),
    ...timesOf(view, id, startMs, endMs),
    outcome: failure !== undefined ? "failure" : stage.completed ? "success" : "unfinished",
    error: failure === undefined ? null : cut(failure, 2000),
    attempt: info["Stage Attempt ID"],
    args: {
      stage: info["Stage ID"],
      attempt: info["Stage Attempt ID"],
      tasks: info["Number of Tasks"],
      jobs: jobs.slice(0, 100).map((job) => job.id),
    },
    narrative: narrativeOf(view.log, jobs),
    attributes: keptAttributes(stageAttributes(view.log, info, jobs), () =>
      warnings.add("attributes_cut", "attributes that are too long are cut", id),
    ),
  };
}

/** A task that never ended has no type of its own; all tasks of a stage have the same. */
const typeOf = (task: SparkTask, siblings: readonly SparkTask[]): string =>
  task.type || siblings.find((sibling) => sibling.type !== "")?.type || "task";

function attemptTask(view: View, task: SparkTask, type: string): RunTask {
  const executor = view.log.executors.get(task.executor);
  const ended = task.finishMs !== null;
  const id = `task-${task.id}`;
  if (!ended) view.warnings.add("unfinished", "stages and tasks whose end the log does not have", id);
  const lost = !ended && executor !== undefined && executor.removed !== null;
  return {
    ...blankTask(
      id,
      `task ${task.index}.${task.attempt} in stage ${task.stage} (TID ${task.id})`,
      executorAgent(view, task.executor, executor?.host ?? ""),
      actionOf(splitWords(type)),
    ),
    caller: stageId(task.stage),
    ...timesOf(view, id, task.launchMs, task.finishMs ?? view.lastMs),
    outcome: task.outcome,
    error: lost ? cut(`executor ${task.executor} was removed: ${executor.removed ?? ""}`, 2000) : task.error,
    attempt: task.attempt,
    args: { task: task.id, index: task.index, attempt: task.attempt, stage: task.stage },
    attributes: { ...task.attributes },
  };
}

function executorAgent(view: View, id: string, host: string): string {
  if (id === "driver") return view.agents.idOf("driver", "driver", "driver");
  return view.agents.idOf(`executor ${id}`, host === "" ? `executor ${id}` : `executor ${id} on ${host}`, "executor");
}

function timesOf(view: View, id: string, startMs: number, endMs: number): Pick<RunTask, "startMs" | "durationMs"> {
  if (startMs < view.originMs)
    view.warnings.add("times_moved", "what started before the application is drawn at its start", id);
  return { startMs: Math.max(0, startMs - view.originMs), durationMs: Math.max(0, endMs - startMs) };
}

/** What the stage does for the program: `count at App.scala:12` is a `count`. */
function stageAction(info: StageInfo): string {
  return actionOf(splitWords(info["Stage Name"].split(" at ")[0] || "stage"));
}

function narrativeOf(log: SparkLog, jobs: readonly SparkJob[]): string | null {
  for (const job of jobs) {
    const text = job.description ?? (job.sqlId === null ? null : log.sql.get(job.sqlId));
    if (text !== null && text !== undefined && text !== "") return cut(text, 8000);
  }
  return null;
}

/** What a stage says of itself beyond its shape, and in what its jobs differ from the application's configuration. */
function stageAttributes(log: SparkLog, info: StageInfo, jobs: readonly SparkJob[]): JsonObject {
  const {
    "Stage ID": _id,
    "Stage Attempt ID": _attempt,
    "Stage Name": _name,
    "Number of Tasks": _tasks,
    "Parent IDs": parents,
    "Submission Time": _submitted,
    "Completion Time": _completed,
    "Failure Reason": _failure,
    Accumulables: accumulables,
    ...rest
  } = info;
  const local = Object.entries(jobs[0]?.properties ?? {}).filter(
    ([name, value]) => log.configuration.get(name) !== value,
  );
  const failures = jobs.flatMap((job) => (job.failure === null ? [] : [`job ${job.id}: ${job.failure}`]));
  const counted = accumulated(accumulables as never, "Value");
  return {
    ...(rest as JsonObject),
    ...(parents.length === 0 ? {} : { "Parent IDs": parents }),
    ...(counted === undefined ? {} : { Accumulables: counted }),
    ...(local.length === 0 ? {} : { Properties: Object.fromEntries(local) }),
    ...(failures.length === 0 ? {} : { "Failed jobs": failures }),
  };
}

/** A log that lost its beginning has tasks of stages that were never announced. */
function addUnknownStages(log: SparkLog, warnings: Warnings): void {
  for (const task of log.tasks.values()) {
    if (log.stages.has(task.stage)) continue;
    const [id = 0, attempt = 0] = task.stage.split(".").map(Number);
    const planned = log.planned.get(id);
    const blank: StageInfo = {
      "Stage ID": id,
      "Stage Attempt ID": attempt,
      "Stage Name": `stage ${id}`,
      "Number of Tasks": 0,
      "RDD Info": [],
      "Parent IDs": [],
    };
    warnings.add("stage_unknown", "stages that have tasks but were never submitted in the log", task.stage);
    log.stages.set(task.stage, { info: { ...blank, ...planned, "Stage Attempt ID": attempt }, completed: false });
  }
}

function jobsByStage(log: SparkLog): Map<number, SparkJob[]> {
  const found = new Map<number, SparkJob[]>();
  for (const job of log.jobs.values()) {
    for (const id of job.stageIds) {
      const list = found.get(id);
      if (list === undefined) found.set(id, [job]);
      else list.push(job);
    }
  }
  return found;
}

function warnAboutWhole(log: SparkLog, warnings: Warnings): void {
  if (log.app === null)
    warnings.add(
      "application_not_started",
      "the log begins after the application did: times count from its first stage",
    );
  if (log.applicationEnds === 0)
    warnings.add("application_not_ended", "the log stops before the application does", `line ${log.lines}`);
  const ran = new Set([...log.stages.values()].map((stage) => stage.info["Stage ID"]));
  const skipped = [...log.planned.keys()].filter((id) => !ran.has(id));
  warnings.add(
    "stages_skipped",
    "stages that jobs planned but never submitted: their data was there already, or the job ended first",
    `stage ${skipped[0] ?? ""}`,
    skipped.length,
  );
  for (const [name, { count, place }] of log.unread)
    warnings.add("events_left_out", "events that say nothing about stages and tasks", `${name} at ${place}`, count);
}

const lastFinish = (attempts: readonly SparkTask[], from: number): number =>
  attempts.reduce((last, task) => Math.max(last, task.finishMs ?? 0), from);

function timesIn(log: SparkLog): number[] {
  const ofTasks = [...log.tasks.values()].flatMap((task) => [task.launchMs, task.finishMs ?? task.launchMs]);
  const ofStages = [...log.stages.values()].flatMap(({ info }) => [info["Submission Time"], info["Completion Time"]]);
  return [...ofTasks, ...ofStages.filter((time) => time !== undefined)].filter((time) => time > 0);
}

const firstMs = (log: SparkLog): number =>
  timesIn(log).reduce((first, time) => Math.min(first, time), Number.MAX_SAFE_INTEGER);
const lastMs = (log: SparkLog): number =>
  timesIn(log).reduce((last, time) => Math.max(last, time), log.app?.startMs ?? 0);
