import { useMemo } from "react";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { type LiveAnswer, useLive } from "../queries.ts";

const agentsOf = (live: LiveAnswer): LiveAnswer["agents"] => live.agents;

/** Id of each agent of a workflow, by its index in the run; empty while it is not known. */
export function useAgentIds(wid: string, run: RunGraph): readonly string[] {
  const live = useLive(wid, agentsOf).data;
  return useMemo(() => {
    const ids = run.agents.map(() => "");
    for (const { index, agent } of live ?? []) ids[index] = agent;
    return ids;
  }, [live, run]);
}
