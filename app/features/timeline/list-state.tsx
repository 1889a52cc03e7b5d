import { ArrowUp } from "lucide-react";
import { useConnection } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/clock.ts";
import { formatCount } from "../../ui/duration.ts";
import { Empty, Loading, ProblemNote, StaleNote } from "../../ui/states.tsx";
import type { EntryList } from "./use-entry-list.ts";

/** What stands where no rows are, or above them when reading on failed. A failed list never looks empty (L2). */
export function ListState({
  list,
  isFiltered,
  isUnread,
  onClear,
}: {
  readonly list: EntryList;
  readonly isFiltered: boolean;
  /** The query has a mistake: nothing was looked for. */
  readonly isUnread: boolean;
  onClear(): void;
}) {
  if (list.error !== null && list.error !== undefined) {
    return (
      <div className="p-3">
        <ProblemNote problem={problemOf(list.error)} onRetry={list.retry} />
      </div>
    );
  }
  if (isUnread) {
    return (
      <Empty title="The query cannot be answered">
        <p className="pb-2">Nothing was looked for: what is wrong stands below the query.</p>
        <Button onPress={onClear}>Clear the filters</Button>
      </Empty>
    );
  }
  if (list.indexed !== null) return <Building list={list} />;
  if (list.rows.length > 0) return null;
  if (list.isPending) return <Loading what="the log" />;
  if (!isFiltered) return <Empty title="The log is empty">Every accepted fact becomes an entry here.</Empty>;
  return (
    <Empty title="No entry matches">
      <Button onPress={onClear}>Clear the filters</Button>
    </Empty>
  );
}

/** What is listed is of a part of the log: its index is still being made (XA-24). */
function Building({ list }: { readonly list: EntryList }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 border-b border-line bg-surface px-3 py-1">
      <p role="status">Not all yet: the log is still being read for queries.</p>
      <p className="text-muted">
        {formatCount(list.indexed ?? 0)} of {formatCount(list.position?.size ?? 0)} entries looked at, the oldest first.
      </p>
    </div>
  );
}

/** Says that newer entries exist without moving what is read. */
export function ToNewest({
  newer,
  anchored,
  onPress,
}: {
  readonly newer: number;
  /** The list began somewhere inside the log. */
  readonly anchored: boolean;
  onPress(): void;
}) {
  if (newer === 0 && !anchored) return null;
  return (
    <div className="absolute top-0.5 right-4 z-20">
      <Button size="sm" variant="primary" onPress={onPress} className="max-md:shadow-overlay">
        <ArrowUp aria-hidden="true" size={12} />
        {anchored ? "To the newest" : `${formatCount(newer)} new ${newer === 1 ? "entry" : "entries"}`}
      </Button>
    </div>
  );
}

/** The list may be old: the link is lost or the head could not be read. */
export function Staleness({ list }: { readonly list: EntryList }) {
  const connection = useConnection();
  const nowMs = useNow();
  if (connection.state !== "lost" && connection.state !== "failed") return null;
  return <StaleNote ageMs={Math.max(0, nowMs - list.readAtMs)} />;
}
