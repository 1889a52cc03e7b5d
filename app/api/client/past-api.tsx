import { createTanstackQueryUtils } from "@orpc/tanstack-query";
import { type ReactNode, useMemo } from "react";
import { type Api, ApiContext, useApi } from "./api-context.tsx";
import { pastClient } from "./past-client.ts";

/** First word of the query keys of the past, before the place: change notices renew nothing under it. */
export const PAST_KEY = "past";

/** The api as of an entry. */
export function pastApi(api: Api, at: number): Api {
  const client = pastClient(api.client, at);
  return {
    ...api,
    client,
    control: client,
    stopLine: null,
    orpc: createTanstackQueryUtils(client, { path: [PAST_KEY, String(at)] }),
  };
}

/** Everything below reads as of an entry, and writes nothing. */
export function PastApi({ at, children }: { readonly at: number; readonly children: ReactNode }) {
  const api = useApi();
  const past = useMemo(() => pastApi(api, at), [api, at]);
  return <ApiContext value={past}>{children}</ApiContext>;
}
