import fc from "fast-check";
import { CALM, CHANGE, type RuleInput } from "./acp.fixture.ts";
import type { ActionDecision, DecisionContext, IntendedAction, NodeUsage } from "./decide-action.ts";
import type { Constraints } from "./narrow.ts";

/** What properties about decisions draw from: small sets of values, so that limits are met, missed and hit exactly. */

const some = <T>(...items: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...items]);

const RESOURCES = ["https://ops.example/site/index", "https://ops.example/secret/key", "urn:one"];
const RESOURCE_PATTERNS = ["https://ops.example/*", "https://ops.example/site/*", "urn:one"];
const CLASSES = ["public", "internal", "secret"];
const DOMAINS = ["ops.example", "partner.example"];
const PROTOCOLS = ["a2a", "mcp", "http"] as const;
const NOW = CALM.nowS;

const every = fc.record({
  not_before: fc.integer({ min: NOW - 2, max: NOW + 2 }),
  not_after: fc.integer({ min: NOW - 2, max: NOW + 2 }),
  max_calls: fc.integer({ min: 0, max: 4 }),
  rate_per_min: fc.constantFrom(0.5, 1, 2, 3.5),
  max_tokens: fc.integer({ min: 0, max: 4 }),
  max_duration_s: fc.integer({ min: 0, max: 4 }),
  resources: some(...RESOURCE_PATTERNS),
  data_classes: some(...CLASSES),
  protocols: some(...PROTOCOLS),
  min_level: fc.integer({ min: 1, max: 3 }),
  min_trust: fc.constantFrom(0, 0.5, 1),
  domains: some(...DOMAINS),
  require_checkpoint: fc.boolean(),
});
const cost = fc.option(fc.constantFrom("0", "1", "1.5", "3.000000000001", "4"), { nil: undefined });
const NAMES = ["not_before", "not_after", "max_calls", "rate_per_min", "max_tokens", "max_duration_s", "resources"];
const MORE_NAMES = ["data_classes", "protocols", "min_level", "min_trust", "domains", "require_checkpoint"];

/** A few constraints at a time: under all of them nearly everything is refused. */
export const constraintsArbitrary: fc.Arbitrary<Constraints> = fc
  .record({ every, cost, names: fc.subarray([...NAMES, ...MORE_NAMES], { maxLength: 2 }) })
  .map(({ every: drawn, cost: max_cost, names }) => ({
    ...Object.fromEntries(Object.entries(drawn).filter(([name]) => names.includes(name))),
    ...(max_cost === undefined ? {} : { max_cost, currency: "EUR" }),
  }));

/** The same constraints, each as it was or narrower, and perhaps more of them. */
export function narrowedArbitrary(wide: Constraints): fc.Arbitrary<Constraints> {
  const list = <T>(items: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...items]);
  const less = (most: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: most });
  const narrowed: { [K in keyof Constraints]?: fc.Arbitrary<Constraints[K]> } = {};
  if (wide.not_before !== undefined) narrowed.not_before = less(2).map((by) => (wide.not_before ?? 0) + by);
  if (wide.not_after !== undefined) narrowed.not_after = less(2).map((by) => (wide.not_after ?? 0) - by);
  if (wide.max_calls !== undefined) narrowed.max_calls = less(wide.max_calls);
  if (wide.rate_per_min !== undefined) narrowed.rate_per_min = fc.constantFrom(wide.rate_per_min, 0.5);
  if (wide.max_cost !== undefined) narrowed.max_cost = fc.constantFrom(wide.max_cost, "0");
  if (wide.max_tokens !== undefined) narrowed.max_tokens = less(wide.max_tokens);
  if (wide.max_duration_s !== undefined) narrowed.max_duration_s = less(wide.max_duration_s);
  if (wide.resources !== undefined) narrowed.resources = list(wide.resources);
  if (wide.data_classes !== undefined) narrowed.data_classes = list(wide.data_classes);
  if (wide.protocols !== undefined) narrowed.protocols = list(wide.protocols);
  if (wide.min_level !== undefined) narrowed.min_level = fc.integer({ min: wide.min_level, max: 3 });
  if (wide.min_trust !== undefined) narrowed.min_trust = fc.constantFrom(wide.min_trust, 1);
  if (wide.domains !== undefined) narrowed.domains = list(wide.domains);
  if (wide.require_checkpoint !== undefined)
    narrowed.require_checkpoint = fc.boolean().map((more) => more || wide.require_checkpoint === true);
  return fc
    .tuple(constraintsArbitrary, fc.record(narrowed))
    .map(([more, same]) => ({ ...more, ...wide, ...(same as Constraints) }));
}

