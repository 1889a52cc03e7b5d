import type { RunGraph, WorkflowSummary } from "../../api/contract/workflow.ts";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { StopButton } from "./detail/stop-agents.tsx";
import { StopDeliveries, useToldStops } from "./detail/stop-delivery.tsx";
import { type AgentStops, useAgentsOf } from "./detail/use-agent-stops.ts";
import type { Selection } from "./selection.ts";

export interface SelectionBarProps {
  readonly workflow: WorkflowSummary;
  readonly run: RunGraph;
  readonly selection: Selection;
  readonly stops: AgentStops;
  onDetail(): void;
  onClear(): void;
}

const LISTED = 2;

/**
 * What can be done with what is selected, while the details are closed. Stands below the graph and the table, so that
 * nothing moves under the pointer when it appears; stays while a stop is not yet known to hold.
 */
export function SelectionBar({ workflow, run, selection, stops, onDetail, onClear }: SelectionBarProps) {
  const { tasks, lost } = selection;
  const { indexes, active } = useAgentsOf(workflow, run, tasks);
  const told = useToldStops(stops, indexes);
  if (tasks.length === 0 && lost === 0 && told.length === 0) return null;
  return (
    <section
      aria-label="Selection"
      className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-t border-strong bg-panel px-3 py-1"
    >
      {lost === 0 ? null : (
        <p role="status">
          {formatCount(lost)} tasks were selected, too scattered for a link to carry. Select them again.
        </p>
      )}
      {tasks.length === 0 ? null : (
        <>
          <p role="status" className="font-semibold whitespace-nowrap">
            {plural(tasks.length, "task")} · {plural(indexes.size, "agent")}
          </p>
          <Button onPress={onDetail}>Details</Button>
          <StopButton run={run} active={active} stops={stops} />
        </>
      )}
      {tasks.length === 0 && lost === 0 ? null : (
        <Button variant="quiet" shortcut="Escape" onPress={onClear}>
          Clear
        </Button>
      )}
      <StopDeliveries run={run} sent={told} atMost={LISTED} />
    </section>
  );
}

const plural = (count: number, word: string): string => `${formatCount(count)} ${word}${count === 1 ? "" : "s"}`;
