import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { LIMITS } from "../../../protocol/attention/limits.ts";
import type { Overview } from "./use-attention.ts";

const HEIGHT = 160;
const HOUR_S = 3600;
/** Between marks of the axis, seconds. */
const STEPS_S = [3600, 10_800, 21_600, 43_200, 86_400, 604_800];

export interface LoadChartProps {
  readonly hours: Overview["hours"];
}

/** Demands of one hour on each of those who were there; on one where nobody was. */
export const eachOf = ({ demands, operators }: Overview["hours"][number]): number => demands / Math.max(1, operators);

/**
 * Demands on each operator by the hour on a canvas, with the aim and the limit as lines; above the limit in another colour.
 * The table beside it says the same, so that it is hidden from whoever cannot see it. It never moves by itself.
 */
export function LoadChart(props: LoadChartProps) {
  return <Chart key={useTheme()} {...props} />;
}

function Chart({ hours }: LoadChartProps) {
  const place = useRef<HTMLDivElement>(null);
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
    const paths = uPlot.paths.bars?.({ size: [0.8, 40], align: 1 });
    const bars = (label: string, fill: string): uPlot.Series => ({
      ...{ label, fill, stroke: fill, width: 0, points: { show: false } },
      ...(paths === undefined ? {} : { paths }),
    });
    const line = (label: string, dash: number[]): uPlot.Series => ({
      ...{ label, dash, stroke: colour("--color-ink"), width: 1, points: { show: false } },
    });
    const { aim, warn } = LIMITS.hour;
    const chart = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height: HEIGHT,
        tzDate: (epochS) => uPlot.tzDate(new Date(epochS * 1000), "UTC"),
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: true, range: () => [hours[0]?.at ?? 0, (hours.at(-1)?.at ?? 0) + HOUR_S] },
          y: { range: (_chart, _min, max) => [0, Math.max(max, warn) * 1.1] },
        },
        series: [
          {},
          bars("Demands", colour("--color-strong")),
          bars("Above the limit", colour("--color-warning")),
          line("Aim", [2, 4]),
          line("Limit", [6, 3]),
        ],
        axes: [
          {
            ...axis,
            incrs: STEPS_S,
            values: (_chart, splits, _axis, _space, step) => splits.map((at) => timeWords(at, step)),
          },
          { ...axis, size: 40 },
        ],
      },
      [
        hours.map(({ at }) => at),
        hours.map(eachOf),
        hours.map((hour) => (eachOf(hour) > warn ? eachOf(hour) : null)),
        hours.map(() => aim),
        hours.map(() => warn),
      ],
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
  }, [hours]);
  return <div ref={place} aria-hidden="true" className="min-w-0 overflow-hidden" style={{ height: HEIGHT }} />;
}

/** As everywhere here: UTC, with what the step of the axis needs. */
function timeWords(epochS: number, stepS: number): string {
  const text = new Date(epochS * 1000).toISOString();
  return stepS >= 86_400 ? text.slice(5, 10) : text.slice(11, 16);
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
