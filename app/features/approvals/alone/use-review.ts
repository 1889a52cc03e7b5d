import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import type { BreakGlass } from "../../../api/contract/gate.ts";
import { must } from "../../../base/assert.ts";
import { commonClaims, OPERATOR_AMR } from "../../../operator/claims.ts";
import { useOperatorSession } from "../../../operator/operator-context.tsx";
import type { HitlReviewClaims } from "../../../protocol/acp/handling.ts";
import type { GateDetail } from "../gate-detail.ts";
import { REVIEWERS } from "./review-words.ts";

export interface Review {
  readonly verdict: HitlReviewClaims["verdict"];
  readonly reason: string;
}

const LIFETIME_S = 120;

/** Signs and gives a `hitl-review+jwt` about an approval that was given alone (ACP-43). */
export function useReview({ row, digest }: GateDetail, alone: BreakGlass) {
  const session = useOperatorSession();
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ verdict, reason }: Review) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when an approval is reviewed");
      const claims: HitlReviewClaims = {
        ...commonClaims({ iss: operator.subject, aud: [operator.logId, operator.pepId], lifetimeS: LIFETIME_S }),
        wid: row.wid,
        request: { jti: row.request, hash: digest },
        decision: alone.decision,
        verdict,
        reason: reason.trim(),
        role: REVIEWERS.find((role) => operator.roles.includes(role)) ?? "duty_manager",
        auth_time: session.confirmPresence(),
        amr: [...OPERATOR_AMR],
      };
      return api.client.gate.review({ token: await session.sign("hitl-review+jwt", claims) });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: api.orpc.gate.key() }),
  });
}
