/** Times of the query language: UTC unless an offset is written, and as wide as they are written. */

/** Seconds from the first to the last of what a time names: a day has 86,400 of them. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

const FORM = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/i;
/** Seconds since the epoch, as tokens write them. */
const EPOCH_S = /^-?\d{9,12}$/;
const FIRST_YEAR = 1970;

/** `2026`, `2026-11`, `2026-11-25`, `2026-11-25T10:00`, with seconds, `Z` or an offset, or epoch seconds; null for another text. */
export function readTime(text: string): TimeSpan | null {
  if (EPOCH_S.test(text)) return { from: Number(text), to: Number(text) };
  const [, year, month, day, hour, minute, second, zone] = FORM.exec(text) ?? [];
  if (year === undefined || Number(year) < FIRST_YEAR) return null;
  const parts = [year, month ?? "01", day ?? "01", hour ?? "00", minute ?? "00", second ?? "00"].map(Number);
  const [y = 0, mo = 1, d = 1, h = 0, mi = 0, s = 0] = parts;
  const startMs = Date.UTC(y, mo - 1, d, h, mi, s);
  const back = new Date(startMs);
  const held = [back.getUTCFullYear(), back.getUTCMonth() + 1, back.getUTCDate(), back.getUTCHours()];
  // What no calendar has (a thirteenth month, 25:00) would be carried over into another time.
  if (held.some((part, at) => part !== parts[at]) || mi > 59 || s > 59) return null;
  const from = startMs / 1000 - offsetS(zone);
  if (second !== undefined) return { from, to: from };
  if (minute !== undefined) return { from, to: from + 59 };
  if (day !== undefined) return { from, to: from + 86_399 };
  const nextMs = month === undefined ? Date.UTC(y + 1, 0, 1) : Date.UTC(y, mo, 1);
  return { from, to: nextMs / 1000 - 1 };
}

function offsetS(zone: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):(\d{2})$/.exec(zone ?? "") ?? [];
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

/** A second, as `readTime` reads it. */
export function printTime(epochS: number): string {
  const text = new Date(epochS * 1000).toISOString();
  return /^(19[7-9]\d|[2-9]\d{3})-/.test(text)
    ? text.replace(/\.\d+Z$/, "Z")
    : `${epochS}`.replace(/\d+/, (digits) => digits.padStart(9, "0"));
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
type Unit = keyof typeof UNITS;
const isUnit = (text: string): text is Unit => Object.hasOwn(UNITS, text);
/** Longest duration, seconds: ten years. */
const LONGEST_S = 10 * 366 * 86_400;

/** `15m`, `2h`, `7d`: seconds, or null for another text. */
export function readDuration(text: string): number | null {
  const [, digits, unit = ""] = /^(\d{1,9})([a-z])$/i.exec(text) ?? [];
  const known = unit.toLowerCase();
  if (digits === undefined || !isUnit(known)) return null;
  const seconds = Number(digits) * UNITS[known];
  return seconds > LONGEST_S ? null : seconds;
}

export function printDuration(seconds: number): string {
  const unit = (["w", "d", "h", "m"] as const).find((one) => seconds > 0 && seconds % UNITS[one] === 0) ?? "s";
  return `${seconds / UNITS[unit]}${unit}`;
}
