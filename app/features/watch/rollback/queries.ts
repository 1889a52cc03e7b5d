import type { ContractRouterClient } from "@orpc/contract";
import { keepPreviousData, skipToken, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { Contract } from "../../../api/contract/contract.ts";
import type { CheckpointView } from "../../../api/contract/rollback.ts";
import type { TaskStatesStore } from "../task-states.ts";
import { useThrottledStates } from "../use-throttled-states.ts";

type Rollback = ContractRouterClient<Contract>["rollback"];
export type RehearsalInput = Parameters<Rollback["rehearse"]>[0];
export type Rehearsal = Awaited<ReturnType<Rollback["rehearse"]>>;
export type Shown = Awaited<ReturnType<Rollback["show"]>>;

/** A workflow that runs is rehearsed again this often at most, ms: a plan of 500 steps may take the host two seconds. */
const AGAIN_MS = 3000;
/** Timers of browsers take no more. */
const LONGEST_TIMER_MS = 2 ** 31 - 2000;

/**
 * The dry run, made again as the tasks go on and when a checkpoint it counts on is over (CAS-21). While it is made again the
 * last one stays, with its age.
 */
export function useRehearsal(
  input: RehearsalInput | null,
  states: TaskStatesStore,
  checkpoints: ReadonlyMap<string, CheckpointView>,
) {
  const { orpc } = useApi();
  const rehearsal = useQuery({
    ...orpc.rollback.rehearse.queryOptions({ input: input ?? skipToken }),
    placeholderData: keepPreviousData,
    // A plan of a cut that is chosen again is never the one of before: it may be another one by now.
    staleTime: 0,
    gcTime: 0,
  });
  const { refetch, data } = rehearsal;
  const isOn = input !== null;
  const live = useThrottledStates(states, isOn, AGAIN_MS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: that the states have changed is why; they are not read here
  useEffect(() => {
    if (isOn) void refetch({ cancelRefetch: false });
  }, [live, isOn, refetch]);
  const usableUntilS = useMemo(
    () => Math.min(...(data?.plan.steps ?? []).map(({ ckptId }) => usableUntil(checkpoints, ckptId))),
    [data, checkpoints],
  );
  useEffect(() => {
    const leftMs = usableUntilS * 1000 - Date.now();
    if (leftMs <= 0 || leftMs > LONGEST_TIMER_MS) return;
    const timer = setTimeout(() => void refetch(), leftMs + 1000);
    return () => clearTimeout(timer);
  }, [usableUntilS, refetch]);
  return rehearsal;
}

function usableUntil(checkpoints: ReadonlyMap<string, CheckpointView>, ckptId: string | null): number {
  return (ckptId === null ? undefined : checkpoints.get(ckptId))?.usableUntil ?? Number.POSITIVE_INFINITY;
}

export function useCheckpoints(wid: string) {
  const { orpc } = useApi();
  const found = useQuery(orpc.rollback.checkpoints.queryOptions({ input: { wid } }));
  const list = found.data?.checkpoints;
  const byId = useMemo(() => new Map((list ?? []).map((one) => [one.ckptId, one])), [list]);
  return { ...found, byId };
}

export function useRollbacks(wid: string) {
  const { orpc } = useApi();
  return useQuery(orpc.rollback.list.queryOptions({ input: { wid } }));
}

export function useShown(rbId: string) {
  const { orpc } = useApi();
  return useQuery(orpc.rollback.show.queryOptions({ input: { rbId } }));
}
