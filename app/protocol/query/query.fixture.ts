import fc from "fast-check";
import type { QueryDoc } from "./document.ts";
import { type Expression, joined, WORD_FIELDS } from "./expression.ts";
import { SEVERITIES } from "./fields.ts";
import { needleOf } from "./words.ts";

/** Expressions and small logs that fit each other: few values, so that most questions have an answer. */

const WORDS = [
  "deploy_site",
  "Build site",
  "fetch",
  "exec+jwt",
  "intent",
  "spiffe://a.example/agent/x",
  "0195400c",
  "ok",
  "é ü",
];
const ODD = ["a..b", 'say "no"', "and", "or", "a:b", "=x", "back\\slash", "star*", "(x)", "10:00", "not", "x=1"];
const text = fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(...ODD), fc.string({ minLength: 1, maxLength: 6 }));
/** Digests that differ from each other at their beginning, in the middle, and in the last two bits. */
const DIGESTS = [
  "AaYUfC34D1di2FxQLpiIJJ7Sg8VZ6o8OCdwSf9IToLg",
  "AaYUfC34D1di2FxQLpiIJJ7Sg8VZ6o8OCdwSf9IToLk",
  "AaYUfC34E1di2FxQLpiIJJ7Sg8VZ6o8OCdwSf9IToLg",
  "aaYUfC34D1di2FxQLpiIJJ7Sg8VZ6o8OCdwSf9IToLg",
  "_-YUfC34D1di2FxQLpiIJJ7Sg8VZ6o8OCdwSf9IToLg",
];
const digest = fc.constantFrom(...DIGESTS);
/** A whole one or how one begins. */
const digestPart = fc
  .tuple(digest, fc.constantFrom(1, 2, 3, 8, 9, 10, 42, 43))
  .map(([text, length]) => text.slice(0, length));

const start = 1_772_064_000;
const seqs = fc.integer({ min: 0, max: 40 });
const times = fc.integer({ min: start - 5, max: start + 45 });

const range = (field: "seq" | "received", values: fc.Arbitrary<number>): fc.Arbitrary<Expression> =>
  fc.tuple(fc.option(values), fc.option(values)).map(([a, b]): Expression => {
    if (a === null || b === null) return { kind: "range", field, from: a, to: b };
    return { kind: "range", field, from: Math.min(a, b), to: Math.max(a, b) };
  });
const ranks = fc.constantFrom<readonly [number | null, number | null]>(
  [0, 0],
  [2, null],
  [null, 1],
  [1, 2],
  [4, null],
  [null, -1],
  [null, null],
);

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc
    .record({ text, exact: fc.boolean() })
    .filter((one) => needleOf(one.text, one.exact) !== null)
    // A word that needs quotes is asked for whole.
    .map(
      ({ text: term, exact }): Expression => ({
        kind: "text",
        text: term,
        exact: exact || !/^[\p{L}\p{N}_]+$/u.test(term) || /^(and|or|not)$/i.test(term),
      }),
    ),
  fc
    .record({ field: fc.constantFrom(...WORD_FIELDS), value: fc.oneof(text, digestPart), prefix: fc.boolean() })
    .map((one): Expression => ({ kind: "word", ...one })),
  range("seq", seqs),
  range("received", times),
  ranks.map(([from, to]): Expression => ({ kind: "range", field: "severity", from, to })),
  fc.integer({ min: 0, max: 60 }).map((seconds): Expression => ({ kind: "last", seconds })),
  fc
    .record({ side: fc.constantFrom("before", "after"), of: fc.oneof(seqs.map(String), seqs.map(jtiOf)) })
    .map((one): Expression => ({ kind: "cause", ...one, place: { offset: 0, length: 0 } })),
);

const tree = fc.letrec<{ any: Expression }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    leaf,
    fc
      .record({ kind: fc.constantFrom("and", "or"), parts: fc.array(tie("any"), { minLength: 2, maxLength: 4 }) })
      .map(({ kind, parts }) => joined(kind, parts)),
    tie("any").map((part): Expression => ({ kind: "not", part })),
  ),
}));
export const expressionArbitrary: fc.Arbitrary<Expression> = tree.any;

export function jtiOf(seq: number): string {
  return `0195400c-0000-7000-8000-${String(seq).padStart(12, "0")}`;
}

/** An entry with what it follows from. */
export interface LinkedDoc {
  readonly doc: QueryDoc;
  readonly causes: readonly number[];
}

const entry = fc.record({
  after: fc.integer({ min: 0, max: 3 }),
  severity: fc.constantFrom(...SEVERITIES),
  typ: fc.constantFrom("exec+jwt", "intent+jwt", "record+jwt"),
  iss: fc.option(fc.constantFrom("spiffe://a.example/agent/x", "spiffe://a.example/agent/y", "x")),
  action: text,
  outcome: fc.option(fc.constantFrom("ok", "fetch failed", "OK")),
  wid: fc.option(fc.constantFrom(jtiOf(900), jtiOf(901))),
  task: fc.option(seqs.map(jtiOf)),
  name: fc.option(text),
  hasJti: fc.boolean(),
  digests: fc.uniqueArray(digest, { maxLength: 2 }),
  causes: fc.uniqueArray(fc.nat({ max: 1000 }), { maxLength: 3 }),
});

export const logArbitrary: fc.Arbitrary<readonly LinkedDoc[]> = fc
  .array(entry, { minLength: 1, maxLength: 40 })
  .map((entries) => {
    let receivedAt = start;
    return entries.map(({ after, hasJti, causes, ...parts }, seq) => {
      receivedAt += after;
      const jti = hasJti ? jtiOf(seq) : null;
      const doc = { ...parts, seq, receivedAt, jti, submitter: "pep", domain: "a.example" };
      return { doc, causes: seq === 0 ? [] : [...new Set(causes.map((cause) => cause % seq))] };
    });
  });

/** An expression without where its parts stood: two texts may mean the same. */
export function withoutPlaces(expression: Expression): Expression {
  if (expression.kind === "cause") return { ...expression, place: { offset: 0, length: 0 } };
  if (expression.kind === "not") return { ...expression, part: withoutPlaces(expression.part) };
  if (expression.kind === "and" || expression.kind === "or")
    return { ...expression, parts: expression.parts.map(withoutPlaces) };
  return expression;
}
