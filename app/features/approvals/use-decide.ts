import { useMutation, useQueryClient } from "@tanstack/react-query";
import { v4 } from "uuid";
import { useStore } from "zustand";
import { useApi } from "../../api/client/api-context.tsx";
import { useOperatorSession } from "../../operator/operator-context.tsx";
import type { DecisionTerms, Outcome } from "./decision.ts";
import type { GateDetail } from "./gate-detail.ts";
import { type Decided, sendDecision } from "./send-decision.ts";
import { type ArgumentsShown, shownView } from "./shown-view.ts";
import { keptBackMs, undoChoice } from "./undo-choice.ts";
import { useOutbox } from "./use-outbox.ts";

export interface DecisionWish {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly terms: DecisionTerms;
  readonly shown: ArgumentsShown;
  readonly shownAtMs: number;
  readonly leftMs: number | null;
}

/** What became of a press: recorded, or kept on the page for a while. */
export type Given =
  | { readonly kind: "recorded"; readonly decided: Decided }
  | { readonly kind: "kept"; readonly request: string };

/** Gives a decision about exactly the request shown: at once, or after the time in which it can be taken back. */
export function useDecide(detail: GateDetail, token: string | undefined, onGiven: (given: Given) => void) {
  const api = useApi();
  const session = useOperatorSession();
  const queries = useQueryClient();
  const { outbox } = useOutbox();
  const { choice } = useStore(undoChoice);
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: api.orpc.gate.key() });
  return useMutation({
    mutationFn: async (wish: DecisionWish): Promise<Given> => {
      const { request, consequence } = detail.row;
      const { outcome, reason, terms, shownAtMs, leftMs } = wish;
      const by = session.store.getState().operator?.subject ?? null;
      const view = shownView(detail, wish.shown, terms);
      const send = (): Promise<Decided> =>
        sendDecision({ client: api.client, session, by, detail, token, outcome, reason, terms, view, shownAtMs });
      // What one person approves alone is an emergency: it does not wait on the page.
      const keptMs = terms.alone ? 0 : keptBackMs({ choice, outcome, consequence, isBatch: false, leftMs });
      if (keptMs === 0) return { kind: "recorded", decided: await send() };
      const entry = { request, action: detail.claims.task.exec_act, outcome, send };
      void outbox.give(v4(), [entry], keptMs).then(again);
      return { kind: "kept", request };
    },
    onSuccess: onGiven,
    onSettled: again,
  });
}
