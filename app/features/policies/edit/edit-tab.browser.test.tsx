import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page } from "vitest/browser";
import { setDraft } from "../../../api/client/policy-drafts.ts";
import type { AcpClaimsInput } from "../../../protocol/acp/claims.ts";
import { answerOf, BUILDER, CLAIMS, type FakePolicies, JTI, POSITION, row, show, url } from "../pane.fixture.tsx";

const nothing = async () => Promise.reject(new Error("not asked here"));
const policies: FakePolicies = {
  list: async () => ({ position: POSITION, policies: [row()] }),
  get: async () => answerOf(),
  decide: nothing,
  replay: nothing,
  revoke: nothing,
};

beforeEach(() => page.viewport(1440, 900));
afterEach(() => {
  cleanup();
  setDraft(JTI, null);
});

/** The policy with something changed, as a draft. */
function draftOf(change: (policy: AcpClaimsInput) => void): void {
  const policy: AcpClaimsInput = structuredClone(CLAIMS);
  change(policy);
  setDraft(JTI, JSON.stringify(policy, null, 2));
}
const edit = <T,>(item: T | undefined, change: object): void => void Object.assign(item ?? {}, change);
const taken = () => screen.findByText(/that the enforcement point would take/);
const unchanged = () => screen.findByText(/as it was issued/);
const group = (name: string) => within(screen.getByRole("group", { name }));
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));
const retype = async (field: HTMLElement, text: string): Promise<void> => {
  await userEvent.clear(field);
  await userEvent.type(field, text);
};
/** What is written now, read from the JSON beside the form. */
async function written(): Promise<AcpClaimsInput> {
  await userEvent.click(screen.getByRole("radio", { name: "JSON" }));
  const field = await screen.findByRole("textbox", { name: "Claims of the acp+jwt" });
  const text = (field as HTMLTextAreaElement).value;
  await userEvent.click(screen.getByRole("radio", { name: "Form" }));
  return JSON.parse(text) as AcpClaimsInput;
}

