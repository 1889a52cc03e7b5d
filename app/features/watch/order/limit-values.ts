import { constraintsSchema } from "../../../protocol/acp/claims.ts";
import { type ConstraintName, type ConstraintValue, narrower } from "../../../protocol/acp/narrow.ts";
import { valueWords } from "./limit-words.ts";

/** The limits an operator changes, in words; the unit of a limit (`currency`) is none of them. */
export const LIMIT_WORDS: Readonly<Record<Exclude<ConstraintName, "currency">, string>> = {
  not_before: "not before (epoch seconds)",
  not_after: "not after (epoch seconds)",
  max_calls: "calls at most",
  rate_per_min: "calls a minute at most",
  max_cost: "cost at most",
  max_tokens: "tokens at most",
  max_duration_s: "seconds of work at most",
  resources: "resources, separated by commas",
  data_classes: "data classes, separated by commas",
  protocols: "protocols, separated by commas",
  min_level: "assurance level at least, 1 to 3",
  min_trust: "trust at least, 0 to 1",
  domains: "domains, separated by commas",
  require_checkpoint: "a checkpoint before: yes or no",
};

export type LimitName = keyof typeof LIMIT_WORDS;

export const isLimitName = (name: string): name is LimitName => name in LIMIT_WORDS;

const LISTS: ReadonlySet<string> = new Set(["resources", "data_classes", "protocols", "domains"]);
const TEXTS: ReadonlySet<string> = new Set(["max_cost"]);

/** What was typed, in the type of the limit; null where it is no value of it. */
export function parseLimit(name: LimitName, text: string): ConstraintValue | null {
  const typed = text.trim();
  if (typed === "") return null;
  const parsed = constraintsSchema.shape[name].safeParse(rawOf(name, typed));
  return parsed.success ? (parsed.data ?? null) : null;
}

function rawOf(name: LimitName, typed: string): unknown {
  if (name === "require_checkpoint")
    return /^(yes|true)$/i.test(typed) ? true : /^(no|false)$/i.test(typed) ? false : typed;
  if (LISTS.has(name)) return /^none$/i.test(typed) ? [] : typed.split(",").map((item) => item.trim());
  return TEXTS.has(name) ? typed : Number(typed);
}

/** Whether a new value is equal to or narrower than the one in force; any value narrows where there is no limit. */
export function narrows(name: LimitName, inForce: unknown, value: ConstraintValue): boolean {
  const now = inForce === null ? undefined : constraintsSchema.shape[name].safeParse(inForce).data;
  return now === undefined || narrower(name, now, value);
}

/** From where to where a value may go without a second operator. */
export function rangeWords(name: LimitName, inForce: unknown): string {
  if (inForce === null) return "any value: none is set";
  const now = valueWords(inForce);
  if (name === "require_checkpoint") return inForce === true ? "yes" : "yes or no";
  if (LISTS.has(name)) return `any of: ${now}`;
  return RISES.has(name) ? `${now} or more` : `${now} or less`;
}

/** Limits that get narrower as they grow. */
const RISES: ReadonlySet<string> = new Set(["not_before", "min_level", "min_trust"]);
