import type { RunGraph, WorkflowSummary } from "../../../api/contract/workflow.ts";
import { Button } from "../../../ui/button.tsx";
import { Drawer } from "../../../ui/drawer.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import type { WorkflowModel } from "../use-workflow.ts";
import { ManyDetail } from "./many-detail.tsx";
import { StopAgents } from "./stop-agents.tsx";
import { TaskDetail } from "./task-detail.tsx";
import type { AgentStops } from "./use-agent-stops.ts";

export interface DetailDrawerProps {
  readonly workflow: WorkflowSummary;
  readonly run: RunGraph;
  readonly model: WorkflowModel;
  readonly shown: "graph" | "table";
  readonly stops: AgentStops;
  /** Selects a task and brings it into view. */
  onShow(task: number): void;
  /** Draws the members of a group, given by its first, one by one. */
  onOpenGroup(first: number): void;
  /** Rehearses what going back to before a task would do. */
  onRollBack(task: number): void;
  onClose(): void;
}

/** Details of what is selected: one task with its proof, or many together. */
export function DetailDrawer(props: DetailDrawerProps) {
  const { workflow, run, model, stops, onRollBack, onClose } = props;
  const { tasks } = model.selection;
  const [only] = tasks;
  const single = tasks.length === 1 && only !== undefined;
  return (
    <Drawer
      title={
        single ? (
          <UntrustedText text={run.names[only] ?? ""} maxCharacters={120} />
        ) : (
          `${formatCount(tasks.length)} tasks selected`
        )
      }
      isOpen
      onClose={onClose}
      footer={
        <div className="flex flex-wrap items-end justify-between gap-2">
          <StopAgents workflow={workflow} run={run} tasks={tasks} stops={stops} />
          {single ? (
            <Button writes onPress={() => onRollBack(only)}>
              Roll back …
            </Button>
          ) : null}
        </div>
      }
    >
      {single ? (
        <TaskDetail key={only} wid={workflow.wid} task={only} model={model} onShow={props.onShow} />
      ) : (
        <ManyDetail {...props} />
      )}
    </Drawer>
  );
}
