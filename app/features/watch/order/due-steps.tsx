import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { OverrideSignal } from "../../../api/contract/override.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { useCarryOut } from "../../../operator/use-orders.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { OldNote, ProblemNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";

const LISTED = 5;

/** As playback goes on steps become due, of which no notice tells; ms. */
const RENEW_MS = 1500;

export interface DueStepsProps {
  readonly wid: string;
  readonly run: RunGraph;
  /** Takeovers in force. */
  readonly takeovers: readonly OverrideSignal[];
}

interface Step {
  readonly task: string;
  readonly index: number;
  readonly takeover: string;
}

/** The next steps of agents that were taken over: each waits until an operator carries it out (OVR-30). */
export function DueSteps({ wid, run, takeovers }: DueStepsProps) {
  const { orpc } = useApi();
  const due = useQuery({
    ...orpc.override.due.queryOptions({ input: { wid } }),
    refetchInterval: takeovers.length === 0 ? false : RENEW_MS,
  });
  const [step, setStep] = useState<Step | null>(null);
  if (due.data === undefined)
    return due.isError ? <ProblemNote problem={problemOf(due.error)} onRetry={() => void due.refetch()} /> : null;
  const { tasks } = due.data;
  if (tasks === null)
    return (
      <p className="border-t border-line px-3 py-1 text-muted">
        Which steps of what was taken over were due is not kept for the past.
      </p>
    );
  const takeover = takeovers.find(({ jti }) => jti === step?.takeover);
  return (
    <section aria-label="Steps that wait" className="border-t border-line px-3 py-1">
      {due.isError ? <OldNote readAtMs={due.dataUpdatedAt} onRetry={() => void due.refetch()} /> : null}
      <p className="font-medium" role="status">
        {tasks.length === 0
          ? "No step of what was taken over is due."
          : `${formatCount(tasks.length)} ${tasks.length === 1 ? "step waits" : "steps wait"} for an operator`}
      </p>
      <ul>
        {tasks.slice(0, LISTED).map((one) => (
          <li key={one.task} className="flex flex-wrap items-center gap-x-3 py-0.5">
            <UntrustedText text={run.names[one.index] ?? ""} maxCharacters={80} />
            <bdi className="text-muted">{visibleText(run.agents[run.agent[one.index] ?? -1]?.name ?? "")}</bdi>
            <Button
              writes
              size="sm"
              aria-label={`Carry out ${visibleText(run.names[one.index] ?? "")}`}
              onPress={() => setStep(one)}
            >
              Carry out …
            </Button>
          </li>
        ))}
        {tasks.length > LISTED ? <li>and {formatCount(tasks.length - LISTED)} more</li> : null}
      </ul>
      {step === null || takeover === undefined ? null : (
        <CarryOutDialog step={step} run={run} takeover={takeover} onClose={() => setStep(null)} />
      )}
    </section>
  );
}

interface CarryOutDialogProps {
  readonly step: Step;
  readonly run: RunGraph;
  readonly takeover: OverrideSignal;
  onClose(): void;
}

function CarryOutDialog({ step, run, takeover, onClose }: CarryOutDialogProps) {
  const carryOut = useCarryOut();
  return (
    <OrderDialog
      title="Carry out one step"
      verb="Carry out"
      busy="Carrying out …"
      keep="Leave it waiting"
      why="Why is it carried out? (recorded)"
      done="The step is given"
      doneDetail="Whether it was permitted and done is told by its state."
      run={(reason) => carryOut({ task: step.task, of: takeover.jti, priority: takeover.priority, reason })}
      onClose={onClose}
    >
      <Facts
        items={[
          { term: "Step", value: <UntrustedText text={run.names[step.index] ?? ""} /> },
          { term: "Action", value: visibleText(run.actions[step.index] ?? "") },
          { term: "Agent", value: visibleText(run.agents[run.agent[step.index] ?? -1]?.name ?? "") },
        ]}
      />
      <p>It is asked for and decided under the same policy, and its record names you.</p>
    </OrderDialog>
  );
}