describe("editing a policy as a form", { timeout: 60_000 }, () => {
  it("[ACP-1] [ACP-7] adds, changes and removes an edge, takes each step back, and draws it at once", async () => {
    await show(policies, { tab: "edit", node: "op" });
    await unchanged();
    const graph = await screen.findByRole("region", { name: "Delegation graph" });
    const lines = () => graph.querySelectorAll(".react-flow__edge").length;
    await waitFor(() => expect(lines()).toBe(2));
    await press("Remove edge 1");
    expect(await screen.findByText("acp_dag_unreachable")).toBeVisible();
    await waitFor(() => expect(lines()).toBe(1));
    await press("Add an edge from op");
    const edge = group("Edge 2");
    expect(edge.getByRole("combobox", { name: "To" })).toHaveValue("a0");
    // It passes nothing on yet, and the node may do something.
    expect(await screen.findByText("acp_widening")).toBeVisible();
    await userEvent.type(edge.getByRole("textbox", { name: /Passes on only/ }), "build_*");
    await taken();
    await waitFor(() => expect(lines()).toBe(2));
    await userEvent.selectOptions(edge.getByRole("combobox", { name: "Kind" }), "precedes");
    expect(await screen.findByText("acp_dag_unreachable")).toBeVisible();
    for (let steps = 0; steps < 3; steps += 1) await press("Undo");
    expect(await screen.findByText("acp_dag_unreachable")).toBeVisible();
    await press("Undo");
    await unchanged();
    for (let steps = 0; steps < 3; steps += 1) await press("Redo");
    await taken();
    expect((await written()).dag.edges[1]).toEqual({ from: "op", to: "a0", kind: "delegates", actions: ["build_*"] });
  });

  it("[ACP-1] [ACP-2] adds a node below another, names it, and removes it with its edges in one step", async () => {
    await show(policies, { tab: "edit", node: "op" });
    await unchanged();
    await press("Add a node below it");
    expect(url.now.node).toBe("node-4");
    await taken();
    const graph = await screen.findByRole("region", { name: "Delegation graph" });
    await waitFor(() => expect(within(graph).getByRole("button", { name: /node-4/ })).toBeInTheDocument());
    const name = screen.getByRole("textbox", { name: "Name of the node" });
    await retype(name, "a0");
    expect(name).toHaveAccessibleDescription(/another node has this name/);
    await userEvent.type(name, "x{Enter}");
    expect(url.now.node).toBe("a0x");
    expect((await written()).dag.edges.at(-1)).toMatchObject({ from: "op", to: "a0x" });
    await retype(screen.getByRole("textbox", { name: "Name of the node" }), "elsewhere{Escape}");
    expect(screen.getByRole("textbox", { name: "Name of the node" })).toHaveValue("a0x");
    await press("Remove this node");
    await unchanged();
    await press("Undo");
    expect((await written()).dag.nodes.map(({ id }) => id)).toEqual(["op", "a0", "a1", "a0x"]);
  });

  it("[ACP-3] [ACP-6] [ACP-10] edits the limits of the graph, every member of a rule, the escalation and who is told", async () => {
    await show(policies, { tab: "edit" });
    await unchanged();
    await retype(screen.getByRole("textbox", { name: "How deep, steps" }), "3");
    await userEvent.type(screen.getByRole("textbox", { name: "How wide, nodes" }), "{Backspace}{Backspace}8");
    await userEvent.click(screen.getByRole("button", { name: "Add an escalation step" }));
    const step = group("Step 1");
    await retype(step.getByRole("textbox", { name: "Then ask the role" }), "safety_officer");
    await retype(step.getByRole("textbox", { name: "After, s" }), "120");
    await userEvent.type(screen.getByRole("textbox", { name: /^Who is told/ }), "mailto:duty@ops.example");
    const rule = group("Rule 1");
    await retype(rule.getByRole("textbox", { name: "Time to answer, s" }), "300");
    await userEvent.selectOptions(rule.getByRole("combobox", { name: "Without an answer" }), "escalate");
    await userEvent.click(rule.getByRole("checkbox", { name: "Not whoever asks for it" }));
    await userEvent.selectOptions(rule.getByRole("combobox", { name: "When" }), "behavior");
    await userEvent.click(group("Verdicts").getByRole("checkbox", { name: "drifting" }));
    expect(await screen.findByText("acp_irreversible_ungated")).toBeVisible();
    await userEvent.selectOptions(rule.getByRole("combobox", { name: "When" }), "always");
    await taken();
    const { dag, hitl } = await written();
    expect([dag.max_depth, dag.max_fanout]).toEqual([3, 8]);
    expect([hitl.escalation, hitl.contact]).toEqual([
      [{ role: "safety_officer", after_s: 120 }],
      ["mailto:duty@ops.example"],
    ]);
    expect(hitl.rules[0]).toMatchObject({
      ...{ trigger: { kind: "always" }, timeout_s: 300, on_timeout: "escalate" },
      distinct_from_requester: false,
    });
    await press("Remove escalation step 1");
    expect((await written()).hitl).not.toHaveProperty("escalation");
  });

  it.each<[string, string, string, (policy: AcpClaimsInput) => void]>([
    ["acp_dag_too_deep", "op", "textbox How deep, steps", ({ dag }) => edit(dag, { max_depth: 0 })],
    ["acp_dag_fanout", "op", "textbox How wide, nodes", ({ dag }) => edit(dag, { max_fanout: 1 })],
    ["acp_dag_dangling", "op", "combobox Root", ({ dag }) => edit(dag, { root: "nobody" })],
    ["acp_dag_dangling", "a0", "combobox To", ({ dag }) => edit(dag.edges[0], { to: "nobody" })],
    ["acp_dag_dangling", "a0", "textbox Name of the node", ({ dag }) => edit(dag.nodes[2], { id: "a0" })],
    ["acp_dag_cycle", "a1", "combobox To", ({ dag }) => dag.edges.push({ from: "a1", to: "op", kind: "delegates" })],
    ["acp_not_delegable", "op", "checkbox May pass it on", ({ dag }) => edit(dag.nodes[0], { delegable: false })],
    [
      "acp_widening",
      "a0",
      "textbox May do: names, or beginnings ending in *",
      ({ dag }) => dag.nodes[1]?.actions.push("x"),
    ],
    ["acp_widening", "a0", "textbox max_cost", ({ dag }) => edit(dag.nodes[1]?.constraints, { max_cost: "60.00" })],
    ["acp_claim_invalid", "op", "textbox max_cost", ({ dag }) => edit(dag.nodes[0]?.constraints, { max_cost: "-1" })],
    [
      "acp_unknown_constraint",
      "a0",
      "textbox max_clals",
      ({ dag }) => edit(dag.nodes[1]?.constraints, { max_clals: 1 }),
    ],
    ["acp_subject_mismatch", "op", "textbox Held by", (policy) => edit(policy, { sub: BUILDER })],
    ["acp_irreversible_ungated", "a1", "combobox Consequence", ({ hitl }) => hitl.rules.splice(0, 1)],
    ["acp_claim_invalid", "op", "textbox Time to answer, s", ({ hitl }) => edit(hitl.rules[0], { timeout_s: 1 })],
    ["acp_claim_invalid", "op", "textbox Role", ({ hitl }) => edit(hitl.rules[0], { role: "" })],
    [
      "acp_claim_invalid",
      "op",
      "textbox After, s",
      ({ hitl }) => edit(hitl, { escalation: [{ role: "x", after_s: 0 }] }),
    ],
    [
      "acp_claim_invalid",
      "op",
      "textbox Who is told: URIs, separated by spaces",
      ({ hitl }) => edit(hitl, { contact: ["me"] }),
    ],
  ])(
    "[ACP-2] [ACP-7] [ACP-9] [ACP-15] says %s beside the field that causes it (node %s, %s)",
    async (code, node, field, change) => {
      draftOf(change);
      await show(policies, { tab: "edit", node });
      const [role, ...name] = field.split(" ");
      await screen.findByRole("list", { name: "Problems" });
      const fields = screen.getAllByRole(role ?? "", { name: name.join(" ") });
      const wrong = fields.filter((one) => one.getAttribute("aria-invalid") === "true");
      expect(wrong).toHaveLength(1);
      expect(wrong[0]).toHaveAccessibleDescription(expect.stringContaining(`(${code})`));
    },
  );

  it("says a problem of another node in words, and goes there", async () => {
    draftOf(({ dag }) => edit(dag.nodes[1]?.constraints, { max_calls: "many" }));
    await show(policies, { tab: "edit", node: "op" });
    const problems = within(await screen.findByRole("list", { name: "Problems" }));
    expect(problems.getByRole("listitem")).toHaveTextContent(
      /^acp_claim_invalid at node a0, max_calls: expected: a whole number, 0 or more\. Something is missing/,
    );
    expect(screen.getByRole("option", { name: /a0 .*has a problem/ })).toBeInTheDocument();
    await userEvent.click(problems.getByRole("button", { name: "Show a0" }));
    expect(screen.getByRole("textbox", { name: "max_calls" })).toBeInvalid();
    await retype(screen.getByRole("textbox", { name: "max_calls" }), "4");
    await taken();
  });

  it("loses nothing of JSON that cannot be read, and draws what was there before", async () => {
    await show(policies, { tab: "edit", editor: "json" });
    const field = await screen.findByRole("textbox", { name: "Claims of the acp+jwt" });
    await userEvent.click(field);
    await userEvent.keyboard("{Control>}{End}{/Control}{Backspace}");
    const broken = (field as HTMLTextAreaElement).value;
    expect(() => JSON.parse(broken) as unknown).toThrow();
    expect(await screen.findByText(/Drawn as it was before/)).toBeVisible();
    await userEvent.click(screen.getByRole("radio", { name: "Form" }));
    expect(screen.getByText(/The JSON cannot be shown as a form yet/)).toBeVisible();
    await press("Correct it as JSON");
    const again = screen.getByRole("textbox", { name: "Claims of the acp+jwt" });
    expect(again).toHaveValue(broken);
    await userEvent.click(again);
    await userEvent.keyboard("{Control>}{End}{/Control}}");
    await unchanged();
  });

  it("keeps members that the form does not know, and goes on typing without losing the place", async () => {
    draftOf((policy) => {
      edit(policy, { "org.example.note": { kept: true } });
      edit(policy.dag.nodes[1], { "org.example.tag": "kept" });
    });
    await show(policies, { tab: "edit", node: "a0" });
    const agent = await screen.findByRole("textbox", { name: "Agent" });
    await retype(agent, "spiffe://console.local/agent/*");
    expect(agent).toHaveFocus();
    await taken();
    const { dag, ...policy } = await written();
    expect(policy).toHaveProperty(["org.example.note", "kept"], true);
    expect(dag.nodes[1]).toMatchObject({ agent: "spiffe://console.local/agent/*", "org.example.tag": "kept" });
  });

  it("is used by keyboard: a step is taken back outside of fields, where the keys are the field's", async () => {
    await show(policies, { tab: "edit", node: "op" });
    await unchanged();
    screen.getByRole("button", { name: "Remove edge 2" }).focus();
    await userEvent.keyboard("{Enter}");
    expect(await screen.findByText("acp_dag_unreachable")).toBeVisible();
    screen.getByRole("textbox", { name: "Held by" }).focus();
    await userEvent.keyboard("{Control>}z{/Control}");
    expect(screen.getByText("acp_dag_unreachable")).toBeVisible();
    screen.getByRole("radio", { name: "Form" }).focus();
    await userEvent.keyboard("{Control>}z{/Control}");
    await unchanged();
    await userEvent.keyboard("{Control>}{Shift>}z{/Shift}{/Control}");
    expect(await screen.findByText("acp_dag_unreachable")).toBeVisible();
  });

  it("shows a name of the policy as what it is, however it is written", async () => {
    draftOf(({ hitl }) => edit(hitl, { default_on_timeout: "\u202egnp.<b>" }));
    await show(policies, { tab: "edit" });
    const problems = await screen.findByRole("list", { name: "Problems" });
    expect(problems).toHaveTextContent(/^acp_claim_invalid at without an answer/);
    expect(document.querySelector("main b")).toBeNull();
  });
});
