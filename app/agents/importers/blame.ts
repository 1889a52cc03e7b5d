import type { RecordedRun, RunBlame, RunTask } from "../../protocol/run/recorded-run.ts";
import { cut, type Warnings } from "./text.ts";

/** What an annotation says of one step of a run, before it is looked up there. */
export interface Annotated {
  readonly step: number;
  readonly named: string;
  readonly category: string | null;
  readonly text: string;
  readonly cause: boolean;
}

/** As many as a run may have. */
const MAX_BLAME = 256;

/** Puts annotations to the tasks and agents of a run; what leads nowhere is kept and said. */
export function withBlame(
  run: RecordedRun,
  annotated: readonly Annotated[],
  taskOfStep: ReadonlyMap<number, string>,
  source: string,
  warnings: Warnings,
): RecordedRun {
  if (annotated.length === 0) return { ...run, warnings: warnings.list() };
  const agentOf = new Map(run.tasks.map((task: RunTask) => [task.id, task.agent]));
  if (annotated.length > MAX_BLAME)
    warnings.add("annotations_cut", "annotations after the 256th are left out", null, annotated.length - MAX_BLAME);
  const blame = annotated
    .slice(0, MAX_BLAME)
    .map((one): RunBlame => {
      const task = taskOfStep.get(one.step) ?? null;
      const agent = run.agents.find(({ name }) => name.toLowerCase() === one.named.toLowerCase())?.id ?? null;
      if (task === null)
        warnings.add("annotated_step_unknown", "annotated steps that the recording does not have", `step ${one.step}`);
      else if (agent !== agentOf.get(task))
        warnings.add(
          "annotated_agent_differs",
          "annotations that blame another agent than the one that acted in that step: both are shown",
          task,
        );
      return {
        task,
        step: one.step,
        agent,
        named: cut(one.named, 256),
        category: one.category === null ? null : cut(one.category, 256),
        text: cut(one.text, 2000),
        cause: one.cause,
        source: cut(source, 256),
      };
    })
    .sort((a, b) => a.step - b.step);
  return { ...run, warnings: warnings.list(), blame };
}
