import { useMemo } from "react";
import type { RunGraph, WorkflowSummary } from "../../api/contract/workflow.ts";
import type { OverridePreview } from "../../operator/override-preview.ts";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { StopButton } from "./detail/stop-agents.tsx";
import { StopDeliveries, useToldStops } from "./detail/stop-delivery.tsx";
import { type AgentStops, type LiveAgent, useAgentsOf } from "./detail/use-agent-stops.ts";
import { HaloTrigger } from "./halo/halo-trigger.tsx";
import type { OrderAsked } from "./order/orders.tsx";
import type { Selection } from "./selection.ts";

export interface SelectionBarProps {
  readonly workflow: WorkflowSummary;
  readonly run: RunGraph;
  readonly selection: Selection;
  readonly stops: AgentStops;
  onOrder(asked: OrderAsked): void;
  /** Rehearses what going back to before a task would do. */
  onRollBack(task: number): void;
  onDetail(): void;
  onClear(): void;
}

const LISTED = 2;

/**
 * What can be done with what is selected, while the details are closed. Stands below the graph and the table, so that
 * nothing moves under the pointer when it appears; stays while a stop is not yet known to hold.
 */
export function SelectionBar(props: SelectionBarProps) {
  const { workflow, run, selection, stops, onOrder, onRollBack, onDetail, onClear } = props;
  const { tasks, lost } = selection;
  const { indexes, active } = useAgentsOf(workflow, run, tasks);
  const told = useToldStops(stops, indexes);
  const [only] = tasks;
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
          {active.length === 0 ? null : (
            <>
              <OrderlyStopButton active={active} onPress={() => onOrder("stop")} />
              <PauseButton active={active} onPress={() => onOrder("pause")} />
              <Button writes shortcut="e" onPress={() => onOrder("modify")}>
                Change a limit …
              </Button>
              <TakeoverButton active={active} onPress={() => onOrder("takeover")} />
            </>
          )}
          {tasks.length === 1 && only !== undefined ? (
            <Button writes onPress={() => onRollBack(only)}>
              Roll back …
            </Button>
          ) : null}
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

/** Two deliberate acts: this opens what it would touch, and the dialog gives the order (OVR-18). */
function PauseButton({ active, onPress }: OrderButtonProps) {
  return (
    <HaloTrigger preview={usePreview("Pause", active)}>
      <Button writes shortcut="p" onPress={onPress}>
        Pause …
      </Button>
    </HaloTrigger>
  );
}

/** To a safe point, and at once when that takes too long (S10). */
function OrderlyStopButton({ active, onPress }: OrderButtonProps) {
  return (
    <HaloTrigger preview={usePreview("Stop in order", active)}>
      <Button writes onPress={onPress}>
        Stop in order …
      </Button>
    </HaloTrigger>
  );
}

function TakeoverButton({ active, onPress }: OrderButtonProps) {
  return (
    <HaloTrigger preview={usePreview("Take over", active)}>
      <Button writes onPress={onPress}>
        Take over …
      </Button>
    </HaloTrigger>
  );
}

interface OrderButtonProps {
  readonly active: readonly LiveAgent[];
  onPress(): void;
}

const usePreview = (verb: string, active: readonly LiveAgent[]): OverridePreview =>
  useMemo(
    () => ({
      words: active.length === 1 ? `${verb} this agent` : `${verb} these ${formatCount(active.length)} agents`,
      scopes: active.map(({ agent }) => ({ kind: "agent" as const, id: agent })),
      forwarded: true,
    }),
    [verb, active],
  );

const plural = (count: number, word: string): string => `${formatCount(count)} ${word}${count === 1 ? "" : "s"}`;
