import type { ActionPlan, CompiledProfile, RuleSide } from "./compile-profile.ts";
import { sideMatches } from "./compile-profile.ts";
import type { Violation } from "./evidence.ts";
import type { ObservedTask } from "./observed.ts";
import type { SequenceRule } from "./profile.ts";

/**
 * A profile's rules about actions and their order, run over tasks one by one (B4 step 4). What is put in is changed
 * nowhere, what comes out depends on nothing else: a replay of the whole and one task at a time find the same.
 *
 * Tasks are given in the order of the log, those before the window included, so that nothing is hidden by a border between
 * windows; a finding's `at` says which window it is of. Times only decide how long something was: one that runs
 * backwards is taken for the latest before it.
 */
export interface Replay {
  /** What this task offends against, and what became due before it; at once, and mostly nothing. */
  observe(task: ObservedTask): readonly Violation[];
  /** What had to follow by now and did not. */
  due(nowMs: number): readonly Violation[];
  /** When the next of those becomes due; null while nothing is owed. */
  nextDueMs(): number | null;
  /** The workflow is over: what is still owed will not follow any more. */
  end(nowMs: number): readonly Violation[];
}

export interface ReplayOptions {
  /**
   * Whose conduct it is, by its id in the workflow. What others did in the same workflow makes good what rules ask for, and
   * is held against nobody here. Absent, all tasks are one agent's.
   */
  readonly subject?: string;
}

/** All findings of a list of tasks as of `untilMs`, in the order in which they became known. */
export function replayTasks(
  compiled: CompiledProfile,
  tasks: Iterable<ObservedTask>,
  options: ReplayOptions & { readonly untilMs: number; readonly ended: boolean },
): Violation[] {
  const replay = createReplay(compiled, options);
  const findings: Violation[] = [];
  for (const task of tasks) for (const finding of replay.observe(task)) findings.push(finding);
  for (const finding of replay.due(options.untilMs)) findings.push(finding);
  if (options.ended) for (const finding of replay.end(options.untilMs)) findings.push(finding);
  return findings;
}

export function createReplay(compiled: CompiledProfile, { subject }: ReplayOptions = {}): Replay {
  const { rules } = compiled;
  const workflows = new Map<string, Course>();

  const courseOf = (wid: string): Course => {
    const known = workflows.get(wid);
    if (known !== undefined) return known;
    const course: Course = {
      nowMs: Number.NEGATIVE_INFINITY,
      last: new Array<Armed | undefined>(rules.length),
      owed: new Map(),
    };
    workflows.set(wid, course);
    return course;
  };
  const overdue = (isDue: (dueMs: number) => boolean, untilMs: number): readonly Violation[] => {
    const found: Violation[] = [];
    for (const course of workflows.values()) collectDue(course, isDue, untilMs, found);
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
      if (course.owed.size > 0) collectDue(course, (dueMs) => dueMs < nowMs, nowMs, found);
      const own = subject === undefined || task.agent === subject;
      const plan = compiled.planFor(task.action);
      if (own) offend(plan, task, nowMs, found);
      for (const side of plan.checks) {
        if (side.fulfils) {
          if (isDone(task) && course.owed.has(side.at) && sideMatches(side, task)) course.owed.delete(side.at);
        } else if (own && sideMatches(side, task)) check(side, course, task, nowMs, found);
      }
      for (const side of plan.arms)
        if ((side.fulfils ? task.waits !== true : own) && isDone(task) && sideMatches(side, task))
          arm(side, course, task, nowMs);
      return found.length === 0 ? NOTHING : found;
    },
    due: (nowMs) => overdue((dueMs) => dueMs < nowMs, nowMs),
    nextDueMs: () => {
      let next: number | null = null;
      for (const { owed } of workflows.values())
        for (const { list, head } of owed.values()) {
          const dueMs = list[head]?.dueMs;
          if (dueMs !== undefined && (next === null || dueMs < next)) next = dueMs;
        }
      return next;
    },
    end: (nowMs) => overdue(() => true, nowMs),
  };
}

