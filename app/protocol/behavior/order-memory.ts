import { aboutOf, type RuleSide } from "./compile-profile.ts";
import type { ObservedTask } from "./observed.ts";
import type { SequenceRule } from "./profile.ts";

/** A task that is one side of a rule, as far as the other side has to know it. */
export interface Armed {
  readonly jti: string;
  readonly action: string;
  readonly atMs: number;
  /** Null while it is not over. */
  readonly endedMs: number | null;
}

/** What came that a rule looks back at. */
export interface Before {
  /** Whatever it was about. */
  any: Armed | undefined;
  /** Of those that did not say what they were about. */
  unsaid: Armed | undefined;
  readonly by: Map<string, Armed>;
}

export const nothingBefore = (): Before => ({ any: undefined, unsaid: undefined, by: new Map() });

/** What speaks most: of what must come before the one that was done first, of what forbids the newest. */
export const better = (known: Armed | undefined, armed: Armed, isFirst: boolean): Armed =>
  isFirst && known !== undefined && (known.endedMs ?? 0) <= (armed.endedMs ?? 0) ? known : armed;

export function remember(before: Before, isFirst: boolean, armed: Armed, about: string | null): void {
  before.any = better(before.any, armed, isFirst);
  if (about === null) before.unsaid = better(before.unsaid, armed, isFirst);
  else before.by.set(about, better(before.by.get(about), armed, isFirst));
}

/**
 * Whether a rule holds between a task and what came before it; `unknown` where one of them does not say what it is about. What must come
 * before was done by a time, what forbids was begun since.
 */
export function cameBefore(
  { any, unsaid, by }: Before,
  side: RuleSide,
  task: ObservedTask,
  ms: number,
): Armed | "unknown" | null {
  const isFirst = side.rule.kind === "must_precede";
  if (any === undefined || !counts(any, isFirst, ms)) return null;
  if (side.same === null) return any;
  const about = aboutOf(side, task);
  if (about === null) return "unknown";
  const found = by.get(about);
  if (found !== undefined && counts(found, isFirst, ms)) return found;
  return unsaid !== undefined && counts(unsaid, isFirst, ms) ? "unknown" : null;
}

const counts = (armed: Armed, isFirst: boolean, ms: number): boolean =>
  isFirst ? (armed.endedMs ?? 0) <= ms : armed.atMs >= ms;

/** What still has to follow. */
export interface Owed extends Armed {
  readonly dueMs: number;
  /** How many of its rule were owed before it. */
  readonly number: number;
  /** Followed in time, or perhaps: by something that did not say what it was about, or because it did not say so itself. */
  followed: boolean;
  perhaps: boolean;
}

/** Oldest first from `head` on; what is before it is done with, and let go of now and then. */
export interface OwedQueue {
  readonly rule: SequenceRule;
  list: Owed[];
  head: number;
  made: number;
  /** All that were owed before this one have perhaps been followed. */
  perhapsTo: number;
  readonly by: Map<string, Owed[]>;
  unsaid: Owed[];
}

export const owedQueue = (rule: SequenceRule): OwedQueue => ({
  ...{ rule, list: [], head: 0, made: 0, perhapsTo: 0, by: new Map(), unsaid: [] },
});

export function owe(queue: OwedQueue, armed: Armed, about: string | null): void {
  const { rule, made: number } = queue;
  const { jti, action, atMs, endedMs } = armed;
  const dueMs = atMs + (rule.within_s ?? 0) * 1000;
  const owed: Owed = { jti, action, atMs, endedMs, dueMs, number, followed: false, perhaps: false };
  queue.made += 1;
  queue.list.push(owed);
  if (rule.same === undefined) return;
  if (about === null) queue.unsaid.push(owed);
  else {
    const known = queue.by.get(about);
    if (known === undefined) queue.by.set(about, [owed]);
    else known.push(owed);
  }
}

/** Something that follows was done, about this; each of what is owed is looked at once. */
export function follow(queue: OwedQueue, about: string | null): void {
  if (about === null) {
    queue.perhapsTo = queue.made;
    return;
  }
  for (const owed of queue.by.get(about) ?? []) owed.followed = true;
  queue.by.delete(about);
  for (const owed of queue.unsaid) owed.perhaps = true;
  queue.unsaid = [];
}

/** The next that is due, taken out; undefined where none is. */
export function takeDue(queue: OwedQueue, beforeMs: number): Owed | undefined {
  const first = queue.list[queue.head];
  if (first === undefined || first.dueMs >= beforeMs) return undefined;
  queue.head += 1;
  if (queue.head > 1024 && queue.head * 2 > queue.list.length) {
    queue.list = queue.list.slice(queue.head);
    queue.head = 0;
  }
  return first;
}

export const armedBy = ({ jti, action, endedMs }: ObservedTask, atMs: number): Armed => ({
  jti,
  action,
  atMs,
  endedMs,
});
