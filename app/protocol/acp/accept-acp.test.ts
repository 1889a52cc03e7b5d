import { describe, expect, it } from "vitest";
import { acceptAcp } from "./accept-acp.ts";
import { EXECUTOR, examplePolicy, type NodeInput, PLANNER, policyOf, type RuleInput } from "./acp.fixture.ts";
import { checkDraft } from "./check-draft.ts";
import type { AcpClaims, AcpClaimsInput } from "./claims.ts";
import { compilePolicy } from "./compile-policy.ts";

const codeOf = (policy: AcpClaims): string | null => {
  const accepted = acceptAcp(policy);
  return accepted.ok ? null : accepted.error.code;
};
const codeAfter = (change: (policy: AcpClaimsInput) => void): string | null => codeOf(examplePolicy(change));
const edit = <T>(item: T | undefined, change: Partial<T>): void => void Object.assign(item ?? {}, change);

const node = (id: string, more: Partial<NodeInput> = {}): NodeInput => ({
  id,
  agent: `spiffe://ops.example/agent/${id}`,
  actions: ["*"],
  delegable: true,
  consequence: "none",
  ...more,
});
const always: RuleInput = { id: "always", trigger: { kind: "always" }, role: "operator", action: "approve" };

describe("the example of section (g)", () => {
  it("[ACP-1] [ACP-2] [ACP-3] is accepted: lineage, constraints and human rules in one token", () => {
    expect(codeOf(examplePolicy())).toBeNull();
  });

  it("[ACP-2] lets n2 inherit 50.00 EUR from n1 beside limits of its own", () => {
    const limits = compilePolicy(examplePolicy()).nodes.get("n2")?.constraints;
    expect(limits).toEqual([
      { name: "max_calls", value: 3, setBy: "n2" },
      { name: "max_cost", value: "50.00", setBy: "n1" },
      { name: "currency", value: "EUR", setBy: "n1" },
      { name: "domains", value: ["ops.example"], setBy: "n1" },
      { name: "require_checkpoint", value: true, setBy: "n2" },
    ]);
  });

  it("[ACP-7] is refused with delete_* added to n2", () => {
    expect(codeAfter(({ dag }) => dag.nodes[1]?.actions.push("delete_*"))).toBe("acp_widening");
  });

  it("[ACP-15] is refused without r1", () => {
    expect(codeAfter(({ hitl }) => hitl.rules.shift())).toBe("acp_irreversible_ungated");
  });
});

