import type { Json, JsonObject } from "../../base/json.ts";

/** One span of a trace, as every trace format gives it to `spanRun`. */
export interface RunSpan {
  /** Trace and span id together: unique in the run. */
  readonly key: string;
  readonly id: string;
  readonly traceId: string;
  readonly parent: string | null;
  readonly name: string;
  /** Epoch nanoseconds; null when not recorded, and for the end when it never came. */
  readonly startNs: bigint | null;
  readonly endNs: bigint | null;
  /** It has ended, though when is not recorded. */
  readonly hasEnded?: true;
  readonly attributes: JsonObject;
  /** Names of what it is in the format's own words, asked after the attributes. */
  readonly kinds: readonly string[];
  /** Who it ran in when no agent is named. */
  readonly service: string | null;
  /** Members the format has of its own; they come before attributes. */
  readonly input?: Json | undefined;
  readonly model?: string | undefined;
  readonly usage?: SpanUsage | undefined;
  /** A failure the format tells, with its text. */
  readonly failure: string | null;
  /** Keys of spans this one links to. */
  readonly links: readonly string[];
  /** What is kept of the span, given its attributes that were not mapped. */
  keep(unmapped: JsonObject): JsonObject;
}

export interface SpanUsage {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** Of the input tokens, those from a cache; null where it is not told. */
  readonly cachedTokens: number | null;
  /** Decimal text of US dollars. */
  readonly cost: string | null;
}

/** A number of tokens, however it is written; null for what is none. */
export function countOf(value: Json | undefined): number | null {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : null;
}

/** Decimal text of an amount, however it is written; null for nothing and for what is no amount. */
export function amountOf(value: Json | undefined): string | null {
  if (typeof value === "string")
    return /^\d{1,15}(?:\.\d{1,18})?$/.test(value) && !/^[0.]+$/.test(value) ? value : amountOfText(value);
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) return null;
  const text = String(value);
  return text.includes("e") ? value.toFixed(18).replace(/\.?0+$/, "") || null : text;
}

/** Costs come as text with an exponent as well. */
function amountOfText(text: string): string | null {
  return /^\d+(?:\.\d+)?e[+-]?\d{1,2}$/i.test(text) ? amountOf(Number(text)) : null;
}
