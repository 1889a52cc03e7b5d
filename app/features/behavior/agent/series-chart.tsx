import { useCallback, useEffect, useRef } from "react";
import { type ChartPalette, type DrawnChart, TimeChart, timeAxis } from "../../../ui/time-chart.tsx";

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
 * shows and does the table beside it does as well.
 */
export function SeriesChart({ points, lines, chosen, onChoose }: SeriesChartProps) {
  const choose = useRef(onChoose);
  useEffect(() => {
    choose.current = onChoose;
  });
  const draw = useCallback(
    (palette: ChartPalette): DrawnChart => {
      const { colour, axis } = palette;
      const unseen = { width: 0, points: { show: false } };
      const times = points.map(({ at }) => at);
      const column = (of: (point: SeriesPoint, place: number) => number | null) => points.map(of);
      return {
        options: {
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
            ...lines.map(({ tone }, at) => ({
              label: `Threshold ${at + 1}`,
              stroke: colour(LINE_COLOURS[tone]),
              width: 1.5,
              dash: DASHES[tone],
              points: { show: false },
            })),
          ],
          axes: [
            timeAxis(palette, STEPS_S),
            {
              ...axis,
              incrs: [0.2],
              space: 16,
              size: 44,
              values: (_chart, splits) => splits.map((value) => value.toFixed(1)),
            },
          ],
          hooks: {
            ready: [
              (chart) =>
                chart.over.addEventListener("click", () => {
                  const at = chart.cursor.idx;
                  if (at !== null && at !== undefined) choose.current(at);
                }),
            ],
          },
        },
        data: [
          times,
          column(({ low }) => low),
          column(({ high }) => high),
          column(({ value }) => value),
          column(({ value, isAlarm }) => (isAlarm ? value : null)),
          column(({ value }, at) => (at === chosen ? value : null)),
          ...lines.map(({ value }) => points.map(() => value)),
        ],
      };
    },
    [points, lines, chosen],
  );
  return <TimeChart height={HEIGHT} draw={draw} />;
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
