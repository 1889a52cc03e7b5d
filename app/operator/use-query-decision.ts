import { useCallback } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { must } from "../base/assert.ts";
import type { QueryDecisionClaims } from "../protocol/audit/query-decision.ts";
import { gatewayIdOf } from "../protocol/audit/trust-domain.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import { useOperatorSession } from "./operator-context.tsx";

const LIFETIME_S = 120;

/** Roles in which a held question is decided about; the lesser one comes first. */
const DECIDING_ROLES: readonly string[] = ["duty_manager", "safety_officer"];

export interface QueryDecision extends Pick<QueryDecisionClaims, "outcome" | "shown" | "reason"> {
  /** Which one, as it stands in the log of the domain that holds it. */
  readonly question: { readonly domain: string; readonly jti: string; readonly hash: string };
}

/** Signs and gives an `audit-query-decision+jwt` (XDA-S7). Rejects with the client's error. */
export function useQueryDecision(): (decision: QueryDecision) => Promise<void> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useCallback(
    async ({ question: { domain, jti, hash }, ...said }) => {
      const operator = must(
        session.store.getState().operator,
        "somebody is signed in when a question is decided about",
      );
      const claims: QueryDecisionClaims = {
        ...commonClaims({ iss: operator.subject, aud: [gatewayIdOf(domain)], lifetimeS: LIFETIME_S }),
        ...said,
        domain,
        query: { jti, hash },
        // Where neither is held the domain says so.
        role: DECIDING_ROLES.find((role) => operator.roles.includes(role)) ?? "duty_manager",
        auth_time: session.touch(),
        amr: [...OPERATOR_AMR],
      };
      await client.domains.decideQuestion({ token: await session.sign("audit-query-decision+jwt", claims) });
    },
    [session, client],
  );
}
