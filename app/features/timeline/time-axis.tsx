import { memo, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { EntryRow } from "../../api/contract/common.ts";
import { formatCount } from "../../ui/duration.ts";
import { formatInstant } from "../../ui/instant.tsx";
import { histogram, placeAt, type Sample, type Span, shareAfterKey, spanOf, ticks } from "./axis-model.ts";
import type { ViewStore } from "./use-place.ts";

export interface TimeAxisProps {
  readonly samples: readonly Sample[];
  /** Rows the list has loaded. */
  readonly rows: readonly EntryRow[];
  /** Entries that match over the whole log, or null where nothing is filtered or it is not known. */
  readonly matching: number | null;
  readonly isFiltered: boolean;
  /** What the list shows now. */
  readonly view: ViewStore;
  /** A time was chosen: the entry nearest to it. */
  onPick(seq: number): void;
}

const BINS = 160;
const HEIGHT = 36;

/**
 * When entries came in, over the whole log, with the part in view marked. By pointer a press goes to a time; by keyboard it
 * is a slider: arrows move, Enter goes.
 */
export const TimeAxis = memo(function TimeAxis(props: TimeAxisProps) {
  const { samples, rows, matching, isFiltered, view, onPick } = props;
  const [pointed, setPointed] = useState<number | null>(null);
  const span = useMemo(() => spanOf(samples), [samples]);
  const all = useMemo(() => (span === null ? [] : histogram(samples, span, BINS)), [samples, span]);
  const shown = useMemo(() => (span === null || !isFiltered ? [] : countRows(rows, span)), [rows, span, isFiltered]);
  const firstAt = useStore(view, (now) => now.first?.receivedAt);
  if (span === null) return <div className="h-13 border-b border-line" aria-hidden="true" />;
  const timeOf = (share: number): number => span.from + share * (span.to - span.from);
  const viewed = firstAt === undefined ? 1 : clampShare((firstAt - span.from) / (span.to - span.from));
  const here = pointed ?? viewed;
  const place = (event: React.PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return clampShare((event.clientX - box.left) / box.width);
  };
  const pick = (share: number): void => {
    const seq = placeAt(samples, timeOf(share));
    if (seq !== null) onPick(seq);
  };
  const text = `${formatInstant(timeOf(here) * 1000)} · about ${formatCount(countAt(all, here))} entries`;
  return (
    <div className="relative border-b border-line bg-surface px-3 pt-1 select-none">
      <div
        role="slider"
        tabIndex={0}
        aria-label="Time axis: entries over time"
        aria-valuemin={span.from}
        aria-valuemax={span.to}
        aria-valuenow={Math.round(timeOf(here))}
        aria-valuetext={text}
        aria-keyshortcuts="Enter"
        className="relative cursor-crosshair"
        style={{ height: HEIGHT }}
        onPointerMove={(event) => setPointed(place(event))}
        onPointerLeave={() => setPointed(null)}
        onPointerUp={(event) => pick(place(event))}
        onBlur={() => setPointed(null)}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.metaKey || event.altKey) return;
          const to = shareAfterKey(event.key, here, event.shiftKey);
          if (to === undefined && event.key !== "Enter" && event.key !== " ") return;
          // Escape and letters stay the pane's; these are the axis' own.
          event.preventDefault();
          if (to === undefined) pick(here);
          else setPointed(to);
        }}
      >
        <Bars all={all} shown={shown} isFiltered={isFiltered} />
        <InView span={span} view={view} />
        {pointed === null ? null : (
          <div className="absolute inset-y-0 w-px bg-accent" style={{ left: `${pointed * 100}%` }} />
        )}
      </div>
      <Ticks span={span} />
      {isFiltered ? <p className="pb-0.5 text-xs text-muted">{barsText(rows.length, matching)}</p> : null}
      {pointed === null ? null : (
        <div
          aria-hidden="true"
          className="pointer-events-none absolute top-1 z-20 border border-strong bg-raised px-1.5 text-xs whitespace-nowrap"
          style={
            pointed < 0.5
              ? { left: `calc(${pointed * 100}% + 1.5rem)` }
              : { right: `calc(${(1 - pointed) * 100}% + 1.5rem)` }
          }
        >
          {text}
        </div>
      )}
    </div>
  );
});

