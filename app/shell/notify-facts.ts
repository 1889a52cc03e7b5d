import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "../api/client/api-context.tsx";
import type { FleetAgent } from "../api/contract/behavior.ts";
import type { GateRow } from "../api/contract/gate.ts";
import type { OverrideSignal } from "../api/contract/override.ts";
import { WORST_FIRST } from "../features/behavior/state-looks.ts";
import { lostNow } from "../features/control/ladder-words.ts";
import { countFacts } from "../features/control/stop-facts.ts";
import { useOperator } from "../operator/operator-context.tsx";
import type { AlarmingAgent } from "./notify-agents.ts";
import type { NotifyFacts } from "./notify-notifier.ts";
import type { ViolatedStop, WaitingRequest } from "./notify-plan.ts";

/** What waits in the whole log, by the query the approvals pane and the palette share. */
export function useWaitingQueue() {
  const { orpc } = useApi();
  return useQuery(orpc.gate.queue.queryOptions({ input: { state: "pending" } }));
}

export function useStops() {
  const { orpc } = useApi();
  return useQuery(orpc.override.list.queryOptions());
}

/**
 * The roles of whoever is signed in, as the log states them; null where everybody is to be told: nobody is signed in, it is
 * not known, or the log is from before there were roles.
 */
export function useOwnRoles(): readonly string[] | null {
  const { orpc } = useApi();
  const { operator } = useOperator();
  const { data } = useQuery(orpc.identity.people.queryOptions());
  if (operator === null || data === undefined || !data.stated) return null;
  return data.people.find((person) => person.subject === operator.subject)?.roles ?? [];
}

/** Whether somebody with these roles can still give a decision that it lacks (A10). */
export function isFor(row: Pick<GateRow, "roles" | "escalated">, roles: readonly string[] | null): boolean {
  if (roles === null) return true;
  const open = row.roles.filter(({ given, required }) => given < required).map(({ role }) => role);
  return [...open, ...row.escalated].some((role) => roles.includes(role));
}

/** A deadline by this page's clock: what was left when the answer came, counted from then (ACP-S6). */
export function deadlineOf({ remainingMs }: Pick<GateRow, "remainingMs">, readAtMs: number): number | null {
  return remainingMs === null ? null : readAtMs + remainingMs;
}

/** Agents that are not as they should be, the worst first, by the query of the banner. */
export function alarmingAgents(agents: readonly AlarmView[]): readonly AlarmingAgent[] {
  return agents
    .flatMap(({ agent, name, state }) =>
      state === "conformant" || state === "unverified" ? [] : [{ agent, name, state }],
    )
    .toSorted((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state));
}

type AlarmView = Pick<FleetAgent, "agent" | "name" | "state">;

export function violatedStops(signals: readonly OverrideSignal[]): readonly ViolatedStop[] {
  return signals
    .filter((signal) => signal.latched || signal.inForce)
    .map((signal) => {
      const { jti, latched, targets } = signal;
      // The last rung of the ladder is for people (OVR-33), until those it was taken for are where they were ordered.
      const told = new Set(lostNow(signal));
      const silent = targets.filter((target) => told.has(target.agent) && target.violatedAtMs === null).length;
      const acted = latched || told.size > 0 ? countFacts(targets).violated : 0;
      return { jti, violated: acted + silent, ...(silent === 0 ? {} : { silent }), targets: targets.length };
    })
    .filter(({ violated }) => violated > 0);
}

/** What notices are about. A list that could not be read again concludes nothing: nothing is news and nothing is over (L2). */
export function useNotifyFacts(): NotifyFacts {
  const queue = useWaitingQueue();
  const stops = useStops();
  const { orpc } = useApi();
  const conduct = useQuery(orpc.behavior.alarms.queryOptions());
  const roles = useOwnRoles();
  const { status, isLocked } = useOperator();
  const [rows, readAtMs] = [queue.isError ? undefined : queue.data?.rows, queue.dataUpdatedAt];
  const signals = stops.isError ? undefined : stops.data?.signals;
  const agents = conduct.isError ? undefined : conduct.data?.agents;
  return useMemo(
    () => ({
      requests:
        rows
          ?.filter((row) => isFor(row, roles))
          .map(({ request, action, consequence, onTimeout, ...row }): WaitingRequest => {
            return { request, action, consequence, onTimeout, deadlineMs: deadlineOf(row, readAtMs) };
          }) ?? null,
      stops: signals === undefined ? null : violatedStops(signals),
      agents: agents === undefined ? null : alarmingAgents(agents),
      discreet: status !== "ready" || isLocked,
    }),
    [rows, readAtMs, roles, signals, agents, status, isLocked],
  );
}
