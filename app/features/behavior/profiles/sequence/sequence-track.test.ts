import * as fc from "fast-check";
import { expect, it } from "vitest";
import { type SequenceRule, sequenceRuleSchema } from "../../../../protocol/behavior/profile.ts";
import {
  KINDS,
  matchOf,
  PATTERNS,
  partsOf,
  placeOf,
  ruleWords,
  type Span,
  spanAt,
  spanOf,
  spanWords,
  stepped,
  swapped,
  withKind,
  withSame,
  withSpan,
} from "./sequence-track.ts";

const kinds = fc.constantFrom(...KINDS.map(({ id }) => id));
const timed = fc.constantFrom("must_follow" as const, "never_after" as const);
const rules = kinds.chain((kind) =>
  fc.record({
    id: fc.constant("r"),
    kind: fc.constant(kind),
    a: fc.constantFrom("read", { data: "personal" }),
    b: fc.constantFrom("send", { act: "http_*", to: "https://*" }),
    severity: fc.integer({ min: 1, max: 5 }),
    ...(kind === "must_precede" ? {} : { within_s: fc.integer({ min: 1, max: 86_400 }) }),
  }),
);

it("[BEH-40] a rule that is drawn into another kind or another time is still one that a profile may hold", () => {
  fc.assert(
    fc.property(
      rules,
      kinds,
      fc.array(fc.constantFrom(1 as const, -1 as const), { maxLength: 30 }),
      (rule, kind, steps) => {
        let drawn: SequenceRule = withKind(rule, kind);
        for (const by of steps) {
          const span = spanOf(drawn);
          if (span !== null) drawn = withSpan(drawn, stepped(span, by, kind));
        }
        expect(sequenceRuleSchema.safeParse(drawn).success).toBe(true);
        expect(drawn).toMatchObject({ id: rule.id, a: rule.a, b: rule.b, kind, severity: rule.severity });
      },
    ),
    { numRuns: 100 },
  );
});

it("[BEH-40] a longer time is drawn further to the right, and a place on the track is the time drawn nearest to it", () => {
  fc.assert(
    fc.property(timed, fc.integer({ min: 1, max: 86_399 }), (kind, seconds) => {
      const spans: Span[] = [seconds, seconds + 1, ...(kind === "never_after" ? (["lasting"] as const) : [])];
      const places = spans.map((span) => placeOf(span, kind));
      expect(places).toEqual(places.toSorted((one, other) => one - other));
      expect(places[0]).not.toBe(places[1]);
      const everyday = stepped(seconds, 1, kind);
      expect(spanAt(placeOf(everyday, kind), kind)).toBe(everyday);
    }),
    { numRuns: 100 },
  );
});

it("[BEH-40] what must follow has an end at a day, and what must never come after can be for good", () => {
  expect(stepped(86_400, 1, "must_follow")).toBe(86_400);
  expect(stepped(86_400, 1, "never_after")).toBe("lasting");
  expect(stepped("lasting", -1, "never_after")).toBe(86_400);
  expect(stepped(1, -1, "never_after")).toBe(1);
});

it("[N15] says a rule as one would say it", () => {
  const rule = { id: "r", a: { data: "personal" }, b: { act: "http_post", to: "https://*" }, severity: 4 };
  expect(ruleWords({ ...rule, kind: "never_after", within_s: 5400 })).toBe(
    "no http_post to https://* within 1 h 30 min after anything with data of class personal",
  );
  expect(ruleWords({ ...rule, kind: "never_after" })).toBe(
    "no http_post to https://* ever after anything with data of class personal",
  );
  expect(ruleWords({ ...rule, kind: "must_precede", a: "checkpoint", b: "apply_*" })).toBe(
    "checkpoint must come before every apply_*",
  );
  expect(ruleWords({ ...rule, kind: "must_follow", a: "open", b: "close", within_s: 61 })).toBe(
    "every open must be followed by close within 1 min 1 s",
  );
  expect(spanWords(86_400)).toBe("24 h");
});

it("[BEH-63] says which thing a rule is about, and keeps it with its side", () => {
  const rule = { id: "r", kind: "must_precede", a: "find", b: "cancel", severity: 4 } as const;
  const same = withSame(withSame(rule, "a", "/order_id"), "b", "/order_id");
  expect(ruleWords(same)).toBe("find must come before every cancel, with the same /order_id");
  const other = withSame(same, "b", "/order");
  expect(ruleWords(other)).toBe("find must come before every cancel, where /order_id of A is /order of B");
  expect(swapped(other)).toMatchObject({ a: "cancel", b: "find", same: { a: "/order", b: "/order_id" } });
  expect(sequenceRuleSchema.safeParse(withSame(rule, "a", "/order_id")).success).toBe(false);
  expect(withSame(withSame(other, "a", ""), "b", "")).toEqual(rule);
  expect(withKind(other, "never_after").same).toEqual(other.same);
});

it("[N15] keeps what a side asks for, and begins with rules that can be signed", () => {
  for (const match of ["read_*", { data: "personal" }, { act: "send", to: "https://*" }])
    expect(matchOf(partsOf(match))).toEqual(match);
  for (const { rule } of PATTERNS) expect(sequenceRuleSchema.safeParse({ id: "r", ...rule }).success).toBe(true);
});
