import { useCallback } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { must } from "../base/assert.ts";
import type { Trust, TrustStatementClaims } from "../protocol/identity/trust-statement.ts";
import { commonClaims } from "./claims.ts";
import { useOperatorSession } from "./operator-context.tsx";

/** What a safety officer trusts from now on, or the statement that they end. */
export type TrustOrder = { readonly trust: Trust } | { readonly ends: string };

const LIFETIME_S = 120;

/** Signs and gives a trust statement (XA-63). Rejects with the client's error, or where nobody authenticated for it. */
export function useStateTrust(): (order: TrustOrder, reason: string) => Promise<void> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useCallback(
    async (order, reason) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when trust is stated");
      const claims: TrustStatementClaims = {
        ...commonClaims({ iss: operator.subject, aud: operator.logId, lifetimeS: LIFETIME_S }),
        ...order,
        reason,
        role: "safety_officer",
        auth_time: session.touch(),
        amr: [...session.store.getState().amr],
      };
      await client.identity.stateTrust({ token: await session.sign("trust-statement+jwt", claims) });
    },
    [session, client],
  );
}
