import { useMemo, useState } from "react";
import { problemOf } from "../../../api/client/problem.ts";
import { codeWords, tasksWords } from "../../../api/client/rollback-words.ts";
import type { WorkflowSummary } from "../../../api/contract/workflow.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { Loading, ProblemNote, StaleNote } from "../../../ui/states.tsx";
import { useTaskId } from "../order/use-task-id.ts";
import type { WorkflowModel } from "../use-workflow.ts";
import { ChooseCut } from "./choose-cut.tsx";
import { planLights } from "./lights.ts";
import { useNames } from "./names.tsx";
import { PlanReport } from "./plan-report.tsx";
import { PlanSummary } from "./plan-summary.tsx";
import { type Rehearsal, useCheckpoints, useRehearsal } from "./queries.ts";
import type { Cut } from "./rollback-link.ts";
import { SignRollback } from "./sign-rollback.tsx";
import { useLights } from "./use-lights.ts";

export interface PlanViewProps {
  readonly workflow: WorkflowSummary;
  readonly model: WorkflowModel;
  readonly cut: Cut;
  onCut(cut: Cut): void;
  onOrdered(rbId: string): void;
}

/**
 * A rehearsal (N13): the cut is chosen, and what a rollback to it would do is told and lit on the graph at once. The way to
 * sign says why it is shut where it is (S11).
 */
export function PlanView({ workflow, model, cut, onCut, onOrdered }: PlanViewProps) {
  const { wid } = workflow;
  const { selection, states } = model;
  const [keepTarget, setKeepTarget] = useState(false);
  const [bestEffort, setBestEffort] = useState(false);
  const [isSigning, setSigning] = useState(false);
  const task = useTaskId(wid, cut.kind === "task" ? cut.index : undefined);
  const checkpoints = useCheckpoints(wid);
  const target = useMemo(() => {
    if (cut.kind === "workflow") return { kind: "workflow" as const, id: wid };
    if (cut.kind === "checkpoint") return { kind: "checkpoint" as const, id: cut.id };
    return task.id === null ? null : { kind: "task" as const, id: task.id };
  }, [cut, wid, task.id]);
  const keeps = cut.kind === "task" && keepTarget;
  const input = target === null ? null : { wid, target, keepTarget: keeps, bestEffort };
  const rehearsal = useRehearsal(input, states, checkpoints.byId);
  const { data, error, isPlaceholderData, dataUpdatedAt } = rehearsal;
  const { tasks } = model.view.tasks;
  const plan = error === null ? data?.plan : undefined;
  useLights(
    model.highlight,
    useMemo(() => (plan === undefined ? null : planLights(plan, tasks)), [plan, tasks]),
  );
  const [only] = selection.tasks;
  const why = useWhyShut(data, error !== null, isPlaceholderData);
  const { run } = useNames();
  return (
    <div className="flex flex-col gap-4">
      <ChooseCut
        cut={cut}
        keepTarget={keepTarget}
        bestEffort={bestEffort}
        other={selection.tasks.length === 1 && only !== undefined ? only : null}
        checkpoints={checkpoints.data?.checkpoints ?? []}
        onCut={onCut}
        onKeepTarget={setKeepTarget}
        onBestEffort={setBestEffort}
      />
      {checkpoints.isError ? (
        <p className="text-warning">The checkpoints could not be read: until when they may be used is not known.</p>
      ) : null}
      {error === null ? null : <ProblemNote problem={problemOf(error)} onRetry={() => void rehearsal.refetch()} />}
      {data === undefined ? (
        error === null ? (
          <Loading what="the dry run" />
        ) : null
      ) : error !== null ? (
        <OldNote readAtMs={dataUpdatedAt} />
      ) : (
        <>
          <div aria-busy={isPlaceholderData} className={isPlaceholderData ? "opacity-50" : ""}>
            <PlanSummary plan={data.plan} tookMs={data.tookMs} readAtMs={dataUpdatedAt} />
          </div>
          <div className="sticky -top-3 z-10 -mx-3 flex flex-wrap items-center gap-x-3 gap-y-1 border-y border-line bg-panel px-3 py-2">
            <Button variant="primary" isDisabled={why !== null} onPress={() => setSigning(true)}>
              Go on to sign …
            </Button>
            <p role="status" className="min-w-0 flex-1 text-xs">
              {why ?? "Two people sign it."}
            </p>
          </div>
          <PlanReport plan={data.plan} checkpoints={checkpoints.byId} />
        </>
      )}
      {isSigning && target !== null && data !== undefined && !isPlaceholderData ? (
        <SignRollback
          order={{ wid, target, keepTarget: keeps, bestEffort }}
          targetWords={TARGET_WORDS[keeps ? "after" : cut.kind]}
          name={cut.kind === "task" ? (run.names[cut.index] ?? null) : null}
          plan={data.plan}
          onOrdered={onOrdered}
          onStale={() => void rehearsal.refetch()}
          onClose={() => setSigning(false)}
        />
      ) : null}
    </div>
  );
}

const TARGET_WORDS = {
  task: "before the task ",
  after: "just after the task ",
  checkpoint: "the checkpoint that is chosen",
  workflow: "the beginning of the workflow",
} as const;

function OldNote({ readAtMs }: { readonly readAtMs: number }) {
  return <StaleNote ageMs={useNow() - readAtMs} />;
}

/** Why it cannot be signed now; null where it can. */
function useWhyShut(data: Rehearsal | undefined, hasFailed: boolean, isOld: boolean): string | null {
  const { status } = useOperator();
  if (data === undefined || hasFailed || isOld) return "The dry run of this cut is being made.";
  const { plan, problem } = data;
  const { undone, compensated, manual, impossible } = plan.counts;
  if (undone + compensated + manual === 0)
    return impossible === 0
      ? "Nothing after this cut has changed anything: there is nothing to undo."
      : "Nothing after this cut can be undone.";
  if (problem?.code === "rollback_irreversible" && impossible > 0)
    return `${tasksWords(impossible)} cannot be undone, and all or nothing is chosen: nothing would be done. Choose “As much as can be” to undo the others.`;
  if (problem !== null) {
    const blocking = plan.conflicts.filter(({ blocks }) => blocks).length;
    const words = codeWords(problem.code);
    return `${words === problem.code ? problem.detail : words}${blocking > 0 ? " It is listed below." : ""}`;
  }
  return status === "ready" ? null : "Nobody is signed in: sign in first.";
}
