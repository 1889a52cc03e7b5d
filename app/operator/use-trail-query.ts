import { useCallback } from "react";
import { useApi } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { must } from "../base/assert.ts";
import type { AuditQueryClaims } from "../protocol/audit/audit-query.ts";
import { gatewayIdOf } from "../protocol/audit/trust-domain.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import { useOperatorSession } from "./operator-context.tsx";

const LIFETIME_S = 120;

export interface TrailQuestion
  extends Omit<AuditQueryClaims, keyof ReturnType<typeof commonClaims> | "depth" | "page_size" | "auth_time" | "amr"> {
  readonly domains: readonly string[];
  /** Entries that one domain's answer has at most. */
  readonly page_size?: number;
}
export type TrailAnswer = Awaited<ReturnType<SignalboxClient["domains"]["ask"]>>;

const PAGE_SIZE = 100;

/** Signs and asks an `audit-query+jwt` (XDA-7). Rejects with the client's error. */
export function useTrailQuery(): (question: TrailQuestion) => Promise<TrailAnswer> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useCallback(
    async ({ domains, ...asked }) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when domains are asked");
      const claims: AuditQueryClaims = {
        ...commonClaims({ iss: operator.subject, aud: domains.map(gatewayIdOf), lifetimeS: LIFETIME_S }),
        page_size: PAGE_SIZE,
        ...asked,
        depth: 0,
        auth_time: session.touch(),
        amr: [...OPERATOR_AMR],
      };
      return client.domains.ask({ token: await session.sign("audit-query+jwt", claims) });
    },
    [session, client],
  );
}
