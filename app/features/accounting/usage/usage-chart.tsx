import { useCallback, useEffect, useRef } from "react";
import { barSeries, type ChartPalette, type DrawnChart, TimeChart, timeAxis } from "../../../ui/time-chart.tsx";
import type { Bar } from "./bars.ts";

const HEIGHT = 200;
/** Between marks of the axis, seconds: what is metered has no parts of them. */
const STEPS_S = [
  1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000, 31_536_000,
];

export interface UsageChartProps {
  readonly bars: readonly Bar[];
  readonly bucketS: number;
  /** Values on the axis in words. */
  axisWords(value: number): string;
  /** A span was drawn with the pointer, epoch seconds. */
  onZoom(from: number, to: number): void;
}

/**
 * Bars over time on a canvas: all use in grey, that of the group in view in the accent before it. What it shows and does the
 * table beside it does as well.
 */
export function UsageChart({ bars, bucketS, axisWords, onZoom }: UsageChartProps) {
  const zoom = useRef(onZoom);
  const words = useRef(axisWords);
  useEffect(() => {
    zoom.current = onZoom;
    words.current = axisWords;
  });
  const draw = useCallback(
    (palette: ChartPalette): DrawnChart => {
      const { colour, axis } = palette;
      const size: [number, number] = [0.9, 60];
      return {
        options: {
          cursor: { y: false, drag: { x: true, y: false, setScale: false } },
          scales: {
            x: { time: true, range: () => [bars[0]?.from ?? 0, bars.at(-1)?.to ?? bucketS] },
            y: { range: (_chart, _min, max) => [0, max > 0 ? max * 1.05 : 1] },
          },
          series: [
            {},
            barSeries("All", colour("--color-strong"), size),
            barSeries("Group", colour("--color-accent"), size),
          ],
          axes: [
            timeAxis(palette, STEPS_S),
            {
              ...axis,
              size: (_chart, labels) => widthOf(labels),
              values: (_chart, splits) => splits.map((value) => words.current(value)),
            },
          ],
          hooks: {
            setSelect: [
              (of) => {
                if (of.select.width < 4) return;
                const [from, to] = [of.select.left, of.select.left + of.select.width].map((at) => of.posToVal(at, "x"));
                of.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
                if (from !== undefined && to !== undefined) zoom.current(Math.floor(from), Math.ceil(to));
              },
            ],
          },
        },
        data: [bars.map(({ from }) => from), bars.map(({ all }) => all), bars.map(({ group }) => group)],
      };
    },
    [bars, bucketS],
  );
  return <TimeChart height={HEIGHT} draw={draw} />;
}

/** Room for the longest label beside the axis, px: a digit of its font is 7 wide at most, and the ticks take 16. */
const widthOf = (labels: readonly string[] | null): number =>
  Math.max(72, 16 + 7 * Math.max(0, ...(labels ?? []).map(({ length }) => length)));
