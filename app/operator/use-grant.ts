import { useMemo } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { must } from "../base/assert.ts";
import type { GrantRevocationClaims } from "../protocol/acp/grant.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import { type GrantLimits, type GrantSubject, grantClaims } from "./grant-claims.ts";
import { useOperatorSession } from "./operator-context.tsx";

/** Gives leave in advance (ACP-40). Answers with the grant's id; rejects with the client's error. */
export function useGiveGrant(): (subject: GrantSubject, limits: GrantLimits) => Promise<string> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useMemo(
    () => async (subject, limits) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when a grant is given");
      const authTime = session.confirmPresence();
      const claims = grantClaims(subject, limits, operator, { authTime, nowMs: Date.now() });
      const { jti } = await client.policy.grant({ token: await session.sign("standing-grant+jwt", claims) });
      return jti;
    },
    [session, client],
  );
}

export interface EndedGrant {
  readonly jti: string;
  readonly hash: string;
  /** The role it was given in: whoever holds it may end it, too. */
  readonly role: string;
  readonly reason: string;
}

const LIFETIME_S = 120;
/** Who may end a grant besides those who could have given it (ACP-41). */
const ENDING: readonly string[] = ["operator", "duty_manager", "safety_officer"];

/** The roles any of which ends a grant, the one it was given in first. */
export const rolesEnding = (role: string): readonly string[] => [...new Set([role, ...ENDING])];

/** Ends a standing grant before its next use (ACP-41). Rejects with the client's error. */
export function useEndGrant(): (grant: EndedGrant) => Promise<void> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useMemo(
    () =>
      async ({ jti, hash, role, reason }) => {
        const operator = must(session.store.getState().operator, "somebody is signed in when a grant is ended");
        const claims: GrantRevocationClaims = {
          ...commonClaims({ iss: operator.subject, aud: operator.pepId, lifetimeS: LIFETIME_S }),
          grant: { jti, hash },
          auth_time: session.touch(),
          amr: [...OPERATOR_AMR],
          role: rolesEnding(role).find((one) => operator.roles.includes(one)) ?? role,
          reason,
        };
        await client.policy.revokeGrant({ token: await session.sign("grant-revocation+jwt", claims) });
      },
    [session, client],
  );
}
