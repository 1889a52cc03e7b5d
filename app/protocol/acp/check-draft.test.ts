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
    ["acp_claim_invalid", "hitl.rules", (policy) => policy.hitl.rules.push(...policy.hitl.rules)],
    [
      "acp_unknown_constraint",
      "dag.nodes.1.constraints.max_clals",
      (policy) => Object.assign(policy.dag.nodes[1]?.constraints ?? {}, { max_clals: 1 }),
    ],
    ["acp_dag_dangling", "dag", (policy) => Object.assign(policy.dag, { root: "nobody" })],
    ["acp_dag_cycle", "dag.edges", (policy) => policy.dag.edges.push({ from: "n2", to: "n1", kind: "delegates" })],
    ["acp_dag_unreachable", "dag.nodes", (policy) => policy.dag.edges.splice(0, 1)],
    ["acp_dag_too_deep", "dag.max_depth", (policy) => Object.assign(policy.dag, { max_depth: 0 })],
    ["acp_not_delegable", "n1", (policy) => Object.assign(policy.dag.nodes[0] ?? {}, { delegable: false })],
    ["acp_widening", "n2", (policy) => policy.dag.nodes[1]?.actions.push("delete_*")],
    ["acp_subject_mismatch", "sub", (policy) => Object.assign(policy, { sub: "spiffe://ops.example/agent/other" })],
    ["acp_irreversible_ungated", "n2", (policy) => policy.hitl.rules.splice(0, 1)],
  ])("[ACP-9] [ACP-7] [ACP-15] names %s at %s", (code, place, change) => {
    expect(problemOf(change)).toEqual([code, place]);
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
