import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import type { GateRow } from "../../api/contract/gate.ts";
import { useOperator } from "../../operator/operator-context.tsx";
import { useNow } from "../../ui/clock.ts";
import { formatAge, formatCount } from "../../ui/duration.ts";
import { MarkIcon } from "../../ui/mark.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { aloneNote } from "./alone/review-words.ts";
import { handlingNote } from "./handling/handling-line.tsx";
import { consequenceMark, rowMark, shortName } from "./names.ts";
import type { OutboxItem } from "./outbox.ts";
import { GROUP_PX, GroupLine, MORE_PX, MoreLine } from "./queue-lines.tsx";
import type { QueueItem } from "./queue-model.ts";
import { RemainingTime, useRemaining } from "./remaining-time.tsx";
import { unsentOf } from "./use-outbox.ts";

export interface ApprovalQueueProps {
  readonly items: readonly QueueItem[];
  /** All requests of the list, also those that are folded away: what the place of one is told from. */
  readonly order: readonly GateRow[];
  /** Decisions given on this page. */
  readonly given: readonly OutboxItem[];
  readonly selected: string | undefined;
  /** Page's monotonic instant the rows were read at. */
  readonly arrivedMs: number;
  onSelect(request: string): void;
  /** Opens a group that is folded, or folds it. */
  onToggle(group: string): void;
}

const ROW_PX = 60;

const SIZES: Readonly<Record<QueueItem["kind"], number>> = {
  group: GROUP_PX,
  row: ROW_PX,
  more: MORE_PX,
};

/** The queue as a list box. A press opens the request under it by its id; the list never opens one by itself. */
export function ApprovalQueue({ items, order, given, selected, arrivedMs, onSelect, onToggle }: ApprovalQueueProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => SIZES[items[index]?.kind ?? "row"],
    getItemKey: (index) => items[index]?.key ?? index,
    overscan: 6,
  });
  const places = useMemo(() => new Map(order.map((row, at) => [row.request, at + 1])), [order]);
  const at = indexOf(items, selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a change of selection scrolls, not rows that shift
  useEffect(() => {
    const index = indexOf(items, selected);
    if (index !== -1) virtual.scrollToIndex(index);
  }, [selected]);
  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label="Requests"
      tabIndex={0}
      aria-activedescendant={at === -1 ? undefined : optionId(selected)}
      className="min-h-0 flex-1 overflow-auto -outline-offset-2"
    >
      <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const shown = items[item.index];
          if (shown === undefined) return null;
          if (shown.kind === "group") return <GroupLine key={shown.key} item={shown} top={item.start} />;
          if (shown.kind === "more")
            return <MoreLine key={shown.key} item={shown} top={item.start} onToggle={() => onToggle(shown.group)} />;
          const { row } = shown;
          return (
            <QueueRow
              key={row.request}
              row={row}
              firstOut={shown.firstOut}
              unsent={unsentOf(given, row.request) !== undefined}
              arrivedMs={arrivedMs}
              isSelected={row.request === selected}
              place={[places.get(row.request) ?? 0, order.length]}
              top={item.start}
              onSelect={onSelect}
            />
          );
        })}
      </div>
    </div>
  );
}

const optionId = (request: string | undefined): string => `request-${request}`;

const indexOf = (items: readonly QueueItem[], request: string | undefined): number =>
  items.findIndex((item) => item.kind === "row" && item.row.request === request);

interface QueueRowProps {
  readonly row: GateRow;
  /** It came first of its group, or of a whole flood. */
  readonly firstOut: "group" | "all" | undefined;
  /** Decided on this page and not sent yet. */
  readonly unsent: boolean;
  readonly arrivedMs: number;
  readonly isSelected: boolean;
  readonly place: readonly [number, number];
  readonly top: number;
  onSelect(request: string): void;
}

