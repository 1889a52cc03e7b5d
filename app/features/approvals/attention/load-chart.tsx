import { useCallback } from "react";
import { LIMITS } from "../../../protocol/attention/limits.ts";
import { barSeries, type ChartPalette, type DrawnChart, TimeChart, timeAxis } from "../../../ui/time-chart.tsx";
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
 * The table beside it says the same.
 */
export function LoadChart({ hours }: LoadChartProps) {
  const draw = useCallback((palette: ChartPalette) => drawn(hours, palette), [hours]);
  return <TimeChart height={HEIGHT} draw={draw} />;
}

function drawn(hours: Overview["hours"], palette: ChartPalette): DrawnChart {
  const { colour, axis } = palette;
  const { aim, warn } = LIMITS.hour;
  const line = (label: string, dash: number[]) => ({
    ...{ label, dash, stroke: colour("--color-ink"), width: 1, points: { show: false } },
  });
  const size: [number, number] = [0.8, 40];
  return {
    options: {
      cursor: { show: false },
      scales: {
        x: { time: true, range: () => [hours[0]?.at ?? 0, (hours.at(-1)?.at ?? 0) + HOUR_S] },
        y: { range: (_chart, _min, max) => [0, Math.max(max, warn) * 1.1] },
      },
      series: [
        {},
        barSeries("Demands", colour("--color-strong"), size),
        barSeries("Above the limit", colour("--color-warning"), size),
        line("Aim", [2, 4]),
        line("Limit", [6, 3]),
      ],
      axes: [
        { ...timeAxis(palette, STEPS_S), space: 80 },
        { ...axis, size: 40 },
      ],
    },
    data: [
      hours.map(({ at }) => at),
      hours.map(eachOf),
      hours.map((hour) => (eachOf(hour) > warn ? eachOf(hour) : null)),
      hours.map(() => aim),
      hours.map(() => warn),
    ],
  };
}
