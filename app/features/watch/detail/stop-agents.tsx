import { OctagonMinus } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import type { RunGraph, WorkflowSummary } from "../../../api/contract/workflow.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import type { StopSender } from "../../../operator/stop-sender.ts";
import { useStop } from "../../../operator/use-override.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { type LiveAnswer, useLive } from "../queries.ts";

/** Why the log will say it was stopped; a stop does not wait for a text to be typed (OVR-24). */
const REASON = "operator stop: agent selected in the workflow";

/**
 * One click stops the agents of the selected tasks: each gets its own signal. What is shown here is how the sending went;
 * whether they obeyed is told in Control (OVR-19).
 */
export function StopAgents({
  workflow,
  run,
  tasks,
}: {
  readonly workflow: WorkflowSummary;
  readonly run: RunGraph;
  readonly tasks: readonly number[];
}) {
  const live = useLive(workflow.wid, agentsOf).data ?? [];
  const stop = useStop();
  const { status } = useOperator();
  const [sent, setSent] = useState<readonly { readonly name: string; readonly sender: StopSender }[]>([]);
  const indexes = [...new Set(tasks.map((task) => run.agent[task] ?? -1))];
  const chosen = live.filter((agent) => indexes.includes(agent.index));
  const active = chosen.filter((agent) => agent.state !== "stopped" && agent.state !== "terminated");
  const nameOf = (index: number): string => visibleText(run.agents[index]?.name ?? "");
  const ended = workflow.status === "finished" || workflow.status === "stopped";
  if (ended && sent.length === 0) return <AgentStates agents={chosen} nameOf={nameOf} />;
  return (
    <div className="flex flex-col gap-2">
      <AgentStates agents={chosen} nameOf={nameOf} />
      {sent.map(({ name, sender }) => (
        <Delivery key={name} name={name} sender={sender} />
      ))}
      {active.length === 0 ? null : (
        <div className="flex flex-wrap items-center gap-2">
          <Button
            variant="danger"
            isDisabled={status !== "ready"}
            onPress={() =>
              setSent(
                active.map((agent) => ({
                  name: nameOf(agent.index),
                  sender: stop({ kind: "agent", id: agent.agent }, REASON),
                })),
              )
            }
          >
            <OctagonMinus aria-hidden="true" size={15} />
            {active.length === 1
              ? `Stop agent ${nameOf(active[0]?.index ?? -1)}`
              : `Stop ${formatCount(active.length)} agents`}
          </Button>
          {status === "ready" ? null : <span className="text-xs text-muted">Sign in to be able to stop.</span>}
        </div>
      )}
    </div>
  );
}

const agentsOf = (live: LiveAnswer): LiveAnswer["agents"] => live.agents;

function AgentStates({ agents, nameOf }: { readonly agents: LiveAnswer["agents"]; nameOf(index: number): string }) {
  const loud = agents.filter((agent) => ["stopping", "stopped", "terminated"].includes(agent.state));
  if (agents.length === 1 && agents[0] !== undefined) {
    const [agent] = agents;
    return (
      <p className="flex items-center gap-2 text-xs">
        <span className="text-muted">Agent</span>
        <bdi className="min-w-0 truncate">{nameOf(agent.index)}</bdi>
        <AgentMark state={agent.state} />
      </p>
    );
  }
  if (loud.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-x-3 text-xs">
      {loud.slice(0, 6).map((agent) => (
        <li key={agent.agent} className="flex items-center gap-1">
          <bdi className="max-w-32 truncate">{nameOf(agent.index)}</bdi> <AgentMark state={agent.state} />
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

function AgentMark({ state }: { readonly state: LiveAnswer["agents"][number]["state"] }) {
  return <Mark {...AGENT_MARKS[state]} size={10} />;
}

function Delivery({ name, sender }: { readonly name: string; readonly sender: StopSender }) {
  const delivery = useStore(sender.store);
  return (
    <p role="status" className="flex flex-wrap items-center gap-2 text-xs">
      {delivery.phase === "latched" ? (
        <Mark shape="square" tone="critical" label={`${name}: the stop holds`} size={10} />
      ) : delivery.phase === "refused" ? (
        <Mark shape="cross" tone="critical" label={`${name}: refused, ${delivery.problem?.detail ?? ""}`} size={10} />
      ) : (
        <Mark shape="triangle" tone="warning" label={`${name}: sending, attempt ${delivery.attempts}`} size={10} />
      )}
      {delivery.phase === "latched" ? (
        <GoLink to="/control" search={{ signal: delivery.answer?.jti }}>
          Did it obey?
        </GoLink>
      ) : null}
    </p>
  );
}
