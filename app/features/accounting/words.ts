import { formatCount, formatDuration } from "../../ui/duration.ts";
import { cutText, visibleText } from "../../ui/visible-text.ts";

const MAX_WORD = 80;

/** A word of a token or a recording, bounded, with everything unseen named. */
export function word(text: string): string {
  const { head, more } = cutText(text, MAX_WORD);
  return `${visibleText(head)}${more === 0 ? "" : "…"}`;
}

/** The last part of an id. */
export const lastPart = (id: string): string => word(id.split("/").at(-1) ?? id);

export const shortId = (id: string): string => id.slice(0, 8);

/** Digits in groups of three, before the point; the text is never made a number. */
export function formatDecimal(text: string): string {
  const [whole = "", part] = text.replace("-", "").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return `${text.startsWith("-") ? "−" : ""}${grouped}${part === undefined ? "" : `.${part}`}`;
}

export const money = (amount: string, currency: string): string => `${formatDecimal(amount)} ${currency}`;

/** Costs by currency; nothing where nothing was priced. */
export function costWords(cost: Readonly<Record<string, string>>): string {
  const parts = Object.entries(cost).map(([currency, amount]) => money(amount, currency));
  return parts.length === 0 ? "not priced" : parts.join(" and ");
}

/** A difference always carries its sign. */
export const signed = (text: string): string =>
  /^-?0(\.0+)?$/.test(text) ? "0" : text.startsWith("-") ? formatDecimal(text) : `+${formatDecimal(text)}`;

export const RESOURCE_NAMES: Readonly<Record<string, string>> = {
  cpu: "Processor time",
  gpu: "Graphics processor time",
  memory: "Memory",
  network_in: "Network in",
  network_out: "Network out",
  storage: "Storage",
  api_call: "Actions",
  llm_input_token: "Input tokens",
  llm_output_token: "Output tokens",
  llm_cached_token: "Cached tokens",
  human_review: "Human review",
  agent_time: "Agent time",
};

export const resourceName = (resource: string): string => RESOURCE_NAMES[resource] ?? word(resource);

const UNITS: Readonly<Record<string, string>> = {
  token: "tokens",
  call: "actions",
  s: "s",
  core_s: "core s",
  gpu_s: "GPU s",
  gib_s: "GiB s",
  gib_h: "GiB h",
  byte: "B",
};
export const unitName = (unit: string): string => UNITS[unit] ?? word(unit);

const PER: Readonly<Record<string, string>> = {
  token: "token",
  call: "action",
  s: "second",
  core_s: "core and second",
  gpu_s: "GPU and second",
  gib_s: "GiB and second",
  gib_h: "GiB and hour",
  byte: "byte",
};
/** "a token" of "the price of a token". */
export const onePer = (unit: string): string => PER[unit] ?? word(unit);

/** A quantity with its unit; what is counted in actions says so by its name. */
export const quantityWords = (quantity: string, unit: string): string =>
  unit === "call" ? formatDecimal(quantity) : `${formatDecimal(quantity)} ${unitName(unit)}`;

export const tokensWords = (tokens: number): string => `${formatCount(tokens)} ${tokens === 1 ? "token" : "tokens"}`;
export const timeWords = (seconds: number): string => formatDuration(seconds * 1000);

export const GROUP_WORDS = {
  agent: { one: "Agent", by: "agent" },
  run: { one: "Run", by: "run" },
  task: { one: "Task", by: "task" },
  domain: { one: "Payer", by: "payer" },
  resource: { one: "Resource", by: "resource" },
} as const;
