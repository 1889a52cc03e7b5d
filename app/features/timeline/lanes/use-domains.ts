import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { LaneLog } from "./lane-log.ts";
import type { LogToRead } from "./use-lane-logs.ts";
import type { Place } from "./view.ts";

export interface OtherDomains {
  /** Logs beside the one in view: none where that is another domain's itself. */
  readonly toRead: readonly LogToRead[];
  /** Domains whose clock is surely apart from that of the log in view: their times tell no order (L7). */
  readonly apart: ReadonlySet<string>;
}

const NONE: OtherDomains = { toRead: [], apart: new Set() };

/** The other domains of this console. */
export function useOtherDomains(own: string | undefined): OtherDomains {
  const { orpc } = useApi();
  const { data } = useQuery({ ...orpc.domains.list.queryOptions(), retry: false });
  return useMemo(() => {
    const isConsole = data?.domains.some(({ domain, kind }) => domain === own && kind === "console") === true;
    if (data === undefined || !isConsole) return NONE;
    return {
      toRead: data.domains.flatMap(({ domain, size }) =>
        domain === own || size === null || size === 0 ? [] : [{ domain, size }],
      ),
      apart: new Set(
        data.offsets.flatMap(({ a, b, apart }) => (apart ? (a === own ? [b] : b === own ? [a] : []) : [])),
      ),
    };
  }, [data, own]);
}

/** A step of a workflow from one domain into another. */
export interface BorderCrossing {
  readonly from: Place;
  readonly to: Place;
}

const NOTHING: readonly BorderCrossing[] = [];

/** Where a workflow's trail crosses from domain to domain, by the logs that are here. */
export function useCrossings(logs: readonly LaneLog[], wid: string | null): readonly BorderCrossing[] {
  const { orpc } = useApi();
  const { data } = useQuery({
    ...orpc.domains.trail.queryOptions({ input: { wid: wid ?? "" } }),
    enabled: wid !== null && logs.length > 1,
    retry: false,
  });
  return useMemo(() => {
    if (data === undefined || logs.length < 2) return NOTHING;
    const places = new Map(data.nodes.map(({ key, domain, seq }) => [key, { domain, seq }]));
    return data.edges.flatMap(([a, b]) => {
      const from = places.get(a);
      const to = places.get(b);
      return from === undefined || to === undefined || from.domain === to.domain ? [] : [{ from, to }];
    });
  }, [data, logs.length]);
}
