import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CALM,
  CHANGE,
  EXECUTOR,
  examplePolicy,
  type NodeInput,
  noUsage,
  PLANNER,
  policyOf,
  type RuleInput,
} from "./acp.fixture.ts";
import {
  constraintsArbitrary,
  inputArbitrary,
  laxer,
  narrowedArbitrary,
  rulesArbitrary,
} from "./arbitraries.fixture.ts";
import type { AcpClaims } from "./claims.ts";
import {
  type ActionDecision,
  type DecisionContext,
  decideAction,
  type IntendedAction,
  NO_USAGE,
  type NodeUsage,
} from "./decide-action.ts";
import type { Constraints } from "./narrow.ts";

interface Given {
  readonly action?: Partial<IntendedAction>;
  readonly usage?: Partial<NodeUsage>;
  readonly context?: Partial<DecisionContext>;
}

const decide = (policy: AcpClaims, { action, usage, context }: Given = {}): ActionDecision =>
  decideAction(policy, { ...CHANGE, ...action }, () => ({ ...NO_USAGE, ...usage }), { ...CALM, ...context });

const node = (more: Partial<NodeInput> = {}): NodeInput => ({
  id: "n",
  agent: EXECUTOR,
  actions: ["apply_*"],
  delegable: true,
  ...more,
});
const limited = (constraints: Constraints): AcpClaims => policyOf([node({ constraints })]);
const rule = (id: string, more: Partial<RuleInput> = {}): RuleInput => ({
  id,
  trigger: { kind: "always" },
  role: "operator",
  action: "approve",
  ...more,
});
const ruled = (trigger: RuleInput["trigger"], more: Partial<NodeInput> = {}): AcpClaims =>
  policyOf([node(more)], [rule("r", { trigger })]);

describe("the example of section (g)", () => {
  const policy = examplePolicy();

  it("[ACP-20] opens a gate for two operators within 600 s, and says why step by step", () => {
    expect(decide(policy)).toEqual({
      effect: "gate",
      code: null,
      constraint: null,
      node: "n2",
      ruleIds: ["r1"],
      strongest: "approve",
      roles: [{ role: "operator", approvals: 2 }],
      timeoutS: 600,
      reasons: [
        { step: "action", subject: "n2", result: "passed", detail: "node n2 lets the agent do this" },
        { step: "constraint", subject: "max_calls", result: "passed", detail: "1 of 3 calls", ratio: 1 / 3 },
        {
          step: "constraint",
          subject: "max_cost",
          result: "passed",
          detail: "1 of 50.00 EUR (set at node n1)",
          ratio: 0.02,
        },
        {
          step: "constraint",
          subject: "currency",
          result: "passed",
          detail: "amounts are in EUR (set at node n1)",
        },
        {
          step: "constraint",
          subject: "domains",
          result: "passed",
          detail: "every domain is allowed (set at node n1)",
        },
        {
          step: "constraint",
          subject: "require_checkpoint",
          result: "passed",
          detail: "a checkpoint covers it",
        },
        {
          step: "rule",
          subject: "r1",
          result: "matched",
          detail: "the consequence is irreversible; the rule is for irreversible or graver",
        },
        {
          step: "rule",
          subject: "r2",
          result: "not_matched",
          detail: "2 % of max_cost; the rule is for 90 % or more",
        },
      ],
    });
  });

  it("asks finance as well from 45 EUR on: each role its own approvals, the shortest time, the strongest action", () => {
    const decision = decide(policy, { usage: { cost: { EUR: "44" } } });
    expect(decision).toMatchObject({ effect: "gate", ruleIds: ["r1", "r2"], strongest: "pause", timeoutS: 600 });
    expect(decision.roles).toEqual([
      { role: "operator", approvals: 2 },
      { role: "finance", approvals: 1 },
    ]);
    expect(decide(policy, { usage: { cost: { EUR: "43.999999999999" } } }).ruleIds).toEqual(["r1"]);
  });

  it("refuses beyond 50.00 EUR, that n1 set", () => {
    expect(decide(policy, { usage: { cost: { EUR: "49" } } }).effect).toBe("gate");
    expect(decide(policy, { usage: { cost: { EUR: "49.000000000001" } } })).toMatchObject({
      effect: "refuse",
      code: "acp_constraint_violated",
      constraint: "max_cost",
    });
  });
});

