import { must } from "../../base/assert.ts";
import type { RecordedRun, RunTask } from "../run/recorded-run.ts";
import { compileProfile } from "./compile-profile.ts";
import { driftOf } from "./drift.ts";
import type { Violation } from "./evidence.ts";
import { judgeLimits } from "./judge-limits.ts";
import { learnProfile, profilePart } from "./learn.ts";
import { namedValues } from "./named-values.ts";
import type { ObservedTask } from "./observed.ts";
import type { LimitRule, ProfileBody, SequenceRule } from "./profile.ts";
import { replayTasks } from "./replay-rules.ts";
import { observeAction, sequentialTest, startTest } from "./sequential.ts";
import { unchangedDrift } from "./uncertainty.ts";
import { windowMetrics } from "./window-metrics.ts";

/**
 * How well conduct alone tells of a failure, measured on runs whose failing steps people have annotated (BEH-39): each run is
 * judged by a profile learned without it, from what the others of its family did before their own failing steps.
 */
export interface FamilyRun {
  readonly id: string;
  readonly run: RecordedRun;
}

export const METHODS = ["action", "sequence", "limit", "drift", "sequential", "stated"] as const;
/**
 * How it was told: an action never seen, a learned order, a learned limit, the drift score of the whole, the sequential
 * test, a rule that somebody wrote from the policy.
 */
export type Method = (typeof METHODS)[number];

export interface Flag {
  readonly method: Method;
  readonly rule: string;
  /** The step as the annotation counts them. */
  readonly step: number;
  readonly action: string;
}

export interface RunDetection {
  readonly id: string;
  readonly steps: number;
  /** The steps that people noted, and which of them is the cause. */
  readonly annotated: readonly { readonly step: number; readonly cause: boolean; readonly category: string | null }[];
  /** What was found in the whole run, in the order of the steps. */
  readonly flags: readonly Flag[];
  /** What was found in the part before the first annotated step, seen as a window of its own: a false alarm. */
  readonly before: readonly Flag[];
  /** Tasks of agents in that part, and in the rest. */
  readonly tasks: { readonly before: number; readonly after: number };
  /** What the profile was learned from. */
  readonly learned: {
    readonly runs: number;
    readonly tasks: number;
    readonly sequences: number;
    readonly strength: number | null;
  };
}

/**
 * What of the other runs is taught. `before`: only what came before their first annotated step, when nothing had been found
 * wrong. `rest`: everything but the annotated steps, as somebody learns who has only sorted out what was reported.
 */
export type Taught = "before" | "rest";

/** Fewer tasks have no drift score that says anything. */
const FEWEST = 10;

/** In the order given; the same runs give the same answer. */
export function detectFamily(
  runs: readonly FamilyRun[],
  taught: Taught,
  stated: readonly SequenceRule[] = [],
): RunDetection[] {
  const read = runs.map(readRun);
  return read.map((one) => {
    const others = read.filter((other) => other !== one);
    const lessons = others.map((other) => other[taught]);
    return detectRun(one, lessons, stated, taught);
  });
}

interface ReadRun {
  readonly id: string;
  readonly tasks: readonly ObservedTask[];
  readonly annotated: RunDetection["annotated"];
  /** Tasks before the first that is annotated: all where none is. */
  readonly before: readonly ObservedTask[];
  /** All but those that are annotated. */
  readonly rest: readonly ObservedTask[];
}

const TIMELESS: readonly string[] = ["max_calls", "task_completion"];
/** Kinds of agents in recordings that are no agents: what they do is context, and nobody's conduct. */
const PERSONS: readonly string[] = ["human", "simulated user", "instructions"];
const AGENT = "urn:detect:agent";
const PERSON = "urn:detect:person";

function readRun({ id, run }: FamilyRun): ReadRun {
  const persons = new Set(run.agents.filter(({ kind }) => PERSONS.includes(kind)).map((agent) => agent.id));
  const inOrder = run.tasks.toSorted((a, b) => (a.startMs ?? 0) - (b.startMs ?? 0));
  const tasks = inOrder.map((task, at) => observed(task, at, id, persons.has(task.agent)));
  const blame = run.blame ?? [];
  const firstStep = Math.min(...blame.map(({ step }) => step));
  const annotated = blame.map(({ step, cause, category }) => ({ step, cause, category }));
  const blamed = new Set(blame.map(({ task }) => task));
  return {
    id,
    tasks,
    annotated,
    before: tasks.filter((task) => stepOf(task) < firstStep),
    rest: tasks.filter(({ jti }) => !blamed.has(jti)),
  };
}

/** Order is all that most of these recordings know, so it is all that is used: one second stands for one step. */
function observed(task: RunTask, at: number, wid: string, isPerson: boolean): ObservedTask {
  const atMs = at * 1000;
  return {
    jti: task.id,
    wid,
    agent: isPerson ? PERSON : AGENT,
    action: task.action,
    atMs,
    endedMs: atMs,
    outcome: task.outcome === "success" ? "success" : task.outcome === "failure" ? "failure" : null,
    data: null,
    targets: null,
    // Nobody else reads these: values are their own names.
    named: Object.fromEntries(namedValues(task.args)),
    gate: null,
    tokens: null,
    cost: null,
    bench: null,
  };
}

