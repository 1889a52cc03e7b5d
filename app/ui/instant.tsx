import { useNow } from "./clock.ts";
import { formatAge } from "./duration.ts";

const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" });
const zone = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short", hour: "2-digit" });

function zoneOf(date: Date): string {
  return zone.formatToParts(date).find((part) => part.type === "timeZoneName")?.value ?? "local time";
}

/** Local date and time with zone, e.g. `2026-11-22 14:03:22 CET`. */
export function formatInstant(epochMs: number, precise = false): string {
  const date = new Date(epochMs);
  if (Number.isNaN(date.getTime())) return "not a time";
  const ms = precise ? `.${String(date.getMilliseconds()).padStart(3, "0")}` : "";
  return `${day.format(date)} ${time.format(date)}${ms} ${zoneOf(date)}`;
}

export interface InstantProps {
  readonly epochMs: number;
  /** Milliseconds as well. */
  readonly precise?: boolean;
  /** Always with the date; without it the date is shown when it is not today. */
  readonly full?: boolean;
}

/** A point in time: local, with its zone; the whole of it, and in UTC, as title. */
export function Instant({ epochMs, precise = false, full = false }: InstantProps) {
  const date = new Date(epochMs);
  if (Number.isNaN(date.getTime())) return <span>not a time</span>;
  const iso = date.toISOString();
  const today = day.format(date) === day.format(new Date());
  const whole = formatInstant(epochMs, precise);
  return (
    <time dateTime={iso} title={`${formatInstant(epochMs, true)} · ${iso}`} className="whitespace-nowrap">
      {full || !today ? whole : whole.slice(11)}
    </time>
  );
}

/** How old something is, renewed every second; `nowMs` fixes the other end. */
export function Age({ sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs?: number }) {
  return nowMs === undefined ? <LiveAge sinceMs={sinceMs} /> : <AgeText sinceMs={sinceMs} nowMs={nowMs} />;
}

/** The same in a sentence: "just now", "8 s ago". */
export function Ago({ sinceMs }: { readonly sinceMs: number }) {
  const nowMs = useNow();
  if (nowMs - sinceMs < 1000) return "just now";
  return (
    <>
      <AgeText sinceMs={sinceMs} nowMs={nowMs} /> ago
    </>
  );
}

function LiveAge({ sinceMs }: { readonly sinceMs: number }) {
  return <AgeText sinceMs={sinceMs} nowMs={useNow()} />;
}

function AgeText({ sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs: number }) {
  return (
    <time dateTime={new Date(sinceMs).toISOString()} title={formatInstant(sinceMs, true)} className="whitespace-nowrap">
      {formatAge(Math.max(0, nowMs - sinceMs))}
    </time>
  );
}
