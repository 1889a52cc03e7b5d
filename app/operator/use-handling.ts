import { useMemo } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { must } from "../base/assert.ts";
import type { HandlingVerb, HitlHandlingClaims } from "../protocol/acp/handling.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import { useOperatorSession } from "./operator-context.tsx";

/** What an operator does with a request short of deciding it. */
export interface Handling {
  readonly request: { readonly jti: string; readonly hash: string };
  readonly wid: string;
  readonly verb: HandlingVerb;
  /** The role it is done in. */
  readonly role: string;
  /** Epoch seconds: of claim, shelve and defer. */
  readonly until?: number;
  readonly reason?: string;
  readonly text?: string;
}

const LIFETIME_S = 120;

/** Signs and gives a `hitl-handling+jwt` (ACP-37). Rejects with the client's error. */
export function useHandling(): (handling: Handling) => Promise<void> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useMemo(
    () =>
      async ({ until, reason, text, ...handling }) => {
        const operator = must(session.store.getState().operator, "somebody is signed in when a request is handled");
        const claims: HitlHandlingClaims = {
          ...commonClaims({ iss: operator.subject, aud: [operator.logId, operator.pepId], lifetimeS: LIFETIME_S }),
          ...handling,
          ...(until === undefined ? {} : { until }),
          ...(reason === undefined ? {} : { reason }),
          ...(text === undefined ? {} : { text }),
          auth_time: session.touch(),
          amr: [...OPERATOR_AMR],
        };
        await client.gate.handle({ token: await session.sign("hitl-handling+jwt", claims) });
      },
    [session, client],
  );
}
