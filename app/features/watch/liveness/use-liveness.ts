import { useQuery } from "@tanstack/react-query";
import { createContext, useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf, type ShownProblem } from "../../../api/client/problem.ts";
import type { AgentLivenessView } from "../../../api/contract/liveness.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { agentName } from "../detail/use-agent-stops.ts";
import { type LiveAnswer, useLive } from "../queries.ts";

export interface ShownLiveness extends AgentLivenessView {
  /** Number of the agent in the run, -1 where it is not of it. */
  readonly index: number;
  readonly name: string;
}

/** Leases, links and plans of one workflow, as graph, table, note and dialog share them. */
export interface Liveness {
  readonly wid: string;
  readonly all: readonly ShownLiveness[];
  readonly byIndex: ReadonlyMap<number, ShownLiveness>;
  /** Wall clock, epoch ms, of the answer. */
  readonly readAtMs: number;
  /** Null until the host has answered. */
  readonly isKnown: boolean;
  readonly problem: ShownProblem | null;
  /** Asks the host again. */
  renew(): void;
  /** Seconds between heartbeats, and of silence until the first steps of O4. */
  readonly heartbeatS: number;
  readonly degradedAfterS: number;
  readonly restrictedAfterS: number;
}

const agentsOf = (live: LiveAnswer): LiveAnswer["agents"] => live.agents;

export function useLiveness(wid: string, run: RunGraph): Liveness {
  const { orpc } = useApi();
  const { data, dataUpdatedAt, error, refetch } = useQuery(orpc.liveness.agents.queryOptions({ input: { wid } }));
  const agents = useLive(wid, agentsOf).data;
  return useMemo(() => {
    const numbers = new Map((agents ?? []).map(({ agent, index }) => [agent, index]));
    const all = (data?.agents ?? [])
      .map((one): ShownLiveness => {
        const index = numbers.get(one.agent) ?? -1;
        return { ...one, index, name: agentName(run, index) };
      })
      .sort((a, b) => rank(a) - rank(b) || a.index - b.index);
    return {
      wid,
      all,
      byIndex: new Map(all.map((one) => [one.index, one])),
      readAtMs: dataUpdatedAt,
      isKnown: data !== undefined,
      problem: error === null ? null : problemOf(error),
      renew: () => void refetch(),
      heartbeatS: data?.heartbeatS ?? 0,
      degradedAfterS: data?.degradedAfterS ?? 0,
      restrictedAfterS: data?.restrictedAfterS ?? 0,
    };
  }, [wid, data, dataUpdatedAt, error, refetch, agents, run]);
}

/** What needs somebody first: links that are lost, then leases by when they end. */
const rank = ({ link, lease }: AgentLivenessView): number =>
  link !== null ? 0 : lease === null ? Number.POSITIVE_INFINITY : lease.lapsed ? 1 : lease.until;

/** Null outside a workflow that goes on. */
export const LivenessContext = createContext<Liveness | null>(null);
