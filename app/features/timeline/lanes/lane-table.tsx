import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, ChevronRight } from "lucide-react";
import { memo, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { formatCount } from "../../../ui/duration.ts";
import { Grid, GridCell, GridHeaderCell, GridRow, GridRowGroup } from "../../../ui/grid.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { MarkIcon } from "../../../ui/mark.tsx";
import { useKeys } from "../../../ui/use-keys.ts";
import { paneKey } from "../pane-key.ts";
import { useWide } from "../use-wide.ts";
import { entryWords } from "./entry-words.tsx";
import type { LaneLog } from "./lane-log.ts";
import { laneName, type RunNames } from "./lane-names.ts";
import { tableLines } from "./lane-table-model.ts";
import type { Grouping, Lane } from "./lanes.ts";
import { isHole, type Picture } from "./picture.ts";
import { signKey, signsOf } from "./signs.ts";
import type { Place } from "./view.ts";

export interface LaneTableProps {
  readonly picture: Picture;
  readonly by: Grouping;
  readonly runs: RunNames;
  readonly order: "newest" | "oldest";
  readonly root: RefObject<HTMLElement | null>;
  onOpen(place: Place): void;
  onMove(place: Place): void;
}

const COLUMNS =
  "md:grid-cols-[14px_4rem_9.5rem_minmax(5rem,0.6fr)_minmax(8rem,1.3fr)_minmax(5rem,0.8fr)_minmax(5rem,0.8fr)_minmax(6rem,1fr)_minmax(4rem,0.6fr)]";
const PHONE = "max-md:grid-cols-[14px_minmax(0,1fr)_auto] max-md:content-center";
const WIDE_PX = 32;
const PHONE_PX = 48;
/** The headings; a phone has none in view. */
const HEAD_PX = 28;

/** The lanes as a table: each a group that opens and closes, with the same entries, order, selection and signs. */
export function LaneTable({ picture, by, runs, order, root, onOpen, onMove }: LaneTableProps) {
  const { lanes, places, selected } = picture;
  const scroller = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const isWide = useWide();
  const rowPx = isWide ? WIDE_PX : PHONE_PX;
  const headPx = isWide ? HEAD_PX : 0;
  const lines = useMemo(() => tableLines(lanes, places, closed, order), [lanes, places, closed, order]);
  const signs = useMemo(() => signsOf(picture), [picture]);
  const virtual = useVirtualizer({
    count: lines.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    // The headings stand above the lines and stay in view.
    scrollMargin: headPx,
    scrollPaddingStart: headPx,
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew for another row height only
  useEffect(() => virtual.measure(), [rowPx]);
  const line = selected === null ? -1 : lines.lineOf(selected.domain, selected.seq);
  const toLine = useRef((to: number): void => virtual.scrollToIndex(to, { align: "auto" }));
  useEffect(() => {
    if (line >= 0) toLine.current(line);
  }, [line]);
  const step = (direction: 1 | -1): undefined => {
    const from = line >= 0 ? line : Math.floor((virtual.scrollOffset ?? 0) / rowPx) - (direction === 1 ? 1 : 0);
    for (let to = from + direction; to >= 0 && to < lines.count; to += direction) {
      const next = lines.at(to);
      const lane = next === undefined ? undefined : lanes[next.lane];
      if (next?.kind !== "entry" || lane === undefined) continue;
      scroller.current?.focus({ preventScroll: true });
      onMove({ domain: lane.log.domain, seq: next.seq });
      break;
    }
    return undefined;
  };
  const hasKeys = (): boolean => document.activeElement === scroller.current;
  useKeys({
    j: paneKey(root, () => step(1)),
    k: paneKey(root, () => step(-1)),
    ArrowDown: paneKey(root, () => (hasKeys() ? step(1) : false)),
    ArrowUp: paneKey(root, () => (hasKeys() ? step(-1) : false)),
    Enter: paneKey(root, () => (hasKeys() && selected !== null ? void onOpen(selected) : false)),
  });
  const toggle = (key: string): void =>
    setClosed((now) => new Set(now.has(key) ? [...now].filter((one) => one !== key) : [...now, key]));

  return (
    <Grid
      ref={scroller}
      aria-label="Log entries in groups"
      aria-rowcount={lines.count + 1}
      aria-activedescendant={line >= 0 ? `line-${line}` : undefined}
      tabIndex={0}
      className="min-h-0 flex-1 overflow-auto -outline-offset-2"
    >
      <GridRowGroup className="sticky top-0 z-10">
        <GridRow
          aria-rowindex={1}
          className={`grid h-7 items-center gap-x-3 border-b border-l-3 border-line border-l-transparent bg-panel px-3 text-xs font-medium text-muted max-md:sr-only ${COLUMNS}`}
        >
          {["Severity", "Entry", "Received", "Type", "Action", "Outcome", "By", "Task", "Signs"].map((name) => (
            <GridHeaderCell key={name} className={name === "Entry" ? "text-right" : ""}>
              {name === "Severity" ? <span className="sr-only">{name}</span> : name}
            </GridHeaderCell>
          ))}
        </GridRow>
      </GridRowGroup>
      <GridRowGroup className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const at = lines.at(item.index);
          const lane = at === undefined ? undefined : lanes[at.lane];
          if (at === undefined || lane === undefined) return null;
          const box = { top: item.start - headPx, height: rowPx, index: item.index };
          if (at.kind === "head")
            return (
              <HeadRow
                key={lane.key}
                {...box}
                lane={lane}
                by={by}
                runs={runs}
                isOpen={!closed.has(lane.key)}
                onToggle={toggle}
              />
            );
          const { log } = lane;
          return (
            <EntryRow
              key={`${log.domain} ${at.seq}`}
              {...box}
              log={log}
              seq={at.seq}
              signs={signs.get(signKey(log.domain, at.seq)) ?? null}
              isActive={item.index === line}
              onOpen={onOpen}
            />
          );
        })}
      </GridRowGroup>
    </Grid>
  );
}