const clampShare = (share: number): number => Math.min(1, Math.max(0, share));

const countAt = (all: readonly number[], share: number): number =>
  Math.round(all[Math.min(BINS - 1, Math.floor(share * BINS))] ?? 0);

/** Which entries the two kinds of bars count: those that match are only known as far as they have been read. */
function barsText(read: number, matching: number | null): string {
  const all = matching !== null && read >= matching;
  const of = matching === null ? "matching entries" : `${formatCount(matching)} matching entries`;
  return `Strong bars: ${all ? `all ${of}` : `the ${formatCount(read)} read so far of ${of}`}. Pale bars: the whole log.`;
}

interface BarsProps {
  readonly all: readonly number[];
  readonly shown: readonly number[];
  readonly isFiltered: boolean;
}

/** Drawn anew when the counts change, not while the list is scrolled. */
const Bars = memo(function Bars({ all, shown, isFiltered }: BarsProps) {
  const highest = Math.max(1, ...all);
  return (
    <svg viewBox={`0 0 ${BINS} ${HEIGHT}`} preserveAspectRatio="none" className="h-full w-full" aria-hidden="true">
      <path d={barsPath(all, highest)} className={isFiltered ? "fill-line" : "fill-strong"} />
      {isFiltered ? <path d={barsPath(shown, highest)} className="fill-accent" /> : null}
    </svg>
  );
});

/** The root of the count gives the height, so that a burst leaves single entries visible. */
function barsPath(counts: readonly number[], highest: number): string {
  return counts
    .map((count, bin) => {
      if (count <= 0) return "";
      const height = Math.max(2, Math.sqrt(count / highest) * HEIGHT);
      return `M${bin} ${HEIGHT}v${-height}h1v${height}z`;
    })
    .join("");
}

function countRows(rows: readonly EntryRow[], span: Span): readonly number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const row of rows) {
    const bin = Math.min(BINS - 1, Math.floor(((row.receivedAt - span.from) / (span.to - span.from)) * BINS));
    if (bin >= 0) counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** The part of time the list shows, never thinner than can be seen. */
function InView({ span, view }: { readonly span: Span; readonly view: ViewStore }) {
  const { first, last } = useStore(view);
  if (first === undefined || last === undefined) return null;
  const share = (at: number): number => ((at - span.from) / (span.to - span.from)) * 100;
  const from = share(Math.min(first.receivedAt, last.receivedAt));
  const to = share(Math.max(first.receivedAt, last.receivedAt));
  return (
    <div
      className="pointer-events-none absolute inset-y-0 min-w-1.5 border-x border-accent bg-accent/15"
      style={{ left: `min(${from}%, calc(100% - 0.375rem))`, width: `${Math.max(0, to - from)}%` }}
    />
  );
}

function Ticks({ span }: { readonly span: Span }) {
  const { at, stepS } = ticks(span, 7, -new Date(span.from * 1000).getTimezoneOffset() * 60);
  return (
    <div className="relative h-4 overflow-hidden text-xs text-muted" aria-hidden="true">
      {at
        .map((time) => ({ time, share: (time - span.from) / (span.to - span.from) }))
        // A label at the very edge would be cut.
        .filter(({ share }) => share > 0.03 && share < 0.97)
        .map(({ time, share }) => (
          <span key={time} className="absolute -translate-x-1/2 whitespace-nowrap" style={{ left: `${share * 100}%` }}>
            {tickText(time, stepS)}
          </span>
        ))}
    </div>
  );
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockS = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-CA", { month: "2-digit", day: "2-digit" });

function tickText(at: number, stepS: number): string {
  const date = new Date(at * 1000);
  if (stepS >= 86_400) return day.format(date);
  return stepS < 60 ? clockS.format(date) : clock.format(date);
}