describe("step 1, the action", () => {
  it("[ACP-S1] refuses an agent the actions of another's node", () => {
    const denied = decide(examplePolicy(), { action: { agent: PLANNER, execAct: "apply_change" } });
    expect(denied).toMatchObject({ effect: "allow", node: "n1" });
    expect(decide(examplePolicy(), { action: { execAct: "plan_x" } })).toEqual({
      effect: "refuse",
      code: "acp_action_denied",
      constraint: null,
      node: null,
      ruleIds: [],
      strongest: null,
      roles: [],
      timeoutS: null,
      reasons: [
        {
          step: "action",
          subject: "plan_x",
          result: "failed",
          detail: "no node of this agent allows it: n2 allows apply_change",
        },
      ],
    });
  });

  it("refuses whom the policy does not name, also by names that every object has", () => {
    for (const agent of ["spiffe://ops.example/agent/other", "__proto__", "", `${EXECUTOR}/x`])
      expect(decide(examplePolicy(), { action: { agent } })).toMatchObject({
        code: "acp_action_denied",
        reasons: [{ detail: "the policy has no node for this agent" }],
      });
  });

  it("matches prefixes and whole names only, with upper and lower case", () => {
    const policy = policyOf([node({ actions: ["apply_*", "read"] })]);
    for (const execAct of ["apply_", "apply_change", "read"])
      expect(decide(policy, { action: { execAct } }).effect, execAct).toBe("allow");
    for (const execAct of ["apply", "Apply_change", "reads", "rea", "", "*", "constructor"])
      expect(decide(policy, { action: { execAct } }).effect, execAct).toBe("refuse");
    expect(decide(policyOf([node({ actions: [] })])).effect).toBe("refuse");
  });

  it("lets the first node in the token's order decide, and asks for its usage alone, once", () => {
    const strict = node({ id: "strict", actions: ["apply_change"], constraints: { max_calls: 0 } });
    const asked: string[] = [];
    const usageOf = (id: string): NodeUsage => {
      asked.push(id);
      return NO_USAGE;
    };
    const policy = policyOf([strict, node({ id: "lax" })]);
    expect(decideAction(policy, CHANGE, usageOf, CALM)).toMatchObject({ node: "strict", effect: "refuse" });
    expect(asked).toEqual(["strict"]);
  });
});