function QueueRow({ row, firstOut, unsent, arrivedMs, isSelected, place, top, onSelect }: QueueRowProps) {
  const leftMs = useRemaining(row.remainingMs, arrivedMs);
  const consequence = consequenceMark(row.consequence);
  const state = rowMark(row);
  const pending = row.state === "pending";
  const { operator } = useOperator();
  const nowS = Math.floor(useNow() / 1000);
  const note = pending ? handlingNote(row, operator?.subject ?? null, nowS) : aloneNote(row);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keyboard, j and k and the arrows move in it
    // biome-ignore lint/a11y/useFocusableInteractive: options are pointed at by aria-activedescendant
    <div
      role="option"
      id={optionId(row.request)}
      aria-selected={isSelected}
      aria-posinset={place[0]}
      aria-setsize={place[1]}
      onClick={() => onSelect(row.request)}
      style={{ height: ROW_PX, transform: `translateY(${top}px)` }}
      className={`absolute inset-x-0 top-0 flex flex-col justify-center gap-0.5 border-b border-line border-l-3 px-3 ${
        isSelected ? "border-l-accent bg-accent-soft" : "border-l-transparent hover:bg-sunken"
      }`}
    >
      <div className="flex items-center gap-2">
        <MarkIcon shape={consequence.shape} tone={pending ? consequence.tone : "neutral"} />
        <bdi className="min-w-0 flex-1 truncate font-mono text-sm font-medium">{visibleText(row.action)}</bdi>
        <span className="shrink-0 text-xs">
          {pending && unsent ? (
            <span className="inline-flex items-center gap-1 text-notice">
              <MarkIcon shape="half" tone="notice" />
              given, not sent
            </span>
          ) : pending ? (
            <>
              <span className="text-muted">
                <span className="sr-only">waits for </span>
                {formatAge((nowS - row.openedAt) * 1000)}
                {row.remainingMs === null ? "" : " · "}
              </span>
              <RemainingTime leftMs={leftMs} onTimeout={row.onTimeout} />
            </>
          ) : (
            <span className="inline-flex items-center gap-1 text-muted">
              <MarkIcon shape={state.shape} tone={state.tone} />
              {state.label}
            </span>
          )}
        </span>
      </div>
      <div className="flex items-baseline gap-1.5 truncate pl-5 text-xs text-muted">
        <span className={consequence.tone === "neutral" || !pending ? "" : "font-medium text-warning"}>
          {consequence.label}
        </span>
        <span aria-hidden="true">·</span>
        <bdi className="max-w-[40%] shrink-0 truncate" title={visibleText(row.agent)}>
          {visibleText(shortName(row.agent))}
        </bdi>
        <span aria-hidden="true">·</span>
        <bdi className="min-w-0 truncate">{visibleText(row.taskName)}</bdi>
        {row.taskIndex < 0 ? null : <span className="shrink-0 text-faint">#{row.taskIndex}</span>}
        {pending && row.blast !== null && row.blast.tasks > 0 ? (
          <span className="shrink-0" title={`${formatCount(row.blast.tasks)} tasks follow`}>
            <span aria-hidden="true">→ </span>
            <span className="sr-only">tasks that follow: </span>
            {formatCount(row.blast.tasks)}
          </span>
        ) : null}
        {firstOut === undefined ? null : (
          <span className={`shrink-0 pl-1 ${firstOut === "all" ? "font-medium text-notice" : ""}`}>
            {firstOut === "all" ? "came first of all" : "came first"}
          </span>
        )}
        {note === null ? null : (
          <bdi className={`ml-auto truncate pl-1 text-notice ${pending ? "min-w-0" : "shrink-0"}`}>
            {visibleText(note)}
          </bdi>
        )}
        {pending && row.escalated.length > 0 ? (
          <bdi className="ml-auto min-w-0 truncate pl-1 text-notice">
            escalated to {row.escalated.map(visibleText).join(", ")}
          </bdi>
        ) : null}
        {row.approvals.required > 1 && (pending || note === null) ? (
          <span className={`shrink-0 pl-1 ${pending && row.escalated.length > 0 ? "" : "ml-auto"}`}>
            takes {row.approvals.required} people
          </span>
        ) : null}
      </div>
    </div>
  );
}
