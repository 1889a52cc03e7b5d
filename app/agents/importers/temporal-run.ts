import type { Json, JsonObject } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import type { RecordedRun, RunTask } from "../../protocol/run/recorded-run.ts";
import { isObject } from "./bounded-json.ts";
import { instantNs, msBetween } from "./instant.ts";
import { type FormatProblem, malformed } from "./run-format-reader.ts";
import { stepTask } from "./step-run.ts";
import { eventNumber, failureText, nameOf, type TemporalEvent } from "./temporal-events.ts";
import { payloadsOf } from "./temporal-payloads.ts";
import { AgentTable, actionOf, cut, splitWords, Warnings } from "./text.ts";

export interface TemporalParts {
  /** By number. */
  readonly events: readonly TemporalEvent[];
  readonly description: JsonObject | null;
  /** The history goes on in another file. */
  readonly isCut: boolean;
  readonly file: string;
}

/** Work that several events tell of: scheduled or initiated, started, ended. */
interface Work {
  readonly first: TemporalEvent;
  readonly events: TemporalEvent[];
}

/** Types that go on with work begun by another, by the member that names it. */
const GOES_ON =
  /^(?:(?:Activity|Workflow)Task(?:Started|Completed|Failed|TimedOut|CancelRequested|Canceled)|Timer(?:Fired|Canceled)|ChildWorkflowExecution\w+|StartChildWorkflowExecutionFailed|ExternalWorkflowExecution(?:Signaled|CancelRequested)|\w+ExternalWorkflowExecutionFailed|Nexus\w+(?:Started|Completed|Failed|TimedOut|Canceled))$/;
const OPENS = /(?:Scheduled|Initiated|TimerStarted)$/;
const ENDS = /(?:Completed|Fired|Failed|TimedOut|Canceled|Terminated|ContinuedAsNew|Signaled|CancelRequested)$/;
const BREAKS = /(?:Failed|TimedOut)$/;
const STOPS = /(?:Canceled|Terminated)$/;

export function temporalRun({ events, description, isCut, file }: TemporalParts): Result<RecordedRun, FormatProblem> {
  const info = isObject(description?.workflowExecutionInfo) ? description.workflowExecutionInfo : {};
  const warnings = new Warnings();
  const agents = new AgentTable();
  const startedNs = typeof info.startTime === "string" ? instantNs(info.startTime) : null;
  const originNs = events[0]?.atNs ?? startedNs;
  const works = worksOf(events, warnings);
  const workflow = workflowName(events, info) || "workflow";
  const taskOfEvent = new Map(works.flatMap((work) => work.events.map((event) => [event.id, idOf(work)] as const)));
  const endedBefore = endedBeforeEach(works);
  const tasks = works.map((work) =>
    workTask(work, { workflow, originNs: originNs ?? 0n, taskOfEvent, endedBefore, agents, warnings }),
  );
  const pending = pendingTasks(description, info, works, { workflow, originNs, agents, warnings });
  const all = events.length === 0 ? pending : [...tasks, ...pending.slice(1)];
  if (all.length === 0) return malformed("$", "a history or a description", "there is neither");
  if (isCut) warnings.add("history_cut", "the history goes on in another part that is not here", "$.nextPageToken");
  const [first, ...rest] = all;
  const kept =
    description === null || first === undefined || events.length === 0 ? [] : aboutOf(info, first.id, warnings);
  const lastNs = events.at(-1)?.atNs ?? 0n;
  return ok({
    version: 1,
    format: "temporal",
    formatVersion: "",
    name: cut(workflow, 256),
    source: { file, origin: null },
    callers: "edges",
    schedule: originNs === null ? "computed" : "recorded",
    observedOnly: true,
    startedAtMs: originNs === null ? null : Number(originNs / 1_000_000n),
    makespanMs: events.length === 0 || originNs === null ? null : msBetween(originNs, lastNs),
    agents: agents.list(),
    tasks:
      first === undefined
        ? []
        : [{ ...first, attributes: { ...first.attributes, ...Object.fromEntries(kept) } }, ...rest],
    counts: {
      events: events.length,
      activities: works.filter(({ first: { type } }) => type === "ActivityTaskScheduled").length,
      timers: works.filter(({ first: { type } }) => type === "TimerStarted").length,
      signals: events.filter(({ type }) => type === "WorkflowExecutionSignaled").length,
      retries: all.filter((task) => task.attempt > 0).length,
      timeouts: events.filter(({ type }) => type.endsWith("TimedOut")).length,
      pending: all.filter((task) => task.outcome === "unfinished").length,
    },
    warnings: warnings.list(),
  });
}

const idOf = (work: Work): string => `event-${work.first.id}`;

