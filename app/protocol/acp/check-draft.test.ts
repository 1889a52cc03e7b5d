import { describe, expect, it } from "vitest";
import { examplePolicy } from "./acp.fixture.ts";
import { checkDraft, checkDraftText, MAX_POLICY_BYTES } from "./check-draft.ts";
import type { AcpClaims } from "./claims.ts";

const problemOf = (change: (policy: ReturnType<typeof draft>) => void): readonly [string, string] | null => {
  const claims = draft();
  change(claims);
  const checked = checkDraft(claims);
  return checked.ok ? null : [checked.error[0]?.code ?? "", checked.error[0]?.place ?? ""];
};

/** The example as somebody is writing it: any value anywhere. */
const draft = () => structuredClone(examplePolicy()) as unknown as Draft;
type Draft = {
  [Member in keyof AcpClaims]: unknown;
} & {
  dag: {
    root: string;
    self: string;
    max_depth: number;
    max_fanout: number;
    nodes: { id: string; delegable?: boolean; actions: string[]; constraints: Record<string, unknown> }[];
    edges: { from: string; to: string; kind: string }[];
  };
  hitl: { rules: { id: string }[]; default_on_timeout: string };
};

describe("a policy that is being written", () => {
  it("is taken as the enforcement point takes it", () => {
    expect(problemOf(() => undefined)).toBeNull();
  });

  it("[ACP-9] [ACP-18] is unusable by a constraint or trigger of an extension that is not known here, which it names", () => {
    const constraint = problemOf((policy) =>
      Object.assign(policy.dag.nodes[1]?.constraints ?? {}, { "org.example.max_flights": 1 }),
    );
    expect(constraint).toEqual(["acp_unknown_constraint", "dag.nodes.1.constraints.org.example.max_flights"]);
    const trigger = problemOf((policy) =>
      Object.assign(policy.hitl.rules[0] ?? {}, { trigger: { kind: "org.example.weather", below: 3 } }),
    );
    expect(trigger?.[0]).toBe("acp_claim_invalid");
    expect(trigger?.[1]).toMatch(/^hitl\.rules\.0\.trigger/);
  });

  it.each<[string, string, (policy: Draft) => void]>([
    ["acp_claim_invalid", "exp", (policy) => Object.assign(policy, { exp: "soon" })],
    ["acp_claim_invalid", "hitl.rules.2.id", (policy) => policy.hitl.rules.push(...policy.hitl.rules)],
    [
      "acp_unknown_constraint",
      "dag.nodes.1.constraints.max_clals",
      (policy) => Object.assign(policy.dag.nodes[1]?.constraints ?? {}, { max_clals: 1 }),
    ],
    ["acp_dag_dangling", "dag.root", (policy) => Object.assign(policy.dag, { root: "nobody" })],
    ["acp_dag_cycle", "dag.edges.1.to", (policy) => policy.dag.edges.push({ from: "n2", to: "n1", kind: "delegates" })],
    ["acp_dag_unreachable", "dag.nodes.1", (policy) => policy.dag.edges.splice(0, 1)],
    ["acp_dag_too_deep", "dag.max_depth", (policy) => Object.assign(policy.dag, { max_depth: 0 })],
    [
      "acp_not_delegable",
      "dag.nodes.0.delegable",
      (policy) => Object.assign(policy.dag.nodes[0] ?? {}, { delegable: false }),
    ],
    ["acp_widening", "dag.nodes.1.actions", (policy) => policy.dag.nodes[1]?.actions.push("delete_*")],
    ["acp_subject_mismatch", "sub", (policy) => Object.assign(policy, { sub: "spiffe://ops.example/agent/other" })],
    ["acp_irreversible_ungated", "dag.nodes.1.consequence", (policy) => policy.hitl.rules.splice(0, 1)],
  ])("[ACP-9] [ACP-7] [ACP-15] names %s at %s", (code, place, change) => {
    expect(problemOf(change)).toEqual([code, place]);
  });

  it("[ACP-7] [ACP-10] names all that is wrong at the first step that fails, each at its own member", () => {
    const placesOf = (change: (policy: Draft) => void): readonly string[] => {
      const claims = draft();
      change(claims);
      const checked = checkDraft(claims);
      return checked.ok ? [] : checked.error.map(({ code, place }) => `${code} ${place}`);
    };
    const allow = (policy: Draft) => {
      Object.assign(policy.hitl, { default_on_timeout: "allow" });
      Object.assign(policy.hitl.rules[1] ?? {}, { on_timeout: "allow" });
      policy.dag.nodes[1]?.actions.push("delete_*");
    };
    expect(placesOf(allow)).toEqual([
      "acp_claim_invalid hitl.default_on_timeout",
      "acp_claim_invalid hitl.rules.1.on_timeout",
    ]);
    const wider = (policy: Draft) =>
      Object.assign(policy.dag.nodes[1]?.constraints ?? {}, { max_cost: "51.00", currency: "USD" });
    expect(placesOf(wider)).toEqual([
      "acp_widening dag.nodes.1.constraints.max_cost",
      "acp_widening dag.nodes.1.constraints.currency",
      "acp_claim_invalid dag.nodes.1.constraints.currency",
    ]);
    const edges = (policy: Draft) =>
      policy.dag.edges.push({ from: "n1", to: "n8", kind: "delegates" }, { from: "n9", to: "n1", kind: "precedes" });
    const circle = (policy: Draft) => {
      policy.dag.nodes.push(
        ...["n3", "n4"].map((id) => ({
          id,
          agent: "spiffe://ops.example/agent/x",
          delegable: true,
          actions: [],
          constraints: {},
        })),
      );
      policy.dag.edges.push(
        { from: "n2", to: "n3", kind: "delegates" },
        { from: "n3", to: "n2", kind: "delegates" },
        { from: "n3", to: "n4", kind: "delegates" },
      );
    };
    expect(placesOf(circle)).toEqual(["acp_dag_cycle dag.edges.2.to"]);
    const twins = (policy: Draft) => Object.assign(policy.dag.nodes[1] ?? {}, { id: "n1" });
    expect(placesOf(twins).slice(0, 2)).toEqual(["acp_dag_dangling dag.nodes.0.id", "acp_dag_dangling dag.nodes.1.id"]);
    expect(placesOf(edges)).toEqual(["acp_dag_dangling dag.edges.1.to", "acp_dag_dangling dag.edges.2.from"]);
  });

  it("[COM-1] is refused when no token could hold it", () => {
    const actions = Array.from({ length: 600 }, (_, index) => `apply_something_${index}`);
    expect(actions.join("").length).toBeLessThan(MAX_POLICY_BYTES);
    expect(problemOf((policy) => Object.assign(policy.dag.nodes[0] ?? {}, { actions }))).toEqual([
      "token_too_large",
      "dag",
    ]);
  });

  it("is named as broken JSON while it is typed", () => {
    const checked = checkDraftText('{"iss":');
    expect(checked.ok ? null : checked.error[0]).toMatchObject({ code: "json_malformed", place: "text" });
  });
});
