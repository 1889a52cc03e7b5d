import { describe, expect, it } from "vitest";
import { examplePolicy } from "../../../protocol/acp/acp.fixture.ts";
import { checkDraft } from "../../../protocol/acp/check-draft.ts";
import { freeName, movedNode, readForm, renamed, withNode, withoutNode } from "./form-document.ts";
import { codeWords, messageWords, nodeOf, placeWords, problemAt } from "./problems.ts";

const policy = JSON.parse(JSON.stringify(examplePolicy())) as Record<string, unknown>;
const formOf = (document: unknown) => {
  const read = readForm(JSON.stringify(document));
  if (read.document === null) throw new Error(read.why);
  return read.document;
};
const dagOf = (document: unknown) => formOf(document).dag;

describe("a policy as a form", () => {
  it("is shown whatever is wrong with single members, and not without the lists they are in", () => {
    const dag = policy.dag as Record<string, unknown>;
    const odd = { ...policy, exp: "soon", aud: 7, dag: { ...dag, max_depth: "deep", root: null } };
    expect(readForm(JSON.stringify(odd)).document).not.toBeNull();
    for (const wrong of ["", "[]", "null", JSON.stringify({ ...policy, dag: 1 }), '{"dag":{"nodes":[]}}'])
      expect(readForm(wrong)).toMatchObject({ document: null, why: expect.stringMatching(/./) });
    expect(readForm(JSON.stringify({ ...policy, dag: { ...dag, edges: [1] } }))).toMatchObject({
      document: null,
      why: expect.stringContaining("dag.edges.0"),
    });
  });

  it("[ACP-1] a node that is called otherwise is called so wherever it is named, and stays accepted", () => {
    const after = renamed(formOf(policy), 0, "planner");
    expect(dagOf(after)).toMatchObject({ root: "planner", self: "planner", edges: [{ from: "planner", to: "n2" }] });
    expect(checkDraft(after).ok).toBe(true);
    expect(checkDraft(renamed(formOf(policy), 1, "executor")).ok).toBe(true);
  });

  it("[ACP-1] [ACP-7] a new node may do nothing yet, and is below another; taken out, its edges go with it", () => {
    const with3 = withNode(formOf(policy), dagOf(policy).nodes[0], "n3");
    expect(checkDraft(with3).ok).toBe(true);
    expect(dagOf(with3).edges.at(-1)).toEqual({ from: "n1", to: "n3", kind: "delegates", actions: [] });
    expect(JSON.stringify(withoutNode(formOf(with3), 2))).toBe(JSON.stringify(policy));
    const one = withoutNode(formOf(policy), 1);
    expect([dagOf(one).nodes.length, dagOf(one).edges]).toEqual([1, []]);
    expect(dagOf(movedNode(formOf(policy), 1, 0)).nodes.map(({ id }) => id)).toEqual(["n2", "n1"]);
  });

  it("finds a name that is free", () => {
    expect(freeName("rule", ["rule-2", "a"])).toBe("rule-3");
    expect(freeName("rule", ["rule-3", "a"])).toBe("rule-4");
  });
});

describe("problems", () => {
  const problem = (place: string, message = "Invalid input: expected number, received string") => ({
    code: "acp_claim_invalid",
    place,
    message,
  });

  it("[ACP-9] every code with which P1 refuses is said in plain words", () => {
    const codes =
      "acp_claim_invalid acp_unknown_constraint acp_dag_dangling acp_dag_cycle acp_dag_unreachable acp_dag_too_deep acp_dag_fanout acp_widening acp_not_delegable acp_subject_mismatch acp_parent_missing acp_parent_mismatch acp_hitl_weakened acp_revoked acp_pop_failed acp_irreversible_ungated json_malformed token_too_large";
    for (const code of codes.split(" ")) expect(codeWords(code), code).toMatch(/^[A-Z].*\.$/);
    expect(codeWords("constructor_of_nothing")).toBe("");
  });

  it("are said for people and named as the form calls them", () => {
    const document = formOf(policy);
    expect(messageWords(problem("dag.nodes.1.constraints.max_calls"))).toBe("expected: a whole number, 0 or more");
    expect(messageWords(problem("dag.nodes.1.actions", "more than it may"))).toBe("more than it may");
    expect(placeWords("dag.nodes.1.constraints.max_calls", document)).toBe("node n2, max_calls");
    expect(placeWords("dag.edges.0.actions", document)).toBe("edge n1 to n2, actions");
    expect(placeWords("hitl.rules.1.timeout_s", document)).toBe("rule 2, time to answer");
    expect(placeWords("hitl.escalation.0.after_s", document)).toBe("escalation step 1, asked after");
    expect(placeWords("dag.max_depth", document)).toBe("how deep");
    expect(placeWords("iss", document)).toBe("iss");
    expect(placeWords("text", null)).toBe("text");
    expect([nodeOf("dag.nodes.1.id", document), nodeOf("dag.edges.0.to", document), nodeOf("exp", document)]).toEqual([
      "n2",
      "n1",
      null,
    ]);
  });

  it("stand at one place only: at a member, or else at what it belongs to", () => {
    const all = [problem("hitl.rules.1.role"), problem("hitl.rules.1"), problem("hitl.rules.10.role")];
    expect(problemAt(all, "hitl.rules.1.role")).toBe("expected: a role of 1 to 64 characters (acp_claim_invalid)");
    expect(problemAt(all, "hitl.rules.1", ["role"])?.split(" · ")).toHaveLength(1);
    expect(problemAt(all, "hitl.rules.2")).toBeUndefined();
  });
});
