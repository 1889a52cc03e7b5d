import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { OverrideSignal } from "../../../api/contract/override.ts";
import { type OrderSet, ordersInForce } from "./in-force.ts";

export interface OrdersInForce {
  readonly sets: readonly OrderSet[];
  readonly signals: readonly OverrideSignal[];
  /** Wall clock, epoch ms, of the last answer. */
  readonly readAtMs: number;
  /** A newer answer could not be read. */
  readonly failed: boolean;
}

const NONE: readonly OverrideSignal[] = [];

/** What pauses, changes or takes over agents of a workflow now. */
export function useOrdersInForce(wid: string): OrdersInForce {
  const { orpc } = useApi();
  const { data, dataUpdatedAt: readAtMs, isError: failed } = useQuery(orpc.override.list.queryOptions());
  const signals = data?.signals ?? NONE;
  const sets = useMemo(() => ordersInForce(signals, wid), [signals, wid]);
  return useMemo(() => ({ sets, signals, readAtMs, failed }), [sets, signals, readAtMs, failed]);
}