function workflowName(events: readonly TemporalEvent[], info: JsonObject): string {
  const started = events.find(({ type }) => type === "WorkflowExecutionStarted");
  return nameOf(started?.told.workflowType) || nameOf(info.type);
}

function worksOf(events: readonly TemporalEvent[], warnings: Warnings): Work[] {
  const byEvent = new Map<number, Work>();
  const works: Work[] = [];
  for (const event of events) {
    const { told, type } = event;
    // A timer names the event that started it otherwise than the rest.
    const opener = type.startsWith("Timer")
      ? eventNumber(told.startedEventId)
      : eventNumber(told.scheduledEventId ?? told.initiatedEventId);
    const known = GOES_ON.test(type) && opener !== null ? byEvent.get(opener) : undefined;
    if (known !== undefined) {
      known.events.push(event);
      byEvent.set(event.id, known);
      continue;
    }
    if (GOES_ON.test(type))
      warnings.add(
        "beginning_missing",
        "events that go on with work whose beginning is not in the history",
        `event ${event.id}`,
      );
    const work = { first: event, events: [event] };
    byEvent.set(event.id, work);
    works.push(work);
  }
  return works;
}

interface Context {
  readonly workflow: string;
  readonly originNs: bigint;
  readonly taskOfEvent: ReadonlyMap<number, string>;
  /** What ended last before a work began. */
  readonly endedBefore: ReadonlyMap<Work, string>;
  readonly agents: AgentTable;
  readonly warnings: Warnings;
}

const lastOf = ({ first, events }: Work): TemporalEvent => events.at(-1) ?? first;
const isMoment = ({ first }: Work): boolean => !OPENS.test(first.type);
const hasEnded = (work: Work): boolean =>
  isMoment(work) || (lastOf(work) !== work.first && ENDS.test(lastOf(work).type));

function endedBeforeEach(works: readonly Work[]): ReadonlyMap<Work, string> {
  const ended = works.filter(hasEnded).sort((a, b) => lastOf(a).id - lastOf(b).id);
  const found = new Map<Work, string>();
  let at = 0;
  for (const work of works) {
    while (at < ended.length && lastOf(ended[at] as Work).id < work.first.id) at += 1; // There is one, as the length says.
    const before = ended[at - 1];
    if (before !== undefined) found.set(work, idOf(before));
  }
  return found;
}

/** What is done, by the name of the type without what happened to it. */
function actionNames({ first }: Work): { readonly name: string; readonly action: string } {
  const { type, told } = first;
  const own = nameOf(told.activityType) || nameOf(told.signalName) || nameOf(told.workflowType);
  const plain = splitWords(type.replace(/(?:Scheduled|Initiated)$/, ""));
  if (type === "ActivityTaskScheduled")
    return { name: own || "activity", action: actionOf(splitWords(own || "activity")) };
  if (type === "TimerStarted") return { name: `timer ${nameOf(told.timerId)}`, action: "timer" };
  if (type === "WorkflowExecutionSignaled") return { name: `signal ${own}`, action: actionOf(`signal ${own}`) };
  return { name: own === "" ? plain : `${plain}: ${own}`, action: actionOf(plain) };
}

function workTask(work: Work, context: Context): RunTask {
  const { first, events } = work;
  const { originNs, warnings } = context;
  const id = idOf(work);
  const last = lastOf(work);
  const started = events.find(({ type }) => type.endsWith("Started") && type !== "TimerStarted");
  const isOver = hasEnded(work);
  const failed = BREAKS.test(last.type);
  const { name, action } = actionNames(work);
  const attempt = Number(started?.told.attempt ?? first.told.attempt ?? 1);
  if (!isOver) warnings.add("unfinished", "work whose end is not in the history", id);
  const task = stepTask(
    {
      id,
      name,
      action,
      agent: agentOf(work, context),
      said: null,
      args: argsOf(first),
      error: failed ? (failureText(last.told.failure) ?? splitWords(last.type)) : null,
      outcome: failed ? "failure" : STOPS.test(last.type) ? "killed" : isOver ? "success" : "unfinished",
      kept: Object.fromEntries(events.map((event) => [`${event.id} ${event.type}`, event.told])),
    },
    warnings,
  );
  const begunNs = (started ?? first).atNs;
  return {
    ...task,
    attempt: Number.isInteger(attempt) && attempt > 0 ? attempt - 1 : 0,
    startMs: msBetween(originNs, begunNs),
    durationMs: isOver ? msBetween(begunNs, last.atNs) : 0,
    parents: parentsOf(work, context),
  };
}

