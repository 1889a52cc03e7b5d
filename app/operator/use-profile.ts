import { useCallback } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { must } from "../base/assert.ts";
import { type BehaviorProfileClaims, type ProfileBody, profileHash } from "../protocol/behavior/profile.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import { commonClaims } from "./claims.ts";
import { useOperatorSession } from "./operator-context.tsx";

/** Who may put a profile in force. */
export const PROFILE_ROLES = ["duty_manager", "safety_officer"] as const;

const LIFETIME_S = 120;

/**
 * Signs a version of a profile and puts it in force (BEH-5). Answers with its entry; rejects with the client's error, or where
 * nobody authenticated for it.
 */
export function usePutProfile(): (profile: ProfileBody, reason: string) => Promise<number> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useCallback(
    async (profile, reason) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when a profile is signed");
      const claims: BehaviorProfileClaims = {
        ...commonClaims({ iss: operator.subject, aud: operator.pepId, lifetimeS: LIFETIME_S }),
        profile,
        hash: profileHash(profile, await createSha256()),
        reason,
        role: PROFILE_ROLES.find((role) => operator.roles.includes(role)) ?? "duty_manager",
        auth_time: session.touch(),
        amr: [...session.store.getState().amr],
      };
      const { seq } = await client.behavior.putProfile({ token: await session.sign("behavior-profile+jwt", claims) });
      return seq;
    },
    [session, client],
  );
}
