import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const HEIGHT = 190;
/** Between marks of the axis, seconds. */
const STEPS_S = [1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000];

export interface SeriesPoint {
  /** Epoch seconds, ascending. */
  readonly at: number;
  readonly value: number | null;
  /** The interval in which it truly lies; null where that is not known. */
  readonly low: number | null;
  readonly high: number | null;
  readonly isAlarm: boolean;
}

export interface SeriesLine {
  readonly value: number;
  readonly tone: "warning" | "critical" | "neutral";
}

export interface SeriesChartProps {
  readonly points: readonly SeriesPoint[];
  readonly lines: readonly SeriesLine[];
  /** Place of the point in view. */
  readonly chosen: number;
  onChoose(place: number): void;
}

/**
 * A score from 0 to 1 over time on a canvas, with its interval, its thresholds and the alarms of a test beside it. What it
 * shows and does the table beside it does as well, so that it is hidden from whoever cannot see it. It never moves by itself.
 */
export function SeriesChart(props: SeriesChartProps) {
  return <Chart key={useTheme()} {...props} />;
}

function Chart({ points, lines, chosen, onChoose }: SeriesChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const choose = useRef(onChoose);
  useEffect(() => {
    choose.current = onChoose;
  });
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const colours = getComputedStyle(element);
    const colour = (name: string): string => colours.getPropertyValue(name).trim();
    const axis = {
      stroke: colour("--color-muted"),
      grid: { stroke: colour("--color-line"), width: 1 },
      ticks: { stroke: colour("--color-line"), width: 1 },
      font: "11px system-ui, sans-serif",
    };
    const unseen = { width: 0, points: { show: false } };
    const times = points.map(({ at }) => at);
    const column = (of: (point: SeriesPoint, place: number) => number | null) => points.map(of);
    const chart = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height: HEIGHT,
        tzDate: (epochS) => uPlot.tzDate(new Date(epochS * 1000), "UTC"),
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
        scales: {
          x: { time: true, range: () => spanOf(times) },
          y: { range: () => [0, 1] },
        },
        bands: [{ series: [2, 1], fill: colour("--color-line") }],
        series: [
          {},
          { label: "Low", ...unseen },
          { label: "High", ...unseen },
          {
            label: "Score",
            stroke: colour("--color-ink"),
            width: 1.5,
            points: { show: true, size: 5, fill: colour("--color-ink") },
          },
          {
            label: "Alarm",
            width: 0,
            stroke: colour("--color-warning"),
            points: { show: true, size: 15, width: 2, stroke: colour("--color-warning"), fill: "transparent" },
          },
          {
            label: "In view",
            width: 0,
            stroke: colour("--color-accent"),
            points: { show: true, size: 9, width: 0, fill: colour("--color-accent") },
          },
          ...lines.map(
            ({ tone }, at): uPlot.Series => ({
              label: `Threshold ${at + 1}`,
              stroke: colour(LINE_COLOURS[tone]),
              width: 1.5,
              dash: DASHES[tone],
              points: { show: false },
            }),
          ),
        ],
        axes: [
          {
            ...axis,
            incrs: STEPS_S,
            values: (_chart, splits, _axis, _space, step) => splits.map((at) => timeWords(at, step)),
          },
          {
            ...axis,
            incrs: [0.2],
            space: 16,
            size: 44,
            values: (_chart, splits) => splits.map((value) => value.toFixed(1)),
          },
        ],
      },
      [
        times,
        column(({ low }) => low),
        column(({ high }) => high),
        column(({ value }) => value),
        column(({ value, isAlarm }) => (isAlarm ? value : null)),
        column(({ value }, at) => (at === chosen ? value : null)),
        ...lines.map(({ value }) => points.map(() => value)),
      ],
      element,
    );
    const pick = (): void => {
      const at = chart.cursor.idx;
      if (at !== null && at !== undefined) choose.current(at);
    };
    chart.over.addEventListener("click", pick);
    const resized = new ResizeObserver(() =>
      chart.setSize({ width: Math.max(200, element.clientWidth), height: HEIGHT }),
    );
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
  }, [points, lines, chosen]);
  return <div ref={place} aria-hidden="true" className="min-w-0 overflow-hidden" style={{ height: HEIGHT }} />;
}

const LINE_COLOURS = {
  warning: "--color-warning",
  critical: "--color-critical",
  neutral: "--color-strong",
} as const;
const DASHES = { warning: [6, 4], critical: [2, 3], neutral: [1, 4] };

/** A single moment, or several in one second, have room around them. */
function spanOf(times: readonly number[]): [number, number] {
  const [first = 0, last = first] = [times[0], times.at(-1)];
  const room = Math.max(1, (last - first) * 0.03);
  return [first - room, last + room];
}

/** As everywhere here: UTC, with what the step of the axis needs. */
function timeWords(epochS: number, stepS: number): string {
  const text = new Date(epochS * 1000).toISOString();
  return stepS >= 86_400 ? text.slice(0, 10) : stepS >= 60 ? text.slice(11, 16) : text.slice(11, 19);
}

/** A canvas keeps the colours it was drawn in: it is drawn anew when they change. */
function useTheme(): string {
  const [theme, setTheme] = useState(() => document.documentElement.dataset.theme ?? "");
  useEffect(() => {
    const watch = new MutationObserver(() => setTheme(document.documentElement.dataset.theme ?? ""));
    watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => watch.disconnect();
  }, []);
  return theme;
}
