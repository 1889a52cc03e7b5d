import { useMemo } from "react";
import type { RunGraph, WorkflowSummary } from "../../../api/contract/workflow.ts";
import { useAgentIds } from "../order/use-agent-ids.ts";
import { useDelegations, usePolicy } from "../queries.ts";
import type { TaskStatesStore } from "../task-states.ts";
import { useThrottledStates } from "../use-throttled-states.ts";
import { type Order, type Reach, type ReachInput, reachOf } from "./reach.ts";

const NOBODY: ReadonlyMap<string, number> = new Map();

/** What the reach of an override in a workflow is told from; the policy is asked for when `isWanted` first. */
export function useReachInput(
  workflow: WorkflowSummary,
  run: RunGraph,
  states: TaskStatesStore,
  isWanted: boolean,
  taskOf: ReadonlyMap<string, number> = NOBODY,
): ReachInput {
  const { wid, status } = workflow;
  const now = useThrottledStates(states, isWanted, 300);
  const asked = usePolicy(wid, isWanted);
  const policy = asked.data?.policy.claims ?? null;
  const policyFailed = asked.isError;
  const { dags, isWhole: dagsWhole } = useDelegations(wid, isWanted);
  const agents = useAgentIds(wid, run);
  return useMemo(
    () => ({ wid, status, run, states: now, agents, policy, policyFailed, dags, dagsWhole, taskOf }),
    [wid, status, run, now, agents, policy, policyFailed, dags, dagsWhole, taskOf],
  );
}

/** Null while nothing is looked at. */
export function useReach(input: ReachInput, order: Order | null): Reach | null {
  return useMemo(() => (order === null ? null : reachOf(input, order)), [input, order]);
}