/** The workflow task that decided it, as recorded; else what ended right before it, inferred. */
function parentsOf(work: Work, { taskOfEvent, endedBefore }: Context): RunTask["parents"] {
  const { first } = work;
  const decided = eventNumber(first.told.workflowTaskCompletedEventId);
  const recorded = decided === null || decided >= first.id ? undefined : taskOfEvent.get(decided);
  if (recorded !== undefined) return [{ id: recorded, inferred: false }];
  const previous = endedBefore.get(work);
  return previous === undefined ? [] : [{ id: previous, inferred: true }];
}

/** Who did it: the worker that names itself, or the workflow, or the service's own clockwork. */
function agentOf({ first, events }: Work, { workflow, agents }: Context): string {
  const told = events.map((event) => event.told.identity).find((name) => typeof name === "string" && name !== "");
  const worker = typeof told === "string" ? told : null;
  if (/^WorkflowExecutionSignaled$/.test(first.type) || /CancelRequested$/.test(first.type))
    return agents.idOf(`outside ${worker ?? ""}`, worker ?? "outside", "service", worker ?? "outside");
  if (worker !== null) return agents.idOf(worker, worker, "worker");
  if (/TimedOut$|^Timer|Scheduled$/.test(first.type)) return agents.idOf("temporal", "Temporal", "service");
  return agents.idOf(`workflow ${workflow}`, workflow, "workflow", workflow);
}

function argsOf({ told }: TemporalEvent): JsonObject {
  const input = payloadsOf(told.input);
  const timer = told.startToFireTimeout;
  return {
    ...(input.length === 0 ? {} : { input }),
    ...(typeof timer === "string" ? { after: timer } : {}),
  };
}

/** From a description: the workflow as it stood, and its pending activities that the history does not have. */
function pendingTasks(
  description: JsonObject | null,
  info: JsonObject,
  works: readonly Work[],
  {
    workflow,
    originNs,
    agents,
    warnings,
  }: Pick<Context, "workflow" | "agents" | "warnings"> & { readonly originNs: bigint | null },
): RunTask[] {
  if (description === null) return [];
  const status = nameOf(info.status).replace("WORKFLOW_EXECUTION_STATUS_", "").toLowerCase();
  const isAlone = works.length === 0;
  if (isAlone)
    warnings.add("no_history", "a description has no events: only how the workflow stood and what was pending", "$");
  const whole = stepTask(
    {
      id: "workflow",
      name: workflow,
      action: actionOf(splitWords(workflow)),
      agent: isAlone ? agents.idOf(`workflow ${workflow}`, workflow, "workflow", workflow) : "",
      said: null,
      error: /failed|timed/.test(status) ? status : null,
      outcome: /failed|timed/.test(status)
        ? "failure"
        : /cancel|terminat/.test(status)
          ? "killed"
          : /completed|continued/.test(status)
            ? "success"
            : "unfinished",
      kept: info,
    },
    warnings,
  );
  const closedNs = typeof info.closeTime === "string" ? instantNs(info.closeTime) : null;
  const known = new Set(works.map(({ first }) => nameOf(first.told.activityId)));
  const listed = Array.isArray(description.pendingActivities) ? description.pendingActivities : [];
  const pending = listed.filter(isObject).filter((one) => !known.has(nameOf(one.activityId)));
  return [
    {
      ...whole,
      startMs: originNs === null ? null : 0,
      durationMs: originNs === null || closedNs === null ? 0 : msBetween(originNs, closedNs),
    },
    ...pending.map((one, at): RunTask => {
      const name = nameOf(one.activityType) || "activity";
      const begunNs = typeof one.lastStartedTime === "string" ? instantNs(one.lastStartedTime) : null;
      const worker = nameOf(one.lastWorkerIdentity);
      const attempt = Number(one.attempt ?? 1);
      const task = stepTask(
        {
          id: `pending-${at + 1}`,
          name,
          action: actionOf(splitWords(name)),
          agent: worker === "" ? agents.idOf("temporal", "Temporal", "service") : agents.idOf(worker, worker, "worker"),
          said: null,
          outcome: "unfinished",
          error: failureText(one.lastFailure),
          args: { heartbeat: payloadsOf(one.heartbeatDetails) },
          kept: one,
        },
        warnings,
      );
      warnings.add("unfinished", "work whose end is not in the history", task.id);
      return {
        ...task,
        attempt: Number.isInteger(attempt) && attempt > 0 ? attempt - 1 : 0,
        startMs: begunNs === null || originNs === null ? null : msBetween(originNs, begunNs),
        caller: isAlone ? "workflow" : null,
      };
    }),
  ];
}

const aboutOf = (info: JsonObject, id: string, warnings: Warnings): [string, Json][] =>
  Object.entries(
    stepTask({ id, name: "", agent: "", action: "", said: null, kept: { description: info } }, warnings).attributes,
  );
