import { textOfValue } from "../../../../ui/value-text.ts";

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Epoch seconds of the day's last second; what is no day yet stays as it is typed. */
export function endOf(text: string): number | string | undefined {
  if (text === "") return undefined;
  const ms = DAY.test(text) ? Date.parse(`${text}T23:59:59Z`) : Number.NaN;
  return Number.isNaN(ms) ? text : ms / 1000;
}

export function dayOf(value: unknown): string {
  return typeof value === "number" ? new Date(value * 1000).toISOString().slice(0, 10) : textOfValue(value);
}