const stepOf = ({ jti, atMs }: ObservedTask): number => Number(/^step-(\d+)/.exec(jti)?.[1] ?? atMs / 1000 + 1);
const isAgents = ({ agent }: ObservedTask): boolean => agent === AGENT;

function detectRun(
  one: ReadRun,
  others: readonly (readonly ObservedTask[])[],
  stated: readonly SequenceRule[],
  taught: Taught,
): RunDetection {
  const lessons = others.flatMap((tasks) => tasks.filter(isAgents));
  const learned = learnProfile(lessons);
  // A person would pick and edit. Here all is taken that rests on many runs; of limits those that need no times, and none that
  // was learned from runs that are cut short.
  const chosen = learned.suggestions.filter(({ adds, rests }) => {
    if (adds.kind === "limit") return taught === "rest" && TIMELESS.includes(adds.rule.metric);
    return adds.kind !== "sequence" || rests === "many";
  });
  const part = profilePart(learned, new Set(chosen.map(({ id }) => id)));
  const find = (tasks: readonly ObservedTask[], ended: boolean): Flag[] =>
    lessons.length === 0 ? [] : flagsOf(tasks, part, stated, ended);
  return {
    id: one.id,
    steps: Math.max(...one.tasks.map(stepOf)),
    annotated: one.annotated,
    flags: find(one.tasks, true),
    before: find(one.before, one.annotated.length === 0),
    tasks: {
      before: one.before.filter(isAgents).length,
      after: one.tasks.filter(isAgents).length - one.before.filter(isAgents).length,
    },
    learned: {
      runs: others.length,
      tasks: lessons.length,
      sequences: part.sequences?.length ?? 0,
      strength: part.baseline?.bursts === true ? null : (part.baseline?.strength ?? null),
    },
  };
}

function flagsOf(
  tasks: readonly ObservedTask[],
  part: ReturnType<typeof profilePart>,
  stated: readonly SequenceRule[],
  ended: boolean,
): Flag[] {
  const own = tasks.filter(isAgents);
  const byId = new Map(tasks.map((task) => [task.jti, task]));
  const untilMs = (tasks.at(-1)?.atMs ?? 0) + 1000;
  const flag = (method: Method, rule: string, task: ObservedTask): Flag => ({
    method,
    rule,
    step: stepOf(task),
    action: task.action,
  });
  const byRules = (body: Partial<ProfileBody>, method: Method): Flag[] =>
    replayTasks(compileProfile(bodyOf(body)), tasks, { subject: AGENT, untilMs, ended }).map(({ rule_id, jti }) =>
      flag(
        rule_id === "action-not-allowed" ? "action" : method,
        rule_id,
        must(byId.get(jti), "a finding is about a task that was given"),
      ),
    );
  const found = [
    ...byRules(part, "sequence"),
    ...(stated.length === 0 ? [] : byRules({ allowed_actions: ["*"], sequences: [...stated] }, "stated")),
  ];
  const last = own.at(-1);
  for (const { rule_id, jti } of brokenLimits(own, part.limits ?? []))
    found.push(flag("limit", rule_id, must(byId.get(jti), "a finding is about a task that was given")));
  if (part.baseline !== undefined && last !== undefined) {
    const alarm = alarmOf(part.baseline, own);
    if (alarm !== null) found.push(flag("sequential", "drift-alarm", alarm));
    if (own.length >= FEWEST && isDrift(part.baseline, own)) found.push(flag("drift", "drift", last));
  }
  return found.sort((a, b) => a.step - b.step || METHODS.indexOf(a.method) - METHODS.indexOf(b.method));
}

function brokenLimits(tasks: readonly ObservedTask[], limits: readonly LimitRule[]): readonly Violation[] {
  const times = tasks.map(({ atMs }) => Math.floor(atMs / 1000));
  const window = { from: Math.min(...times), to: Math.max(...times) + 1 };
  return tasks.length === 0 ? [] : judgeLimits(limits, windowMetrics(tasks, window), tasks, window).findings;
}

function alarmOf(baseline: NonNullable<ProfileBody["baseline"]>, tasks: readonly ObservedTask[]): ObservedTask | null {
  const prepared = sequentialTest(baseline);
  if (prepared === null) return null;
  let state = startTest(prepared);
  for (const task of tasks) {
    state = observeAction(prepared, state, task.action);
    if (state.alarmAt !== null) return task;
  }
  return null;
}

/** Whether the score is above what 95 of 100 windows of this size show though nothing has changed. */
function isDrift(baseline: NonNullable<ProfileBody["baseline"]>, tasks: readonly ObservedTask[]): boolean {
  const counts = tasks.map(({ action }) => [action, 1] as const);
  const { actions } = driftOf(counts, {}, { action_freq: baseline.action_freq });
  return (actions ?? 0) > unchangedDrift(Object.values(baseline.action_freq), tasks.length, baseline.strength).upper;
}

const bodyOf = (part: Partial<ProfileBody>): ProfileBody => ({
  profile_id: "detect",
  version: 1,
  owner: AGENT,
  applies_to: [AGENT],
  allowed_actions: ["*"],
  window_s: 86_400,
  min_samples: 1,
  thresholds: { warn: 0.02, fail: 0.1, drift_warn: 0.2, drift_fail: 0.4 },
  assurance: "relaxed",
  ...part,
});