/** Constraint, what holds it, what violates it, and what leaves it unknown. */
const CONSTRAINTS: readonly (readonly [Constraints, readonly Given[], readonly Given[], readonly Given[]])[] = [
  [
    { not_before: 100 },
    [{ context: { nowS: 100 } }],
    [{ context: { nowS: 99 } }, { context: { nowS: 99.999 } }],
    [{ context: { nowS: Number.NaN } }],
  ],
  [
    { not_after: 100 },
    [{ context: { nowS: 100 } }],
    [{ context: { nowS: 101 } }, { context: { nowS: Number.POSITIVE_INFINITY } }],
    [{ context: { nowS: Number.NaN } }],
  ],
  [
    { max_calls: 3 },
    [{ usage: { calls: 0 } }, { usage: { calls: 2 } }],
    [{ usage: { calls: 3 } }, { usage: { calls: Number.POSITIVE_INFINITY } }],
    [{ usage: { calls: Number.NaN } }, { usage: { calls: -5 } }],
  ],
  [
    { rate_per_min: 2.5 },
    [{ usage: { callsLastMinute: 1 } }],
    [{ usage: { callsLastMinute: 2 } }],
    [{ usage: { callsLastMinute: Number.NaN } }, { usage: { callsLastMinute: -1 } }],
  ],
  [{ rate_per_min: 0.5 }, [], [{ usage: { callsLastMinute: 0 } }], []],
  [
    { max_cost: "10.00", currency: "EUR" },
    [
      { usage: { cost: { EUR: "9" } } },
      { action: { cost: { amount: "10", currency: "EUR" } } },
      { action: { cost: { amount: "0", currency: "EUR" } } },
    ],
    [
      { usage: { cost: { EUR: "9.000000000001" } } },
      { action: { cost: { amount: "1", currency: "JPY" } } },
      { usage: { cost: { JPY: "1" } } },
    ],
    [
      { action: { cost: null } },
      ...["-5", "NaN", "Infinity", "1e-3", "0x1", "", " 1", "abc", "1,00"].map((amount) => ({
        action: { cost: { amount, currency: "EUR" } },
      })),
      { usage: { cost: { EUR: "-100" } } },
      { usage: { cost: { EUR: "nothing" } } },
    ],
  ],
  [
    { max_tokens: 1000 },
    [{ usage: { tokens: 900 } }, { action: { tokens: 0 } }],
    [{ usage: { tokens: 901 } }, { action: { tokens: Number.POSITIVE_INFINITY } }],
    [
      { action: { tokens: null } },
      { action: { tokens: -1000 } },
      { action: { tokens: Number.NaN } },
      { usage: { tokens: Number.NaN } },
    ],
  ],
  [
    { max_duration_s: 60 },
    [{ usage: { durationS: 50 } }, { action: { durationS: 0 } }],
    [{ usage: { durationS: 50.1 } }, { action: { durationS: 61 } }],
    [{ action: { durationS: null } }, { action: { durationS: -10 } }, { usage: { durationS: -1 } }],
  ],
  [
    { resources: ["https://ops.example/site/*", "urn:one"] },
    [{ action: { resources: ["https://ops.example/site/index", "urn:one"] } }, { action: { resources: [] } }],
    [
      { action: { resources: ["https://ops.example/site"] } },
      { action: { resources: ["https://ops.example/site/index", "urn:two"] } },
      { action: { resources: ["https://ops.example/site/../secret"] } },
      { action: { resources: ["https://ops.example/site/%2E%2E/secret"] } },
    ],
    [{ action: { resources: null } }],
  ],
  [{ resources: [] }, [{ action: { resources: [] } }], [{ action: { resources: ["urn:one"] } }], []],
  [
    { data_classes: ["public", "internal"] },
    [{ action: { dataClasses: ["public"] } }, { action: { dataClasses: [] } }],
    [{ action: { dataClasses: ["public", "secret"] } }, { action: { dataClasses: ["constructor"] } }],
    [{ action: { dataClasses: null } }],
  ],
  [
    { protocols: ["mcp", "a2a"] },
    [{ action: { protocol: "mcp" } }],
    [{ action: { protocol: "http" } }],
    [{ action: { protocol: null } }],
  ],
  [
    { min_level: 2 },
    [{ context: { level: 2 } }, { context: { level: 3 } }],
    [{ context: { level: 1 } }],
    [{ context: { level: null } }, { context: { level: Number.NaN } }, { context: { level: 99 } }],
  ],
  [
    { min_trust: 0.5 },
    [{ context: { trust: 0.5 } }, { context: { trust: 1 } }],
    [{ context: { trust: 0.499 } }],
    [{ context: { trust: null } }, { context: { trust: Number.NaN } }, { context: { trust: 1.5 } }],
  ],
  [
    { domains: ["OPS.example", "partner.example"] },
    [{ action: { domains: [] } }, { action: { domains: ["Partner.example"] } }],
    [{ action: { domains: ["evil.example"] } }],
    [{ action: { domains: null } }],
  ],
  [{ domains: ["partner.example"] }, [], [{ action: { domains: ["partner.example"] } }], []],
  [
    { require_checkpoint: true },
    [{ action: { checkpoint: true } }],
    [{ action: { checkpoint: false } }],
    [{ action: { checkpoint: null } }],
  ],
  [{ require_checkpoint: false }, [{ action: { checkpoint: null } }], [], []],
];

