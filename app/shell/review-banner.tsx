import { useQuery } from "@tanstack/react-query";
import { useApi } from "../api/client/api-context.tsx";
import { type Due, dueWords, isOverdue, reviewsDue } from "../features/approvals/alone/review-words.ts";
import { shortId } from "../features/control/stop-facts.ts";
import { useNow } from "../ui/clock.ts";
import { formatCount } from "../ui/duration.ts";
import { GoLink } from "../ui/go-link.tsx";
import { visibleText } from "../ui/visible-text.ts";
import { Banner } from "./banner.tsx";

/** One person approved alone and nobody has looked at it: said in every view until somebody has, an alarm once it is late (D6). */
export function ReviewBanner() {
  const { orpc } = useApi();
  const { data } = useQuery(orpc.gate.queue.queryOptions({ input: { review: "due" } }));
  const due = reviewsDue(data?.rows ?? []);
  const [first] = due;
  return first === undefined ? null : <DueBanner first={first} others={due.length - 1} />;
}

function DueBanner({ first, others }: { readonly first: Due; readonly others: number }) {
  const nowS = Math.floor(useNow() / 1000);
  const { breakGlass, action, request } = first;
  const overdue = isOverdue(breakGlass, nowS);
  const words = dueWords(breakGlass, nowS);
  return (
    <Banner
      shape={overdue ? "triangle" : "diamond"}
      tone={overdue ? "critical" : "warning"}
      age={words}
      action={
        <GoLink to="/approvals" search={{ request, state: "all" }}>
          Open the request
        </GoLink>
      }
    >
      <strong>{overdue ? "Review overdue:" : "Approved by one person:"}</strong> {visibleText(shortId(breakGlass.by))}{" "}
      approved <bdi className="font-mono text-xs">{visibleText(action)}</bdi> alone.
      {others === 0 ? "" : ` ${formatCount(others)} more wait for a review.`}
    </Banner>
  );
}
