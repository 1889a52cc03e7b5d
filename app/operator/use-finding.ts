import { useCallback } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { must } from "../base/assert.ts";
import type { CrossingHandlingClaims } from "../protocol/audit/crossing-handling.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import { useOperatorSession } from "./operator-context.tsx";

const LIFETIME_S = 120;
const ROLES: readonly string[] = ["operator", "duty_manager", "safety_officer"];

type About = Pick<CrossingHandlingClaims, "finding" | "item" | "code">;
export type FindingOrder =
  | (About & { readonly verb: "assign"; readonly to: string; readonly note: string })
  | (About & { readonly verb: "resolve"; readonly reason: string });

/** Signs and gives a `crossing-handling+jwt` (N11). Rejects with the client's error. */
export function useFinding(): (order: FindingOrder) => Promise<void> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useCallback(
    async (order) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when a finding is handled");
      const claims: CrossingHandlingClaims = {
        ...commonClaims({ iss: operator.subject, aud: [operator.pepId], lifetimeS: LIFETIME_S }),
        ...order,
        // Where none of them is held the engine says so.
        role: ROLES.find((role) => operator.roles.includes(role)) ?? "operator",
        auth_time: session.touch(),
        amr: [...OPERATOR_AMR],
      };
      await client.domains.handle({ token: await session.sign("crossing-handling+jwt", claims) });
    },
    [session, client],
  );
}
