import { useMemo } from "react";
import type { SignalboxClient } from "../../api/client/client.ts";
import { useDraft } from "../../api/client/policy-drafts.ts";
import type { Result } from "../../base/result.ts";
import { checkDraftText, type DraftProblem } from "../../protocol/acp/check-draft.ts";
import type { AcpClaims } from "../../protocol/acp/claims.ts";

export type PolicyAnswer = Awaited<ReturnType<SignalboxClient["policy"]["get"]>>;

/** The policy in view: as issued, or the draft that was made of it. */
export interface ShownPolicy {
  readonly answer: PolicyAnswer;
  readonly claims: AcpClaims;
  readonly isDraft: boolean;
}

export interface Draft {
  readonly text: string;
  readonly checked: Result<AcpClaims, readonly DraftProblem[]>;
}

export const textOf = (claims: AcpClaims): string => JSON.stringify(claims, null, 2);

/** The draft of a policy with what is wrong with it; null where it was not changed. */
export function useCheckedDraft(answer: PolicyAnswer): Draft | null {
  const text = useDraft(answer.policy.jti);
  return useMemo(
    () => (text === null ? null : { text, checked: ofSameWorkflow(checkDraftText(text), answer.policy.wid) }),
    [text, answer.policy.wid],
  );
}

function ofSameWorkflow(checked: Draft["checked"], wid: string): Draft["checked"] {
  if (!checked.ok || checked.value.wid === wid) return checked;
  const message = `this policy is for another workflow; here it is ${wid}`;
  return { ok: false, error: [{ code: "acp_claim_invalid", place: "wid", message }] };
}
