import { useMemo } from "react";
import type { RunGraph, WorkflowSummary } from "../../../api/contract/workflow.ts";
import { belowOf } from "../halo/reach.ts";
import { useReachInput } from "../halo/use-reach.ts";
import type { WorkflowModel } from "../use-workflow.ts";
import { ModifyDialog } from "./modify-dialog.tsx";
import { scopeChoices } from "./order-scopes.ts";
import type { OrderAsked } from "./orders.tsx";
import { PauseDialog } from "./pause-dialog.tsx";
import { StopDialog } from "./stop-dialog.tsx";
import { TakeoverDialog } from "./takeover-dialog.tsx";
import { useTaskId } from "./use-task-id.ts";

export interface GiveOrderProps {
  readonly workflow: WorkflowSummary;
  readonly run: RunGraph;
  readonly model: WorkflowModel;
  readonly asked: OrderAsked;
  readonly pausedBecause: string;
  onClose(): void;
}

/** The dialog of an order for what is selected, with how far it may go. */
export function GiveOrder({ workflow, run, model, asked, pausedBecause, onClose }: GiveOrderProps) {
  const { wid } = workflow;
  const { tasks } = model.selection;
  const task = useTaskId(wid, tasks.length === 1 ? tasks[0] : undefined);
  const input = useReachInput(workflow, run, model.states, true, task.taskOf);
  const below = useMemo(() => belowOf(input), [input]);
  const choices = useMemo(
    () => scopeChoices({ wid, run, tasks, task: task.id, agents: input.agents, below }),
    [wid, run, tasks, task.id, input.agents, below],
  );
  const shared = { run, input, choices, onClose };
  switch (asked) {
    case "pause":
      return <PauseDialog {...shared} />;
    case "stop":
      return <StopDialog {...shared} />;
    case "modify":
      return <ModifyDialog {...shared} pausedBecause={pausedBecause} />;
    case "takeover":
      return <TakeoverDialog {...shared} />;
  }
}
