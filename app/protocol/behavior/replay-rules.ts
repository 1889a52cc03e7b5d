import { drained, STEP } from "../../base/steps.ts";
import { type ActionPlan, aboutOf, type CompiledProfile, type RuleSide, sideMatches } from "./compile-profile.ts";
import type { Violation } from "./evidence.ts";
import type { ObservedTask } from "./observed.ts";
import {
  type Armed,
  armedBy,
  type Before,
  better,
  cameBefore,
  follow,
  nothingBefore,
  type OwedQueue,
  owe,
  owedQueue,
  remember,
  takeDue,
} from "./order-memory.ts";

/**
 * A profile's rules about actions and their order, run over tasks one by one (B4 step 4). What is put in is changed
 * nowhere, what comes out depends on nothing else: a replay of the whole and one task at a time find the same.
 *
 * Tasks are given in the order of the log, those before the window included, so that nothing is hidden by a border between
 * windows; a finding's `at` says which window it is of. Times only decide how long something was: one that runs
 * backwards is taken for the latest before it. Only what was done, and not what was tried, makes anything good (BEH-62).
 */
export interface Replay {
  /** What this task offends against, and what became due before it; at once, and mostly nothing. */
  observe(task: ObservedTask): readonly Violation[];
  /** A part of what became due before a task, `most` of it looked at; null where there is none. Taken first, `observe` has less to do. */
  settle(task: ObservedTask, most: number): readonly Violation[] | null;
  /** What had to follow by now and did not; `most` of what is due is looked at, all without it. */
  due(nowMs: number, most?: number): readonly Violation[];
  /** When the next of those becomes due; null while nothing is owed. */
  nextDueMs(): number | null;
  /** The workflow is over: what is still owed will not follow any more. */
  end(nowMs: number, most?: number): readonly Violation[];
}

export interface ReplayOptions {
  /**
   * Whose conduct it is, by its id in the workflow. What others did in the same workflow makes good what rules ask for, and
   * is held against nobody here. Absent, all tasks are one agent's.
   */
  readonly subject?: string;
  /** Told what a rule could not say of a task, because it, or the other one, does not say what it is about (BEH-63). */
  unjudged?(one: Unjudged): void;
}

/** A task that may have broken a rule or kept it. */
export interface Unjudged {
  readonly rule_id: string;
  readonly jti: string;
  /** Epoch seconds, as of a finding. */
  readonly at: number;
}

/** All findings of a list of tasks as of `untilMs`, in the order in which they became known. */
export function replayTasks(
  compiled: CompiledProfile,
  tasks: Iterable<ObservedTask>,
  options: ReplayOptions & { readonly untilMs: number; readonly ended: boolean },
): Violation[] {
  const findings: Violation[] = [];
  drained(replaySteps(compiled, tasks, { ...options, found: (one) => void findings.push(one) }));
  return findings;
}

/** The same in steps of bounded work, one finding after the other to whoever takes them. */
export function* replaySteps(
  compiled: CompiledProfile,
  tasks: Iterable<ObservedTask>,
  {
    untilMs,
    ended,
    found,
    ...options
  }: ReplayOptions & { readonly untilMs: number; readonly ended: boolean; found(finding: Violation): void },
): Generator<void, void> {
  const replay = createReplay(compiled, options);
  const take = (findings: readonly Violation[]): void => {
    for (const finding of findings) found(finding);
  };
  let at = 0;
  for (const task of tasks) {
    if (at % STEP === 0) yield;
    at += 1;
    for (let part = replay.settle(task, STEP); part !== null; part = replay.settle(task, STEP)) {
      take(part);
      yield;
    }
    take(replay.observe(task));
  }
  for (let next = replay.nextDueMs(); next !== null && next < untilMs; next = replay.nextDueMs()) {
    take(replay.due(untilMs, STEP));
    yield;
  }
  while (ended && replay.nextDueMs() !== null) {
    take(replay.end(untilMs, STEP));
    yield;
  }
}

