import { useState } from "react";
import { stayWords, tasksWords } from "../../../api/client/rollback-words.ts";
import type {
  CheckpointView,
  RollbackConflict,
  RollbackPlanView,
  RollbackStep,
  RollbackTask,
} from "../../../api/contract/rollback.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Mark } from "../../../ui/mark.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { Section } from "../detail/section.tsx";
import { Fold } from "../detail/token-detail.tsx";
import { TaskName, ToTell, Who } from "./names.tsx";
import { CONFLICT_WORDS, LIST_MARKS, LISTS, logWords, type StepList, WHY_WORDS } from "./rollback-words.ts";
import { Usable } from "./usable.tsx";

export interface PlanReportProps {
  readonly plan: RollbackPlanView;
  readonly checkpoints: ReadonlyMap<string, CheckpointView>;
}

/** The dry run in lists: what stands against it, what stays for good and who must be told, then every step by its way (N13). */
export function PlanReport({ plan, checkpoints }: PlanReportProps) {
  const { steps, conflicts, cut } = plan;
  const blocking = conflicts.filter(({ blocks }) => blocks);
  const others = conflicts.filter(({ blocks }) => !blocks);
  return (
    <div className="space-y-4">
      {blocking.length === 0 ? null : (
        <section aria-label="What stands against it" className="border border-warning bg-warning-soft px-3 py-2">
          <p className="font-semibold">Before it can begin</p>
          <Conflicts conflicts={blocking} />
        </section>
      )}
      {LISTS.map((list) => (
        <StepsOf key={list} list={list} steps={steps.filter((step) => step.list === list)} checkpoints={checkpoints} />
      ))}
      {others.length === 0 ? null : (
        <Section title="To know before" aside={formatCount(others.length)}>
          <Conflicts conflicts={others} />
        </Section>
      )}
      <Section title="The cut" aside={stayWords(cut.stays)}>
        {cut.frontier.length === 0 ? (
          <p>Nothing stays before it: this is the beginning.</p>
        ) : (
          <>
            <p className="text-muted">The last tasks that stay. On the graph they are marked as the cut.</p>
            <Tasks tasks={cut.frontier} />
          </>
        )}
      </Section>
    </div>
  );
}

const SHOWN = 40;

/** The first of a long list; the others by a press. */
export function useFirst<T>(all: readonly T[]): { readonly shown: readonly T[]; readonly more: React.ReactNode } {
  const [count, setCount] = useState(SHOWN);
  const left = all.length - count;
  return {
    shown: all.slice(0, count),
    more:
      left <= 0 ? null : (
        <Button size="sm" variant="quiet" onPress={() => setCount(count + 10 * SHOWN)}>
          and {formatCount(left)} more
        </Button>
      ),
  };
}

interface StepsOfProps {
  readonly list: StepList;
  readonly steps: readonly RollbackStep[];
  readonly checkpoints: ReadonlyMap<string, CheckpointView>;
}

const CAPTIONS: Record<StepList, string> = {
  impossible: "Cannot be undone",
  manual: "Undone by a person",
  compensated: "Compensated",
  undone: "Undone",
  skipped: "Nothing to undo",
};

/** One list: every task by name. What stays for good and what people must do is open, the others are counted. */
function StepsOf({ list, steps, checkpoints }: StepsOfProps) {
  const { shown, more } = useFirst(steps);
  if (steps.length === 0) return null;
  const isOpen = list === "impossible" || list === "manual" || steps.length <= 12;
  return (
    <section aria-label={CAPTIONS[list]} className="border-t border-line pt-2">
      <Mark {...LIST_MARKS[list]} label={`${tasksWords(steps.length)} ${LIST_MARKS[list].label}`} />
      <Fold title="By name" open={isOpen}>
        <table className="w-full table-fixed text-left">
          <caption className="sr-only">{CAPTIONS[list]}, by task</caption>
          <thead className="text-xs text-muted">
            <tr>
              <th scope="col" className="w-10 font-normal">
                Step
              </th>
              <th scope="col" className="w-2/5 font-normal">
                Task
              </th>
              <th scope="col" className="font-normal">
                {list === "impossible" ? "Why, and who must be told" : "By"}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((step) => (
              <tr key={step.n} className="border-t border-line align-top">
                <td className="tabular-nums text-muted">{step.n}</td>
                <th scope="row" className="pr-2 font-normal">
                  <TaskName task={step} />
                </th>
                <td className="text-xs">
                  <How step={step} checkpoints={checkpoints} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {more}
      </Fold>
    </section>
  );
}

function How({
  step,
  checkpoints,
}: {
  readonly step: RollbackStep;
  readonly checkpoints: StepsOfProps["checkpoints"];
}) {
  if (step.list === "impossible")
    return (
      <>
        <p>{step.why === null ? "no way is known" : WHY_WORDS[step.why]}</p>
        <ToTell tell={step.tell} />
      </>
    );
  return (
    <>
      <Who id={step.by} />
      {step.gateway === null ? null : (
        <p>
          <bdi>{visibleText(logWords(step.gateway))}</bdi> has to take it in
        </p>
      )}
      {step.ckptId === null ? null : (
        <p>
          {step.method === "skip" ? "with another step's restore; " : ""}
          <Usable checkpoint={checkpoints.get(step.ckptId)} />
        </p>
      )}
    </>
  );
}

function Conflicts({ conflicts }: { readonly conflicts: readonly RollbackConflict[] }) {
  const { shown, more } = useFirst(conflicts);
  return (
    <>
      <ul className="space-y-0.5">
        {shown.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: conflicts have no id; the list is made anew with each plan
          <li key={at}>
            <TaskName task={one.task} /> {CONFLICT_WORDS[one.kind]}
            {one.resource === null ? null : (
              <>
                {": "}
                <UntrustedText text={one.resource} maxCharacters={120} mono />
              </>
            )}
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}

function Tasks({ tasks }: { readonly tasks: readonly RollbackTask[] }) {
  const { shown, more } = useFirst(tasks);
  return (
    <>
      <ul>
        {shown.map((task) => (
          <li key={task.task}>
            <TaskName task={task} /> <span className="text-xs text-muted">by</span> <Who id={task.agent} />
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}