describe("step 2, members", () => {
  const read = (change: (policy: AcpClaimsInput) => void): string | null => {
    const document: AcpClaimsInput = structuredClone(examplePolicy());
    change(document);
    const result = checkDraft(JSON.parse(JSON.stringify(document)));
    return result.ok ? null : `${result.error[0]?.code} ${result.error[0]?.place}`;
  };

  it("[ACP-9] reads no policy with a constraint it does not know", () => {
    expect(read(() => undefined)).toBeNull();
    expect(read(({ dag }) => Object.assign(dag.nodes[1]?.constraints ?? {}, { max_emails: 3 }))).toBe(
      "acp_unknown_constraint dag.nodes.1.constraints.max_emails",
    );
  });

  it("[ACP-9] knows no constraint by a name that every object has", () => {
    const text = (name: string): string =>
      JSON.stringify(examplePolicy()).replace('"max_calls":3', `"max_calls":3,"${name}":{"max_calls":9}`);
    for (const name of ["__proto__", "constructor", "toString"]) {
      const result = checkDraft(JSON.parse(text(name)));
      expect(result.ok ? null : result.error[0]?.code, name).toBe("acp_unknown_constraint");
    }
  });

  it("[ACP-9] reads no policy with a trigger, a limit or a verdict it does not know", () => {
    const withTrigger = (trigger: object): string | null =>
      read(({ hitl }) => edit(hitl.rules[1], { trigger: trigger as RuleInput["trigger"] }));
    expect(withTrigger({ kind: "moon", phase: "full" })).toMatch(/^acp_claim_invalid hitl.rules.1.trigger/);
    expect(withTrigger({ kind: "limit", constraint: "max_cots", ratio: 0.9 })).toMatch(/^acp_claim_invalid/);
    expect(withTrigger({ kind: "behavior", verdict_in: ["nonconforment"] })).toMatch(/^acp_claim_invalid/);
    expect(withTrigger({ kind: "always", unless: "urgent" })).toMatch(/^acp_claim_invalid/);
  });

  it("reads patterns of no other form than a name or a prefix", () => {
    const agent = (pattern: string): string | null => read(({ dag }) => edit(dag.nodes[1], { agent: pattern }));
    expect(agent("spiffe://ops.example/agent/*")).toBeNull();
    for (const pattern of [
      "*",
      "spiffe://*",
      "spiffe://ops.example*",
      "spiffe://ops.example/agent*",
      "spiffe://*/a",
      "",
    ])
      expect(agent(pattern), pattern).toBe("acp_claim_invalid dag.nodes.1.agent");
    for (const pattern of ["", "**", "*_change", "a*b"])
      expect(
        read(({ dag }) => dag.nodes[1]?.actions.push(pattern)),
        pattern,
      ).toMatch(/^acp_claim_invalid/);
    for (const pattern of ["", "*.secret"])
      expect(
        read(({ hitl }) => edit(hitl.rules[1], { trigger: { kind: "resource", patterns: [pattern] } })),
        pattern,
      ).toMatch(/^acp_claim_invalid/);
  });

  it("[ACP-6] reads no rule without trigger, role or action", () => {
    for (const member of ["trigger", "role", "action"])
      expect(read(({ hitl }) => void Reflect.deleteProperty(hitl.rules[0] ?? {}, member))).toBe(
        `acp_claim_invalid hitl.rules.0.${member}`,
      );
  });

  it("[ACP-1] [ACP-2] [ACP-3] reads no token of another version, without its graph or without its human rules", () => {
    expect(read((policy) => Object.assign(policy, { acp_ver: 2 }))).toBe("acp_claim_invalid acp_ver");
    for (const member of ["dag", "hitl"])
      expect(read((policy) => void Reflect.deleteProperty(policy, member))).toBe(`acp_claim_invalid ${member}`);
  });

  it("reads no amount that has a sign, an exponent or more digits than can be added exactly", () => {
    for (const max_cost of ["-1", "1e9", "0x10", "NaN", "Infinity", "1234567890123456789", "0.1234567890123", "", "01"])
      expect(
        read(({ dag }) => edit(dag.nodes[0]?.constraints, { max_cost })),
        max_cost,
      ).toBe("acp_claim_invalid dag.nodes.0.constraints.max_cost");
  });

  it("[ACP-10] refuses silence as consent where an action has a consequence", () => {
    expect(codeAfter(({ hitl }) => edit(hitl, { default_on_timeout: "allow" }))).toBe("acp_claim_invalid");
    expect(codeAfter(({ hitl }) => edit(hitl.rules[1], { on_timeout: "allow" }))).toBe("acp_claim_invalid");
    const harmless = policyOf([node("a")], [{ ...always, on_timeout: "allow" }]);
    expect(codeOf(harmless)).toBeNull();
  });

  it("refuses two rules by one name, and delegators without a parent", () => {
    expect(codeAfter(({ hitl }) => edit(hitl.rules[1], { id: "r1" }))).toBe("acp_claim_invalid");
    expect(codeAfter((policy) => edit(policy, { act: { sub: PLANNER } }))).toBe("acp_claim_invalid");
  });
});