const triggerArbitrary: fc.Arbitrary<RuleInput["trigger"]> = fc.oneof(
  fc.constantFrom<RuleInput["trigger"]>(
    { kind: "always" },
    { kind: "action", patterns: ["apply_c*"] },
    { kind: "consequence", at_least: "reversible" },
    { kind: "resource", patterns: ["https://ops.example/secret/*"] },
    { kind: "domain", external: true },
    { kind: "behavior", verdict_in: ["drifting"] },
    { kind: "cascade", state_in: ["open"] },
    { kind: "consensus", outcome_in: ["rejected"] },
  ),
  fc.constantFrom(0, 0.5, 1).map((min) => ({ kind: "risk" as const, min })),
  fc.constantFrom(0, 0.5, 1).map((below) => ({ kind: "confidence" as const, below })),
  fc.record({
    kind: fc.constant("limit" as const),
    constraint: fc.constantFrom("max_calls", "rate_per_min", "max_cost", "max_tokens", "max_duration_s"),
    ratio: fc.constantFrom(0.25, 0.5, 0.9, 1),
  }),
);

export const rulesArbitrary: fc.Arbitrary<RuleInput[]> = fc
  .array(
    fc.record({
      trigger: triggerArbitrary,
      role: fc.constantFrom("operator", "finance"),
      action: fc.constantFrom("abort", "pause", "escalate", "approve", "approve", "notify"),
      approvals: fc.integer({ min: 1, max: 3 }),
      timeout_s: fc.constantFrom(5, 600, 900),
      on_timeout: fc.constantFrom("deny", "abort", "escalate"),
    }),
    { maxLength: 4 },
  )
  .map((rules) => rules.map((rule, at) => ({ ...rule, id: `r${at}` })));

const actionArbitrary: fc.Arbitrary<IntendedAction> = fc.record({
  agent: fc.constant(CHANGE.agent),
  execAct: fc.constantFrom("apply_change", "apply_x", "plan"),
  resources: fc.option(some(...RESOURCES)),
  dataClasses: fc.option(some(...CLASSES)),
  protocol: fc.option(fc.constantFrom(...PROTOCOLS)),
  domains: fc.option(some(...DOMAINS)),
  cost: fc.option(fc.record({ amount: fc.constantFrom("0", "1", "0.000000000001"), currency: fc.constant("EUR") })),
  tokens: fc.option(fc.integer({ min: 0, max: 2 })),
  durationS: fc.option(fc.integer({ min: 0, max: 2 })),
  checkpoint: fc.option(fc.boolean()),
});

const usageArbitrary: fc.Arbitrary<NodeUsage> = fc.record({
  calls: fc.integer({ min: 0, max: 3 }),
  callsLastMinute: fc.integer({ min: 0, max: 3 }),
  cost: fc.constantFrom({}, { EUR: "0.5" }, { EUR: "3" }),
  tokens: fc.integer({ min: 0, max: 3 }),
  durationS: fc.integer({ min: 0, max: 3 }),
});

const contextArbitrary: fc.Arbitrary<DecisionContext> = fc.record({
  nowS: fc.integer({ min: NOW - 2, max: NOW + 2 }),
  risk: fc.constantFrom(null, 0, 0.5, 1),
  confidence: fc.constantFrom(null, 0, 0.5, 1),
  trust: fc.constantFrom(null, 0, 0.5, 1),
  level: fc.constantFrom(null, 1, 2, 3),
  verdict: fc.constantFrom(null, "conformant", "drifting"),
  breakers: fc.constantFrom(null, [], ["open"]),
  consensus: fc.constantFrom(null, "none", "accepted", "rejected"),
});

export const inputArbitrary = fc.record({ action: actionArbitrary, usage: usageArbitrary, context: contextArbitrary });

const GRADES = { refuse: 0, abort: 0, gate: 1, allow: 2 } as const;

/** In what one decision lets more happen than the other, or asks fewer people or for longer; null where in nothing. */
export function laxer(after: ActionDecision, before: ActionDecision): string | null {
  if (GRADES[after.effect] > GRADES[before.effect]) return `${after.effect} in place of ${before.effect}`;
  if (after.effect !== "gate" || before.effect !== "gate") return null;
  const fewer = before.roles.find(
    ({ role, approvals }) => (after.roles.find((asked) => asked.role === role)?.approvals ?? 0) < approvals,
  );
  if (fewer !== undefined) return `fewer approvals by ${fewer.role}`;
  return (after.timeoutS ?? 0) > (before.timeoutS ?? 0) ? "a longer time" : null;
}
