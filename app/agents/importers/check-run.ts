import { err, ok, type Result } from "../../base/result.ts";
import { type RecordedRun, recordedRunSchema } from "../../protocol/run/recorded-run.ts";
import { type FormatProblem, malformed, tooManyTasks } from "./run-format-reader.ts";

/** Every agent of a run gets a key and a mailbox. */
const MAX_AGENTS = 2_000;

/**
 * What must hold of every run, whatever its format: bounds, ids that occur once, references that lead somewhere and no
 * task that comes before itself, over parents and callers together.
 */
export function checkRun(run: RecordedRun, maxTasks: number): Result<RecordedRun, FormatProblem> {
  if (run.tasks.length > maxTasks) return tooManyTasks("$", maxTasks);
  if (run.tasks.length === 0) return malformed("$", "at least one task", "the recording has none");
  if (run.agents.length > MAX_AGENTS)
    return malformed("$", `at most ${MAX_AGENTS} agents`, `the run has ${run.agents.length}`);
  const parsed = recordedRunSchema.safeParse(run);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return malformed(issue?.path.join(".") || "$", issue?.message ?? "a recorded run", "a value is outside its bounds");
  }
  return checkReferences(parsed.data);
}

function checkReferences(run: RecordedRun): Result<RecordedRun, FormatProblem> {
  const agents = new Set(run.agents.map((agent) => agent.id));
  const ids = new Set<string>();
  for (const task of run.tasks) {
    if (ids.has(task.id)) return malformed(`task ${task.id}`, "ids that occur once", "two tasks have this id");
    ids.add(task.id);
    if (!agents.has(task.agent)) return malformed(`task ${task.id}`, "an agent of the run", "its agent is not listed");
  }
  for (const task of run.tasks) {
    const unknown = before(task).find((id) => !ids.has(id));
    if (unknown !== undefined) return malformed(`task ${task.id}`, "tasks of the run", `there is no task ${unknown}`);
  }
  for (const { task, agent, step } of run.blame ?? [])
    if ((task !== null && !ids.has(task)) || (agent !== null && !agents.has(agent)))
      return malformed(`annotated step ${step}`, "a task and an agent of the run", "the run does not have them");
  const cycle = taskOnCycle(run);
  if (cycle === null) return ok(run);
  return err({
    code: "import_cycle",
    place: `task ${cycle}`,
    expected: "an acyclic graph",
    detail: "this task comes before itself",
  });
}

/** What a task comes after: its parents, and its caller where it has one. */
function before(task: RecordedRun["tasks"][number]): string[] {
  const parents = task.parents.map((parent) => parent.id);
  return task.caller === null ? parents : [...parents, task.caller];
}

function taskOnCycle(run: RecordedRun): string | null {
  const successors = new Map<string, string[]>();
  const due = new Map<string, number>();
  for (const task of run.tasks) {
    const earlier = before(task);
    due.set(task.id, earlier.length);
    for (const id of earlier) {
      const list = successors.get(id);
      if (list === undefined) successors.set(id, [task.id]);
      else list.push(task.id);
    }
  }
  const ready = run.tasks.filter((task) => due.get(task.id) === 0).map((task) => task.id);
  for (const id of ready) {
    due.delete(id);
    for (const next of successors.get(id) ?? []) {
      const left = (due.get(next) ?? 0) - 1;
      due.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return due.keys().next().value ?? null;
}
