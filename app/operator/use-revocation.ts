import { useMemo } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { must } from "../base/assert.ts";
import type { AcpRevocationClaims } from "../protocol/acp/revocation.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import { useOperatorSession } from "./operator-context.tsx";

export interface Revocation {
  readonly jti: string;
  readonly hash: string;
  readonly reason: string;
}

const LIFETIME_S = 120;
/** The roles that may, the most usual first (ACP-33); whether somebody holds one is the engine's to say. */
const REVOKING = ["operator", "duty_manager", "safety_officer"] as const;

/** Takes a policy out of force (ACP-19). Rejects with the client's error. */
export function useRevocation(): (revocation: Revocation) => Promise<void> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useMemo(
    () =>
      async ({ jti, hash, reason }) => {
        const operator = must(session.store.getState().operator, "somebody is signed in when a policy is revoked");
        const claims: AcpRevocationClaims = {
          ...commonClaims({ iss: operator.subject, aud: operator.pepId, lifetimeS: LIFETIME_S }),
          acp: { jti, hash },
          auth_time: session.touch(),
          amr: [...OPERATOR_AMR],
          role: REVOKING.find((role) => operator.roles.includes(role)) ?? "operator",
          reason,
        };
        await client.policy.revoke({ token: await session.sign("acp-revocation+jwt", claims) });
      },
    [session, client],
  );
}