interface Box {
  readonly top: number;
  readonly height: number;
  readonly index: number;
}

interface HeadRowProps extends Box {
  readonly lane: Lane;
  readonly by: Grouping;
  readonly runs: RunNames;
  readonly isOpen: boolean;
  onToggle(key: string): void;
}

function HeadRow({ lane, by, runs, isOpen, onToggle, top, height, index }: HeadRowProps) {
  const { short, whole } = laneName(lane, by, runs);
  const Icon = isOpen ? ChevronDown : ChevronRight;
  return (
    <GridRow
      aria-rowindex={index + 2}
      className="absolute inset-x-0 top-0 border-b border-line bg-sunken"
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <GridCell aria-colspan={9} className="h-full">
        <button
          type="button"
          aria-expanded={isOpen}
          title={whole}
          onClick={() => onToggle(lane.key)}
          className="flex h-full w-full items-center gap-1.5 px-2 text-left font-medium -outline-offset-2 hover:bg-line"
        >
          <Icon aria-hidden="true" size={14} className="shrink-0" />
          <bdi className="min-w-0 truncate">{short}</bdi>
          <span className="text-xs font-normal text-muted">{formatCount(lane.entries.length)}</span>
        </button>
      </GridCell>
    </GridRow>
  );
}

interface EntryRowProps extends Box {
  readonly log: LaneLog;
  readonly seq: number;
  readonly signs: string | null;
  readonly isActive: boolean;
  onOpen(place: Place): void;
}

const EntryRow = memo(function EntryRow({ log, seq, signs, isActive, onOpen, top, height, index }: EntryRowProps) {
  const { typ, action, outcome, actor, name, mark, unknown } = entryWords(log, seq);
  const words = [
    signs,
    isHole(log, seq) ? "not there" : null,
    unknown === 0 ? null : `${formatCount(unknown)} not in the log`,
  ].filter((word) => word !== null);
  const short = [typ, outcome, name, ...words].filter((word) => word !== null).join(" · ");
  return (
    <GridRow
      id={`line-${index}`}
      aria-rowindex={index + 2}
      aria-selected={isActive}
      onClick={() => onOpen({ domain: log.domain, seq })}
      style={{ height, transform: `translateY(${top}px)` }}
      className={`absolute inset-x-0 top-0 grid items-center gap-x-3 border-b border-l-3 border-line px-3 ${COLUMNS} ${PHONE} ${
        isActive ? "border-l-accent bg-accent-soft" : "border-l-transparent hover:bg-sunken"
      }`}
    >
      <GridCell className="max-md:row-span-2">
        {mark === null ? null : <MarkIcon shape={mark.shape} tone={mark.tone} />}
        <span className="sr-only">{mark?.label ?? "info"}</span>
      </GridCell>
      <GridCell className="text-right font-mono text-xs text-muted max-md:col-start-3 max-md:row-start-1">
        {formatCount(seq)}
      </GridCell>
      <GridCell className="text-xs text-muted max-md:col-start-3 max-md:row-start-2">
        <Instant epochMs={(log.at[seq] ?? 0) * 1000} />
      </GridCell>
      <GridCell className="truncate text-xs text-muted max-md:hidden">{typ}</GridCell>
      <GridCell className="truncate max-md:col-start-2 max-md:row-start-1">
        <bdi>{action}</bdi>
      </GridCell>
      <GridCell className="truncate text-xs text-muted max-md:col-start-2 max-md:row-start-2 md:text-sm md:text-ink">
        <bdi className="max-md:hidden">{outcome}</bdi>
        <bdi className="md:hidden">{short}</bdi>
      </GridCell>
      <GridCell className="truncate text-muted max-md:hidden">
        <bdi>{actor}</bdi>
      </GridCell>
      <GridCell className="truncate max-md:hidden">
        <bdi>{name}</bdi>
      </GridCell>
      <GridCell className="truncate text-xs font-medium max-md:hidden">{words.join(", ")}</GridCell>
    </GridRow>
  );
});