export function createReplay(compiled: CompiledProfile, { subject, unjudged }: ReplayOptions = {}): Replay {
  const { rules } = compiled;
  const workflows = new Map<string, Course>();
  const note = unjudged ?? ((): void => undefined);

  const courseOf = (wid: string): Course => {
    const known = workflows.get(wid);
    if (known !== undefined) return known;
    const course: Course = {
      nowMs: Number.NEGATIVE_INFINITY,
      before: new Array<Before | undefined>(rules.length),
      owed: new Map(),
      soonestMs: Infinity,
      note,
    };
    workflows.set(wid, course);
    return course;
  };
  const overdue = (beforeMs: number, untilMs: number, most = Infinity): readonly Violation[] => {
    const found: Violation[] = [];
    let left = most;
    for (const course of workflows.values()) left = collectDue(course, beforeMs, untilMs, found, left);
    return found.length === 0 ? NOTHING : found;
  };

  return {
    observe: (task) => {
      // Part of a benchmark, and no conduct (BEH-16).
      if (task.bench !== null) return NOTHING;
      const course = courseOf(task.wid);
      const nowMs = Math.max(course.nowMs, task.atMs);
      course.nowMs = nowMs;
      const found: Violation[] = [];
      if (course.soonestMs < nowMs) collectDue(course, nowMs, nowMs, found);
      const own = subject === undefined || task.agent === subject;
      const plan = compiled.planFor(task.action);
      if (own) offend(plan, task, nowMs, found);
      for (const side of plan.checks) {
        if (side.fulfils) followed(side, course, task);
        else if (own && sideMatches(side, task)) check(side, course, task, nowMs, found);
      }
      if (plan.arms.length === 0) return found.length === 0 ? NOTHING : found;
      const armed = armedBy(task, nowMs);
      for (const side of plan.arms)
        if ((side.fulfils ? makesGood(side, task) : own && wasNotRefused(task)) && sideMatches(side, task))
          arm(side, course, task, armed);
      return found.length === 0 ? NOTHING : found;
    },
    settle: (task, most) => {
      const course = workflows.get(task.wid);
      if (task.bench !== null || course === undefined) return null;
      const nowMs = Math.max(course.nowMs, task.atMs);
      if (course.soonestMs >= nowMs) return null;
      const found: Violation[] = [];
      return collectDue(course, nowMs, nowMs, found, most) === most ? null : found;
    },
    due: (nowMs, most) => overdue(nowMs, nowMs, most),
    nextDueMs: () => {
      let next: number | null = null;
      for (const course of workflows.values()) {
        const dueMs = soonestIn(course);
        if (dueMs < Infinity && (next === null || dueMs < next)) next = dueMs;
      }
      return next;
    },
    end: (nowMs, most) => overdue(Infinity, nowMs, most),
  };
}

/** What rules remember of one workflow. */
interface Course {
  /** The latest time so far. */
  nowMs: number;
  /** What armed a rule, by the rule's place. */
  readonly before: (Before | undefined)[];
  /** What still has to follow, by the rule's place. */
  readonly owed: Map<number, OwedQueue>;
  /** Nothing of it is due before: it may be followed by then. */
  soonestMs: number;
  note(one: Unjudged): void;
}

const NOTHING: readonly Violation[] = [];

/** Asked for and refused is an attempt, which is held against it, but nothing that was done. */
const wasNotRefused = (task: ObservedTask): boolean => task.outcome !== "refused";

/**
 * Whether a task makes good what its side of a rule is for (BEH-62). What had to come before has been done by then. What has to follow
 * was asked for in time and has not come to nothing: how long it and people take is not the agent's.
 */
export function makesGood({ rule }: RuleSide, { outcome }: ObservedTask): boolean {
  return outcome === "success" || (rule.kind === "must_follow" && outcome === null);
}

function offend({ offence }: ActionPlan, task: ObservedTask, nowMs: number, found: Violation[]): void {
  if (offence === null) return;
  const { rule_id, severity } = offence;
  const how = severity === 5 ? "is forbidden" : "is not among the allowed actions";
  found.push({ rule_id, severity, jti: task.jti, at: seconds(nowMs), detail: `${quoted(task.action)} ${how}` });
}

