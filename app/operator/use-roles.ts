import { useCallback } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { must } from "../base/assert.ts";
import { commonClaims } from "./claims.ts";
import { useOperatorSession } from "./operator-context.tsx";

/** What a safety officer says of somebody: these roles and no others, for so long. */
export interface RoleOrder {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly lifetimeS: number;
  readonly reason: string;
}

/** Signs and gives a role statement. Rejects with the client's error, or where nobody authenticated for it. */
export function useStateRoles(): (order: RoleOrder) => Promise<void> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useCallback(
    async ({ subject, roles, lifetimeS, reason }) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when roles are granted");
      const token = await session.sign("role-statement+jwt", {
        ...commonClaims({ iss: operator.subject, aud: operator.logId, lifetimeS }),
        sub: subject,
        roles,
        reason,
        // When and how is what the session knows of it.
        auth_time: session.touch(),
        amr: session.store.getState().amr,
      });
      await client.identity.stateRoles({ token });
      // Only what a signal names as its role hangs on it: the engine has decided already.
      await session.checkEnrolled().catch(() => undefined);
    },
    [session, client],
  );
}