describe("step 2, constraints", () => {
  it.each(CONSTRAINTS)("[ACP-2] [ACP-24] hold to the limit itself: %j", (constraints, held, violated) => {
    const policy = limited(constraints);
    for (const given of held) expect(decide(policy, given).effect, JSON.stringify(given)).toBe("allow");
    for (const given of violated)
      expect(decide(policy, given), JSON.stringify(given)).toMatchObject({
        effect: "refuse",
        code: "acp_constraint_violated",
        constraint: Object.keys(constraints)[0],
      });
  });

  it.each(CONSTRAINTS)("[ACP-23] are violated by what is not known: %j", (constraints, _held, _violated, unknown) => {
    for (const given of unknown)
      expect(decide(limited(constraints), given), JSON.stringify(given)).toMatchObject({
        code: "acp_constraint_violated",
        constraint: Object.keys(constraints)[0],
      });
  });

  it("has a case for every constraint there is", () => {
    const tried = new Set(CONSTRAINTS.flatMap(([constraints]) => Object.keys(constraints)));
    expect(tried.size).toBe(15);
  });

  it("[ACP-22] adds amounts exactly, however many digits they have", () => {
    const policy = limited({ max_cost: "123456789012345678.000000000000", currency: "EUR" });
    const effectOf = (amount: string): string =>
      decide(policy, {
        usage: { cost: { EUR: "123456789012345677.999999999999" } },
        action: { cost: { amount, currency: "EUR" } },
      }).effect;
    expect(effectOf("0.000000000001")).toBe("allow");
    expect(effectOf("0.000000000002")).toBe("refuse");
  });

  it("[ACP-22] refuses every cost where no currency is named, and where two hold at once", () => {
    expect(decide(limited({ max_cost: "5" })).constraint).toBe("max_cost");
    const nodes = [
      node({ id: "a", agent: PLANNER }),
      node({ id: "b", agent: PLANNER, constraints: { max_cost: "5", currency: "EUR" } }),
      node({ id: "c", agent: PLANNER, constraints: { max_cost: "5", currency: "USD" } }),
      node({ id: "d" }),
    ];
    const policy = policyOf(
      nodes,
      [],
      [
        ["a", "b"],
        ["a", "c"],
        ["b", "d"],
        ["c", "d"],
      ],
    );
    expect(decide(policy)).toMatchObject({ node: "d", constraint: "max_cost" });
  });

  it("[ACP-20] stops at the first violation in the table's order, whatever the order in the token", () => {
    const all: Constraints = { require_checkpoint: true, min_level: 3, max_calls: 0, not_after: 1 };
    const decision = decide(limited(all), { action: { checkpoint: false }, context: { level: 1, nowS: 1 } });
    expect(decision.reasons.map(({ subject, result }) => `${subject} ${result}`)).toEqual([
      "n passed",
      "not_after passed",
      "max_calls failed",
    ]);
    expect(decision.reasons.at(-1)?.detail).toBe("1 of 0 calls");
  });
});

