import { createDrafts } from "./drafts.ts";

/** Changed policies that are not issued, by the jti of the policy they were made of. Kept for this tab only. */
export const { useDraft, useDrafts, setDraft, useSteps, undo, redo } = createDrafts("signalbox.policy-drafts");
