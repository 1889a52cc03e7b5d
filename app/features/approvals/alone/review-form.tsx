import { useState } from "react";
import { problemOf } from "../../../api/client/problem.ts";
import type { BreakGlass } from "../../../api/contract/gate.ts";
import type { HitlReviewClaims } from "../../../protocol/acp/handling.ts";
import { Button } from "../../../ui/button.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { REASON_MAX } from "../decision.ts";
import type { GateDetail } from "../gate-detail.ts";
import { useReview } from "./use-review.ts";

type Choice = HitlReviewClaims["verdict"] | "none";

const VERDICTS = [
  { id: "none", name: "No verdict yet" },
  { id: "justified", name: "Justified" },
  { id: "not_justified", name: "Not justified" },
] as const satisfies readonly { readonly id: Choice; readonly name: string }[];

/** Whether an approval that one person gave alone was right, said by somebody else (D6). It changes nothing that has run. */
export function ReviewForm({ detail, alone }: { readonly detail: GateDetail; readonly alone: BreakGlass }) {
  const review = useReview(detail, alone);
  const [verdict, setVerdict] = useState<Choice>("none");
  const [reason, setReason] = useState("");
  const missing = verdict === "none" ? "Choose a verdict." : reason.trim() === "" ? "A review needs a reason." : null;
  return (
    <form
      aria-label="Review"
      className="space-y-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (verdict !== "none" && missing === null) review.mutate({ verdict, reason });
      }}
    >
      {review.isError ? <ProblemNote problem={problemOf(review.error)} /> : null}
      <Segmented label="Verdict" options={VERDICTS} selected={verdict} onChange={setVerdict} />
      <TextField
        label="Reason, recorded with the review"
        value={reason}
        onChange={setReason}
        multiline
        rows={2}
        maxLength={REASON_MAX}
        isRequired
      />
      <div className="flex flex-wrap items-center gap-2">
        <p role="status" className="min-w-0 flex-1 text-xs text-muted">
          {missing ?? "It changes nothing that has run. It is recorded for good."}
        </p>
        <Button type="submit" variant="primary" isDisabled={missing !== null || review.isPending}>
          {review.isPending ? "Signing …" : "Sign review"}
        </Button>
      </div>
    </form>
  );
}