/** What rules remember of one workflow. */
interface Course {
  /** The latest time so far. */
  nowMs: number;
  /** Newest task that armed a rule, by the rule's place. */
  readonly last: (Armed | undefined)[];
  /** What still has to follow, by the rule's place. */
  readonly owed: Map<number, OwedQueue>;
}

/** Oldest first from `head` on; what is before it is done with, and let go of now and then. */
interface OwedQueue {
  list: Owed[];
  head: number;
}

interface Armed {
  readonly jti: string;
  readonly action: string;
  readonly atMs: number;
}

interface Owed extends Armed {
  readonly rule: SequenceRule;
  readonly dueMs: number;
}

const NOTHING: readonly Violation[] = [];

/** Asked for and refused is an attempt, which is held against it, but nothing that was done. */
const isDone = (task: ObservedTask): boolean => task.outcome !== "refused";

function offend({ offence }: ActionPlan, task: ObservedTask, nowMs: number, found: Violation[]): void {
  if (offence === null) return;
  const { rule_id, severity } = offence;
  const how = severity === 5 ? "is forbidden" : "is not among the allowed actions";
  found.push({ rule_id, severity, jti: task.jti, at: seconds(nowMs), detail: `${quoted(task.action)} ${how}` });
}

function check({ rule, at }: RuleSide, course: Course, task: ObservedTask, nowMs: number, found: Violation[]): void {
  const before = course.last[at];
  const { id: rule_id, severity, within_s } = rule;
  if (rule.kind === "must_precede") {
    if (before === undefined)
      found.push({
        rule_id,
        severity,
        jti: task.jti,
        at: seconds(nowMs),
        detail: `${quoted(task.action)} without what must come before it`,
      });
    return;
  }
  if (before === undefined || (within_s !== undefined && nowMs - before.atMs > within_s * 1000)) return;
  const after = `${quoted(task.action)} ${seconds(nowMs - before.atMs)} s after ${quoted(before.action)}`;
  found.push({ rule_id, severity, jti: task.jti, at: seconds(nowMs), detail: after });
}

function arm({ rule, at }: RuleSide, course: Course, { jti, action }: ObservedTask, nowMs: number): void {
  if (rule.kind !== "must_follow") {
    course.last[at] = { jti, action, atMs: nowMs };
    return;
  }
  const owed = { jti, action, atMs: nowMs, rule, dueMs: nowMs + (rule.within_s ?? 0) * 1000 };
  const queue = course.owed.get(at);
  if (queue === undefined) course.owed.set(at, { list: [owed], head: 0 });
  else queue.list.push(owed);
}

/** Takes out what is due, in the order of the rules; within one, time never runs backwards, so the first are the oldest. */
function collectDue(course: Course, isDue: (dueMs: number) => boolean, untilMs: number, found: Violation[]): void {
  for (const [at, queue] of course.owed) {
    for (
      let first = queue.list[queue.head];
      first !== undefined && isDue(first.dueMs);
      first = queue.list[queue.head]
    ) {
      const { rule, jti, action, dueMs } = first;
      queue.head += 1;
      found.push({
        rule_id: rule.id,
        severity: rule.severity,
        jti,
        // What is found at the end is of the time that has ended.
        at: seconds(Math.min(dueMs, untilMs - 1)),
        detail: `${quoted(action)} without what must follow within ${rule.within_s ?? 0} s`,
      });
    }
    if (queue.head === queue.list.length) course.owed.delete(at);
    else if (queue.head > 1024 && queue.head * 2 > queue.list.length) {
      queue.list = queue.list.slice(queue.head);
      queue.head = 0;
    }
  }
}

const seconds = (ms: number): number => Math.max(0, Math.floor(ms / 1000));

/** Names are the agent's words: short, and in quotation marks. */
const quoted = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name);
