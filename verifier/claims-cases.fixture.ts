import * as z from "zod";
import { must } from "../app/base/assert.ts";
import { UNIT_OF } from "../app/protocol/audit/accounting/resources.ts";

/** Claims of a type, right or wrong: what is asked of both verifiers. */
export interface ClaimsCase {
  readonly typ: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

const UUID = "0195400c-0000-7000-8000-00000000000";
const DIGEST = "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4";

const nodeSchema = z.looseObject({
  type: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  pattern: z.string().optional(),
  minLength: z.int().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  minItems: z.int().optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  $ref: z.string().optional(),
});

/** By what a pattern is about, a text that it takes; a new pattern wants one here. */
const SAMPLES: readonly (readonly [pattern: RegExp, sample: (at: number) => string])[] = [
  [/\{8\}-\[0-9a-f\]/, (at) => `${UUID}${at % 10}`],
  [/\{43\}/, (at) => `${DIGEST}${"EIMQUYcgko"[at % 10]}`],
  [/^\^\[A-Za-z0-9_-\]\+\\\./, () => "a.b.c"],
  [/^\^https/, () => "https://a.example"],
  [/A-Za-z0-9\+\.-\]\*:/, (at) => `spiffe://a.example/x/${at}`],
  [/^\^-?\??\(0\|/, (at) => `${at + 1}`],
  [/A-Z\]\{3\}/, () => "EUR"],
  [/A-Z\]\{2\}/, () => "DE"],
  [/\\\.\[A-Za-z0-9\]\[A-Za-z0-9_-\]/, () => "a-b.C"],
  [/\{0,62\}/, (at) => `a${at}`],
  [/./, () => "a"],
];

/** A value that a schema takes: with everything that may be there, or with no more than has to be. */
function sample(schema: unknown, whole: boolean, defs: Readonly<Record<string, unknown>>, at = 0): unknown {
  const node = nodeSchema.parse(schema);
  if (node.$ref !== undefined) {
    const name = node.$ref.replace("#/$defs/", "");
    return "anyOf" in nodeSchema.parse(defs[name]) ? "any JSON" : sample(defs[name], false, defs, at);
  }
  if (node.const !== undefined) return node.const;
  if (node.enum !== undefined) return node.enum[at % node.enum.length];
  const either = node.anyOf ?? node.oneOf;
  if (either !== undefined) return sample(either[at % either.length], whole, defs, at);
  if (node.type === "string") {
    const fitting = SAMPLES.find(([pattern]) => node.pattern !== undefined && pattern.test(node.pattern));
    return fitting === undefined ? "abc".padEnd(node.minLength ?? 0, "d") : fitting[1](at);
  }
  if (node.type === "integer" || node.type === "number")
    return Math.max(node.minimum ?? 0, node.exclusiveMinimum ?? 0, 1);
  if (node.type === "boolean") return true;
  if (node.type === "null") return null;
  if (node.type === "array")
    return Array.from({ length: Math.max(node.minItems ?? 0, whole ? 2 : 0) }, (_, one) =>
      sample(node.items, whole, defs, at + one),
    );
  const needed = node.required ?? [];
  const members = Object.entries(node.properties ?? {}).filter(([name]) => whole || needed.includes(name));
  const made = Object.fromEntries(
    members.map(([name, of], here) => {
      const { additionalProperties: each } = nodeSchema.parse(of);
      if (FILLED.has(name)) return [name, { a: sample(each, whole, defs, at + here) }];
      const one = sample(of, whole, defs, at + here);
      if (typeof one !== "number") return [name, one];
      return [name, LATER.has(name) ? 2 : LESS.has(name) ? 0.5 : one];
    }),
  );
  const unit = Object.entries(UNIT_OF).find(([resource]) => resource === made.resource)?.[1];
  // Nobody settles with themselves.
  const parties = "payee" in made ? { payer: "another" } : {};
  return { ...made, ...parties, ...(unit === undefined || !("unit" in made) ? {} : { unit }) };
}

/** Maps that are not taken empty. */
const FILLED: ReadonlySet<string> = new Set(["submods", "action_freq"]);

/** Shares that are below another one. */
const LESS: ReadonlySet<string> = new Set(["warn", "drift_warn"]);

/** Times that come after another one. */
const LATER: ReadonlySet<string> = new Set(["exp", "deadline", "to", "valid_to"]);

const WRONG: readonly unknown[] = [null, true, 0, -1, 1.5, "", "  ", " x", [], {}, [null], { a: 1 }, 2 ** 53];
/** Deeper down. */
const WRONG_WITHIN: readonly unknown[] = [null, 1.5, "x", {}];

/** The value itself, with each of its claims gone, of another kind, said twice, and so on within it. */
function* changed(value: unknown, depth: number): Generator<unknown> {
  yield* depth > 0 ? WRONG : WRONG_WITHIN;
  if (Array.isArray(value)) {
    yield [...value, ...value];
    yield value.toReversed();
    if (depth === 0) return;
    for (const [at, one] of value.entries()) for (const other of changed(one, depth - 1)) yield value.with(at, other);
  } else if (typeof value === "object" && value !== null) {
    yield { ...value, unheard_of: 1 };
    if (depth === 0) return;
    for (const [name, one] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
      for (const other of changed(one, depth - 1)) yield { ...value, [name]: other };
    }
  } else if (typeof value === "number") {
    yield value + 1;
    yield value - 1;
  } else if (typeof value === "string") {
    yield `${value}\n`;
    yield `${value} `;
  }
}

/** Every word that a claim with a few of them may be, with the others as they are: what relates claims is asked for each. */
function* reworded(schema: unknown, claims: Readonly<Record<string, unknown>>): Generator<Record<string, unknown>> {
  for (const [name, of] of Object.entries(nodeSchema.parse(schema).properties ?? {}))
    for (const word of nodeSchema.parse(of).enum ?? []) yield { ...claims, [name]: word };
}

/** Right and wrong claims of one type, made from its schema. */
export function* casesOf(typ: string, schema: unknown): Generator<ClaimsCase> {
  const defs = z.record(z.string(), z.unknown()).parse(nodeSchema.parse(schema).$defs ?? {});
  const seen = new Set<string>();
  for (const whole of [false, true])
    for (let at = 0; at < 4; at += 1) {
      const claims = sample(schema, whole, defs, at) as Record<string, unknown>; // every type's claims are an object
      const bases = [claims, ...(at === 0 ? reworded(schema, claims) : [])];
      for (const [of, base] of bases.entries())
        for (const other of of === 0 && at === 0 ? changed(base, whole ? 2 : 1) : withoutEach(base)) {
          if (typeof other !== "object" || other === null || Array.isArray(other)) continue;
          const text = JSON.stringify(other);
          if (seen.has(text)) continue;
          seen.add(text);
          yield { typ, claims: other as ClaimsCase["claims"] }; // looked at above
        }
    }
  must(seen.size > 0 ? true : null, "a type has claims");
}

function* withoutEach(claims: Readonly<Record<string, unknown>>): Generator<unknown> {
  yield claims;
  for (const name of Object.keys(claims))
    yield Object.fromEntries(Object.entries(claims).filter(([other]) => other !== name));
}
