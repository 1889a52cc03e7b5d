import { describe, expect, it } from "vitest";
import { acpClaimsSchema } from "../../../protocol/acp/claims.ts";
import { policyChanges } from "./policy-changes.ts";

const ALICE = "spiffe://console.local/human/alice";

const POLICY = acpClaimsSchema.parse({
  ...{ iss: ALICE, sub: ALICE, aud: "spiffe://console.local/pep", iat: 1000, exp: 8200, acp_ver: 1 },
  ...{ jti: "0195400c-0000-7000-8000-0000000000b1", wid: "0195400c-0000-7000-8000-00000000000a" },
  dag: {
    ...{ root: "op", self: "op", max_depth: 1, edges: [{ from: "op", to: "w", kind: "delegates" }] },
    nodes: [
      { id: "op", agent: ALICE, actions: ["*"], delegable: true },
      { id: "w", agent: "spiffe://console.local/agent/x/w", actions: ["mail", "print"], constraints: { max_calls: 3 } },
    ],
  },
  hitl: {
    default_on_timeout: "deny",
    rules: [{ id: "r1", trigger: { kind: "action", patterns: ["mail"] }, role: "operator", action: "approve" }],
  },
});
const [op, writer] = POLICY.dag.nodes;
const [rule] = POLICY.hitl.rules;

describe("what a draft changes", () => {
  it("[ACP-61] is nothing where only ids and times moved", () => {
    expect(policyChanges(POLICY, { ...POLICY, jti: POLICY.wid, iat: 5000, exp: 12_200, iss: `${ALICE}2` })).toEqual([]);
  });

  it("[ACP-61] is told old beside new: rules, limits, actions, nodes, edges, lifetime, silence", () => {
    if (op === undefined || writer === undefined || rule === undefined) throw new Error("the policy has them");
    const draft = {
      ...POLICY,
      exp: 4600,
      dag: {
        ...POLICY.dag,
        nodes: [
          op,
          { ...writer, actions: ["mail"], constraints: { max_calls: 5, max_tokens: 10 } },
          { ...writer, id: "v", actions: ["print"], constraints: {} },
        ],
        edges: [...POLICY.dag.edges, { from: "op", to: "v", kind: "delegates" as const, actions: ["print"] }],
      },
      hitl: {
        default_on_timeout: "abort" as const,
        rules: [
          { ...rule, break_glass: true, on_timeout: "deny" as const },
          { ...rule, id: "r2", approvals: 2 },
        ],
      },
    };
    const changes = policyChanges(POLICY, draft);
    expect(changes.map(({ what }) => what)).toEqual([
      ...["Rule r1", "Rule r2", "Without an answer"],
      ...["Node w, actions", "Node w, max_calls", "Node w, max_tokens", "Node v"],
      ...["Edge op delegates v", "Valid for"],
    ]);
    const of = (what: string) => changes.find((change) => change.what === what);
    expect(of("Rule r1")?.after).toContain("Also: one person may approve alone in an emergency.");
    expect(of("Rule r2")).toMatchObject({ before: null });
    expect(of("Node w, max_calls")).toEqual({
      ...{ what: "Node w, max_calls", before: "at most 3 calls", after: "at most 5 calls" },
    });
    expect(of("Valid for")).toMatchObject({ before: "2 h 00 min", after: "1 h 00 min" });
    // The other way round what was new is gone.
    expect(policyChanges(draft, POLICY).find(({ what }) => what === "Node v")).toMatchObject({ after: null });
  });
});
