import type { Inspected } from "../../api/contract/inspect.ts";
import { formatDuration } from "../../ui/duration.ts";
import { formatInstant } from "../../ui/instant.tsx";

export type AsOf = "receipt" | "now" | "made" | "given";

/** The claims of every type that are times, in the order in which they come about. */
const TIMES = ["auth_time", "iat", "nbf", "at", "received_at", "effect_until", "first_violation_at", "exp"] as const;
const WORDS: Readonly<Record<(typeof TIMES)[number], string>> = {
  auth_time: "human authenticated",
  iat: "made",
  nbf: "valid from",
  at: "came about",
  received_at: "received",
  effect_until: "ends by itself",
  first_violation_at: "first seen to disobey",
  exp: "valid until",
};

/** Latest time that a date can hold, epoch seconds. */
const LATEST_S = 8.64e12;

export function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= LATEST_S;
}

export interface TokenTime {
  readonly name: string;
  readonly words: string;
  readonly epochS: number;
}

/** The times a token states, as far as they are times. */
export function timesOf(claims: Inspected["claims"]): readonly TokenTime[] {
  return TIMES.flatMap((name) => {
    const value = claims[name];
    return isTime(value) ? [{ name, words: WORDS[name], epochS: value }] : [];
  });
}

/** How far a time lies from the one as of which the token was verified. */
export function distance(epochS: number, atS: number): string {
  if (epochS === atS) return "at that moment";
  const span = formatDuration(Math.abs(epochS - atS) * 1000);
  return epochS < atS ? `${span} before that` : `${span} after that`;
}

/** Reads a time as somebody types it: epoch seconds, or a date and time, local where it names no zone. */
export function readTime(text: string): number | null {
  const typed = text.trim();
  if (/^\d{9,13}$/.test(typed)) return isTime(Number(typed)) ? Number(typed) : null;
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i.test(typed)) return null;
  const epochMs = Date.parse(
    typed
      .replace(/^(\S+) /, "$1T")
      .replace(/\s+/g, "")
      .toUpperCase(),
  );
  return Number.isNaN(epochMs) ? null : Math.floor(epochMs / 1000);
}

/** "as of its receipt, 2026-11-22 14:03:22 CET" */
export function asOfWords({ asOf, at }: Pick<Inspected, "asOf" | "at">): string {
  const when = isTime(at) ? formatInstant(at * 1000) : String(at);
  if (asOf === "receipt") return `as of its receipt, ${when}`;
  return asOf === "now" ? `as of now, ${when}` : `as of ${when}`;
}