/** Trigger, what makes it match, what does not, and what leaves it unknown. */
const TRIGGERS: readonly (readonly [RuleInput["trigger"], readonly Given[], readonly Given[], readonly Given[]])[] = [
  [{ kind: "always" }, [{}], [], []],
  [
    { kind: "action", patterns: ["apply_c*", "apply_x"] },
    [{}, { action: { execAct: "apply_x" } }],
    [{ action: { execAct: "apply_y" } }],
    [],
  ],
  [
    { kind: "risk", min: 0.7 },
    [{ context: { risk: 0.7 } }, { context: { risk: 1 } }],
    [{ context: { risk: 0.699 } }],
    [null, Number.NaN, 2, -1, Number.POSITIVE_INFINITY].map((risk) => ({ context: { risk } })),
  ],
  [
    { kind: "confidence", below: 0.5 },
    [{ context: { confidence: 0.499 } }],
    [{ context: { confidence: 0.5 } }],
    [null, Number.NaN, 2, -1].map((confidence) => ({ context: { confidence } })),
  ],
  [
    { kind: "resource", patterns: ["https://ops.example/secret/*"] },
    [{ action: { resources: ["urn:one", "https://ops.example/secret/key"] } }],
    [{ action: { resources: ["https://ops.example/site"] } }, { action: { resources: [] } }],
    [
      { action: { resources: null } },
      { action: { resources: ["https://ops.example/%73ecret/key"] } },
      { action: { resources: ["https://ops.example/site/../secret/key"] } },
      { action: { resources: ["HTTPS://ops.example/secret/key"] } },
    ],
  ],
  [
    { kind: "domain", external: true },
    [{ action: { domains: ["ops.example", "partner.example"] } }],
    [{ action: { domains: [] } }, { action: { domains: ["OPS.example"] } }],
    [{ action: { domains: null } }],
  ],
  [
    { kind: "behavior", verdict_in: ["drifting", "nonconformant"] },
    [{ context: { verdict: "drifting" } }],
    [{ context: { verdict: "conformant" } }, { context: { verdict: "insufficient" } }],
    [{ context: { verdict: null } }, { context: { verdict: "fine" } }],
  ],
  [
    { kind: "cascade", state_in: ["open"] },
    [{ context: { breakers: ["closed", "open"] } }, { context: { breakers: ["isolated"] } }],
    [{ context: { breakers: [] } }, { context: { breakers: ["closed", "half_open"] } }],
    [{ context: { breakers: null } }, { context: { breakers: ["melted"] } }],
  ],
  [
    { kind: "consensus", outcome_in: ["no_quorum", "rejected"] },
    [{ context: { consensus: "rejected" } }, { context: { consensus: "vetoed" } }],
    ["accepted", "none", "deadlock"].map((consensus) => ({ context: { consensus } })),
    [{ context: { consensus: null } }, { context: { consensus: "maybe" } }],
  ],
];

