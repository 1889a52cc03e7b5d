import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
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
 * table beside it does as well, so that it is hidden from whoever cannot see it. It never moves by itself.
 */
export function UsageChart(props: UsageChartProps) {
  return <Chart key={useTheme()} {...props} />;
}

function Chart({ bars, bucketS, axisWords, onZoom }: UsageChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const zoom = useRef(onZoom);
  const words = useRef(axisWords);
  useEffect(() => {
    zoom.current = onZoom;
    words.current = axisWords;
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
    const paths = uPlot.paths.bars?.({ size: [0.9, 60], align: 1 });
    const series = (label: string, fill: string): uPlot.Series => ({
      ...{ label, fill, stroke: fill, width: 0, points: { show: false } },
      ...(paths === undefined ? {} : { paths }),
    });
    const chart = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height: HEIGHT,
        tzDate: (epochS) => uPlot.tzDate(new Date(epochS * 1000), "UTC"),
        legend: { show: false },
        cursor: { y: false, drag: { x: true, y: false, setScale: false } },
        scales: {
          x: { time: true, range: () => [bars[0]?.from ?? 0, bars.at(-1)?.to ?? bucketS] },
          y: { range: (_chart, _min, max) => [0, max > 0 ? max * 1.05 : 1] },
        },
        series: [{}, series("All", colour("--color-strong")), series("Group", colour("--color-accent"))],
        axes: [
          {
            ...axis,
            incrs: STEPS_S,
            values: (_chart, splits, _axis, _space, step) => splits.map((at) => timeWords(at, step)),
          },
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
      [bars.map(({ from }) => from), bars.map(({ all }) => all), bars.map(({ group }) => group)],
      element,
    );
    const resized = new ResizeObserver(() =>
      chart.setSize({ width: Math.max(200, element.clientWidth), height: HEIGHT }),
    );
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
  }, [bars, bucketS]);
  return <div ref={place} aria-hidden="true" className="min-w-0 overflow-hidden" style={{ height: HEIGHT }} />;
}

/** Room for the longest label beside the axis, px: a digit of its font is 7 wide at most, and the ticks take 16. */
const widthOf = (labels: readonly string[] | null): number =>
  Math.max(72, 16 + 7 * Math.max(0, ...(labels ?? []).map(({ length }) => length)));

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
