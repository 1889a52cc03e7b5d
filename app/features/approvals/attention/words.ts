import type { Priority } from "../../../protocol/attention/limits.ts";
import { formatCount } from "../../../ui/duration.ts";

interface Rate {
  readonly n: number;
  readonly of: number;
  readonly rate: number | null;
  readonly low: number;
  readonly high: number;
}

const percent = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const fine = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const decimal = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export const percentWords = (share: number): string => `${percent.format(share * 100)} %`;

/** The same to a hundredth, where what counts is whether it is below one in a hundred. */
export const finelyWords = (share: number): string => `${fine.format(share * 100)} %`;

/** A rate with the range it lies in 19 times in 20; where there are too few cases, the count alone. */
export function rateWords({ n, of, rate, low, high }: Rate): string {
  if (of === 0) return "none known";
  if (rate === null) return `${formatCount(n)} of ${formatCount(of)}, too few for a rate`;
  return `${percentWords(rate)} (${percent.format(low * 100)} to ${percent.format(high * 100)}) of ${formatCount(of)}`;
}

/** Seconds as somebody reads them; what is in whole seconds is never told finer. */
export function secondsWords(seconds: number | null): string {
  if (seconds === null) return "not known";
  if (seconds < 90) return `${decimal.format(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${formatCount(minutes)} min`;
  const hours = seconds / 3600;
  return hours < 48 ? `${decimal.format(hours)} h` : `${decimal.format(hours / 24)} d`;
}

export const eachWords = (each: number): string => decimal.format(each);

const KINDS: Readonly<Record<string, string>> = {
  request: "request",
  escalation: "escalation",
  lease: "lease to renew",
  stop: "stop not obeyed",
  cascade: "cascade",
  finding: "finding between domains",
  review: "review",
  behavior: "behaviour",
};
/** What kind of demand; of this contract or a newer one. */
export const kindWords = (kind: string): string => KINDS[kind] ?? kind;

export const PRIORITY_WORDS: Readonly<Record<Priority, string>> = { low: "Low", medium: "Medium", high: "High" };