describe("step 3, triggers", () => {
  it.each(TRIGGERS)("match and do not: %j", (trigger, matched, not) => {
    for (const given of matched) expect(decide(ruled(trigger), given).effect, JSON.stringify(given)).toBe("gate");
    for (const given of not) expect(decide(ruled(trigger), given).effect, JSON.stringify(given)).toBe("allow");
  });

  it.each(TRIGGERS)("[ACP-23] are matched by what is not known: %j", (trigger, _matched, _not, unknown) => {
    for (const given of unknown) expect(decide(ruled(trigger), given).effect, JSON.stringify(given)).toBe("gate");
  });

  it("match a consequence at least as grave", () => {
    const grave = ["none", "reversible", "irreversible"] as const;
    const effects = grave.map((at_least) =>
      grave.map((consequence) => decide(ruled({ kind: "consequence", at_least }, { consequence })).effect),
    );
    expect(effects).toEqual([
      ["gate", "gate", "gate"],
      ["allow", "gate", "gate"],
      ["allow", "allow", "gate"],
    ]);
    expect(decide(ruled({ kind: "consequence", at_least: "reversible" })).effect).toBe("gate");
  });

  it.each<[RuleInput["trigger"], Constraints, Given, Given]>([
    [
      { kind: "limit", constraint: "max_calls", ratio: 0.9 },
      { max_calls: 10 },
      { usage: { calls: 8 } },
      { usage: { calls: 7 } },
    ],
    [
      { kind: "limit", constraint: "rate_per_min", ratio: 0.5 },
      { rate_per_min: 4 },
      { usage: { callsLastMinute: 1 } },
      { usage: { callsLastMinute: 0 } },
    ],
    [
      { kind: "limit", constraint: "max_cost", ratio: 0.9 },
      { max_cost: "10", currency: "EUR" },
      { usage: { cost: { EUR: "8" } } },
      { usage: { cost: { EUR: "7.99" } } },
    ],
    [
      { kind: "limit", constraint: "max_tokens", ratio: 0.5 },
      { max_tokens: 1000 },
      { usage: { tokens: 400 } },
      { usage: { tokens: 399 } },
    ],
    [
      { kind: "limit", constraint: "max_duration_s", ratio: 1 },
      { max_duration_s: 60 },
      { usage: { durationS: 50 } },
      { usage: { durationS: 49 } },
    ],
  ])(
    "[ACP-24] match the share of a limit that this action brings it to: %j",
    (trigger, constraints, reached, below) => {
      const policy = ruled(trigger, { constraints });
      expect(decide(policy, reached).effect).toBe("gate");
      expect(decide(policy, below).effect).toBe("allow");
      expect(decide(ruled(trigger), reached).effect).toBe("allow");
    },
  );

  it("[ACP-24] match a limit of nothing before anything is used", () => {
    const trigger = { kind: "limit", constraint: "max_tokens", ratio: 0.9 } as const;
    expect(decide(ruled(trigger, { constraints: { max_tokens: 0 } }), { action: { tokens: 0 } }).effect).toBe("gate");
  });

  it("do not say of a share below a rule's that it is the rule's", () => {
    const policy = ruled(
      { kind: "limit", constraint: "max_tokens", ratio: 0.9 },
      { constraints: { max_tokens: 1_000_000 } },
    );
    const decision = decide(policy, { usage: { tokens: 899_899 } });
    expect(decision.reasons.at(-1)?.detail).toBe("89.999 % of max_tokens; the rule is for 90 % or more");
  });
});

describe("step 3, what matching rules ask for", () => {
  it.each([
    [["notify"], "allow", "notify"],
    [["notify", "approve"], "gate", "approve"],
    [["approve", "escalate", "notify"], "gate", "escalate"],
    [["escalate", "pause", "approve"], "gate", "pause"],
    [["pause", "abort", "escalate"], "abort", "abort"],
  ] as const)("is the strongest of %j", (actions, effect, strongest) => {
    const rules = actions.map((action, at) => rule(`r${at}`, { action }));
    for (const order of [rules, rules.toReversed()])
      expect(decide(policyOf([node()], order))).toMatchObject({
        effect,
        strongest,
        code: effect === "abort" ? "hitl_abort" : null,
        ruleIds: order.map(({ id }) => id),
      });
  });

  it("[ACP-28] is every role with its own most approvals, and the least time, of those that wait", () => {
    const rules = [
      rule("a", { role: "operator", approvals: 1, timeout_s: 600 }),
      rule("b", { role: "finance", approvals: 3, timeout_s: 700 }),
      rule("c", { role: "operator", approvals: 2, timeout_s: 500 }),
      rule("d", { role: "auditor", action: "notify", approvals: 5, timeout_s: 5 }),
    ];
    expect(decide(policyOf([node()], rules))).toMatchObject({
      roles: [
        { role: "operator", approvals: 2 },
        { role: "finance", approvals: 3 },
      ],
      timeoutS: 500,
      ruleIds: ["a", "b", "c", "d"],
    });
  });

  it("is nobody's approval where an action is only told of, or aborted", () => {
    for (const action of ["notify", "abort"] as const)
      expect(decide(policyOf([node()], [rule("r", { action })]))).toMatchObject({ roles: [], timeoutS: null });
  });

  it("[ACP-20] is explained rule by rule in the token's order, also those that do not match", () => {
    const rules = [
      rule("z", { trigger: { kind: "risk", min: 0.5 } }),
      rule("a"),
      rule("__proto__", { trigger: { kind: "action", patterns: ["x"] } }),
    ];
    const { reasons } = decide(policyOf([node({ constraints: { max_calls: 2 } })], rules));
    expect(reasons.map(({ step, subject, result }) => [step, subject, result])).toEqual([
      ["action", "n", "passed"],
      ["constraint", "max_calls", "passed"],
      ["rule", "z", "not_matched"],
      ["rule", "a", "matched"],
      ["rule", "__proto__", "not_matched"],
    ]);
  });
});

