import { useCallback } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { must } from "../base/assert.ts";
import type { BreakerOrderClaims } from "../protocol/cascade/breaker-order.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import { useOperatorSession } from "./operator-context.tsx";

const LIFETIME_S = 120;

const ROLES: readonly BreakerOrderClaims["role"][] = ["operator", "duty_manager", "safety_officer"];

/** Signs and gives a `breaker-order+jwt`; answers with its jti. Rejects with the client's error. */
export function useBreakerOrder(): (
  order: Pick<BreakerOrderClaims, "breaker" | "domain" | "order" | "reason">,
) => Promise<string> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useCallback(
    async ({ breaker, domain, order, reason }) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when an order is given");
      const claims: BreakerOrderClaims = {
        ...commonClaims({ iss: operator.subject, aud: [operator.pepId], lifetimeS: LIFETIME_S }),
        ...(breaker === undefined ? {} : { breaker }),
        ...(domain === undefined ? {} : { domain }),
        order,
        reason,
        // Where none of them is held the engine says so.
        role: ROLES.find((role) => operator.roles.includes(role)) ?? "operator",
        auth_time: session.touch(),
        amr: [...OPERATOR_AMR],
      };
      await client.cascade.order({ token: await session.sign("breaker-order+jwt", claims) });
      return claims.jti;
    },
    [session, client],
  );
}
