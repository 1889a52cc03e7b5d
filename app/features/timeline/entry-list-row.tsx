import { memo } from "react";
import type { EntryRow } from "../../api/contract/common.ts";
import { formatCount } from "../../ui/duration.ts";
import { Instant } from "../../ui/instant.tsx";
import { MarkIcon } from "../../ui/mark.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { actionWords, severityMark, shortName, shortTyp } from "./names.ts";

/** Heights of a row, px: one line in columns, two lines on a phone. */
export const WIDE_ROW_PX = 32;
export const PHONE_ROW_PX = 48;

/** The columns of wide screens, shared with the headings. */
const COLUMNS =
  "md:grid-cols-[12px_4rem_auto_minmax(6rem,0.8fr)_minmax(8rem,1.3fr)_minmax(5rem,0.8fr)_minmax(5rem,0.8fr)_minmax(6rem,1fr)]";
const SIGN_COLUMNS =
  "md:grid-cols-[12px_4rem_auto_minmax(5rem,0.7fr)_minmax(8rem,1.3fr)_minmax(5rem,0.8fr)_minmax(4rem,0.7fr)_minmax(5rem,0.9fr)_minmax(6rem,0.8fr)]";
export const columnsOf = (hasSigns: boolean): string => (hasSigns ? SIGN_COLUMNS : COLUMNS);
const PHONE =
  "max-md:grid-cols-[12px_minmax(0,1fr)_auto] max-md:grid-rows-2 max-md:content-center max-md:py-1 max-md:gap-y-0";

export interface EntryListRowProps {
  readonly row: EntryRow;
  readonly id: string;
  /** Position in the whole list and its length, where they are known. */
  readonly place: number | undefined;
  readonly of: number | undefined;
  readonly top: number;
  readonly height: number;
  readonly isActive: boolean;
  readonly isBad: boolean;
  /** What the lanes mark it with; undefined where no signs are shown. */
  readonly sign: string | null | undefined;
  onOpen(seq: number): void;
}

export const EntryListRow = memo(function EntryListRow(props: EntryListRowProps) {
  const { row, id, place, of, top, height, isActive, isBad, sign, onOpen } = props;
  const words = actionWords(row);
  const mark = isBad ? BAD : severityMark(row.severity);
  const rest = isBad ? "bg-critical-soft" : "hover:bg-sunken";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keyboard: j, k and Enter
    // biome-ignore lint/a11y/useFocusableInteractive: options are pointed at by aria-activedescendant
    <div
      role="option"
      id={id}
      aria-posinset={place}
      aria-setsize={of}
      aria-selected={isActive}
      onClick={() => onOpen(row.seq)}
      style={{ height, transform: `translateY(${top}px)` }}
      className={`absolute inset-x-0 top-0 grid items-center gap-x-3 border-b border-line border-l-3 px-3 ${columnsOf(sign !== undefined)} ${PHONE} ${
        isActive ? "border-l-accent bg-accent-soft" : `border-l-transparent ${rest}`
      }`}
    >
      <span className="max-md:row-span-2">
        {mark === null ? null : <MarkIcon shape={mark.shape} tone={mark.tone} />}
        <span className="sr-only">{mark?.label ?? "info"}</span>
      </span>
      <span className="text-right font-mono text-xs text-muted max-md:col-start-3 max-md:row-start-1">
        {formatCount(row.seq)}
      </span>
      <span className="min-w-24 text-xs text-muted max-md:col-start-3 max-md:row-start-2 max-md:text-right">
        <Instant epochMs={row.receivedAt * 1000} />
      </span>
      <Cell text={shortTyp(row.typ)} className="text-xs text-muted max-md:hidden" />
      <Cell
        text={[sign, shortTyp(row.typ), row.outcome, row.taskName].filter((part) => part != null).join(" · ")}
        className="col-start-2 row-start-2 text-xs text-muted md:hidden"
      />
      <Cell
        text={words ?? row.action}
        className={`${words === null ? "font-mono text-xs" : ""} max-md:col-start-2 max-md:row-start-1`}
      />
      <Cell
        text={row.outcome ?? ""}
        className={`max-md:hidden ${row.severity === "critical" || row.severity === "warning" ? "font-medium" : ""}`}
      />
      <Cell
        text={row.iss === null ? "" : shortName(row.iss)}
        title={row.iss ?? ""}
        className="text-muted max-md:hidden"
      />
      <Cell text={row.taskName ?? ""} className="max-md:hidden" />
      {sign === undefined ? null : <Cell text={sign ?? ""} className="text-xs font-medium max-md:hidden" />}
    </div>
  );
});

const BAD = { shape: "cross", tone: "critical", label: "first bad entry" } as const;

interface CellProps {
  readonly text: string;
  readonly title?: string;
  readonly className: string;
}

function Cell({ text, title = text, className }: CellProps) {
  return (
    <span className={`min-w-0 truncate ${className}`} title={visibleText(title)}>
      <bdi>{visibleText(text)}</bdi>
    </span>
  );
}
