import type { BreakGlass } from "../../../api/contract/gate.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { useNow } from "../../../ui/clock.ts";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { GateDetail } from "../gate-detail.ts";
import { shortName } from "../names.ts";
import { ReviewForm } from "./review-form.tsx";
import { dueWords, isOverdue, reviewProblem } from "./review-words.ts";

/** That one person approved it alone, what was said of that, or who has still to say it (D6). */
export function AloneLine({ detail, alone }: { readonly detail: GateDetail; readonly alone: BreakGlass }) {
  const { operator } = useOperator();
  const nowS = Math.floor(useNow() / 1000);
  const by = visibleText(shortName(alone.by));
  if (alone.review !== null) return <Reviewed by={by} review={alone.review} />;
  const problem = reviewProblem(alone, operator);
  const overdue = isOverdue(alone, nowS);
  return (
    <div className="space-y-2 border-l-3 border-warning pl-2">
      <p className="flex flex-wrap items-center gap-x-2">
        <Mark
          shape={overdue ? "triangle" : "diamond"}
          tone={overdue ? "critical" : "warning"}
          label="approved by one person alone"
        />
        <span>
          <bdi>{by}</bdi>; {dueWords(alone, nowS)} (<Instant epochMs={alone.dueAt * 1000} />
          ).
        </span>
      </p>
      {problem === null ? (
        <ReviewForm key={alone.decision} detail={detail} alone={alone} />
      ) : (
        <p className="text-muted">{problem}</p>
      )}
    </div>
  );
}

function Reviewed({ by, review }: { readonly by: string; readonly review: NonNullable<BreakGlass["review"]> }) {
  const justified = review.verdict === "justified";
  return (
    <p className="flex flex-wrap items-center gap-x-2">
      <Mark
        shape={justified ? "dot" : "cross"}
        tone={justified ? "good" : "critical"}
        label={justified ? "approved alone, justified" : "approved alone, not justified"}
      />
      <span className="text-muted">
        <bdi>{by}</bdi> approved it; <bdi>{visibleText(shortName(review.by))}</bdi> reviewed it{" "}
        <Instant epochMs={review.at * 1000} />: “<UntrustedText text={review.reason} maxCharacters={300} />”
      </span>
    </p>
  );
}
