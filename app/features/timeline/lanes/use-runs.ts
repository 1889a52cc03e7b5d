import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { RunNames } from "./lane-names.ts";

export interface KnownRun {
  readonly wid: string;
  /** The recorded run's name with the beginning of the workflow's id. */
  readonly label: string;
  /** Digest of the recorded run. */
  readonly run: string;
  /** The recording notes which steps are to blame. */
  readonly isAnnotated: boolean;
}

/** The workflows there are, with the names of their runs. */
export function useRuns(): { readonly runs: readonly KnownRun[]; readonly names: RunNames } {
  const { orpc } = useApi();
  const workflows = useQuery(orpc.workflow.list.queryOptions()).data?.workflows;
  return useMemo(
    () => ({
      runs: (workflows ?? []).map(({ wid, run }) => ({
        wid,
        label: `${visibleText(run.name)} ${wid.slice(0, 8)}`,
        run: run.digest,
        isAnnotated: run.annotated !== undefined,
      })),
      names: new Map(workflows?.map(({ wid, run }) => [wid, run.name])),
    }),
    [workflows],
  );
}
