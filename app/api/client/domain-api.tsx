import { createTanstackQueryUtils } from "@orpc/tanstack-query";
import { type ReactNode, useMemo } from "react";
import { ApiContext, useApi } from "./api-context.tsx";
import { domainClient } from "./domain-client.ts";

/** First word of the query keys of another domain's log: renewed when a domain's log has grown. */
export const DOMAIN_KEY = "domain";

/** Everything below reads the log of another domain of this console. */
export function DomainApi({ domain, children }: { readonly domain: string; readonly children: ReactNode }) {
  const api = useApi();
  const other = useMemo(() => {
    const client = domainClient(api.client, domain);
    return { ...api, client, orpc: createTanstackQueryUtils(client, { path: [DOMAIN_KEY, domain] }) };
  }, [api, domain]);
  return <ApiContext value={other}>{children}</ApiContext>;
}
