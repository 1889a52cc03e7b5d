import type { Suggestion } from "./learn-suggestion.ts";
import type { ObservedTask } from "./observed.ts";
import { standingOf } from "./standing.ts";

/** The tasks of a span by workflow, in the order of the log. */
export interface Span {
  readonly workflows: readonly Course[];
  readonly tasks: number;
  /** Agents behind their ids in workflows. */
  readonly agents: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Course {
  readonly wid: string;
  readonly tasks: readonly ObservedTask[];
}

export function groupSpan(tasks: readonly ObservedTask[]): Span {
  const courses = new Map<string, ObservedTask[]>();
  const agents = new Set<string>();
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = 0;
  let count = 0;
  for (const task of tasks) {
    // A name like a pattern cannot be allowed without all that the pattern matches: nothing is learned of it (BEH-S3).
    if (task.bench !== null || task.action.endsWith("*")) continue;
    const course = courses.get(task.wid);
    if (course === undefined) courses.set(task.wid, [task]);
    else course.push(task);
    agents.add(standingOf(task.agent));
    fromMs = Math.min(fromMs, task.atMs);
    toMs = Math.max(toMs, task.endedMs ?? task.atMs);
    count += 1;
  }
  const workflows = [...courses].map(([wid, own]) => ({ wid, tasks: own }));
  return { workflows, tasks: count, agents: agents.size, fromMs: count === 0 ? 0 : fromMs, toMs };
}

/** Counts what speaks for a suggestion and against it, and from where. */
export interface Tally {
  add(task: ObservedTask, held: boolean): void;
  result(): Omit<Suggestion, "id" | "adds" | "chance" | "quantiles" | "alarmed">;
}

const EXAMPLES = 20;
/** Of the cases: above it, one workflow has the say. */
const ONE_WORKFLOW = 0.5;
const ONE_AGENT = 0.8;

export function createTally(span: Span): Tally {
  const byWorkflow = new Map<string, number>();
  const byAgent = new Map<string, number>();
  const counterExamples: string[] = [];
  let cases = 0;
  let broken = 0;
  return {
    add: (task, held) => {
      cases += 1;
      increase(byWorkflow, task.wid);
      increase(byAgent, standingOf(task.agent));
      if (held) return;
      broken += 1;
      if (counterExamples.length < EXAMPLES) counterExamples.push(task.jti);
    },
    result: () => {
      const largestShare = Math.max(0, ...byWorkflow.values()) / Math.max(1, cases);
      const largestAgentShare = Math.max(0, ...byAgent.values()) / Math.max(1, cases);
      const oneAgent = span.agents > 1 && largestAgentShare > ONE_AGENT;
      return {
        cases,
        held: cases - broken,
        counterExamples,
        workflows: byWorkflow.size,
        agents: byAgent.size,
        largestShare,
        largestAgentShare,
        rests: largestShare > ONE_WORKFLOW ? "one-workflow" : oneAgent ? "one-agent" : "many",
      };
    },
  };
}

const increase = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/** A rule's id out of words that agents chose; unique among those given before. */
export function ruleId(words: readonly string[], taken: Set<string>): string {
  const slug = words
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 56)
    .replace(/-+$/, "");
  const base = slug === "" ? "rule" : slug;
  let id = base;
  for (let count = 2; taken.has(id); count += 1) id = `${base}-${count}`;
  taken.add(id);
  return id;
}
