import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import { commonClaims, OPERATOR_AMR } from "../../operator/claims.ts";
import { useOperator } from "../../operator/operator-context.tsx";
import { checkRequest } from "./clear-signing.ts";
import { DECISION_LIFETIME_S, decisionClaims } from "./decision.ts";
import type { GateDetail } from "./gate-detail.ts";
import { type ArgumentsShown, shownView, viewDigest } from "./shown-view.ts";

export interface DecisionWish {
  readonly outcome: "approve" | "reject";
  readonly reason: string;
  readonly shown: ArgumentsShown;
  readonly shownAtMs: number;
}

/** A decision that the host has recorded. */
export interface Decided {
  readonly request: string;
  readonly outcome: "approve" | "reject";
  readonly action: string;
  readonly seq: number;
  /** An approval that still needs other people. */
  readonly waits: boolean;
}

/**
 * Signs and gives a decision about exactly the request shown. The checks are made once more on the very data that is signed
 * for, so that nothing can change between the look and the signature.
 */
export function useDecide(detail: GateDetail, token: string | undefined, onDecided: (decided: Decided) => void) {
  const api = useApi();
  const operator = useOperator();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wish: DecisionWish): Promise<Decided> => {
      if (wish.outcome === "approve") await assertUnchanged(detail, token);
      if (operator.operator === null) throw new Error("Nobody is signed in.");
      const { subject, logId, pepId } = operator.operator;
      const claims = decisionClaims({
        common: commonClaims({ iss: subject, aud: [detail.claims.iss, logId, pepId], lifetimeS: DECISION_LIFETIME_S }),
        detail,
        outcome: wish.outcome,
        reason: wish.reason,
        authTime: operator.authTime,
        amr: OPERATOR_AMR,
        view: {
          hash: await viewDigest(shownView(detail, wish.shown)),
          shown_at: Math.floor(wish.shownAtMs / 1000),
        },
      });
      const answer = await api.client.gate.decide({ token: await operator.sign("hitl-decision+jwt", claims) });
      return {
        request: answer.request,
        outcome: wish.outcome,
        action: detail.claims.task.exec_act,
        seq: answer.seq,
        waits: answer.state === "pending",
      };
    },
    onSuccess: onDecided,
    onSettled: () => queries.invalidateQueries({ queryKey: api.orpc.gate.key() }),
  });
}

async function assertUnchanged(detail: GateDetail, token: string | undefined): Promise<void> {
  const checks = token === undefined ? [] : await checkRequest(detail, token);
  const failed = checks.find((check) => !check.passed);
  if (token === undefined || failed !== undefined)
    throw new Error(
      failed === undefined ? "The request's token is not there yet." : `${failed.label}: ${failed.detail}.`,
    );
}