describe("steps 3 to 5, the graph", () => {
  it("[ACP-1] refuses two nodes by one name, and names without a node", () => {
    expect(codeAfter(({ dag }) => edit(dag.nodes[1], { id: "n1" }))).toBe("acp_dag_dangling");
    expect(codeAfter(({ dag }) => edit(dag, { root: "n3" }))).toBe("acp_dag_dangling");
    expect(codeAfter(({ dag }) => edit(dag, { self: "__proto__" }))).toBe("acp_dag_dangling");
    expect(codeAfter(({ dag }) => edit(dag.edges[0], { to: "n3" }))).toBe("acp_dag_dangling");
    expect(codeAfter(({ dag }) => dag.edges.push({ from: "n3", to: "n1", kind: "precedes" }))).toBe("acp_dag_dangling");
  });

  it("[ACP-1] takes any name the format allows", () => {
    expect(codeOf(policyOf([node("__proto__"), node("constructor"), node("toString")]))).toBeNull();
  });

  it("[ACP-1] refuses a circle of delegation, but not one of order", () => {
    const circle = [node("a"), node("b"), node("c")];
    const edges = [
      ["a", "b"],
      ["b", "c"],
    ] as const;
    expect(codeOf(policyOf(circle, [], edges))).toBeNull();
    expect(codeOf(policyOf(circle, [], [...edges, ["c", "b"]]))).toBe("acp_dag_cycle");
    expect(codeOf(policyOf(circle, [], [...edges, ["c", "c"]]))).toBe("acp_dag_cycle");
    expect(codeAfter(({ dag }) => dag.edges.push({ from: "n2", to: "n1", kind: "precedes" }))).toBeNull();
  });

  it("[ACP-1] refuses a node that the root does not reach by delegation", () => {
    expect(codeOf(policyOf([node("a"), node("b"), node("c")], [], [["a", "b"]]))).toBe("acp_dag_unreachable");
    expect(codeAfter(({ dag }) => edit(dag.edges[0], { kind: "precedes" }))).toBe("acp_dag_unreachable");
    expect(codeAfter(({ dag }) => edit(dag, { root: "n2", self: "n1" }))).toBe("acp_dag_unreachable");
  });

  it("refuses delegation deeper than max_depth, by the longest path", () => {
    const nodes = [node("a"), node("b"), node("c"), node("d")];
    const edges = [
      ["a", "d"],
      ["a", "b"],
      ["b", "c"],
      ["c", "d"],
    ] as const;
    const deep = policyOf(nodes, [], edges);
    expect(codeOf({ ...deep, dag: { ...deep.dag, max_depth: 3 } })).toBeNull();
    expect(codeOf({ ...deep, dag: { ...deep.dag, max_depth: 2 } })).toBe("acp_dag_too_deep");
  });

  it("refuses delegation to more than max_fanout, 16 unless it says", () => {
    const wide = policyOf([node("a"), ...Array.from({ length: 17 }, (_, at) => node(`b${at}`))]);
    expect(codeOf({ ...wide, dag: { ...wide.dag, max_fanout: 17 } })).toBeNull();
    expect(codeOf({ ...wide, dag: { ...wide.dag, max_fanout: 16 } })).toBe("acp_dag_fanout");
    expect(examplePolicy().dag.max_fanout).toBe(16);
  });

  it("[ACP-27] judges the largest graphs at once: every node delegates to all behind it, the furthest first", () => {
    const nodes = Array.from({ length: 256 }, (_, at) => node(`n${at}`));
    const pairs: [string, string][] = [];
    for (let from = 0; from < 45; from += 1) for (let to = 44; to > from; to -= 1) pairs.push([`n${from}`, `n${to}`]);
    // 45 nodes of which each delegates to all behind it have 2^43 paths; the 211 others lie in a row.
    const dense = policyOf(nodes.slice(0, 45), [], pairs);
    const row = policyOf(
      nodes,
      [],
      nodes.slice(1).map(({ id }, at) => [`n${at}`, id] as const),
    );
    const wide = nodes.slice(5).flatMap(({ id }) => [0, 1, 2, 3].map((top) => [`n${top}`, id] as const));
    const began = performance.now();
    expect(codeOf(dense)).toBe("acp_dag_too_deep");
    expect(codeOf(row)).toBe("acp_dag_too_deep");
    expect(codeOf(policyOf(nodes, [], [...wide, ["n0", "n1"]]))).toBe("acp_dag_unreachable");
    expect(
      codeOf(policyOf(nodes, [], [...row.dag.edges.map(({ from, to }) => [from, to] as const), ["n255", "n0"]])),
    ).toBe("acp_dag_cycle");
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe("steps 6 and 7, narrowing", () => {
  const rules = [always];

  it("[ACP-7] refuses delegation by a node that may not delegate", () => {
    expect(codeAfter(({ dag }) => edit(dag.nodes[0], { delegable: false }))).toBe("acp_not_delegable");
    expect(codeAfter(({ dag }) => void Reflect.deleteProperty(dag.nodes[0] ?? {}, "delegable"))).toBe(
      "acp_not_delegable",
    );
  });

  it.each([
    ["an edge passes on what its node may not do", ["plan_*"], ["delete_*"], ["delete_x"]],
    ["an edge passes on a longer reach than the prefix", ["plan_*"], ["plan*"], []],
    ["a node may do more than the edge passes on", ["plan_*"], ["plan_a"], ["plan_b"]],
    ["a node has the prefix of a name it was passed", ["plan_a"], ["plan_a"], ["plan_a*"]],
    ["a node has everything", ["plan_*"], undefined, ["*"]],
    ["an edge passes on nothing", ["plan_*"], [], ["plan_a"]],
  ])("[ACP-7] refuses actions: %s", (_, from, passed, to) => {
    const policy = policyOf([node("a", { actions: from }), node("b", { actions: to })], rules);
    const edges = policy.dag.edges.map((edge) => ({ ...edge, actions: passed }));
    expect(codeOf({ ...policy, dag: { ...policy.dag, edges } })).toBe("acp_widening");
  });

  it("[ACP-7] lets each of several edges bound a node", () => {
    const policy = policyOf(
      [
        node("a"),
        node("b", { actions: ["plan_*"] }),
        node("c", { actions: ["run_*"] }),
        node("d", { actions: ["plan_x"] }),
      ],
      rules,
      [
        ["a", "b"],
        ["a", "c"],
        ["b", "d"],
        ["c", "d"],
      ],
    );
    expect(codeOf(policy)).toBe("acp_widening");
  });

  const wider: readonly (readonly [NodeInput["constraints"], NodeInput["constraints"]])[] = [
    [{ not_before: 10 }, { not_before: 9 }],
    [{ not_after: 10 }, { not_after: 11 }],
    [{ max_calls: 3 }, { max_calls: 4 }],
    [{ rate_per_min: 3 }, { rate_per_min: 3.5 }],
    [{ max_cost: "50.00", currency: "EUR" }, { max_cost: "50.000000000001" }],
    [{ max_cost: "9", currency: "EUR" }, { max_cost: "10" }],
    [
      { max_cost: "50", currency: "EUR" },
      { max_cost: "50", currency: "IDR" },
    ],
    [{ max_tokens: 3 }, { max_tokens: 4 }],
    [{ max_duration_s: 3 }, { max_duration_s: 4 }],
    [{ resources: ["https://a/x/*"] }, { resources: ["https://a/x/1", "https://a/*"] }],
    [{ data_classes: ["public"] }, { data_classes: ["public", "secret"] }],
    [{ protocols: ["mcp"] }, { protocols: ["http"] }],
    [{ min_level: 2 }, { min_level: 1 }],
    [{ min_trust: 0.5 }, { min_trust: 0.4 }],
    [{ domains: ["ops.example"] }, { domains: ["evil.example"] }],
    [{ require_checkpoint: true }, { require_checkpoint: false }],
  ];

  it.each(wider)("[ACP-7] refuses wider constraints: %j to %j", (outer, inner) => {
    const a = node("a", { constraints: outer });
    expect(codeOf(policyOf([a, node("b", { constraints: inner })]))).toBe("acp_widening");
    expect(codeOf(policyOf([a, node("b", { constraints: outer })]))).toBeNull();
    expect(codeOf(policyOf([a, node("b")]))).toBeNull();
  });

  it.each(wider)("[ACP-7] refuses them below a node that only inherits: %j to %j", (outer, inner) => {
    const nodes = [node("a", { constraints: outer }), node("b"), node("c", { constraints: inner })];
    const edges = [
      ["a", "b"],
      ["b", "c"],
    ] as const;
    expect(codeOf(policyOf(nodes, [], edges))).toBe("acp_widening");
  });

  it("[ACP-7] [ACP-21] lets a node inherit from all that delegate to it what they have in common", () => {
    const nodes = [
      node("a"),
      node("b", {
        constraints: { max_calls: 5, resources: ["https://a/*", "https://b/1"], domains: ["A.example", "c"] },
      }),
      node("c", {
        constraints: { max_calls: 3, resources: ["https://a/x*", "https://c/1"], domains: ["a.example", "b"] },
      }),
      node("d"),
    ];
    const edges = [
      ["a", "b"],
      ["a", "c"],
      ["b", "d"],
      ["c", "d"],
    ] as const;
    expect(compilePolicy(policyOf(nodes, [], edges)).nodes.get("d")?.constraints).toEqual([
      { name: "max_calls", value: 3, setBy: "c" },
      { name: "resources", value: ["https://a/x*"], setBy: "b, c" },
      { name: "domains", value: ["A.example"], setBy: "b, c" },
    ]);
    const reversed = [...edges].reverse();
    expect(compilePolicy(policyOf(nodes, [], reversed)).nodes.get("d")?.constraints[0]?.value).toBe(3);
  });

  it("[ACP-22] refuses costs limited in no currency, or in two that are inherited", () => {
    expect(codeOf(policyOf([node("a", { constraints: { max_cost: "5" } })]))).toBe("acp_claim_invalid");
    const nodes = [
      node("a"),
      node("b", { constraints: { max_cost: "5", currency: "EUR" } }),
      node("c", { constraints: { max_cost: "5", currency: "USD" } }),
      node("d"),
    ];
    const edges = [
      ["a", "b"],
      ["a", "c"],
      ["b", "d"],
      ["c", "d"],
    ] as const;
    expect(codeOf(policyOf(nodes, [], edges))).toBe("acp_claim_invalid");
    expect(codeOf(policyOf(nodes, [], edges.slice(0, 3)))).toBeNull();
  });
});

describe("step 8 and ACP-15", () => {
  it("[ACP-S1] refuses a holder whose own node is another's", () => {
    expect(codeAfter((policy) => edit(policy, { sub: EXECUTOR }))).toBe("acp_subject_mismatch");
    expect(codeAfter(({ dag }) => edit(dag, { self: "n2" }))).toBe("acp_subject_mismatch");
    expect(codeAfter((policy) => edit(policy, { sub: `${PLANNER}/evil` }))).toBe("acp_subject_mismatch");
  });

  it.each(["abort", "pause", "escalate", "approve"] as const)(
    "[ACP-15] takes %s for an irreversible node",
    (action) => {
      const grave = node("a", { consequence: "irreversible" });
      expect(codeOf(policyOf([grave], [{ ...always, action }]))).toBeNull();
    },
  );

  it.each<[string, Partial<RuleInput>]>([
    ["only notifies", { action: "notify" }],
    ["depends on the risk", { trigger: { kind: "risk", min: 0 } }],
    ["depends on a limit", { trigger: { kind: "limit", constraint: "max_calls", ratio: 0.1 } }],
    ["is for one action of several", { trigger: { kind: "action", patterns: ["drop_a"] } }],
    ["is for a part of a prefix", { trigger: { kind: "action", patterns: ["drop_a", "drop_a*"] } }],
  ])("[ACP-15] does not take a rule that %s", (_, change) => {
    const grave = node("a", { consequence: "irreversible", actions: ["drop_*"] });
    expect(codeOf(policyOf([grave], [{ ...always, ...change }]))).toBe("acp_irreversible_ungated");
    expect(
      codeOf(
        policyOf(
          [grave],
          [
            { ...always, ...change },
            { ...always, id: "all" },
          ],
        ),
      ),
    ).toBeNull();
  });

  it("[ACP-15] takes a rule whose pattern covers every action", () => {
    const grave = node("a", { consequence: "irreversible", actions: ["drop_*", "wipe"] });
    const rule = (...patterns: string[]): RuleInput => ({ ...always, trigger: { kind: "action", patterns } });
    expect(codeOf(policyOf([grave], [rule("drop*", "wipe")]))).toBeNull();
    expect(codeOf(policyOf([grave], [rule("drop*")]))).toBe("acp_irreversible_ungated");
  });
});
