import type { IntentClaims } from "../../../protocol/ect/claims.ts";
import { intentClaimsSchema } from "../../../protocol/ect/claims.ts";

export type Needs = NonNullable<IntentClaims["needs"]>;

/** What an action states of itself, as it is typed; what is empty is not stated. */
export interface NeedsTexts {
  readonly cost: string;
  readonly tokens: string;
  readonly duration_s: string;
  readonly resources: string;
  readonly data_classes: string;
  readonly protocol: string;
  readonly domains: string;
  readonly confidence: string;
}
export type NeedsField = keyof NeedsTexts;

export const NEEDS_FIELDS: readonly { readonly name: NeedsField; readonly label: string; readonly example: string }[] =
  [
    { name: "cost", label: "Cost", example: "1.50 EUR" },
    { name: "tokens", label: "Model tokens", example: "1200" },
    { name: "duration_s", label: "Duration, s", example: "30" },
    { name: "resources", label: "Resources it touches", example: "file:/site/index" },
    { name: "data_classes", label: "Data classes", example: "public" },
    { name: "protocol", label: "Protocol", example: "a2a, mcp or http" },
    { name: "domains", label: "Other trust domains", example: "partner.example" },
    { name: "confidence", label: "Confidence, 0 to 1", example: "0.9" },
  ];

export function textsOf(needs: Needs | undefined): NeedsTexts {
  const text = (value: number | undefined): string => (value === undefined ? "" : String(value));
  const list = (value: readonly string[] | undefined): string => value?.join(" ") ?? "";
  return {
    cost: needs?.cost === undefined ? "" : `${needs.cost.amount} ${needs.cost.currency}`,
    tokens: text(needs?.tokens),
    duration_s: text(needs?.duration_s),
    resources: list(needs?.resources),
    data_classes: list(needs?.data_classes),
    protocol: needs?.protocol ?? "",
    domains: list(needs?.domains),
    confidence: text(needs?.confidence),
  };
}

const MISTAKES: Readonly<Record<NeedsField, string>> = {
  cost: "An amount and a currency, as in 1.50 EUR.",
  tokens: "A whole number, not negative.",
  duration_s: "A number of seconds, not negative.",
  resources: "At most 64, each of at most 1,024 characters, separated by spaces.",
  data_classes: "At most 32, each of at most 64 characters, separated by spaces.",
  protocol: "One of a2a, mcp and http.",
  domains: "At most 32 names of trust domains, separated by spaces.",
  confidence: "A number from 0 to 1.",
};

export interface ReadNeeds {
  /** Undefined when nothing is stated. */
  readonly needs: Needs | undefined;
  readonly mistakes: Partial<Record<NeedsField, string>>;
}

/** The statement by the rules of the `intent+jwt`; a field that is wrong is not stated, and named. */
export function needsOf(texts: NeedsTexts): ReadNeeds {
  const needs: Record<string, unknown> = {};
  const mistakes: Partial<Record<NeedsField, string>> = {};
  for (const { name } of NEEDS_FIELDS) {
    const text = texts[name].trim();
    if (text === "") continue;
    const parsed = intentClaimsSchema.shape.needs.safeParse({ [name]: stated(name, text) });
    if (parsed.success) Object.assign(needs, parsed.data);
    else mistakes[name] = MISTAKES[name];
  }
  return { needs: Object.keys(needs).length === 0 ? undefined : (needs as Needs), mistakes };
}

function stated(name: NeedsField, text: string): unknown {
  switch (name) {
    case "cost": {
      const [amount, currency, ...rest] = text.split(/\s+/);
      return rest.length === 0 ? { amount, currency } : text;
    }
    case "tokens":
    case "duration_s":
    case "confidence":
      return Number(text);
    case "resources":
    case "data_classes":
    case "domains":
      return text.split(/[\s]+/);
    case "protocol":
      return text;
  }
}
