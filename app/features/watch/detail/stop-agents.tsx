import { OctagonMinus } from "lucide-react";
import { useMemo } from "react";
import type { RunGraph, WorkflowSummary } from "../../../api/contract/workflow.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Mark } from "../../../ui/mark.tsx";
import { HaloTrigger } from "../halo/halo-trigger.tsx";
import { StopDeliveries, useToldStops } from "./stop-delivery.tsx";
import { type AgentStops, agentName, type LiveAgent, useAgentsOf } from "./use-agent-stops.ts";

const LISTED = 6;

/**
 * How the agents of the selected tasks stand, and the click that stops them. What is shown of a stop is how its sending
 * went; whether they obeyed is told in Control (OVR-19).
 */
export function StopAgents({
  workflow,
  run,
  tasks,
  stops,
}: {
  readonly workflow: WorkflowSummary;
  readonly run: RunGraph;
  readonly tasks: readonly number[];
  readonly stops: AgentStops;
}) {
  const { indexes, agents, active } = useAgentsOf(workflow, run, tasks);
  const told = useToldStops(stops, indexes);
  return (
    <div className="flex flex-col gap-2">
      <AgentStates agents={agents} run={run} />
      <StopDeliveries run={run} sent={told} atMost={LISTED} />
      <StopButton run={run} active={active} stops={stops} />
    </div>
  );
}

/** One click stops every agent that still acts: each gets its own signal. */
export function StopButton({
  run,
  active,
  stops,
}: {
  readonly run: RunGraph;
  readonly active: readonly LiveAgent[];
  readonly stops: AgentStops;
}) {
  const { status } = useOperator();
  const [first] = active;
  const preview = useMemo(
    () => ({
      words: active.length === 1 ? "Stop this agent" : `Stop these ${formatCount(active.length)} agents`,
      scopes: active.map(({ agent }) => ({ kind: "agent" as const, id: agent })),
      forwarded: true,
    }),
    [active],
  );
  if (first === undefined) return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <HaloTrigger preview={preview}>
        <Button variant="danger" isDisabled={status !== "ready"} onPress={() => stops.stop(active)}>
          <OctagonMinus aria-hidden="true" size={15} />
          {active.length === 1 ? (
            <span className="max-w-64 truncate">Stop agent {agentName(run, first.index)}</span>
          ) : (
            `Stop these ${formatCount(active.length)} agents`
          )}
        </Button>
      </HaloTrigger>
      {status === "ready" ? null : <span className="text-xs text-muted">Sign in to be able to stop.</span>}
    </div>
  );
}

function AgentStates({ agents, run }: { readonly agents: readonly LiveAgent[]; readonly run: RunGraph }) {
  const loud = agents.filter((agent) => ["stopping", "stopped", "terminated"].includes(agent.state));
  if (agents.length === 1 && agents[0] !== undefined) {
    const [agent] = agents;
    return (
      <p className="flex items-center gap-2 text-xs">
        <span className="text-muted">Agent</span>
        <bdi className="min-w-0 truncate">{agentName(run, agent.index)}</bdi>
        <AgentMark state={agent.state} />
      </p>
    );
  }
  if (loud.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-x-3 text-xs">
      {loud.slice(0, LISTED).map((agent) => (
        <li key={agent.agent} className="flex items-center gap-1">
          <bdi className="max-w-32 truncate">{agentName(run, agent.index)}</bdi> <AgentMark state={agent.state} />
        </li>
      ))}
    </ul>
  );
}

const AGENT_MARKS = {
  idle: { shape: "ring", tone: "neutral", label: "idle" },
  working: { shape: "half", tone: "neutral", label: "working" },
  waiting: { shape: "diamond", tone: "notice", label: "waits for a human" },
  stopping: { shape: "triangle", tone: "warning", label: "stop sent, not confirmed" },
  stopped: { shape: "square", tone: "critical", label: "stopped" },
  terminated: { shape: "cross", tone: "critical", label: "terminated" },
} as const;

function AgentMark({ state }: { readonly state: LiveAgent["state"] }) {
  return <Mark {...AGENT_MARKS[state]} size={10} />;
}
