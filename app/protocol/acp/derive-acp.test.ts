import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acceptAcp } from "./accept-acp.ts";
import { CHANGE, EXECUTOR, examplePolicy, PLANNER } from "./acp.fixture.ts";
import {
  constraintsArbitrary,
  inputArbitrary,
  laxer,
  narrowedArbitrary,
  rulesArbitrary,
} from "./arbitraries.fixture.ts";
import { type AcpClaims, type AcpClaimsInput, acpClaimsSchema } from "./claims.ts";
import { decideAction, type NodeUsage } from "./decide-action.ts";
import { checkDerivation, type KnownParent, revokedAncestor } from "./derive-acp.ts";

const DIGEST = "A".repeat(43);
const CHILD_JTI = "0195400c-0000-7000-8000-0000000000b2";
const HELPER = "spiffe://ops.example/agent/helper";

type Change = (policy: AcpClaimsInput) => void;
const edit = <T>(item: T | undefined, change: Partial<T>): void => void Object.assign(item ?? {}, change);
const drop = (item: object | undefined, member: string): void => void Reflect.deleteProperty(item ?? {}, member);

/** The example with a third node below the second, as an operator would issue it. */
const PARENT = examplePolicy((policy) => {
  const { dag, hitl } = policy;
  policy.aud = ["spiffe://ops.example/pep"];
  dag.max_fanout = 8;
  edit(dag.nodes[1], { delegable: true, actions: ["apply_*"] });
  edit(dag.edges[0], { actions: ["apply_*"] });
  dag.nodes.push({ id: "n3", agent: HELPER, actions: ["apply_*"], consequence: "irreversible" });
  dag.edges.push({ from: "n2", to: "n3", kind: "delegates", actions: ["apply_*"] });
  hitl.contact = ["mailto:duty@ops.example"];
  edit(hitl.rules[0], { on_timeout: "abort" });
});

/** What the planner hands to the executor, unchanged but for what derivation is. */
const derived = (parent: AcpClaims, change: Change = () => undefined): AcpClaims => {
  const policy: AcpClaimsInput = structuredClone(parent);
  edit(policy, {
    iss: parent.sub,
    sub: EXECUTOR,
    jti: CHILD_JTI,
    parent: { jti: parent.jti, hash: DIGEST },
    act: { sub: parent.sub },
  });
  policy.dag.self = "n2";
  change(policy);
  return acpClaimsSchema.parse(policy);
};

const codeOf = (child: AcpClaims, parent: KnownParent | undefined = { claims: PARENT, digest: DIGEST }) => {
  const checked = checkDerivation(child, parent);
  return checked.ok ? null : checked.error.code;
};
const codeAfter = (change: Change): string | null => codeOf(derived(PARENT, change));

/** Only the executor's part, with what it inherited written into it. */
const reduced: Change = ({ dag }) => {
  dag.root = "n2";
  dag.nodes.shift();
  dag.edges.shift();
  Object.assign(dag.nodes[0]?.constraints ?? {}, { max_cost: "50.00", currency: "EUR", domains: ["ops.example"] });
};

