import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useApi, useConnection } from "../api/client/api-context.tsx";
import { problemOf } from "../api/client/problem.ts";
import type { EntryRow } from "../api/contract/common.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { formatCount } from "../ui/duration.ts";
import { GoLink } from "../ui/go-link.tsx";
import { Ago, Instant } from "../ui/instant.tsx";
import { Mark, type MarkShape, type MarkTone } from "../ui/mark.tsx";
import { Loading, ProblemNote } from "../ui/states.tsx";
import { toast } from "../ui/toast.tsx";
import { visibleText } from "../ui/visible-text.ts";
import { Banner } from "./banner.tsx";
import { useHostStatus } from "./host-status.ts";

/** The most that is read of what was missed, and the most of it that is listed. */
const MAX_READ = 1000;
const LISTED = 12;

/** From when the host stopped answering: how long its log was then, and since when. */
interface Away {
  readonly size: number;
  readonly sinceMs: number;
}

/**
 * After a loss of the link to the host: what was logged meanwhile comes before any command (L4). Where nothing of it is more
 * than routine, that is said and nobody is held up. The stop works all the time (S1).
 */
export function AwayNotice() {
  const { state, sinceMs } = useConnection();
  const size = useHostStatus().data?.position.size;
  const [away, setAway] = useState<Away | null>(null);
  // What was missed before and not looked at yet is part of it.
  if (state === "lost" && away === null && size !== undefined) setAway({ size, sinceMs });
  const isBack = state === "leader" || state === "follower";
  return away !== null && isBack ? <Missed away={away} onSeen={() => setAway(null)} /> : null;
}

function Missed({ away, onSeen }: { readonly away: Away; onSeen(): void }) {
  const { client } = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: ["shell", "away", away.size, away.sinceMs],
    queryFn: ({ signal }) =>
      client.audit.entries({ order: "oldest", cursor: away.size - 1, limit: MAX_READ }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [isLooking, setLooking] = useState(false);
  const rows = data?.rows;
  // What was not read may be anything.
  const isRoutine = data?.next === null && data.rows.every(({ severity }) => severity === "info");
  useEffect(() => {
    if (!isRoutine || rows === undefined) return;
    if (rows.length > 0)
      toast({ title: "Back", detail: `${entries(rows.length)} came meanwhile, all routine.`, tone: "neutral" });
    onSeen();
  }, [isRoutine, rows, onSeen]);
  if (isRoutine) return null;
  // A link leads to what lies behind the dialog: it steps aside, and stays to be answered.
  if (isLooking)
    return (
      <Banner
        shape="triangle"
        tone="warning"
        action={<Button onPress={() => setLooking(false)}>Back to what happened</Button>}
      >
        What happened while this console was away is not seen yet.
      </Banner>
    );
  return (
    <Dialog
      title="What happened while this console was away"
      isOpen
      isDismissable={false}
      onOpenChange={() => undefined}
      footer={
        <Button variant="primary" isDisabled={rows === undefined && error === null} onPress={onSeen}>
          {error === null ? "I have seen it" : "Go on without it"}
        </Button>
      }
    >
      {error !== null ? (
        <ProblemNote problem={problemOf(error)} onRetry={() => void refetch()} />
      ) : rows === undefined ? (
        <Loading what="what was logged meanwhile" />
      ) : (
        <Listed rows={rows} away={away} isAll={data?.next === null} onLook={() => setLooking(true)} />
      )}
    </Dialog>
  );
}

interface ListedProps {
  readonly rows: readonly EntryRow[];
  readonly away: Away;
  /** False where more was logged than was read. */
  readonly isAll: boolean;
  onLook(): void;
}

function Listed({ rows, away, isAll, onLook }: ListedProps) {
  const grave = rows.filter(({ severity }) => severity !== "info").sort((a, b) => rank(a) - rank(b) || b.seq - a.seq);
  return (
    <div className="space-y-3">
      <p>
        The link to the host was lost <Ago sinceMs={away.sinceMs} />. {isAll ? "" : "More than "}
        {entries(rows.length)} came meanwhile, {formatCount(grave.length)} of {isAll ? "them" : "those"} more than
        routine.{isAll ? "" : " The later ones were not read here: they are in the Timeline."}
      </p>
      <ul className="space-y-1">
        {grave.slice(0, LISTED).map((row) => (
          <li key={row.seq} className="flex flex-wrap items-baseline gap-x-3">
            <Mark {...MARKS[row.severity]} />
            <GoLink to="/timeline" search={{ entry: row.seq }} onClick={onLook}>
              {visibleText(row.action.replaceAll("_", " "))}
            </GoLink>
            {row.outcome === null ? null : <span>{visibleText(row.outcome.replaceAll("_", " "))}</span>}
            <span className="text-muted">
              <Instant epochMs={row.receivedAt * 1000} />
            </span>
          </li>
        ))}
      </ul>
      {grave.length > LISTED ? <p className="text-muted">and {formatCount(grave.length - LISTED)} more</p> : null}
      <p>
        <GoLink to="/timeline" search={{ entry: away.size }} onClick={onLook}>
          All of it in the Timeline, from entry {away.size} on
        </GoLink>
      </p>
    </div>
  );
}

const entries = (count: number): string => `${formatCount(count)} ${count === 1 ? "entry" : "entries"}`;

const MARKS: Readonly<Record<EntryRow["severity"], { shape: MarkShape; tone: MarkTone; label: string }>> = {
  critical: { shape: "square", tone: "critical", label: "critical" },
  warning: { shape: "triangle", tone: "warning", label: "warning" },
  notice: { shape: "diamond", tone: "notice", label: "notice" },
  info: { shape: "ring", tone: "neutral", label: "routine" },
};

const RANKS = Object.keys(MARKS);
const rank = ({ severity }: EntryRow): number => RANKS.indexOf(severity);
