import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { useApi } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { must } from "../base/assert.ts";
import type { HeadConflict, HeadWatch } from "./pinned-head.ts";

export type HostStatus = Awaited<ReturnType<SignalboxClient["host"]["status"]>>;

/** The heartbeat: asked this often; after three missed ones the status is called old (L1). */
export const STATUS_EVERY_MS = 5000;
export const STATUS_OLD_MS = 3 * STATUS_EVERY_MS;

export const HeadWatchContext = createContext<HeadWatch | null>(null);

/** The host's status, each answer compared with the newest head this browser had seen before it asked. */
export function useHostStatus(): UseQueryResult<HostStatus> {
  const { client, orpc } = useApi();
  const heads = useHeadWatch();
  return useQuery({
    queryKey: orpc.host.status.queryKey(),
    queryFn: async ({ signal, client: queries }) => {
      const ask = (): Promise<HostStatus> => client.host.status(undefined, { signal });
      const known = queries.getQueryData<HostStatus>(orpc.host.status.queryKey()) ?? (await ask());
      // Read before asking: another tab may see a newer head while this answer is on its way.
      const { domain } = known.position;
      const seen = heads.before(domain);
      const status = await ask();
      // A console that was named meanwhile goes on in another log (XDA-49): what was seen is no measure of that one.
      const before = status.position.domain === domain ? seen : null;
      heads.judge(before, status.position);
      if (heads.firstLook() && before !== null)
        void import("./head-growth.ts").then((check) => check.checkGrowth(client, heads, before, status.position));
      return status;
    },
    refetchInterval: STATUS_EVERY_MS,
    refetchIntervalInBackground: true,
  });
}

export function useHeadWatch(): HeadWatch {
  return must(useContext(HeadWatchContext), "the head watch is provided by the shell");
}

export function useHeadConflict(): HeadConflict | null {
  return useStore(useHeadWatch().store, (state) => state.conflict);
}
