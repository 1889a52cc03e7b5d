import { useQuery } from "@tanstack/react-query";
import { createContext, useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf, type ShownProblem } from "../../../api/client/problem.ts";
import type { BreakerView, CascadeView } from "../../../api/contract/cascade.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { agentName } from "../detail/use-agent-stops.ts";
import { type LiveAnswer, useLive } from "../queries.ts";

/** A breaker with the numbers of its agents in the run, -1 where one is not of it. */
export interface ShownBreaker extends BreakerView {
  readonly from: number;
  readonly to: number;
}

/** What graph, note and list share about the breakers of one workflow. */
export interface Breakers {
  /** Those that are not closed first, each group by name. */
  readonly all: readonly ShownBreaker[];
  readonly abnormal: readonly ShownBreaker[];
  readonly heldEdges: readonly { readonly from: number; readonly to: number }[];
  /** Tasks that are due and wait for one, by index. */
  readonly waiting: readonly number[];
  /** Cascades that go on. */
  readonly cascades: readonly CascadeView[];
  /** Wall clock, epoch ms, of the answer. */
  readonly readAtMs: number;
  /** Null until the host has answered. */
  readonly isKnown: boolean;
  readonly problem: ShownProblem | null;
  indexOf(agent: string): number;
  nameOf(index: number): string;
}

const agentsOf = (live: LiveAnswer): LiveAnswer["agents"] => live.agents;

export function useBreakers(wid: string, run: RunGraph): Breakers {
  const { orpc } = useApi();
  const found = useQuery(orpc.cascade.breakers.queryOptions({ input: { wid } }));
  const alerts = useQuery(orpc.cascade.alerts.queryOptions({ input: { wid } }));
  const agents = useLive(wid, agentsOf).data;
  const { data, dataUpdatedAt, error } = found;
  const cascades = alerts.data?.alerts;
  return useMemo(() => {
    const numbers = new Map((agents ?? []).map(({ agent, index }) => [agent, index]));
    const indexOf = (agent: string): number => numbers.get(agent) ?? -1;
    const nameOf = (index: number): string => agentName(run, index);
    const all = (data?.breakers ?? [])
      .map((breaker): ShownBreaker => ({ ...breaker, from: indexOf(breaker.caller), to: indexOf(breaker.callee) }))
      .sort(
        (one, other) =>
          rank(one) - rank(other) ||
          nameOf(one.from).localeCompare(nameOf(other.from)) ||
          nameOf(one.to).localeCompare(nameOf(other.to)) ||
          one.group.localeCompare(other.group),
      );
    return {
      all,
      abnormal: all.filter(({ state }) => state !== "closed"),
      heldEdges: (data?.heldEdges ?? []).map(({ caller, callee }) => ({ from: indexOf(caller), to: indexOf(callee) })),
      waiting: data?.waiting ?? [],
      cascades: (cascades ?? []).filter(({ active }) => active),
      readAtMs: dataUpdatedAt,
      isKnown: data !== undefined,
      problem: error === null ? null : problemOf(error),
      indexOf,
      nameOf,
    };
  }, [data, dataUpdatedAt, error, cascades, agents, run]);
}

const rank = ({ state }: BreakerView): number => (state === "closed" ? 1 : 0);

/** What the graph draws of them, and what a press on one does. */
export interface BreakersOnGraph extends Breakers {
  order(breaker: ShownBreaker): void;
}

export const BreakersContext = createContext<BreakersOnGraph | null>(null);
