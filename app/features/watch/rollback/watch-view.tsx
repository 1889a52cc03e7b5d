import { useMemo } from "react";
import { problemOf } from "../../../api/client/problem.ts";
import { codeWords, isOver, PHASES, stepsWords } from "../../../api/client/rollback-words.ts";
import type { RollbackSummary } from "../../../api/contract/rollback.ts";
import { useNow } from "../../../ui/clock.ts";
import { Facts } from "../../../ui/definition-list.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Identifier } from "../../../ui/identifier.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Loading, ProblemNote, StaleNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import type { WorkflowModel } from "../use-workflow.ts";
import { EndRollback } from "./end-rollback.tsx";
import { stepLights } from "./lights.ts";
import { AskedSteps } from "./manual-step.tsx";
import { personWords, TaskName, Who } from "./names.tsx";
import { Participants } from "./participants.tsx";
import { type Shown, useShown } from "./queries.ts";
import { Residues } from "./residues.tsx";
import { StepsBoard } from "./steps-board.tsx";
import { useLights } from "./use-lights.ts";

/** One rollback as it goes on: what was ordered, what each step has come to, what is left, and what a person has to do. */
export function WatchView({ rbId, model }: { readonly rbId: string; readonly model: WorkflowModel }) {
  const shown = useShown(rbId);
  const { data } = shown;
  const { tasks } = model.view.tasks;
  const steps = data?.steps;
  useLights(
    model.highlight,
    useMemo(() => (steps === undefined ? null : stepLights(steps, tasks)), [steps, tasks]),
  );
  if (data === undefined)
    return shown.isError ? (
      <ProblemNote problem={problemOf(shown.error)} onRetry={() => void shown.refetch()} />
    ) : (
      <Loading what="the rollback" />
    );
  return (
    <div className="flex flex-col gap-4">
      {shown.isError ? <OldNote readAtMs={shown.dataUpdatedAt} /> : null}
      <Head shown={data} />
      <AskedSteps shown={data} readAtMs={shown.dataUpdatedAt} />
      <Residues residues={data.residues} isOver={isOver(data.rollback) || data.rollback.needsPerson} />
      <EndRollback shown={data} isOld={shown.isError} />
      <StepsBoard shown={data} />
      <Participants shown={data} />
    </div>
  );
}

function OldNote({ readAtMs }: { readonly readAtMs: number }) {
  return <StaleNote ageMs={useNow() - readAtMs} />;
}

function Head({ shown: { rollback, steps, position } }: { readonly shown: Shown }) {
  const { stopped, confirmedBy, phase } = rollback;
  const at = stopped?.n === null ? undefined : steps.find(({ n }) => n === stopped?.n);
  return (
    <div className="space-y-2">
      <p role="status" className="flex flex-wrap items-center gap-x-3">
        <Mark {...PHASES[phase]} />
        <span className="tabular-nums">
          {formatCount(rollback.steps.over)} of {stepsWords(rollback.steps.total)} have an outcome
        </span>
      </p>
      {stopped === null ? null : (
        <p className="font-medium text-warning">
          Nothing more is begun: <UntrustedText text={codeWords(stopped.code)} maxCharacters={120} />
          {at === undefined ? null : (
            <>
              {" "}
              at step {at.n}, <TaskName task={at} />
            </>
          )}
        </p>
      )}
      <Facts
        items={[
          { term: "Back to", value: <Target rollback={rollback} steps={steps} /> },
          {
            term: "Ordered by",
            value: <bdi>{[rollback.by, ...rollback.cosigners].map(personWords).join(" and ")}</bdi>,
          },
          { term: "Ordered", value: <Ago sinceMs={rollback.requestedAt * 1000} /> },
          { term: "Reason", value: <UntrustedText text={rollback.reason} maxCharacters={200} /> },
          { term: "Where one fails", value: rollback.bestEffort ? "as much as can be" : "all or nothing" },
          { term: "Plan", value: <Identifier value={rollback.planHash} label="digest of the plan" /> },
          ...(confirmedBy === null
            ? []
            : [
                {
                  term: "Confirmed by",
                  value: (
                    <>
                      <bdi>{personWords(confirmedBy.operator)}</bdi>:{" "}
                      <UntrustedText text={confirmedBy.reason} maxCharacters={200} />
                    </>
                  ),
                },
              ]),
        ]}
      />
      <p className="text-xs text-muted">
        {AFTER[isOver(rollback) ? "over" : "on"]} <Links rollback={rollback} /> Read from the log at{" "}
        {formatCount(position.size)} entries.
      </p>
    </div>
  );
}

const AFTER = {
  on: "All agents of the workflow are held while it goes on.",
  over: "The agents stay paused until somebody resumes them.",
} as const;

function Links({ rollback: { rbId } }: { readonly rollback: RollbackSummary }) {
  return (
    <>
      <GoLink to="/control" search={{ signal: rbId }}>
        The order in Control
      </GoLink>
      {", "}
      <GoLink to="/inspector" search={{ jti: rbId }}>
        in the inspector
      </GoLink>
      .
    </>
  );
}

function Target({ rollback, steps }: { readonly rollback: RollbackSummary; readonly steps: Shown["steps"] }) {
  const { target, keepTarget } = rollback;
  if (target.kind === "workflow") return <>the beginning of the workflow</>;
  if (target.kind === "checkpoint") return <Identifier value={target.id} label="checkpoint id" />;
  const task = steps.find((step) => step.task === target.id);
  return (
    <>
      {keepTarget ? "just after " : "before "}
      {task === undefined ? (
        <Identifier value={target.id} label="task id" />
      ) : (
        <>
          <TaskName task={task} /> <span className="text-muted">by</span> <Who id={task.agent} />
        </>
      )}
    </>
  );
}
