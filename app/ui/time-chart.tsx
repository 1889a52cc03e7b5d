import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

/** What a chart is drawn with: colours of the theme by their names, and how its axes look. */
export interface ChartPalette {
  colour(name: string): string;
  readonly axis: Pick<uPlot.Axis, "stroke" | "grid" | "ticks" | "font">;
}

export interface DrawnChart {
  readonly options: Omit<uPlot.Options, "width" | "height" | "tzDate" | "legend">;
  readonly data: uPlot.AlignedData;
}

export interface TimeChartProps {
  readonly height: number;
  /** The chart is made anew when this function is another one. */
  draw(palette: ChartPalette): DrawnChart;
}

/**
 * A chart over time on a canvas, as wide as its place. A table beside it says and does the same, so that it is hidden from
 * whoever cannot see it. It never moves by itself.
 */
export function TimeChart(props: TimeChartProps) {
  return <Chart key={useTheme()} {...props} />;
}

function Chart({ height, draw }: TimeChartProps) {
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
      font: "12px system-ui, sans-serif",
    };
    const size = () => ({ width: Math.max(200, element.clientWidth), height });
    const { options, data } = draw({ colour, axis });
    const chart = new uPlot(
      {
        ...options,
        ...size(),
        tzDate: (epochS) => uPlot.tzDate(new Date(epochS * 1000), "UTC"),
        legend: { show: false },
      },
      data,
      element,
    );
    const resized = new ResizeObserver(() => chart.setSize(size()));
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
  }, [height, draw]);
  return <div ref={place} aria-hidden="true" className="min-w-0 overflow-hidden" style={{ height }} />;
}

/** The axis of time: as everywhere here UTC, with what the step between its marks needs. */
export function timeAxis({ axis }: ChartPalette, incrs: number[]): uPlot.Axis {
  return {
    ...axis,
    incrs,
    // A time with its seconds is 56 px wide: two never touch.
    space: 72,
    values: (_chart, splits, _axis, _space, step) => splits.map((at) => timeWords(at, step)),
  };
}

function timeWords(epochS: number, stepS: number): string {
  const text = new Date(epochS * 1000).toISOString();
  return stepS >= 86_400 ? text.slice(0, 10) : stepS >= 60 ? text.slice(11, 16) : text.slice(11, 19);
}

/** Bars from one moment to the next. */
export function barSeries(label: string, fill: string, size: [number, number]): uPlot.Series {
  const paths = uPlot.paths.bars?.({ size, align: 1 });
  return {
    ...{ label, fill, stroke: fill, width: 0, points: { show: false } },
    ...(paths === undefined ? {} : { paths }),
  };
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
