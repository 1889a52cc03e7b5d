import { formatCount } from "../../../ui/duration.ts";
import { cutText, visibleText } from "../../../ui/visible-text.ts";

const MAX_WORD = 80;
const MAX_PHRASE = 400;

function bounded(text: string, most: number): string {
  const { head, more } = cutText(text, most);
  return `${visibleText(head)}${more === 0 ? "" : "…"}`;
}

/** A word of a token, as it is shown: bounded, with everything unseen named. */
export const word = (text: string): string => bounded(text, MAX_WORD);

/** The same of a sentence that has such words in it. */
export const phrase = (text: string): string => bounded(text, MAX_PHRASE);

/** The last part of an agent's id, or of a pattern that stands for many. */
export function agentWord(agent: string): string {
  const last = agent.split("/").at(-1) ?? agent;
  return word(last === "*" ? "every agent of the path" : last);
}

export const ASSURANCE: readonly { readonly id: string; readonly name: string }[] = [
  { id: "relaxed", name: "relaxed: it may observe itself" },
  { id: "standard", name: "standard: signed, others look at every fourth window" },
  { id: "regulated", name: "regulated: others look at every window" },
];

const numbers = new Intl.NumberFormat("en", { maximumFractionDigits: 4 });
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

export const formatNumber = (value: number): string => numbers.format(value);
export const formatShare = (value: number): string => percent.format(value);

/** `1 window`, `3 windows`. */
export const counted = (count: number, one: string): string => `${formatCount(count)} ${one}${count === 1 ? "" : "s"}`;
