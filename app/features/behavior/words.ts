import type { BehaviorReason, FleetAgent } from "../../api/contract/behavior.ts";
import { cutText, visibleText } from "../../ui/visible-text.ts";

/** A word from outside on one line, bounded, with everything unseen named (F4). */
export function word(text: string, most = 80): string {
  const { head, more } = cutText(text, most);
  return `${visibleText(head)}${more === 0 ? "" : "…"}`;
}

export const lastPart = (id: string): string => word(id.split("/").at(-1) ?? id);

const TWO = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

/** A score from 0 to 1, as the specification states them. */
export const score = (value: number | null): string => (value === null ? "not known" : TWO.format(value));
/** A share of all. */
export const percent = (share: number): string => PERCENT.format(share);

/** With the interval in which it truly lies, and how sure that is. */
export function driftWords({ drift, driftInterval }: Pick<FleetAgent, "drift" | "driftInterval">): string {
  if (drift === null) return "not known";
  if (driftInterval === null) return score(drift);
  const { low, high, confidence } = driftInterval;
  return `${score(drift)} (${score(low)} to ${score(high)}, ${percent(confidence)})`;
}

export const KIND_WORDS: Readonly<Record<BehaviorReason["kind"], string>> = {
  forbidden: "forbidden action",
  not_allowed: "action that is not allowed",
  must_precede: "came before what must precede it",
  must_follow: "was not followed by what must follow",
  never_after: "came after what it must never follow",
  limit: "a limit was passed",
  drift: "drift",
  observer_conflict: "the observers disagree",
  evidence: "evidence that does not verify",
  other: "another reason",
};

/** Rules of order: what happened when is the violation. */
export const isSequence = ({ kind }: BehaviorReason): boolean =>
  kind === "must_precede" || kind === "must_follow" || kind === "never_after";

export const SEVERITIES: Readonly<Record<number, string>> = {
  1: "1, least",
  2: "2, low",
  3: "3, medium",
  4: "4, high",
  5: "5, gravest",
};

export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${new Intl.NumberFormat("en").format(count)} ${count === 1 ? one : many}`;
