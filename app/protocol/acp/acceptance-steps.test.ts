import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { err, ok } from "../../base/result.ts";
import { acceptAcp, acceptanceProblems } from "./accept-acp.ts";
import { type AcceptanceContext, acceptanceSteps } from "./acceptance-steps.ts";
import { examplePolicy } from "./acp.fixture.ts";
import type { AcpClaims, AcpClaimsInput } from "./claims.ts";

const ROOT: AcceptanceContext = { parent: undefined, revocation: { known: true, revoked: null } };
const DIGEST = "A".repeat(43);

const told = (claims: AcpClaims, context = ROOT): string[] =>
  acceptanceSteps(ok(claims), context).map(({ procedure, step, result }) => `${procedure}.${step} ${result}`);
const failing = (claims: AcpClaims, context = ROOT): string | undefined =>
  acceptanceSteps(ok(claims), context)
    .filter(({ result }) => result === "failed")
    .map(({ procedure, step, code }) => `${procedure}.${step} ${code}`)[0];
const edit = <T>(item: T | undefined, change: Partial<T>): void => void Object.assign(item ?? {}, change);

describe("P1 step by step", () => {
  it("[ACP-1] [ACP-2] [ACP-3] [INV-4] tells every step of a root policy; what does not concern it has not passed", () => {
    expect(told(examplePolicy())).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((step) => `P1.${step} passed`),
      "ACP.15 passed",
      "P1.9 not_applicable",
      "P1.10 passed",
      "P1.11 not_applicable",
    ]);
  });

  it.each<[string, (policy: AcpClaimsInput) => void]>([
    ["P1.2 acp_claim_invalid", ({ hitl }) => edit(hitl, { default_on_timeout: "allow" })],
    ["P1.3 acp_dag_dangling", ({ dag }) => edit(dag, { root: "nobody" })],
    ["P1.4 acp_dag_cycle", ({ dag }) => dag.edges.push({ from: "n2", to: "n1", kind: "delegates" })],
    ["P1.4 acp_dag_unreachable", ({ dag }) => edit(dag.edges[0], { kind: "precedes" })],
    ["P1.5 acp_dag_too_deep", ({ dag }) => edit(dag, { max_depth: 0 })],
    ["P1.6 acp_not_delegable", ({ dag }) => edit(dag.nodes[0], { delegable: false })],
    ["P1.6 acp_widening", ({ dag }) => dag.nodes[1]?.actions.push("delete_*")],
    ["P1.7 acp_widening", ({ dag }) => edit(dag.nodes[1]?.constraints, { max_cost: "51" })],
    ["P1.8 acp_subject_mismatch", (policy) => edit(policy, { sub: "spiffe://ops.example/agent/other" })],
    ["ACP.15 acp_irreversible_ungated", ({ hitl }) => hitl.rules.shift()],
  ])("[ACP-1] [ACP-7] [ACP-10] [ACP-15] fails at %s, and nothing after it is called passed", (answer, change) => {
    const policy = examplePolicy(change);
    expect(failing(policy)).toBe(answer);
    const at = told(policy).findIndex((row) => row.endsWith("failed"));
    expect(
      told(policy)
        .slice(0, at)
        .every((row) => row.endsWith("passed")),
    ).toBe(true);
    expect(
      told(policy)
        .slice(at + 1)
        .every((row) => row.endsWith("not_reached")),
    ).toBe(true);
  });

  it("[COM-1] a token that did not verify is refused at step 1 with its own code", () => {
    const steps = acceptanceSteps(err({ code: "token_expired", detail: "it has expired" }), ROOT);
    expect(steps[0]).toMatchObject({ step: 1, result: "failed", code: "token_expired" });
    expect(new Set(steps.slice(1).map(({ result }) => result))).toEqual(new Set(["not_reached"]));
  });

  it("[ACP-8] [ACP-26] a derived policy is held against its parent, and not checked where that is not known", () => {
    const parent = examplePolicy();
    const child = examplePolicy((policy) => {
      edit(policy, { iss: policy.sub, sub: "spiffe://ops.example/agent/executor" });
      edit(policy, { parent: { jti: parent.jti, hash: DIGEST }, act: { sub: parent.sub } });
      edit(policy.dag, { self: "n2" });
    });
    const known = { ...ROOT, parent: { claims: parent, digest: DIGEST } };
    expect(told(child, known)).toContain("P1.9 passed");
    expect(failing(child, { ...known, parent: { claims: parent, digest: "B".repeat(43) } })).toBe(
      "P1.9 acp_parent_mismatch",
    );
    const weaker = { ...child, hitl: { ...child.hitl, rules: child.hitl.rules.slice(0, 1) } };
    expect(failing(weaker, known)).toBe("P1.9 acp_hitl_weakened");
    const costlier = structuredClone(child);
    edit(costlier.dag.nodes[0]?.constraints, { max_cost: "60.00" });
    expect(failing(costlier, known)).toBe("P1.9 acp_widening");
    expect(told(child)).toContain("P1.9 not_checked");
    expect(failing(child)).toBeUndefined();
  });

  it("[ACP-19] [INV-4] says whether it is revoked as far as that is known, and never that the holder proved a key", () => {
    const bound = examplePolicy((policy) => edit(policy, { cnf: { jkt: DIGEST } }));
    const revocation = { known: false, why: "not in this log" } as const;
    expect(told(bound, { ...ROOT, revocation }).slice(-2)).toEqual(["P1.10 not_checked", "P1.11 not_checked"]);
    const revoked = { ...ROOT, revocation: { known: true, revoked: bound.jti } } as const;
    expect(failing(bound, revoked)).toBe("P1.10 acp_revoked");
    expect(told(bound, revoked).at(-1)).toBe("P1.11 not_reached");
  });

  it("[ACP-20] agrees with what the engine answers, whatever is wrong", () => {
    const breaks: readonly ((policy: AcpClaimsInput) => void)[] = [
      ({ hitl }) => edit(hitl.rules[1], { id: "r1" }),
      ({ hitl }) => edit(hitl.rules[1], { on_timeout: "allow" }),
      ({ dag }) => edit(dag.nodes[1], { id: "n1" }),
      ({ dag }) => dag.edges.push({ from: "n2", to: "n1", kind: "delegates" }),
      ({ dag }) => dag.edges.push({ from: "n2", to: "n9", kind: "precedes" }),
      ({ dag }) => edit(dag, { max_depth: 0 }),
      ({ dag }) => edit(dag.nodes[0], { delegable: false }),
      ({ dag }) => edit(dag.nodes[1]?.constraints, { currency: "USD" }),
      (policy) => edit(policy, { sub: "spiffe://ops.example/agent/other" }),
      ({ hitl }) => hitl.rules.shift(),
    ];
    fc.assert(
      fc.property(fc.subarray([...breaks]), (chosen) => {
        const policy = examplePolicy((claims) => {
          for (const change of chosen) change(claims);
        });
        const accepted = acceptAcp(policy);
        const [first] = acceptanceProblems(policy);
        const step = acceptanceSteps(ok(policy), ROOT).find(({ result }) => result === "failed");
        expect(accepted.ok).toBe(first === undefined);
        if (accepted.ok || first === undefined) return;
        const { at, ...refused } = first;
        expect(refused).toEqual(accepted.error);
        expect([step?.code, step?.detail]).toEqual([accepted.error.code, accepted.error.detail]);
        expect(at.split(".")[0]).toMatch(/^(dag|hitl|sub)$/);
      }),
    );
  });
});
