import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { problemOf } from "../../api/client/problem.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Loading, ProblemNote } from "../../ui/states.tsx";
import { TravelLink } from "../../ui/travel-link.tsx";
import { visibleText } from "../../ui/visible-text.ts";

export type WhyAsked = { readonly seq: number } | { readonly wid: string };

export interface WhyDialogProps {
  readonly asked: WhyAsked;
  readonly what: string;
  onClose(): void;
}

type Cause = Awaited<ReturnType<SignalboxClient["audit"]["why"]>>["entries"][number];

/** The entry that made something so and what it followed from, each with the way to it and to the console as it then was. */
export function WhyDialog({ asked, what, onClose }: WhyDialogProps) {
  const { orpc } = useApi();
  const why = useQuery(orpc.audit.why.queryOptions({ input: asked }));
  const { data } = why;
  return (
    <Dialog title={`Why: ${what}`} isOpen onOpenChange={onClose} size="lg">
      {data === undefined ? (
        why.isError ? (
          <ProblemNote problem={problemOf(why.error)} onRetry={() => void why.refetch()} />
        ) : (
          <Loading what="the reasons" />
        )
      ) : (
        <>
          <p className="mb-2 text-muted">
            The entry of the log that made it so, and what that followed from. Each is signed; open one to see it
            verified.
          </p>
          <ol aria-label="Entries that made it so" className="flex flex-col">
            {data.entries.map((cause) => (
              <Entry key={cause.row.seq} cause={cause} onGo={onClose} />
            ))}
          </ol>
          {data.more ? (
            <p className="mt-2 text-muted">There are more causes further back: follow them in the timeline.</p>
          ) : null}
        </>
      )}
    </Dialog>
  );
}

function Entry({ cause: { row, causeOf, how }, onGo }: { readonly cause: Cause; onGo(): void }) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 border-b border-line py-1 last:border-b-0">
      <GoLink to="/timeline" search={{ entry: row.seq }} onClick={onGo}>
        entry {formatCount(row.seq)}
      </GoLink>
      <span className="min-w-0 grow basis-60 [overflow-wrap:anywhere]">
        <bdi>{visibleText(row.typ.replace("+jwt", ""))}</bdi>: <bdi>{visibleText(row.action)}</bdi>
        {row.outcome === null ? null : <bdi> · {visibleText(row.outcome)}</bdi>}
        {row.taskName === null ? null : <bdi className="text-muted"> · {visibleText(row.taskName)}</bdi>}
      </span>
      <span className="text-xs text-muted">
        {causeOf === null ? "made it so" : `${HOW[how]} entry ${formatCount(causeOf)}`}
      </span>
      <span className="text-xs text-muted">
        <Instant epochMs={row.receivedAt * 1000} />
      </span>
      <TravelLink asOf={row.seq + 1} onClick={onGo}>
        as it was then
      </TravelLink>
      {row.seq === 0 ? null : (
        <TravelLink asOf={row.seq} onClick={onGo}>
          just before
        </TravelLink>
      )}
    </li>
  );
}

const HOW: Readonly<Record<Cause["how"], string>> = {
  asked: "made it so",
  pred: "had to be done before",
  answers: "is what called for",
  task: "was the step before",
  late: "came first and named",
};