describe("decisions about anything", () => {
  const policyArbitrary = fc
    .record({ constraints: constraintsArbitrary, rules: rulesArbitrary })
    .map(({ constraints, rules }) => ({ constraints, rules, policy: policyOf([node({ constraints })], rules) }));

  it("[ACP-20] are the same for the same input, word for word, also after the token was read anew", () => {
    fc.assert(
      fc.property(policyArbitrary, inputArbitrary, ({ policy }, { action, usage, context }) => {
        const first = decideAction(policy, action, () => usage, context);
        expect(decideAction(policy, action, () => usage, context)).toEqual(first);
        const again: AcpClaims = structuredClone(policy);
        expect(decideAction(again, structuredClone(action), () => structuredClone(usage), context)).toEqual(first);
      }),
      { numRuns: 300 },
    );
  });

  it("[ACP-8] never become laxer by a rule more", () => {
    fc.assert(
      fc.property(policyArbitrary, rulesArbitrary, inputArbitrary, (before, added, { action, usage, context }) => {
        const rules = [...before.rules, ...added.map((more) => ({ ...more, id: `added-${more.id}` }))];
        const after = policyOf([node({ constraints: before.constraints })], rules);
        expect(
          laxer(
            decideAction(after, action, () => usage, context),
            decideAction(before.policy, action, () => usage, context),
          ),
        ).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  it("[ACP-7] never become laxer by a narrower constraint, set at the node or above it", () => {
    const arbitrary = constraintsArbitrary.chain((wide) =>
      fc.record({ wide: fc.constant(wide), narrow: narrowedArbitrary(wide), rules: rulesArbitrary }),
    );
    fc.assert(
      fc.property(arbitrary, inputArbitrary, ({ wide, narrow, rules }, { action, usage, context }) => {
        const before = decideAction(policyOf([node({ constraints: wide })], rules), action, () => usage, context);
        const own = policyOf([node({ constraints: narrow })], rules);
        const inherited = policyOf(
          [node({ id: "top", agent: PLANNER, constraints: narrow }), node({ constraints: wide })],
          rules,
        );
        for (const policy of [own, inherited])
          expect(
            laxer(
              decideAction(policy, action, () => usage, context),
              before,
            ),
          ).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  it("[ACP-23] never throw, whatever is stated", () => {
    const text = fc.string({ unit: "binary", maxLength: 12 });
    const number = fc.oneof(fc.double(), fc.constant(null));
    fc.assert(
      fc.property(policyArbitrary, text, number, fc.array(text), ({ policy }, words, amount, list) => {
        const action = {
          ...CHANGE,
          resources: list,
          domains: list,
          dataClasses: list,
          tokens: amount,
          durationS: amount,
          cost: { amount: words, currency: "EUR" },
        };
        const usage = { ...NO_USAGE, calls: amount ?? 0, cost: { EUR: words } };
        const context = { ...CALM, risk: amount, trust: amount, level: amount, verdict: words, breakers: list };
        expect(["refuse", "abort", "gate", "allow"]).toContain(
          decideAction(policy, action, () => usage, context).effect,
        );
      }),
    );
    expect(decideAction(examplePolicy(), CHANGE, noUsage, CALM).effect).toBe("gate");
  });
});
