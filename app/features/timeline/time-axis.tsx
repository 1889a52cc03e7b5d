import { memo, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { EntryRow } from "../../api/contract/common.ts";
import { formatCount } from "../../ui/duration.ts";
import { formatInstant } from "../../ui/instant.tsx";
import { histogram, placeAt, type Sample, type Span, spanOf, ticks } from "./axis-model.ts";
import type { ViewStore } from "./use-place.ts";

export interface TimeAxisProps {
  readonly samples: readonly Sample[];
  /** Rows the list has loaded. */
  readonly rows: readonly EntryRow[];
  readonly isFiltered: boolean;
  /** What the list shows now. */
  readonly view: ViewStore;
  /** A press on a time: the entry nearest to it. */
  onPick(seq: number): void;
}

const BINS = 160;
const HEIGHT = 36;

/**
 * When entries came in, over the whole log, with the part in view marked. A picture of the list below it, which says the same
 * in words; so it is not in the order of Tab.
 */
export const TimeAxis = memo(function TimeAxis({ samples, rows, isFiltered, view, onPick }: TimeAxisProps) {
  const [pointed, setPointed] = useState<number | null>(null);
  const span = spanOf(samples);
  const all = useMemo(() => (span === null ? [] : histogram(samples, span, BINS)), [samples, span]);
  const shown = useMemo(() => (span === null || !isFiltered ? [] : countRows(rows, span)), [rows, span, isFiltered]);
  if (span === null) return <div className="h-13 border-b border-line" aria-hidden="true" />;
  const highest = Math.max(1, ...all);
  const at = pointed === null ? null : span.from + pointed * (span.to - span.from);
  const place = (event: React.PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  return (
    <div className="relative border-b border-line bg-surface px-3 pt-1 select-none">
      <div
        role="img"
        aria-label={`Entries over time, from ${formatInstant(span.from * 1000)} to ${formatInstant(span.to * 1000)}`}
        className="relative cursor-crosshair"
        style={{ height: HEIGHT }}
        onPointerMove={(event) => setPointed(place(event))}
        onPointerLeave={() => setPointed(null)}
        onPointerUp={(event) => {
          const seq = placeAt(samples, span.from + place(event) * (span.to - span.from));
          if (seq !== null) onPick(seq);
        }}
      >
        <svg viewBox={`0 0 ${BINS} ${HEIGHT}`} preserveAspectRatio="none" className="h-full w-full" aria-hidden="true">
          <path d={barsPath(all, highest)} className={isFiltered ? "fill-line" : "fill-strong"} />
          {isFiltered ? <path d={barsPath(shown, highest)} className="fill-accent" /> : null}
        </svg>
        <InView span={span} view={view} />
        {pointed === null ? null : (
          <div className="absolute inset-y-0 w-px bg-accent" style={{ left: `${pointed * 100}%` }} />
        )}
      </div>
      <Ticks span={span} />
      {at === null || pointed === null ? null : (
        <div
          className="pointer-events-none absolute top-1 z-20 border border-strong bg-raised px-1.5 text-xs whitespace-nowrap"
          style={
            pointed < 0.5
              ? { left: `calc(${pointed * 100}% + 1.5rem)` }
              : { right: `calc(${(1 - pointed) * 100}% + 1.5rem)` }
          }
        >
          {formatInstant(at * 1000)} · about{" "}
          {formatCount(Math.round(all[Math.min(BINS - 1, Math.floor(pointed * BINS))] ?? 0))} entries
        </div>
      )}
    </div>
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
