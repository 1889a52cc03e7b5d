import type { RefObject } from "react";
import { problemOf } from "../api/client/problem.ts";
import type { GateRow } from "../api/contract/gate.ts";
import { consequenceMark } from "../features/approvals/names.ts";
import { byRisk } from "../features/approvals/queue-model.ts";
import { RemainingTime } from "../features/approvals/remaining-time.tsx";
import { useNow } from "../ui/clock.ts";
import { DetailsPopover } from "../ui/details-popover.tsx";
import { formatCount } from "../ui/duration.ts";
import { GoLink } from "../ui/go-link.tsx";
import { Mark, MarkIcon } from "../ui/mark.tsx";
import { ProblemNote, StaleNote } from "../ui/states.tsx";
import { plainName } from "./commands.ts";
import { deadlineOf, isFor, useOwnRoles, useStops, useWaitingQueue, violatedStops } from "./notify-facts.ts";
import { NotifyForm } from "./notify-form.tsx";
import { priorityOf } from "./notify-plan.ts";
import { boundedName } from "./notify-words.ts";

/** The queue has them all. */
const MAX_SHOWN = 6;

export interface NotifyMenuProps {
  readonly trigger: RefObject<HTMLElement | null>;
  onClose(): void;
}

/** What waits, the most urgent first, each leading to its request; below it how one is told of what comes. */
export function NotifyMenu({ trigger, onClose }: NotifyMenuProps) {
  return (
    <DetailsPopover trigger={trigger} title="What waits" placement="bottom end" onClose={onClose}>
      <div className="space-y-4">
        <ViolatedStops onClose={onClose} />
        <Waiting onClose={onClose} />
        <NotifyForm />
      </div>
    </DetailsPopover>
  );
}

function ViolatedStops({ onClose }: { onClose(): void }) {
  const stops = useStops();
  if (stops.isError) return <ProblemNote problem={problemOf(stops.error)} onRetry={() => void stops.refetch()} />;
  const violated = violatedStops(stops.data?.signals ?? []);
  if (violated.length === 0) return null;
  return (
    <ul aria-label="Violated stops" className="space-y-1">
      {violated.map((stop) => (
        <li key={stop.jti} className="flex items-center gap-2 border border-critical bg-critical-soft px-2 py-1">
          <MarkIcon shape="cross" tone="critical" />
          <GoLink to="/control" search={{ signal: stop.jti }} onClick={onClose}>
            VIOLATED: {formatCount(stop.violated)} of {formatCount(stop.targets)} acted after a stop
          </GoLink>
        </li>
      ))}
    </ul>
  );
}

function Waiting({ onClose }: { onClose(): void }) {
  const queue = useWaitingQueue();
  const roles = useOwnRoles();
  const nowMs = useNow();
  const { data, isError, error, dataUpdatedAt } = queue;
  if (data === undefined) {
    return isError ? (
      <ProblemNote problem={problemOf(error)} onRetry={() => void queue.refetch()} />
    ) : (
      <p className="text-muted">Reading what waits …</p>
    );
  }
  const rows = byUrgency(data.rows, roles, dataUpdatedAt);
  const more = rows.length - MAX_SHOWN;
  return (
    <div className="space-y-2">
      {isError ? <StaleNote ageMs={nowMs - dataUpdatedAt} /> : null}
      {rows.length === 0 ? <p>{isError ? "Nothing waited then." : "Nothing waits for a human."}</p> : null}
      {rows.length === 0 ? null : (
        <ul aria-label="Requests, the most urgent first" className="divide-y divide-line border-y border-line">
          {rows.slice(0, MAX_SHOWN).map((row) => (
            <Request
              key={row.request}
              row={row}
              isOwn={isFor(row, roles)}
              leftMs={leftOf(row, dataUpdatedAt, nowMs)}
              onClose={onClose}
            />
          ))}
        </ul>
      )}
      <p className="flex flex-wrap gap-x-3">
        <GoLink to="/approvals" onClick={onClose}>
          Open the queue
        </GoLink>
        {more > 0 ? <span className="text-muted">{formatCount(more)} more wait there</span> : null}
      </p>
    </div>
  );
}

interface RequestProps {
  readonly row: GateRow;
  readonly isOwn: boolean;
  readonly leftMs: number | null;
  onClose(): void;
}

function Request({ row, isOwn, leftMs, onClose }: RequestProps) {
  const asked = row.roles.map(({ role }) => plainName(role)).join(" and ");
  return (
    <li className="py-1.5">
      <GoLink to="/approvals" search={{ request: row.request }} onClick={onClose}>
        <bdi>{boundedName(row.action)}</bdi>
      </GoLink>
      <p className="flex flex-wrap gap-x-3 text-xs text-muted">
        <Mark {...consequenceMark(row.consequence)} />
        <RemainingTime leftMs={leftMs} onTimeout={row.onTimeout} />
        <span>
          <bdi>{boundedName(row.taskName)}</bdi> of <bdi>{boundedName(row.runName)}</bdi>
          {isOwn ? null : <>; asks {asked}, not you</>}
        </span>
      </p>
    </li>
  );
}

const leftOf = (row: GateRow, readAtMs: number, nowMs: number): number | null => {
  const deadlineMs = deadlineOf(row, readAtMs);
  return deadlineMs === null ? null : Math.max(0, deadlineMs - nowMs);
};

/** What this operator can decide, then what is due soon or cannot be undone, then as the queue has it. */
function byUrgency(rows: readonly GateRow[], roles: readonly string[] | null, readAtMs: number): readonly GateRow[] {
  const rank = (row: GateRow): number =>
    (isFor(row, roles) ? 0 : 2) +
    (priorityOf({ ...row, deadlineMs: deadlineOf(row, readAtMs) }, readAtMs) === "high" ? 0 : 1);
  return rows.toSorted((a, b) => rank(a) - rank(b) || byRisk(a, b));
}
