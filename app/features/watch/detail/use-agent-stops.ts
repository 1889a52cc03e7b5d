import { useCallback, useMemo, useState } from "react";
import type { RunGraph, WorkflowSummary } from "../../../api/contract/workflow.ts";
import type { StopSender } from "../../../operator/stop-sender.ts";
import { useStop } from "../../../operator/use-override.ts";
import { visibleText } from "../../../ui/visible-text.ts";
import { type LiveAnswer, useLive } from "../queries.ts";

export type LiveAgent = LiveAnswer["agents"][number];

/** Why the log will say it was stopped; a stop does not wait for a text to be typed (OVR-24). */
const REASON = "operator stop: agent selected in the workflow";

/** A stop of one agent on its way. */
export interface SentStop {
  /** Id of the agent: names need not differ. */
  readonly agent: string;
  readonly index: number;
  readonly sender: StopSender;
}

/** The stops that were sent from one workflow's view, whichever part of it sent them. */
export interface AgentStops {
  readonly sent: readonly SentStop[];
  /** Each agent gets its own signal; of two to the same agent the later one is shown. */
  stop(agents: readonly LiveAgent[]): void;
}

export function useAgentStops(): AgentStops {
  const send = useStop();
  const [sent, setSent] = useState<readonly SentStop[]>([]);
  const stop = useCallback(
    (agents: readonly LiveAgent[]): void => {
      const now = agents.map(({ agent, index }) => ({
        agent,
        index,
        sender: send({ kind: "agent", id: agent }, REASON),
      }));
      const again = new Set(now.map(({ agent }) => agent));
      setSent((before) => [...before.filter(({ agent }) => !again.has(agent)), ...now]);
    },
    [send],
  );
  return useMemo(() => ({ sent, stop }), [sent, stop]);
}

export interface ChosenAgents {
  /** Numbers of the agents whose tasks they are. */
  readonly indexes: ReadonlySet<number>;
  readonly agents: readonly LiveAgent[];
  /** Those that a stop would still change. */
  readonly active: readonly LiveAgent[];
}

/** The agents of some tasks, as they stand. */
export function useAgentsOf(workflow: WorkflowSummary, run: RunGraph, tasks: readonly number[]): ChosenAgents {
  const live = useLive(workflow.wid, agentsOf).data;
  const indexes = useMemo(() => new Set(tasks.map((task) => run.agent[task] ?? -1)), [tasks, run]);
  const ended = workflow.status === "finished" || workflow.status === "stopped";
  return useMemo(() => {
    const agents = (live ?? []).filter((agent) => indexes.has(agent.index));
    const active = ended ? [] : agents.filter(({ state }) => state !== "stopped" && state !== "terminated");
    return { indexes, agents, active };
  }, [live, indexes, ended]);
}

const agentsOf = (live: LiveAnswer): LiveAnswer["agents"] => live.agents;

export const agentName = (run: RunGraph, index: number): string => visibleText(run.agents[index]?.name ?? "");
