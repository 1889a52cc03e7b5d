import { scaleTime } from "d3-scale";
import { formatDuration } from "../../../ui/duration.ts";
import type { TimeSpan } from "./view.ts";

export interface Tick {
  readonly atMs: number;
  readonly text: string;
}

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const minute = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const second = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const zone = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short", hour: "2-digit" });

/** Times to label, about `most`, on round steps of local time, from years down to parts of a millisecond. */
export function ticksOf(span: TimeSpan, most: number): readonly Tick[] {
  const stepMs = (span.toMs - span.fromMs) / Math.max(1, most);
  // Dates have no parts of a millisecond; below ten of them numbers are counted.
  if (stepMs < 1) return fineTicks(span, stepMs);
  return scaleTime()
    .domain([new Date(span.fromMs), new Date(span.toMs)])
    .ticks(Math.max(2, most))
    .map((date) => ({ atMs: date.getTime(), text: tickText(date, stepMs) }));
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** The same from a start at 0: `+30 s`, `+2 min 00 s`. */
export function sinceStart(span: TimeSpan, most: number): readonly Tick[] {
  const leastMs = (span.toMs - span.fromMs) / Math.max(1, most);
  const stepMs =
    leastMs < 1000
      ? 10 ** Math.ceil(Math.log10(leastMs))
      : (STEPS_S.find((seconds) => seconds * 1000 >= leastMs) ?? 86_400) * 1000;
  const ticks: Tick[] = [];
  for (let k = Math.ceil(span.fromMs / stepMs); k * stepMs <= span.toMs; k += 1) {
    const atMs = k * stepMs;
    const text = stepMs < 1000 ? `${Number((atMs / 1000).toFixed(6))} s` : formatDuration(Math.abs(atMs));
    ticks.push({ atMs, text: atMs < 0 ? `\u2212${text.replace("-", "")}` : `+${text}` });
  }
  return ticks;
}

function fineTicks(span: TimeSpan, stepMs: number): readonly Tick[] {
  const step = 10 ** Math.ceil(Math.log10(stepMs));
  const ticks: Tick[] = [];
  for (let k = Math.ceil(span.fromMs / step); k * step <= span.toMs; k += 1)
    ticks.push({ atMs: k * step, text: `${second.format(k * step)}.${fraction(k * step, step)}` });
  return ticks;
}

const fraction = (atMs: number, step: number): string =>
  ((atMs % 1000) / 1000).toFixed(step < 0.1 ? 5 : step < 1 ? 4 : 3).slice(2);

function tickText(date: Date, stepMs: number): string {
  if (date.getMilliseconds() !== 0 || stepMs < 250) return `${second.format(date)}.${fraction(date.getTime(), 1)}`;
  if (date.getSeconds() !== 0) return second.format(date);
  if (date.getHours() === 0 && date.getMinutes() === 0) return day.format(date);
  return minute.format(date);
}

/** The name of the zone that times are told in. */
export function zoneName(atMs: number): string {
  return zone.formatToParts(new Date(atMs)).find(({ type }) => type === "timeZoneName")?.value ?? "local time";
}
