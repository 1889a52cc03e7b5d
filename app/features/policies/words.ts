import type { Consequence } from "../../protocol/acp/claims.ts";
import { formatCount, formatDuration } from "../../ui/duration.ts";
import { formatInstant } from "../../ui/instant.tsx";
import { cutText, visibleText } from "../../ui/visible-text.ts";

const MAX_WORD = 80;
const MAX_LISTED = 6;

/** A word of the token, as it is shown: bounded, with everything unseen named. */
export function word(text: string): string {
  const { head, more } = cutText(text, MAX_WORD);
  return `${visibleText(head)}${more === 0 ? "" : "…"}`;
}

/** `a`, `a and b`, `a, b and c`; of many the first few. */
export function listed(items: readonly string[], joiner = "and"): string {
  const shown = items.slice(0, MAX_LISTED).map(word);
  const more = items.length - shown.length;
  if (more > 0) return `${shown.join(", ")} ${joiner} ${formatCount(more)} more`;
  return shown.length < 2 ? (shown[0] ?? "nothing") : `${shown.slice(0, -1).join(", ")} ${joiner} ${shown.at(-1)}`;
}

/** The last part of an agent's id, or the pattern that stands for many. */
export function agentName(agent: string): string {
  const last = agent.split("/").at(-1) ?? agent;
  return word(last === "*" ? "every agent of the path" : last);
}

export const CONSEQUENCE_WORDS: Readonly<Record<Consequence, string>> = {
  none: "no consequence",
  reversible: "reversible",
  irreversible: "irreversible",
};

export type LimitValue = number | string | boolean | readonly string[];

const several = (value: LimitValue): readonly string[] => (typeof value === "object" ? value : [String(value)]);

/** A limit in plain words; `currency` is that of the same node. */
export function limitWords(name: string, value: LimitValue, currency = ""): string {
  const count = formatCount(Number(value));
  switch (name) {
    case "not_before":
      return `not before ${formatInstant(Number(value) * 1000)}`;
    case "not_after":
      return `not after ${formatInstant(Number(value) * 1000)}`;
    case "max_calls":
      return `at most ${count} ${Number(value) === 1 ? "call" : "calls"}`;
    case "rate_per_min":
      return `at most ${count} ${Number(value) === 1 ? "call" : "calls"} a minute`;
    case "max_cost":
      return `costs at most ${word(String(value))} ${word(currency)}`.trimEnd();
    case "currency":
      return `amounts are in ${word(String(value))}`;
    case "max_tokens":
      return `at most ${count} model tokens`;
    case "max_duration_s":
      return `works at most ${formatDuration(Number(value) * 1000)}`;
    case "resources":
      return `touches only ${listed(several(value))}`;
    case "data_classes":
      return `only data of class ${listed(several(value), "or")}`;
    case "protocols":
      return `only over ${listed(several(value), "or")}`;
    case "min_level":
      return `assurance level ${count} or higher`;
    case "min_trust":
      return `trust score ${count} or higher`;
    case "domains":
      return `reaches only the trust ${several(value).length === 1 ? "domain" : "domains"} ${listed(several(value))}`;
    case "require_checkpoint":
      return value === true ? "only with a checkpoint" : "no checkpoint is needed";
    default:
      return `${word(name)} ${listed(several(value))}`;
  }
}

/** The unit of a limit that is used up. */
export function limitUnit(name: string, currency: string): string {
  switch (name) {
    case "max_calls":
      return "calls";
    case "rate_per_min":
      return "calls in the last minute";
    case "max_tokens":
      return "model tokens";
    case "max_duration_s":
      return "s of work";
    case "max_cost":
      return word(currency);
    default:
      return "";
  }
}
