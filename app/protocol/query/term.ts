import type { Expression, OrderedField, Place, QueryProblem, QueryProblemCode } from "./expression.ts";
import { fieldNamed, isOrderedField, isWordField, nearest, nearestField, SEVERITIES } from "./fields.ts";
import { quoted } from "./print.ts";
import { readDuration, readTime, type TimeSpan } from "./times.ts";
import { needleOf } from "./words.ts";

/** A token of the text, as far as a term needs it. */
export interface TermToken {
  readonly image: string;
  readonly startOffset: number;
}

export interface TermParts {
  readonly field: TermToken;
  readonly operator: TermToken;
  readonly from: TermToken | null;
  readonly dots: TermToken | null;
  readonly to: TermToken | null;
}

/** Reads `field operator values`: the part of an expression it is, or why it is none. */
export function readTerm(parts: TermParts): Expression | QueryProblem {
  const { field, operator, dots } = parts;
  const name = fieldNamed(field.image);
  if (name === null) return unknownField(parts);
  const sign = operator.image.trim();
  const compares = sign !== ":" && sign !== "=";
  if (isOrderedField(name)) return readOrdered(name, sign, parts);
  if (compares) return problem("query_operator_unfit", placeOf(operator), `"${name}" has no order: use ":"`, `:`);
  if (dots !== null)
    return problem("query_operator_unfit", placeOf(dots), `"${name}" has no order: name one value`, null);
  const token = parts.from;
  if (token === null) return problem("query_incomplete", placeOf(operator), `"${name}:" needs a value`, null);
  const { text, prefix } = readValue(token.image);
  if (text === "" && !prefix)
    return problem("query_value_malformed", placeOf(token), `nothing is in the quotes: "${name}:*" is any value`, "*");
  if (isWordField(name)) return { kind: "word", field: name, value: text, prefix };
  if (name === "last") {
    const seconds = prefix ? null : readDuration(text);
    return seconds === null
      ? problem("query_value_malformed", placeOf(token), "a duration is a number with s, m, h, d or w, like 15m", null)
      : { kind: "last", seconds };
  }
  if (prefix)
    return problem("query_value_malformed", placeOf(token), `"${name}:" takes the whole id of one token`, null);
  // After a time is another question than after an event.
  if (!/^\d{1,9}$/.test(text) && readTime(text) !== null) {
    const instead = `received${name === "after" ? ">" : "<"}${text}`;
    return problem("query_value_malformed", spanning(parts), `"${name}:" takes an event, not a time`, instead);
  }
  return { kind: "cause", side: name, of: text, place: placeOf(token) };
}

/** A free word, or words in quotes. */
export function readText(token: TermToken, isQuoted: boolean): Expression | QueryProblem {
  const { text } = readValue(token.image);
  if (needleOf(text, isQuoted) === null)
    return problem("query_value_malformed", placeOf(token), "there is no letter and no digit to look for", null);
  return { kind: "text", text, exact: isQuoted };
}

/** A value without its quotes, and whether a star stands at its end. */
function readValue(image: string): { readonly text: string; readonly prefix: boolean } {
  const [, inner] = /^"([\s\S]*)"\*?$/.exec(image) ?? [];
  const prefix = image.endsWith("*");
  if (inner !== undefined) return { text: inner.replace(/\\([\s\S])/g, "$1"), prefix };
  return { text: image.replace(/\*+$/, ""), prefix };
}

function readOrdered(field: OrderedField, sign: string, parts: TermParts): Expression | QueryProblem {
  const { operator, from, dots, to } = parts;
  if (sign !== ":" && sign !== "=") {
    if (dots !== null) return problem("query_operator_unfit", placeOf(operator), `a range stands after ":"`, ":");
    if (from === null) return problem("query_incomplete", placeOf(operator), `"${field}${sign}" needs a value`, null);
    const value = readPoint(field, from);
    if ("code" in value) return value;
    if (sign === ">") return { kind: "range", field, from: value.to + 1, to: null };
    if (sign === ">=") return { kind: "range", field, from: value.from, to: null };
    if (sign === "<") return { kind: "range", field, from: null, to: value.from - 1 };
    return { kind: "range", field, from: null, to: value.to };
  }
  if (from?.image === "*" && dots === null) return { kind: "range", field, from: null, to: null };
  const first = from === null ? null : readPoint(field, from);
  if (first !== null && "code" in first) return first;
  if (dots === null) return { kind: "range", field, from: first?.from ?? null, to: first?.to ?? null };
  const last = to === null ? null : readPoint(field, to);
  if (last !== null && "code" in last) return last;
  if (from !== null && to !== null && (first?.from ?? 0) > (last?.to ?? 0)) {
    const place = { offset: from.startOffset, length: endOf(to) - from.startOffset };
    return problem("query_range_empty", place, "the range ends before it begins", `${to.image}..${from.image}`);
  }
  return { kind: "range", field, from: first?.from ?? null, to: last?.to ?? null };
}

function readPoint(field: OrderedField, token: TermToken): TimeSpan | QueryProblem {
  const { text, prefix } = readValue(token.image);
  const malformed = (detail: string, suggestion: string | null = null): QueryProblem =>
    problem("query_value_malformed", placeOf(token), detail, suggestion);
  if (prefix) return malformed(`"${field}" has an order: a star means nothing here`, text === "" ? null : text);
  if (field === "received")
    return readTime(text) ?? malformed("a time is like 2026-11-25, 2026-11-25T10:00 or 2026-11-25T10:00:00Z");
  if (field === "seq") {
    if (!/^-?\d{1,15}$/.test(text)) return malformed("the number of an entry is a whole number");
    return { from: Number(text), to: Number(text) };
  }
  const rank = SEVERITIES.map(String).indexOf(text.toLowerCase());
  if (rank === -1) return malformed(`it is one of ${SEVERITIES.join(", ")}`, nearest(text.toLowerCase(), SEVERITIES));
  return { from: rank, to: rank };
}

/** A word before a colon that is no field: another field was meant, or a text. */
function unknownField(parts: TermParts): QueryProblem {
  const { field } = parts;
  const near = nearestField(field.image);
  if (near !== null) return problem("query_field_unknown", placeOf(field), `there is no field "${field.image}"`, near);
  const term = [field, parts.operator, parts.from, parts.dots, parts.to].map((token) => token?.image ?? "").join("");
  return problem(
    "query_field_unknown",
    spanning(parts),
    `there is no field "${field.image}"; a text with a colon stands in quotes`,
    quoted(term.trim()),
  );
}

export function problem(
  code: QueryProblemCode,
  { offset, length }: Place,
  detail: string,
  suggestion: string | null,
): QueryProblem {
  return { code, offset, length, detail, suggestion };
}

const placeOf = ({ image, startOffset }: TermToken): Place => ({ offset: startOffset, length: image.trimEnd().length });
const endOf = ({ image, startOffset }: TermToken): number => startOffset + image.length;

function spanning(parts: TermParts): Place {
  const last = parts.to ?? parts.dots ?? parts.from ?? parts.operator;
  return { offset: parts.field.startOffset, length: endOf(last) - parts.field.startOffset };
}
