import type { Expression, OrderedField } from "./expression.ts";
import { SEVERITIES } from "./fields.ts";
import { printDuration, printTime } from "./times.ts";

/** An expression as text that reads as the same expression (XA-21). */
export function printQuery(expression: Expression): string {
  switch (expression.kind) {
    case "all":
      return "";
    case "or":
      return expression.parts.map(printQuery).join(" or ");
    case "and":
      return expression.parts
        .map((part) => (part.kind === "or" ? inParentheses(part) : printQuery(part)))
        .join(" and ");
    case "not":
      return `not ${needsParentheses(expression.part) ? inParentheses(expression.part) : printQuery(expression.part)}`;
    case "text":
      return expression.exact || !isBareText(expression.text) ? quoted(expression.text) : expression.text;
    case "word":
      return `${expression.field}:${printValue(expression.value, expression.prefix)}${expression.prefix ? "*" : ""}`;
    case "range":
      return printRange(expression.field, expression.from, expression.to);
    case "last":
      return `last:${printDuration(expression.seconds)}`;
    case "cause":
      return `${expression.side}:${printValue(expression.of)}`;
  }
}

const needsParentheses = (part: Expression): boolean => part.kind === "and" || part.kind === "or";
const inParentheses = (part: Expression): string => `(${printQuery(part)})`;

function printRange(field: OrderedField, from: number | null, to: number | null): string {
  if (field === "severity") {
    if (from !== null && from >= SEVERITIES.length) return "severity>critical";
    if (to !== null && to < 0) return "severity<info";
  }
  const text = (value: number): string => valueText(field, value);
  if (from === null && to === null) return `${field}:*`;
  if (from === null) return `${field}<=${text(to ?? 0)}`;
  if (to === null) return `${field}>=${text(from)}`;
  return from === to ? `${field}:${text(from)}` : `${field}:${text(from)}..${text(to)}`;
}

function valueText(field: OrderedField, value: number): string {
  if (field === "received") return printTime(value);
  return field === "severity" ? (SEVERITIES[value] ?? "info") : `${value}`;
}

/** A value that needs no quotes: without blanks, parentheses, quotes, `..` and a star at its end. */
function printValue(value: string, prefix = false): string {
  if (value === "" && prefix) return "";
  return /^[^\s()"*\\]+$/.test(value) && !value.includes("..") && !/^[:=<>]/.test(value) ? value : quoted(value);
}

/** A free word that reads as one: no field, no operator, none of the three words of the language. */
const isBareText = (text: string): boolean =>
  /^[^\s()":=<>*][^\s()"]*$/.test(text) &&
  !text.endsWith("*") &&
  !/^[a-z][a-z_]*[:=<>]/i.test(text) &&
  !/^(and|or|not)$/i.test(text);

export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
