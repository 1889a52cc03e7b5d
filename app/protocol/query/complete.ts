import { type TokenType, tokenMatcher } from "chevrotain";
import { FIELDS, type Field as FieldSays, fieldNamed, isOrderedField, SEVERITIES } from "./fields.ts";
import { grammar } from "./grammar.ts";
import { quoted } from "./print.ts";
import { And, Field, OpenQuote, Operator, Or, Quoted, QuotedValue, tokensOf, Value, Word } from "./tokens.ts";

/** What may stand at the cursor (XA-25): `text` in the place of what stands between `from` and `to`. */
export interface Completion {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly kind: "field" | "value" | "word";
  /** What it is, in plain words. */
  readonly says: string;
}

/** Values a field has in the log, the most frequent first, with how often. */
export type ValuesOf = (field: FieldSays["name"]) => readonly (readonly [string, number])[];

const MOST = 12;

/** What the grammar allows at the cursor, of the fields there are and the values seen in the log. */
export function completionsAt(text: string, cursor: number, valuesOf: ValuesOf): readonly Completion[] {
  const before = text.slice(0, cursor);
  const tokens = tokensOf(before);
  const last = tokens.at(-1);
  const touches =
    last !== undefined && last.startOffset + last.image.length === cursor && !tokenMatcher(last, Operator);
  const begun =
    touches && [Word, Value, Quoted, QuotedValue, OpenQuote, And, Or].some((type) => tokenMatcher(last, type));
  const typed = begun ? last.image : "";
  const from = begun ? last.startOffset : cursor;
  const known = begun ? tokens.slice(0, -1) : tokens;
  const next = new Set(grammar.computeContentAssist("query", [...known]).map((path) => path.nextTokenType));
  const wanted = typed.replace(/^"|"$/g, "").toLowerCase();
  const found: Omit<Completion, "from" | "to">[] = [];
  if (next.has(Value)) {
    const field = known.findLast((token) => tokenMatcher(token, Field));
    found.push(...valueChoices(fieldNamed(field?.image ?? ""), wanted, valuesOf));
  }
  if (next.has(Field)) found.push(...fieldChoices(wanted));
  if (!typed.startsWith('"')) found.push(...wordChoices(next, wanted));
  return found
    .filter((one) => one.text.trimEnd() !== typed)
    .slice(0, MOST)
    .map((one) => ({ ...one, from, to: cursor }));
}

function fieldChoices(wanted: string): Omit<Completion, "from" | "to">[] {
  const fits = FIELDS.filter(({ name, aliases }) => [name, ...aliases].some((called) => called.startsWith(wanted)));
  return fits.map(({ name, says }) => ({ text: `${name}:`, kind: "field", says }));
}

function wordChoices(next: ReadonlySet<TokenType>, wanted: string): Omit<Completion, "from" | "to">[] {
  const words = [
    { type: And, text: "and ", says: "both" },
    { type: Or, text: "or ", says: "one of the two, or both" },
  ];
  return words
    .filter(({ type, text }) => next.has(type) && text.startsWith(wanted) && wanted !== "")
    .map(({ text, says }) => ({ text, kind: "word", says }));
}

function valueChoices(
  field: FieldSays["name"] | null,
  wanted: string,
  valuesOf: ValuesOf,
): Omit<Completion, "from" | "to">[] {
  if (field === null) return [];
  const says = FIELDS.find(({ name }) => name === field)?.says ?? "";
  if (field === "severity")
    return SEVERITIES.filter((one) => one.startsWith(wanted)).map((text) => ({ text, kind: "value", says }));
  const some = EXAMPLES[field] ?? [];
  const given = [...some.map((text): [string, number] => [text, 0]), ...(isOrderedField(field) ? [] : valuesOf(field))];
  const begins = given.filter(([value]) => value.toLowerCase().startsWith(wanted));
  const holds = given.filter(
    ([value]) => !begins.some(([one]) => one === value) && value.toLowerCase().includes(wanted),
  );
  return [...begins, ...holds].slice(0, MOST).map(([value, count]) => ({
    text: /^[^\s()"*\\]+$/.test(value) && !value.includes("..") ? value : quoted(value),
    kind: "value",
    says: count === 0 ? says : `${count} ${count === 1 ? "entry" : "entries"}`,
  }));
}

/** What is typed in a field without values of its own. */
const EXAMPLES: Partial<Record<FieldSays["name"], readonly string[]>> = {
  last: ["15m", "1h", "24h", "7d"],
};