describe("a derived policy", () => {
  it("[ACP-1] is accepted as the whole of its parent, and as the part below its holder", () => {
    for (const change of [() => undefined, reduced]) {
      expect(codeAfter(change)).toBeNull();
      expect(acceptAcp(derived(PARENT, change)).ok).toBe(true);
    }
  });

  it("asks nothing of a policy that is not derived", () => {
    expect(codeOf(PARENT, undefined)).toBeNull();
  });

  it("[ACP-S2] needs its parent, by its exact digest", () => {
    expect(checkDerivation(derived(PARENT), undefined)).toMatchObject({ error: { code: "acp_parent_missing" } });
    expect(codeOf(derived(PARENT), { claims: PARENT, digest: `B${DIGEST.slice(1)}` })).toBe("acp_parent_mismatch");
    expect(codeAfter((policy) => edit(policy.parent, { jti: CHILD_JTI }))).toBe("acp_parent_mismatch");
  });

  it("[ACP-S2] is of its parent's workflow and by its parent's holder, for a node delegated to", () => {
    expect(codeAfter((policy) => edit(policy, { wid: CHILD_JTI }))).toBe("acp_parent_mismatch");
    expect(codeAfter((policy) => edit(policy, { iss: HELPER, act: { sub: HELPER } }))).toBe("acp_parent_mismatch");
    expect(codeAfter(({ dag }) => edit(dag, { self: "n3" }))).toBe("acp_parent_mismatch");
    expect(codeAfter(({ dag }) => edit(dag, { self: "n1" }))).toBe("acp_parent_mismatch");
  });

  it("[ACP-1] names all its delegators, the newest first", () => {
    expect(codeAfter((policy) => drop(policy, "act"))).toBe("acp_parent_mismatch");
    expect(codeAfter((policy) => edit(policy, { act: { sub: EXECUTOR } }))).toBe("acp_parent_mismatch");
    expect(codeAfter((policy) => edit(policy, { act: { sub: PLANNER, act: { sub: HELPER } } }))).toBe(
      "acp_parent_mismatch",
    );
    const middle = derived(PARENT);
    const grandchild = (act: AcpClaimsInput["act"]): string | null =>
      codeOf(
        derived(middle, (policy) => {
          edit(policy, { sub: HELPER, act });
          policy.dag.self = "n3";
        }),
        { claims: middle, digest: DIGEST },
      );
    expect(grandchild({ sub: EXECUTOR, act: { sub: PLANNER } })).toBeNull();
    expect(grandchild({ sub: EXECUTOR })).toBe("acp_parent_mismatch");
    expect(grandchild({ sub: EXECUTOR, act: { sub: HELPER } })).toBe("acp_parent_mismatch");
    expect(grandchild({ sub: EXECUTOR, act: "alice" })).toBe("acp_parent_mismatch");
  });

  it.each<[string, Change]>([
    ["a longer life", (policy) => edit(policy, { exp: PARENT.exp + 1 })],
    ["an earlier beginning", (policy) => edit(policy, { iat: PARENT.iat - 1 })],
    ["an earlier nbf", (policy) => edit(policy, { nbf: PARENT.iat - 1 })],
    ["a node more", ({ dag }) => dag.nodes.push({ id: "n4", agent: HELPER, actions: [] })],
    ["another agent", ({ dag }) => edit(dag.nodes[2], { agent: "spiffe://ops.example/agent/evil" })],
    ["more agents", ({ dag }) => edit(dag.nodes[2], { agent: "spiffe://ops.example/agent/*" })],
    ["an action more", ({ dag }) => dag.nodes[1]?.actions.push("delete_*")],
    ["a wider pattern", ({ dag }) => edit(dag.nodes[1], { actions: ["apply*"] })],
    ["a wider constraint", ({ dag }) => edit(dag.nodes[1]?.constraints, { max_calls: 4 })],
    ["a constraint less", ({ dag }) => drop(dag.nodes[1]?.constraints, "max_calls")],
    ["no constraints", ({ dag }) => drop(dag.nodes[1], "constraints")],
    ["a limit above less", ({ dag }) => drop(dag.nodes[0]?.constraints, "domains")],
    ["the right to delegate", ({ dag }) => edit(dag.nodes[2], { delegable: true })],
    ["a graver consequence", ({ dag }) => edit(dag.nodes[0], { consequence: "irreversible" })],
    ["a lighter consequence", ({ dag }) => drop(dag.nodes[1], "consequence")],
    ["an edge more", ({ dag }) => dag.edges.push({ from: "n1", to: "n3", kind: "delegates", actions: ["apply_*"] })],
    ["an edge of another kind", ({ dag }) => edit(dag.edges[1], { kind: "precedes" })],
    ["an edge that passes on more", ({ dag }) => edit(dag.edges[1], { actions: ["apply_*", "plan_*"] })],
    ["an edge that passes on all", ({ dag }) => drop(dag.edges[1], "actions")],
    ["more depth", ({ dag }) => edit(dag, { max_depth: 3 })],
    ["more fan-out", ({ dag }) => edit(dag, { max_fanout: 9 })],
  ])("[ACP-7] is refused with %s", (_, change) => {
    expect(codeAfter(change)).toBe("acp_widening");
  });

  it("[ACP-7] [ACP-26] is refused where a node loses what it inherited because the node above is left out", () => {
    for (const name of ["max_cost", "currency", "domains"])
      expect(
        codeAfter((policy) => {
          reduced(policy);
          drop(policy.dag.nodes[0]?.constraints, name);
        }),
        name,
      ).toBe("acp_widening");
  });

  it("[ACP-7] [ACP-26] is refused where it loses it because an edge is left out", () => {
    const parent = examplePolicy(({ dag }) => {
      edit(dag.nodes[1], { delegable: true });
      dag.nodes.push({
        id: "n3",
        agent: HELPER,
        actions: ["apply_change"],
        constraints: { max_tokens: 5 },
        delegable: true,
      });
      dag.nodes.push({ id: "n4", agent: HELPER, actions: ["apply_change"] });
      dag.edges.push({ from: "n1", to: "n3", kind: "delegates" });
      dag.edges.push({ from: "n2", to: "n4", kind: "delegates" }, { from: "n3", to: "n4", kind: "delegates" });
    });
    const known = { claims: parent, digest: DIGEST };
    expect(codeOf(derived(parent), known)).toBeNull();
    expect(
      codeOf(
        derived(parent, ({ dag }) => void dag.edges.pop()),
        known,
      ),
    ).toBe("acp_widening");
  });

  it("[ACP-26] is refused where another node would decide than in the parent", () => {
    const parent = examplePolicy(({ dag }) => {
      dag.nodes.push({ id: "lax", agent: "spiffe://ops.example/agent/*", actions: ["apply_*"], consequence: "none" });
      dag.edges.push({ from: "n1", to: "lax", kind: "delegates" });
    });
    const codeWith = (change: Change): string | null =>
      codeOf(derived(parent, change), { claims: parent, digest: DIGEST });
    const last = ({ dag }: AcpClaimsInput) => dag.nodes.at(-1);
    expect(codeWith(() => undefined)).toBeNull();
    expect(codeWith(({ dag }) => void dag.nodes.reverse())).toBe("acp_widening");
    expect(codeWith(({ dag }) => edit(dag.nodes[1], { actions: [] }))).toBe("acp_widening");
    expect(codeWith(({ dag }) => edit(dag.nodes[0], { agent: PLANNER, actions: ["plan_*", "apply_change"] }))).toBe(
      "acp_widening",
    );
    const withoutStrict: Change = ({ dag }) => {
      dag.self = "lax";
      dag.nodes.splice(1, 1);
      dag.edges.shift();
    };
    expect(codeWith(withoutStrict)).toBe("acp_widening");
    expect(
      codeWith((policy) => {
        withoutStrict(policy);
        edit(last(policy), { agent: HELPER });
      }),
    ).toBeNull();
    expect(codeWith((policy) => edit(last(policy), { actions: ["apply_other"] }))).toBeNull();
  });

  it("[ACP-26] keeps the order between nodes that both remain", () => {
    const parent = examplePolicy(({ dag }) => void dag.edges.push({ from: "n1", to: "n2", kind: "precedes" }));
    const known = { claims: parent, digest: DIGEST };
    expect(codeOf(derived(parent), known)).toBeNull();
    expect(
      codeOf(
        derived(parent, ({ dag }) => void dag.edges.pop()),
        known,
      ),
    ).toBe("acp_widening");
  });

  it.each<[string, Change]>([
    ["without a rule", ({ hitl }) => hitl.rules.pop()],
    ["without rules", ({ hitl }) => void hitl.rules.splice(0)],
    ["with a rule by another name", ({ hitl }) => edit(hitl.rules[1], { id: "r3" })],
    ["with another trigger", ({ hitl }) => edit(hitl.rules[1], { trigger: { kind: "risk", min: 1 } })],
    [
      "with a trigger that matches later",
      ({ hitl }) => edit(hitl.rules[1], { trigger: { kind: "limit", constraint: "max_cost", ratio: 0.95 } }),
    ],
    ["with another role", ({ hitl }) => edit(hitl.rules[1], { role: "intern" })],
    ["with a weaker action", ({ hitl }) => edit(hitl.rules[1], { action: "approve" })],
    ["with a notice in place of a wait", ({ hitl }) => edit(hitl.rules[0], { action: "notify" })],
    ["with fewer approvals", ({ hitl }) => edit(hitl.rules[0], { approvals: 1 })],
    ["with approval by the requester", ({ hitl }) => edit(hitl.rules[0], { distinct_from_requester: false })],
    ["without a reason", ({ hitl }) => edit(hitl.rules[0], { reason_required: false })],
    ["without an explanation", ({ hitl }) => edit(hitl.rules[0], { explain: false })],
    ["with approval by one person in an emergency", ({ hitl }) => edit(hitl.rules[0], { break_glass: true })],
    ["with more time", ({ hitl }) => edit(hitl.rules[0], { timeout_s: 601 })],
    ["with a more lenient time-out", ({ hitl }) => edit(hitl.rules[0], { on_timeout: "deny" })],
    ["with a more lenient default", ({ hitl }) => edit(hitl, { default_on_timeout: "escalate" })],
    ["with somebody else to escalate to", ({ hitl }) => hitl.escalation?.push({ role: "intern", after_s: 600 })],
    ["with a sooner escalation", ({ hitl }) => edit(hitl.escalation?.[0], { after_s: 5 })],
    ["without its contact", ({ hitl }) => drop(hitl, "contact")],
  ])("[ACP-8] is refused %s", (_, change) => {
    expect(codeAfter(change)).toBe("acp_hitl_weakened");
  });

  it.each<[string, Change]>([
    ["a stronger action", ({ hitl }) => edit(hitl.rules[0], { action: "abort" })],
    ["more approvals", ({ hitl }) => edit(hitl.rules[0], { approvals: 3 })],
    ["less time", ({ hitl }) => edit(hitl.rules[0], { timeout_s: 60 })],
    ["a stricter default", ({ hitl }) => edit(hitl, { default_on_timeout: "abort" })],
    ["a verdict before the agent's words", ({ hitl }) => edit(hitl.rules[0], { commit_first: true })],
    ["a rule more", ({ hitl }) => hitl.rules.push({ ...hitl.rules[0], id: "r3" } as (typeof hitl.rules)[number])],
    ["the rules in another order", ({ hitl }) => void hitl.rules.reverse()],
    ["nobody to escalate to", ({ hitl }) => drop(hitl, "escalation")],
    ["a contact more", ({ hitl }) => hitl.contact?.push("mailto:audit@ops.example")],
    ["fewer actions", ({ dag }) => edit(dag.nodes[2], { actions: ["apply_x"] })],
    ["narrower constraints", ({ dag }) => edit(dag.nodes[1]?.constraints, { max_calls: 1, max_tokens: 5 })],
    ["a shorter life", (policy) => edit(policy, { exp: PARENT.exp - 1 })],
  ])("[ACP-7] [ACP-8] may have %s", (_, change) => {
    expect(codeAfter(change)).toBeNull();
  });

  it("[ACP-8] [ACP-42] [ACP-45] [D5] keeps what its parent's rules ask of whoever approves, and may ask more", () => {
    const parent = examplePolicy(({ hitl }) => edit(hitl.rules[0], { break_glass: true, commit_first: true }));
    const codeWith = (part: { break_glass?: boolean; commit_first?: boolean }): string | null =>
      codeOf(
        derived(parent, ({ hitl }) => edit(hitl.rules[0], part)),
        { claims: parent, digest: DIGEST },
      );
    expect(codeWith({})).toBeNull();
    expect(codeWith({ break_glass: false })).toBeNull();
    expect(codeWith({ commit_first: false })).toBe("acp_hitl_weakened");
    // Left out is false: nothing is inherited by silence.
    const silent = derived(parent, ({ hitl }) => drop(hitl.rules[0], "commit_first"));
    expect(codeOf(silent, { claims: parent, digest: DIGEST })).toBe("acp_hitl_weakened");
  });

  it("[ACP-8] leaves no less time to object where silence is consent", () => {
    const parent = examplePolicy(({ dag, hitl }) => {
      for (const node of dag.nodes) node.consequence = "none";
      hitl.default_on_timeout = "allow";
    });
    const codeWith = (timeout_s: number): string | null =>
      codeOf(
        derived(parent, ({ hitl }) => edit(hitl.rules[0], { timeout_s })),
        { claims: parent, digest: DIGEST },
      );
    expect([codeWith(599), codeWith(600), codeWith(601)]).toEqual(["acp_hitl_weakened", null, null]);
  });
});

