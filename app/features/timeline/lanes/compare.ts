import { shortName } from "../names.ts";
import { causesOf, type LaneLog, wordOf } from "./lane-log.ts";
import type { Lane } from "./lanes.ts";

/** Which of two runs something is of. */
export type Side = "A" | "B";

/** What became of one task in one run, by the log. */
export interface TaskRun {
  /** The entry that tells its end, or the last one about it. */
  readonly seq: number;
  readonly outcome: string;
  /** From its first entry to that, as the log counts it; null while it has not ended. */
  readonly tookS: number | null;
}

/** A task of either run. `outcome` also where only one of the two has ended. */
export interface TaskDifference {
  readonly key: string;
  readonly name: string;
  readonly a: TaskRun | null;
  readonly b: TaskRun | null;
  readonly kind: "only_a" | "only_b" | "outcome" | "duration" | "same";
  /** By how much longer it took in B; null where that is not known. */
  readonly byS: number | null;
}

/** Durations are told apart from here on: the log counts whole seconds, so one is no difference [ours]. */
const APART_S = 2;
const KINDS: readonly TaskDifference["kind"][] = ["only_a", "only_b", "outcome", "duration", "same"];
/** Decisions by which a task ends: they name a request, and that its task. */
const DECIDED: ReadonlySet<string> = new Set(["rejected", "aborted"]);
/** Records by which a task ends without an ECT. */
const ENDS: ReadonlySet<string> = new Set([
  "refused",
  "effect_refused",
  "gate_timed_out",
  "gate_aborted",
  "gate_expired",
  "task_stopped",
]);

interface Task extends TaskRun {
  readonly name: string;
  readonly place: number;
}

/**
 * The tasks of two workflows side by side, those that differ first. Of the same recorded run they are matched by their places in
 * it; of different ones by name, and by order among those of one name.
 */
export function differencesOf(log: LaneLog, a: string, b: string, isSameRun: boolean): readonly TaskDifference[] {
  const ofA = keyed(tasksOf(log, a), isSameRun);
  const ofB = keyed(tasksOf(log, b), isSameRun);
  const found = [...new Set([...ofA.keys(), ...ofB.keys()])].map((key): TaskDifference => {
    const one = ofA.get(key) ?? null;
    const other = ofB.get(key) ?? null;
    const byS =
      one === null || other === null || one.tookS === null || other.tookS === null ? null : other.tookS - one.tookS;
    return { key, name: (one ?? other)?.name ?? "", a: one, b: other, kind: kindOf(one, other, byS), byS };
  });
  return found.sort(
    (one, other) =>
      KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) || Math.abs(other.byS ?? 0) - Math.abs(one.byS ?? 0),
  );
}

function kindOf(a: TaskRun | null, b: TaskRun | null, byS: number | null): TaskDifference["kind"] {
  if (a === null) return "only_b";
  if (b === null) return "only_a";
  if (a.outcome !== b.outcome) return "outcome";
  return byS !== null && Math.abs(byS) >= APART_S ? "duration" : "same";
}

/** Tasks of a workflow that its recorded run knows, by their places in it. */
function tasksOf(log: LaneLog, wid: string): readonly Task[] {
  const place = log.words.wid.indexOf(wid);
  const tasks = new Map<number, { first: number; last: number; end: number; outcome: string }>();
  for (let seq = 0; place > 0 && seq < log.size; seq += 1) {
    if (log.word.wid[seq] !== place) continue;
    if (wordOf(log, "typ", seq) === "hitl-decision+jwt") {
      const outcome = wordOf(log, "outcome", seq) ?? "";
      for (const [cause] of DECIDED.has(outcome) ? causesOf(log, seq) : []) {
        const decided = tasks.get(log.task[cause] as number);
        if (decided !== undefined) Object.assign(decided, { end: seq, outcome });
      }
      continue;
    }
    const task = log.task[seq] as number;
    if (task === 0 || log.place[seq] === 0) continue;
    const known = tasks.get(task) ?? { first: seq, last: seq, end: -1, outcome: "not ended" };
    tasks.set(task, known);
    known.last = seq;
    const typ = wordOf(log, "typ", seq);
    const action = wordOf(log, "action", seq) ?? "";
    if (typ === "exec+jwt") Object.assign(known, { end: seq, outcome: wordOf(log, "outcome", seq) ?? "reported" });
    else if (typ === "record+jwt" && ENDS.has(action)) Object.assign(known, { end: seq, outcome: action });
  }
  return [...tasks.values()]
    .map(({ first, last, end, outcome }) => ({
      seq: end < 0 ? last : end,
      outcome,
      tookS: end < 0 ? null : (log.at[end] as number) - (log.at[first] as number),
      name: wordOf(log, "name", first) ?? "",
      place: log.place[first] as number,
    }))
    .sort((one, other) => one.place - other.place);
}

function keyed(tasks: readonly Task[], byPlace: boolean): ReadonlyMap<string, Task> {
  const counts = new Map<string, number>();
  return new Map(
    tasks.map((task) => {
      const nth = counts.get(task.name) ?? 0;
      counts.set(task.name, nth + 1);
      return [byPlace ? String(task.place) : `${nth} ${task.name}`, task];
    }),
  );
}

/** The log as one run sees it: its time begins with the run's first entry, at 0. Null where the run has no entry. */
export function alignedLog(log: LaneLog, wid: string, side: Side): LaneLog | null {
  const place = log.words.wid.indexOf(wid);
  const first = place <= 0 ? -1 : log.word.wid.indexOf(place);
  if (first < 0) return null;
  const startMs = log.ms[first] as number;
  return { ...log, domain: side, ms: log.ms.map((ms) => ms - startMs) };
}

/** Lanes of two runs, those of the same name below each other. */
export function sideBySide(lanes: readonly Lane[]): readonly Lane[] {
  const nameOf = ({ value, what }: Lane): string => `${what} ${value === null ? "" : shortName(value)}`;
  const names = [...new Set(lanes.map(nameOf))];
  return names.flatMap((name) => lanes.filter((lane) => nameOf(lane) === name));
}
