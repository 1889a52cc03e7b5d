import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { formatCount } from "../../../ui/duration.ts";
import { MarkIcon } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { shortName } from "../names.ts";
import { type Due, dueWords, isOverdue, reviewsDue } from "./review-words.ts";

export interface ReviewsBarProps {
  /** The request that is open: it says it itself. On a narrow screen it has all the room, below the console's own banner. */
  readonly open: string | undefined;
  onOpen(request: string): void;
}

/** What one person approved alone and nobody has looked at yet, above the queue whatever the queue shows (D6). */
export function ReviewsBar({ open, onOpen }: ReviewsBarProps) {
  const { orpc } = useApi();
  const { data } = useQuery(orpc.gate.queue.queryOptions({ input: { review: "due" } }));
  const due = reviewsDue(data?.rows ?? []).filter(({ request }) => request !== open);
  const [first] = due;
  return first === undefined ? null : <Waiting due={due} first={first} open={open} onOpen={onOpen} />;
}

interface WaitingProps extends ReviewsBarProps {
  readonly due: readonly Due[];
  readonly first: Due;
}

function Waiting({ due, first, open, onOpen }: WaitingProps) {
  const nowS = Math.floor(useNow() / 1000);
  const overdue = isOverdue(first.breakGlass, nowS);
  const others = due.length - 1;
  return (
    <div
      className={`flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-1.5 ${
        overdue ? "border-critical bg-critical-soft" : "border-warning bg-warning-soft"
      } ${open === undefined ? "" : "max-md:hidden"}`}
    >
      <MarkIcon shape={overdue ? "triangle" : "diamond"} tone={overdue ? "critical" : "warning"} />
      <p className="min-w-0 flex-1">
        <bdi>{visibleText(shortName(first.breakGlass.by))}</bdi> approved{" "}
        <bdi className="font-mono text-xs">{visibleText(first.action)}</bdi> alone; {dueWords(first.breakGlass, nowS)}.
        {others === 0 ? "" : ` ${formatCount(others)} more wait for a review.`}
      </p>
      <Button size="sm" onPress={() => onOpen(first.request)}>
        Open it
      </Button>
    </div>
  );
}
