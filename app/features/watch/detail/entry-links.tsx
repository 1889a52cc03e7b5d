import type { EntryRow } from "../../../api/contract/common.ts";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { visibleText } from "../../../ui/visible-text.ts";

/** The log entries that put a task where it is, in their order. */
export function EntryLinks({ entries }: { readonly entries: readonly EntryRow[] }) {
  if (entries.length === 0) return <p className="text-muted">The log has no entry about this task yet.</p>;
  return (
    <ol aria-label="Entries that put it there" className="flex flex-col">
      {entries.map((entry) => (
        <li key={entry.seq} className="flex items-baseline gap-2 border-b border-line py-0.5 last:border-b-0">
          <GoLink to="/timeline" search={{ entry: entry.seq }}>
            entry {formatCount(entry.seq)}
          </GoLink>
          <span className="min-w-0 flex-1 truncate" title={visibleText(`${entry.typ} ${entry.action}`)}>
            {visibleText(entry.action)}
            {entry.outcome === null ? "" : `: ${visibleText(entry.outcome)}`}
          </span>
          <span className="text-xs text-muted">
            <Instant epochMs={entry.receivedAt * 1000} />
          </span>
        </li>
      ))}
    </ol>
  );
}