function followed(side: RuleSide, course: Course, task: ObservedTask): void {
  const queue = course.owed.get(side.at);
  if (queue === undefined || !makesGood(side, task) || !sideMatches(side, task)) return;
  if (side.same === null) course.owed.delete(side.at);
  else follow(queue, aboutOf(side, task));
}

function check(side: RuleSide, course: Course, task: ObservedTask, nowMs: number, found: Violation[]): void {
  const { rule, at, same } = side;
  const { id: rule_id, severity, within_s } = rule;
  const { action, jti } = task;
  const isBefore = rule.kind === "must_precede";
  const known = course.before[at];
  if (known === undefined && !isBefore) return;
  const sinceMs = isBefore ? (task.endedMs ?? Infinity) : within_s === undefined ? -Infinity : nowMs - within_s * 1000;
  const before = known === undefined ? null : cameBefore(known, side, task, sinceMs);
  if (before === "unknown") {
    course.note({ rule_id, jti, at: seconds(nowMs) });
    return;
  }
  if ((before === null) !== isBefore) return;
  const thing = same === null ? "" : ", about the same thing";
  const detail =
    before === null
      ? `${quoted(action)} without what must come before it${thing}`
      : `${quoted(action)} ${seconds(nowMs - before.atMs)} s after ${quoted(before.action)}${thing}`;
  found.push({ rule_id, severity, jti, at: seconds(nowMs), detail });
}

function arm(side: RuleSide, course: Course, task: ObservedTask, armed: Armed): void {
  const { rule, at, same } = side;
  if (rule.kind === "must_follow") {
    const queue = course.owed.get(at) ?? owedQueue(rule);
    course.owed.set(at, queue);
    course.soonestMs = Math.min(course.soonestMs, armed.atMs + (rule.within_s ?? 0) * 1000);
    owe(queue, armed, same === null ? null : aboutOf(side, task));
    return;
  }
  const before = course.before[at] ?? nothingBefore();
  course.before[at] = before;
  if (same === null) before.any = better(before.any, armed, rule.kind === "must_precede");
  else remember(before, rule.kind === "must_precede", armed, aboutOf(side, task));
}

/**
 * Takes out what is due, in the order of the rules; within one, time never runs backwards, so the first are the oldest. What
 * is left of how many may be looked at.
 */
function collectDue(course: Course, beforeMs: number, untilMs: number, found: Violation[], most = Infinity): number {
  let left = most;
  let soonest = Infinity;
  for (const [at, queue] of course.owed) {
    const { id: rule_id, severity, within_s } = queue.rule;
    for (let owed = left > 0 ? takeDue(queue, beforeMs) : undefined; owed !== undefined; ) {
      left -= 1;
      const { jti, action, dueMs } = owed;
      // What is found at the end is of the time that has ended.
      const when = seconds(Math.min(dueMs, untilMs - 1));
      if (owed.perhaps || owed.number < queue.perhapsTo) {
        if (!owed.followed) course.note({ rule_id, jti, at: when });
      } else if (!owed.followed) {
        const thing = queue.rule.same === undefined ? "" : ", about the same thing,";
        const detail = `${quoted(action)} without what must follow${thing} within ${within_s ?? 0} s`;
        found.push({ rule_id, severity, jti, at: when, detail });
      }
      owed = left > 0 ? takeDue(queue, beforeMs) : undefined;
    }
    const next = queue.list[queue.head];
    if (next === undefined) course.owed.delete(at);
    else if (next.dueMs < soonest) soonest = next.dueMs;
  }
  course.soonestMs = soonest;
  return left;
}

function soonestIn({ owed }: Course): number {
  let soonest = Infinity;
  for (const { list, head } of owed.values()) soonest = Math.min(soonest, list[head]?.dueMs ?? Infinity);
  return soonest;
}

const seconds = (ms: number): number => Math.max(0, Math.floor(ms / 1000));

/** Names are the agent's words: short, and in quotation marks. */
const quoted = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name);
