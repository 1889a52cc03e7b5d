import { useQuery } from "@tanstack/react-query";
import { createContext, useMemo, useRef } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf, type ShownProblem } from "../../../api/client/problem.ts";
import type { BreakerView, CascadeView } from "../../../api/contract/cascade.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { agentName } from "../detail/use-agent-stops.ts";
import { domainNumbers, type ShownDomain } from "../domains/shown-domains.ts";
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
  /** Failure domains, as its policy sets them up; mostly none. */
  readonly domains: readonly ShownDomain[];
  /** By agent, the number of its leaf domain in `domains`; the same object while the domains are the same. */
  readonly domainOf: Int32Array | null;
  /** Tasks that are due and wait for one, by index. */
  readonly waiting: readonly number[];
  /** Cascades that go on. */
  readonly cascades: readonly CascadeView[];
  /** They could not be read (again): when they were last, epoch ms, 0 where never. Null while they are known. */
  readonly cascadesOldMs: number | null;
  /** Wall clock, epoch ms, of the answer. */
  readonly readAtMs: number;
  /** Null until the host has answered. */
  readonly isKnown: boolean;
  readonly problem: ShownProblem | null;
  readonly wid: string;
  /** Asks anew: the first call over an edge makes a breaker and moves none, of which nobody is told. */
  renew(): void;
  indexOf(agent: string): number;
  nameOf(index: number): string;
}

const agentsOf = (live: LiveAnswer): LiveAnswer["agents"] => live.agents;

export function useBreakers(wid: string, run: RunGraph): Breakers {
  const { orpc } = useApi();
  const found = useQuery(orpc.cascade.breakers.queryOptions({ input: { wid } }));
  const alerts = useQuery(orpc.cascade.alerts.queryOptions({ input: { wid } }));
  const agents = useLive(wid, agentsOf).data;
  const { data, dataUpdatedAt, error, refetch } = found;
  const cascades = alerts.data?.alerts;
  const cascadesOldMs = alerts.isError ? alerts.dataUpdatedAt : null;
  // The graph is laid out anew when these are others, which they are not while a workflow lasts.
  const kept = useRef<Int32Array | null>(null);
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
    const domains = (data?.domains ?? []).map(
      (domain): ShownDomain => ({ ...domain, agents: domain.members.map(indexOf).filter((index) => index >= 0) }),
    );
    return {
      all,
      abnormal: all.filter(({ state }) => state !== "closed"),
      heldEdges: (data?.heldEdges ?? []).map(({ caller, callee }) => ({ from: indexOf(caller), to: indexOf(callee) })),
      domains,
      domainOf: sameNumbers(kept, domainNumbers(domains, run.agents.length)),
      waiting: data?.waiting ?? [],
      cascades: (cascades ?? []).filter(({ active }) => active),
      cascadesOldMs,
      readAtMs: dataUpdatedAt,
      isKnown: data !== undefined,
      problem: error === null ? null : problemOf(error),
      wid,
      renew: () => void refetch(),
      indexOf,
      nameOf,
    };
  }, [wid, refetch, data, dataUpdatedAt, error, cascades, cascadesOldMs, agents, run]);
}

function sameNumbers(kept: { current: Int32Array | null }, now: Int32Array | null): Int32Array | null {
  const isSame = kept.current !== null && now !== null && kept.current.join() === now.join();
  if (!isSame) kept.current = now;
  return kept.current;
}

const rank = ({ state }: BreakerView): number => (state === "closed" ? 1 : 0);

/** What the graph draws of them, and what a press on one does. */
export interface BreakersOnGraph extends Breakers {
  order(breaker: ShownBreaker): void;
  orderDomain(domain: ShownDomain): void;
}

export const BreakersContext = createContext<BreakersOnGraph | null>(null);
