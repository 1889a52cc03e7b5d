import { useCallback } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { must } from "../base/assert.ts";
import type { LeaseClaims } from "../protocol/liveness/lease.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import { useOperatorSession } from "./operator-context.tsx";

const LIFETIME_S = 120;

const ROLES: readonly LeaseClaims["role"][] = ["operator", "duty_manager", "safety_officer"];

/** Signs and gives a `lease+jwt` (L5). Rejects with the client's error. */
export function useLease(): (lease: Pick<LeaseClaims, "wid" | "agent" | "duration_s">) => Promise<void> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useCallback(
    async ({ wid, agent, duration_s }) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when a lease is given");
      const claims: LeaseClaims = {
        ...commonClaims({ iss: operator.subject, aud: [operator.pepId], lifetimeS: LIFETIME_S }),
        wid,
        agent,
        duration_s,
        // Where none of them is held the engine says so.
        role: ROLES.find((role) => operator.roles.includes(role)) ?? "operator",
        auth_time: session.touch(),
        amr: [...OPERATOR_AMR],
      };
      await client.liveness.lease({ token: await session.sign("lease+jwt", claims) });
    },
    [session, client],
  );
}
