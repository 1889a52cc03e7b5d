import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { type Blamed, blamedOf } from "./blamed.ts";
import type { LaneLog } from "./lane-log.ts";
import type { KnownRun } from "./use-runs.ts";

const NONE: readonly Blamed[] = [];

/** What the recording of a workflow notes about its steps; asked only where it notes anything. */
export function useBlamed(logs: readonly LaneLog[], runs: readonly KnownRun[], wid: string | null): readonly Blamed[] {
  const { orpc } = useApi();
  const run = runs.find((one) => one.wid === wid);
  const graph = useQuery({
    ...orpc.workflow.graph.queryOptions({ input: { digest: run?.run ?? "" } }),
    enabled: run?.isAnnotated === true,
    // A run's graph never changes.
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
  return useMemo(
    () => (wid === null || graph?.blame === undefined ? NONE : blamedOf(logs, wid, graph.ids, graph.blame)),
    [logs, wid, graph],
  );
}
