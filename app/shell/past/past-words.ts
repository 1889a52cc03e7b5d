import { formatCount } from "../../ui/duration.ts";

/** `2026-11-26 07:01:22 UTC`. */
export function utcWords(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** The number by which the timeline knows the last entry of so many. */
export const entryWords = (at: number): string => `entry ${formatCount(at - 1)}`;

export const sinceWords = (count: number): string =>
  count === 0 ? "nothing since" : `${formatCount(count)} ${count === 1 ? "entry" : "entries"} since`;

/** Where somebody wants to go: by the number of an entry, or by a time; null for neither. */
export type Wanted = { readonly at: number } | { readonly time: number };

/** As ISO 8601 has it, or with a space and UTC as the bar shows it. */
const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?\s?(UTC|Z|[+-]\d\d:\d\d)?$/i;

export function wantedBy(text: string): Wanted | null {
  const said = text.trim().replace(/^#/, "");
  if (/^[\d,]+$/.test(said)) return { at: Number(said.replaceAll(",", "")) + 1 };
  const [found, day = "", clock = "00:00", zone = "Z"] = TIME.exec(said) ?? [];
  const ms = Date.parse(`${day}T${clock}${zone.toUpperCase().replace("UTC", "Z")}`);
  return found === undefined || Number.isNaN(ms) ? null : { time: Math.floor(ms / 1000) };
}