describe("any accepted derivation", () => {
  const NODES = ["n1", "n2", "n3", "n4"] as const;
  const AGENTS = ["spiffe://ops.example/agent/*", PLANNER, EXECUTOR, HELPER];

  const parentArbitrary = fc
    .record({
      constraints: fc.array(constraintsArbitrary, { minLength: 4, maxLength: 4 }),
      agents: fc.array(fc.constantFrom(...AGENTS), { minLength: 4, maxLength: 4 }),
      rules: rulesArbitrary,
      edges: fc.subarray([
        ["n1", "n3"],
        ["n1", "n4"],
        ["n2", "n3"],
        ["n2", "n4"],
        ["n3", "n4"],
      ]),
    })
    .map(({ constraints, agents, rules, edges }) =>
      examplePolicy((policy) => {
        policy.dag.max_depth = 4;
        policy.dag.nodes = NODES.map((id, at) => ({
          id,
          agent: at === 0 ? PLANNER : at === 1 ? EXECUTOR : (agents[at] ?? PLANNER),
          actions: at === 2 ? ["apply_change"] : ["apply_*"],
          delegable: true,
          consequence: at % 2 === 0 ? "none" : "reversible",
          ...(at === 0 ? {} : { constraints: constraints[at] ?? {} }),
        }));
        policy.dag.edges = [["n1", "n2"], ...edges].map(([from = "", to = ""]) => ({ from, to, kind: "delegates" }));
        policy.hitl = { default_on_timeout: "deny", rules };
      }),
    )
    .filter((policy) => acceptAcp(policy).ok);

  /** One thing that a delegate might try; most of them are refused, some narrow, some change nothing. */
  const attemptArbitrary = (parent: AcpClaims): fc.Arbitrary<Change> => {
    const at = fc.integer({ min: 0, max: 3 });
    return fc.oneof(
      fc.shuffledSubarray([...NODES], { minLength: 1 }).map(
        (ids): Change =>
          ({ dag }) => {
            const left = ids.flatMap((id) => dag.nodes.find((node) => node.id === id) ?? []);
            if (left.length === 0) return;
            dag.nodes = left;
            dag.edges = dag.edges.filter(({ from, to }) => [from, to].every((id) => ids.some((one) => one === id)));
          },
      ),
      fc.subarray(parent.dag.edges).map(
        (edges): Change =>
          ({ dag }) =>
            void Object.assign(dag, { edges }),
      ),
      fc.tuple(at, constraintsArbitrary).map(
        ([place, constraints]): Change =>
          ({ dag }) => {
            edit(dag.nodes[place], { constraints });
          },
      ),
      fc.tuple(at, fc.constantFrom(...AGENTS)).map(
        ([place, agent]): Change =>
          ({ dag }) => {
            edit(dag.nodes[place], { agent });
          },
      ),
      fc.tuple(at, fc.constantFrom("apply_change", "apply_x", "*")).map(
        ([place, action]): Change =>
          ({ dag }) =>
            edit(dag.nodes[place], { actions: [action] }),
      ),
      fc.constant<Change>(({ dag }) => {
        if (!dag.nodes.some(({ id }) => id === "n2")) return;
        dag.root = "n2";
        dag.nodes = dag.nodes.filter(({ id }) => id !== "n1");
        dag.edges = dag.edges.filter(({ from }) => from !== "n1");
      }),
      fc.shuffledSubarray(parent.hitl.rules).map(
        (rules): Change =>
          ({ hitl }) =>
            void Object.assign(hitl, { rules }),
      ),
      rulesArbitrary.map(
        (rules): Change =>
          ({ hitl }) =>
            void Object.assign(hitl, { rules }),
      ),
      rulesArbitrary.map(
        ([rule]): Change =>
          ({ hitl }) => {
            const { action = "approve", approvals = 1, timeout_s = 900 } = rule ?? {};
            edit(hitl.rules[0], { action, approvals, timeout_s });
          },
      ),
    );
  };

  /** A child that narrows here and there, and then tries something. */
  const childArbitrary = (parent: AcpClaims): fc.Arbitrary<AcpClaims> =>
    fc
      .record({
        limits: fc.tuple(...parent.dag.nodes.map(({ constraints = {} }) => narrowedArbitrary(constraints))),
        narrowed: fc.subarray([0, 1, 2, 3], { maxLength: 2 }),
        attempts: fc.array(attemptArbitrary(parent), { maxLength: 2 }),
      })
      .map(({ limits, narrowed, attempts }) =>
        derived(parent, (policy) => {
          for (const at of narrowed) edit(policy.dag.nodes[at], { constraints: limits[at] ?? {} });
          for (const attempt of attempts) attempt(policy);
        }),
      );

  it("[ACP-7] [ACP-8] decides everything at most as permissively as its parent", () => {
    let accepted = 0;
    const pair = parentArbitrary.chain((parent) => fc.tuple(fc.constant(parent), childArbitrary(parent)));
    const asked = fc.tuple(inputArbitrary, inputArbitrary, fc.constantFrom(PLANNER, EXECUTOR, HELPER));
    fc.assert(
      fc.property(pair, fc.array(asked, { minLength: 8, maxLength: 8 }), ([parent, child], inputs) => {
        if (!acceptAcp(child).ok || codeOf(child, { claims: parent, digest: DIGEST }) !== null) return;
        accepted += 1;
        for (const [{ action, usage, context }, { usage: other }, agent] of inputs) {
          const usageOf = (id: string): NodeUsage => (id === "n2" || id === "n4" ? usage : other);
          const intended = { ...CHANGE, ...action, agent };
          const before = decideAction(parent, intended, usageOf, context);
          expect(laxer(decideAction(child, intended, usageOf, context), before)).toBeNull();
        }
      }),
      { numRuns: 800 },
    );
    // Enough of both: a property that refuses everything, or is asked nothing, proves nothing.
    expect(accepted).toBeGreaterThan(120);
    expect(accepted).toBeLessThan(700);
  }, 60_000);
});

describe("revocation", () => {
  const parents = new Map([
    ["c", "b"],
    ["b", "a"],
    ["x", "y"],
    ["y", "x"],
  ]);
  const parentOf = (jti: string): string | null => parents.get(jti) ?? null;

  it("[ACP-19] reaches everything derived, however far below", () => {
    const revoked = (jti: string, ...ids: string[]) => revokedAncestor(jti, parentOf, (id) => ids.includes(id));
    expect([revoked("c", "a"), revoked("c", "b"), revoked("c", "c"), revoked("a", "c")]).toEqual(["a", "b", "c", null]);
    expect(revoked("c", "a", "b")).toBe("b");
  });

  it("ends where parents name one another", () => {
    expect(revokedAncestor("x", parentOf, () => false)).toBeNull();
    expect(revokedAncestor("x", parentOf, (id) => id === "y")).toBe("y");
  });
});
