import type { AccountingSearch } from "../accounting-search.ts";
import { formatDecimal, timeWords, tokensWords } from "../words.ts";

export type Measure = NonNullable<AccountingSearch["measure"]>;

interface Series {
  readonly tokens: readonly number[];
  readonly cost: readonly string[];
  readonly timeS: readonly number[];
}

/** One bar: what all used in its time, and of that the group in view. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  /** For drawing only; the texts are what was computed, to the last place (XDA-17). */
  readonly all: number;
  readonly group: number;
  readonly allText: string;
  readonly groupText: string;
}

/** Sum of decimals as text, on integers of the longest scale: money is never added as floats. */
export function sumDecimals(values: readonly string[]): string {
  const scale = Math.max(0, ...values.map((value) => (value.split(".")[1] ?? "").length));
  const unit = 10n ** BigInt(scale);
  const total = values.reduce((sum, value) => {
    const [whole = "0", part = ""] = value.replace("-", "").split(".");
    const parts = BigInt(whole) * unit + BigInt(part.padEnd(scale, "0") || "0");
    return value.startsWith("-") ? sum - parts : sum + parts;
  }, 0n);
  const digits = (total < 0n ? -total : total).toString().padStart(scale + 1, "0");
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, "");
  return total < 0n ? `-${text}` : text;
}

export interface BarsInput {
  readonly series: readonly Series[];
  readonly from: number;
  readonly bucketS: number;
  readonly measure: Measure;
  readonly currency: string | null;
  /** Place of the group in view among the series; -1 for none. */
  readonly group: number;
}

export function barsOf({ series, from, bucketS, measure, currency, group }: BarsInput): Bar[] {
  const count = series[0]?.tokens.length ?? 0;
  return Array.from({ length: count }, (_, at): Bar => {
    const span = { from: from + at * bucketS, to: from + (at + 1) * bucketS };
    if (measure === "cost") {
      const all = sumDecimals(series.map(({ cost }) => cost[at] ?? "0"));
      const own = series[group]?.cost[at] ?? "0";
      const words = (amount: string): string => `${formatDecimal(amount)} ${currency ?? ""}`.trimEnd();
      return { ...span, all: Number(all), group: Number(own), allText: words(all), groupText: words(own) };
    }
    const of = (one: Series | undefined): number => (measure === "tokens" ? one?.tokens[at] : one?.timeS[at]) ?? 0;
    const all = series.reduce((sum, one) => sum + of(one), 0);
    const own = of(series[group]);
    const words = measure === "tokens" ? tokensWords : timeWords;
    return { ...span, all, group: own, allText: words(all), groupText: words(own) };
  });
}
