import type { Period } from "../../../protocol/audit/accounting/usage-record.ts";

const DAY_MS = 86_400_000;
const MINUTE_S = 60;
const INSTANT = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}))?$/;

/** What is typed as an instant, a day or a day with a minute in UTC, as epoch seconds; null for what is none. */
export function instantOf(text: string): number | null {
  const [, day, minute = "00:00"] = INSTANT.exec(text.trim()) ?? [];
  const ms = day === undefined ? Number.NaN : Date.parse(`${day}T${minute}:00Z`);
  // A 31st of February is read as a day of March.
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(`${day}T${minute}`) ? null : ms / 1000;
}

/** As it is typed: the day alone where the instant is its beginning. */
export function instantText(epochS: number): string {
  const [day = "", time = ""] = new Date(epochS * 1000).toISOString().split("T");
  return time.startsWith("00:00") ? day : `${day} ${time.slice(0, 5)}`;
}

const monthBefore = (epochMs: number): number => {
  const month = new Date(epochMs).toISOString().slice(0, 7);
  return Date.parse(`${month}-01T00:00:00Z`);
};

/** The last calendar month that is over, in UTC. */
export function lastMonth(nowMs: number): Period {
  const to = monthBefore(nowMs);
  return { from: monthBefore(to - DAY_MS) / 1000, to: to / 1000 };
}

/** The time since the last month that is over, as far as it is over, to the minute. */
export function sinceLastMonth(nowMs: number): Period {
  const from = monthBefore(nowMs) / 1000;
  return { from, to: Math.max(from + MINUTE_S, Math.floor(nowMs / 1000 / MINUTE_S) * MINUTE_S) };
}
