import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { GateRow } from "../../api/contract/gate.ts";
import { MarkIcon } from "../../ui/mark.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { consequenceMark, rowMark, shortName, type Timeouts } from "./names.ts";
import { RemainingTime, useRemaining } from "./remaining-time.tsx";

export interface ApprovalQueueProps {
  readonly rows: readonly GateRow[];
  readonly selected: string | undefined;
  /** Page's monotonic instant the rows were read at. */
  readonly arrivedMs: number;
  readonly timeouts: Timeouts | null;
  onSelect(request: string): void;
}

const ROW_PX = 60;

/** The queue as a list box. A press opens the request under it by its id; the list never opens one by itself. */
export function ApprovalQueue({ rows, selected, arrivedMs, timeouts, onSelect }: ApprovalQueueProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]?.request ?? index,
    overscan: 6,
  });
  const at = rows.findIndex((row) => row.request === selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a change of selection scrolls, not rows that shift
  useEffect(() => {
    const index = rows.findIndex((row) => row.request === selected);
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
          const row = rows[item.index];
          return row === undefined ? null : (
            <QueueRow
              key={row.request}
              row={row}
              arrivedMs={arrivedMs}
              timeouts={timeouts}
              isSelected={row.request === selected}
              place={[item.index + 1, rows.length]}
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

interface QueueRowProps {
  readonly row: GateRow;
  readonly arrivedMs: number;
  readonly timeouts: Timeouts | null;
  readonly isSelected: boolean;
  readonly place: readonly [number, number];
  readonly top: number;
  onSelect(request: string): void;
}

function QueueRow({ row, arrivedMs, timeouts, isSelected, place, top, onSelect }: QueueRowProps) {
  const leftMs = useRemaining(row.remainingMs, arrivedMs);
  const consequence = consequenceMark(row.consequence);
  const state = rowMark(row, timeouts);
  const pending = row.state === "pending";
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
          {pending ? (
            <RemainingTime leftMs={leftMs} onTimeout={row.onTimeout} />
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
        {row.approvals.required > 1 ? (
          <span className="ml-auto shrink-0 pl-1">
            {row.approvals.given} of {row.approvals.required} approvals
          </span>
        ) : null}
      </div>
    </div>
  );
}
