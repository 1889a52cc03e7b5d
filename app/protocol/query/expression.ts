/** Where something stands in the text of a query, UTF-16 code units. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/** Fields that hold a word of the token, compared without regard to case; digests as they are. */
export const WORD_FIELDS = [
  "typ",
  "by",
  "action",
  "outcome",
  "wid",
  "task",
  "name",
  "jti",
  "submitter",
  "domain",
  "digest",
] as const;
export type WordField = (typeof WORD_FIELDS)[number];

/** Fields with an order. `received` in epoch seconds, `severity` as its rank. */
export const ORDERED_FIELDS = ["seq", "received", "severity"] as const;
export type OrderedField = (typeof ORDERED_FIELDS)[number];

/** What a query asks for (XA-21), once it is read; every kind says by itself which entries are meant. */
export type Expression =
  | { readonly kind: "all" }
  | { readonly kind: "and" | "or"; readonly parts: readonly Expression[] }
  | { readonly kind: "not"; readonly part: Expression }
  /** Words next to each other in one of the entry's texts; `exact` whole words, else the last one may go on. */
  | { readonly kind: "text"; readonly text: string; readonly exact: boolean }
  | { readonly kind: "word"; readonly field: WordField; readonly value: string; readonly prefix: boolean }
  /** Both ends included; null is open. */
  | {
      readonly kind: "range";
      readonly field: OrderedField;
      readonly from: number | null;
      readonly to: number | null;
    }
  | { readonly kind: "last"; readonly seconds: number }
  /** What an entry, named by its token's id or its number, follows from, or what follows from it. */
  | { readonly kind: "cause"; readonly side: "before" | "after"; readonly of: string; readonly place: Place };

/** Why a query cannot be answered, and where: a literal code, a sentence, and what may have been meant. */
export interface QueryProblem extends Place {
  readonly code: QueryProblemCode;
  readonly detail: string;
  /** The text that could stand in its place. */
  readonly suggestion: string | null;
}

export type QueryProblemCode =
  | "query_too_long"
  | "query_too_deep"
  | "query_unexpected"
  | "query_incomplete"
  | "query_quote_open"
  | "query_field_unknown"
  | "query_operator_unfit"
  | "query_value_malformed"
  | "query_range_empty"
  | "query_event_unknown";

/** Parts joined by one word, those of the same kind taken in: `a (b c)` is `a b c`. */
export function joined(kind: "and" | "or", parts: readonly Expression[]): Expression {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.parts : [part]));
  const [only] = flat;
  if (only === undefined) return { kind: "all" };
  return flat.length === 1 ? only : { kind, parts: flat };
}
