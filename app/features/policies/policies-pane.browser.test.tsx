import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setDraft } from "../../api/client/policy-drafts.ts";
import { decideAction, NO_USAGE } from "../../protocol/acp/decide-action.ts";
import {
  answerOf,
  BUILDER,
  CLAIMS,
  DEPLOYER,
  type FakePolicies,
  JTI,
  OLD_JTI,
  POSITION,
  row,
  show,
  url,
  WID,
} from "./pane.fixture.tsx";
import { policiesKeys } from "./policies-pane.tsx";

let policies: FakePolicies;
let asked: { decide: unknown[]; replay: unknown[] };

beforeEach(() => {
  asked = { decide: [], replay: [] };
  policies = {
    list: async () => ({
      position: POSITION,
      policies: [row({ jti: OLD_JTI, inForce: false, seq: 3, workflow: null, iat: 1 }), row()],
    }),
    get: async () => answerOf(),
    revoke: async () => ({ seq: 130, jti: JTI }),
    decide: async (input) => {
      asked.decide.push(input);
      const { agent, execAct } = input.action;
      const decision = decideAction(
        CLAIMS,
        {
          ...{ agent, execAct, resources: null, dataClasses: null, protocol: null, domains: [] },
          ...{ cost: input.action.needs?.cost ?? null, tokens: null, durationS: null, checkpoint: null },
        },
        () => NO_USAGE,
        {
          ...{ nowS: CLAIMS.iat, risk: null, confidence: null, trust: null, level: 3 },
          ...{ verdict: null, breakers: null, consensus: null },
        },
      );
      return { position: POSITION, decision, usage: null };
    },
    replay: async (input) => {
      asked.replay.push(input);
      const none = { code: null, constraint: null, ruleIds: [], roles: [], timeoutS: null };
      return {
        position: POSITION,
        intents: 5,
        decided: 4,
        before: { allow: 3, gate: 1, abort: 0, refuse: 0 },
        after: { allow: 2, gate: 1, abort: 0, refuse: 1 },
        total: 1,
        differences: [
          {
            seq: 41,
            wid: WID,
            agent: BUILDER,
            execAct: "build_site",
            taskName: "page\u202egnp.exe",
            before: { ...none, effect: "allow" },
            after: { ...none, effect: "refuse", code: "acp_constraint_violated", constraint: "max_calls" },
            reason: "max_calls: 3 of 2 calls",
          },
        ],
        tookMs: 12,
      };
    },
  };
});
afterEach(() => {
  cleanup();
  setDraft(JTI, null);
});

const tab = async (name: string): Promise<void> => {
  await userEvent.click(await screen.findByRole("tab", { name }));
};

describe("the policies pane", () => {
  it("lists what is in force first and shows it, with everything in the URL", async () => {
    await show(policies);
    const list = await screen.findByRole("grid", { name: "Policies" });
    const rows = within(list).getAllByRole("row");
    expect(rows.map((one) => within(one).getByText(/in force/).textContent)).toEqual(["in force", "not in force"]);
    expect(await screen.findByRole("heading", { name: "Site build" })).toBeVisible();
    expect(url.now.policy).toBe(JTI);
  });

  it("shows a newer policy that is put in force, unless something was done with the one in view", async () => {
    const newer = "0195400c-0000-7000-8000-0000000000c9";
    const queries = await show(policies);
    await screen.findByRole("heading", { name: "Site build" });
    policies.list = async () => ({
      position: POSITION,
      policies: [row({ jti: newer, seq: 50 }), row({ inForce: false })],
    });
    await act(() => queries.invalidateQueries());
    await waitFor(() => expect(url.now.policy).toBe(newer));
    await tab("Rules");
    policies.list = async () => ({
      position: POSITION,
      policies: [row({ seq: 60 }), row({ jti: newer, inForce: false })],
    });
    await act(() => queries.invalidateQueries());
    await screen.findByText("not in force");
    expect(url.now.policy).toBe(newer);
  });

  it("[ACP-19] says by whom a policy was revoked, and why", async () => {
    const by = "spiffe://console.local/human/bo";
    const revoked = row({
      inForce: false,
      revoked: { jti: OLD_JTI, by, at: 1_772_064_000, reason: "wrong scope", seq: 77 },
    });
    policies.list = async () => ({ position: POSITION, policies: [revoked] });
    policies.get = async () => ({ ...answerOf(), policy: revoked });
    await show(policies);
    expect(await screen.findByText(/The policy it was derived from was revoked by bo/)).toHaveTextContent(
      "wrong scope",
    );
    expect(screen.getAllByText("revoked")).toHaveLength(2);
    expect(screen.getByRole("link", { name: "entry 77" })).toHaveAttribute("href", "/timeline?entry=77");
  });

  it("[ACP-1] [ACP-7] draws who may do what and where it was narrowed; arrow keys go through it", async () => {
    await show(policies);
    const graph = await screen.findByRole("region", { name: "Delegation graph" });
    const nodes = await within(graph).findAllByRole("button", { name: /build_|deploy_|alice/ });
    expect(nodes).toHaveLength(3);
    expect(within(graph).getByRole("button", { name: /builder/ })).toHaveTextContent("narrowed: actions and max_calls");
    within(graph).getByRole("button", { name: /alice/ }).focus();
    await userEvent.keyboard("{ArrowDown}");
    expect(url.now.node).toBe("a0");
    expect(within(graph).getByRole("button", { name: /builder/ })).toHaveFocus();
    const detail = screen.getByRole("region", { name: "Selected node" });
    expect(detail).toHaveTextContent("costs at most 50.00 EUR · set at op");
  });

  it("[ACP-2] says how much of each limit is used up, in colour only when somebody should look", async () => {
    policies.get = async () => answerOf(9);
    const queries = await show(policies, { node: "a0" });
    const meter = await screen.findByRole("meter", { name: "max_calls: 9 of 10 calls, 90 %, nearly used up" });
    expect(meter).toBeInTheDocument();
    policies.get = async () => answerOf(3);
    await act(() => queries.invalidateQueries());
    expect(await screen.findByRole("meter", { name: "max_calls: 3 of 10 calls, 30 %" })).toBeInTheDocument();
  });

  it("has a table with the same powers as the graph", async () => {
    await show(policies);
    await screen.findByRole("region", { name: "Delegation graph" });
    await userEvent.keyboard("v");
    const table = await screen.findByRole("grid", { name: "Delegation" });
    expect(url.now.view).toBe("table");
    expect(within(table).getByText("at most 10 calls: 3 of 10 calls, 30 %")).toBeVisible();
    const [, first] = within(table).getAllByRole("row");
    first?.focus();
    await userEvent.keyboard("{End}");
    expect(url.now.node).toBe("a1");
    await userEvent.click(screen.getByRole("button", { name: "Try an action of it" }));
    expect([url.now.tab, url.now.agent, url.now.act]).toEqual(["try", DEPLOYER, "deploy_site"]);
  });

  it("[ACP-6] says each rule in one sentence", async () => {
    await show(policies, { tab: "rules" });
    expect(
      await screen.findByText(
        "What cannot be undone waits until 2 people of the role “operator” approve it, with a reason; without an answer within 10 min 00 s it is denied.",
      ),
    ).toBeVisible();
  });

  it("[ACP-20] tries an action and gives each reason in order", async () => {
    await show(policies, { tab: "try" });
    await userEvent.type(await screen.findByLabelText("Agent"), DEPLOYER);
    await userEvent.type(screen.getByLabelText("Action"), "deploy_site");
    const decision = await screen.findByRole("region", { name: "Decision" });
    await waitFor(() => expect(decision).toHaveTextContent("refused"));
    expect(decision).toHaveTextContent("acp_constraint_violated: max_cost at node a1");
    await userEvent.type(screen.getByLabelText("Cost"), "1.50 EUR");
    await waitFor(() =>
      expect(screen.getByRole("region", { name: "Decision" })).toHaveTextContent("waits for a human"),
    );
    expect(screen.getByRole("region", { name: "Decision" })).toHaveTextContent(
      "Needs 2 × “operator” within 10 min 00 s.",
    );
    const reasons = within(screen.getByRole("list", { name: "Reasons" })).getAllByRole("listitem");
    expect(reasons.map((reason) => reason.textContent)).toEqual([
      "Actionpasseda1node a1 lets the agent do this",
      expect.stringMatching(/^Limitpassedmax_cost1.5 of 50.00 EUR/),
      expect.stringMatching(/^Limitpassedcurrency/),
      expect.stringMatching(/^Rulematchesr1/),
    ]);
    expect(url.now.needs).toEqual({ cost: { amount: "1.50", currency: "EUR" } });
    await userEvent.type(screen.getByLabelText("Protocol"), "x");
    expect(screen.getByLabelText("Protocol")).toBeInvalid();
    await userEvent.click(screen.getByRole("checkbox", { name: /used up so far/ }));
    await waitFor(() => expect(asked.decide.at(-1)).toMatchObject({ policy: { jti: JTI }, usage: "none" }));
  });

  it("edits as a form, names every code at its place, and keeps the draft apart from what was issued", async () => {
    await show(policies, { tab: "edit", node: "a1" });
    expect(await screen.findByText(/as it was issued/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Remove rule 1" }));
    expect(await screen.findByText("acp_irreversible_ungated")).toBeVisible();
    const node = screen.getByRole("region", { name: "Node" });
    expect(node).toHaveTextContent("no rule holds it for a human (acp_irreversible_ungated)");
    await userEvent.click(screen.getByRole("button", { name: "Add a rule" }));
    expect(await screen.findByText(/that the enforcement point would take/)).toBeVisible();
    const may = within(node).getByLabelText(/May do/);
    await userEvent.type(may, " delete_*");
    expect(await screen.findByText(/that the enforcement point would take/)).toBeVisible();
    await tab("Rules");
    expect(screen.getByText(/What cannot be undone waits/)).toBeVisible();
    await userEvent.keyboard("d");
    expect(await screen.findByText(/Every action waits until one person/)).toBeVisible();
    await tab("Edit");
    await userEvent.click(screen.getByRole("button", { name: "Discard the draft" }));
    expect(await screen.findByText(/as it was issued/)).toBeVisible();
    expect(url.now.version).toBeUndefined();
  });

  it("[ACP-9] names an unknown limit and broken JSON while it is typed", async () => {
    await show(policies, { tab: "edit", editor: "json" });
    const field = await screen.findByRole("textbox", { name: "Claims of the acp+jwt" });
    const unknown = JSON.stringify(CLAIMS).replace('"max_calls":10', '"max_clals":10');
    await userEvent.clear(field);
    expect(field).toBeInvalid();
    await userEvent.click(field);
    await userEvent.paste(unknown);
    expect(field).toHaveAccessibleDescription(/dag\.nodes\.1\.constraints\.max_clals.*acp_unknown_constraint/);
    await userEvent.click(screen.getByRole("radio", { name: "Form" }));
    expect(screen.getByText(/acp_unknown_constraint/)).toBeVisible();
  });

  it("[F4] replays the draft and lists what would be decided differently, with hostile names made visible", async () => {
    const stricter = JSON.stringify(CLAIMS).replace('"max_calls":10', '"max_calls":2');
    setDraft(JTI, stricter);
    await show(policies, { tab: "replay", version: "draft" });
    await userEvent.click(await screen.findByRole("button", { name: "Replay it" }));
    const report = await screen.findByRole("region", { name: "Replay" });
    expect(report).toHaveTextContent("1 of 4 actions would be decided differently.");
    const [, difference] = within(within(report).getByRole("table", { name: "Differences" })).getAllByRole("row");
    expect(difference).toHaveTextContent("page‹U+202E›gnp.exe");
    expect(difference).toHaveTextContent("refusedmax_calls");
    expect(within(difference as HTMLElement).getByRole("link", { name: "41" })).toHaveAttribute(
      "href",
      "/timeline?entry=41",
    );
    expect(asked.replay[0]).toMatchObject({
      wid: WID,
      claims: { dag: { nodes: [{}, { constraints: { max_calls: 2 } }, {}] } },
    });
    await userEvent.click(screen.getByRole("radio", { name: "The whole log" }));
    expect(await screen.findByText(/Replay it again/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Replay it" }));
    await waitFor(() => expect(asked.replay[1]).not.toHaveProperty("wid"));
  });

  it("says that a draft is not issued, and where one is", async () => {
    await show(policies, { tab: "edit" });
    expect(await screen.findByText(/decides nothing until it is put in force/)).toBeVisible();
  });

  it("hands a draft on to the next start of a stopped workflow, and only of a stopped one", async () => {
    policies.get = async () => ({
      ...answerOf(),
      policy: row({ workflow: { status: "stopped", runName: "Site build" } }),
    });
    const stricter = JSON.stringify(CLAIMS).replace('"max_calls":10', '"max_calls":2');
    setDraft(JTI, stricter);
    await show(policies, { tab: "edit" });
    await userEvent.click(await screen.findByRole("button", { name: "Use it for the next start" }));
    expect(await screen.findByText(/Watch begins with this draft/)).toBeVisible();
    expect(screen.getByRole("button", { name: "Use it for the next start" })).toBeDisabled();
    cleanup();
    policies.get = async () => answerOf();
    await show(policies, { tab: "edit" });
    expect(await screen.findByText(/decides nothing until it is put in force/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Use it for the next start" })).toBeNull();
  });

  it("[L2] shows a failed load as a failure, and an empty log as that", async () => {
    const list = policies.list;
    policies.list = async () => Promise.reject(new DOMException("closed", "AbortError"));
    await show(policies);
    expect(await screen.findByRole("alert")).toHaveTextContent("connection_lost");
    policies.list = async () => ({ position: POSITION, policies: [] });
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("No policy was issued yet")).toBeVisible();
    cleanup();
    policies.list = list;
    await show(policies, { policy: "0195400c-0000-7000-8000-0000000000ff" });
    expect(await screen.findByText("No such policy in this log")).toBeVisible();
  });

  it("[L1] keeps showing what it has when it cannot be read again, and says so", async () => {
    const queries = await show(policies);
    await screen.findByRole("heading", { name: "Site build" });
    policies.get = async () => Promise.reject(new DOMException("closed", "AbortError"));
    await act(() => queries.invalidateQueries());
    expect(await screen.findByText("Not current: newer facts may exist.")).toBeVisible();
    expect(screen.getByRole("heading", { name: "Site build" })).toBeVisible();
  });

  it("goes from policy to policy and from tab to tab by keys, all named in its help", async () => {
    await show(policies);
    await screen.findByRole("heading", { name: "Site build" });
    await userEvent.keyboard("j");
    expect(url.now.policy).toBe(OLD_JTI);
    await userEvent.keyboard("k2");
    expect([url.now.policy, url.now.tab]).toEqual([JTI, "rules"]);
    expect(policiesKeys.map(({ keys }) => keys).join(" ")).toMatch(/^j k s x 1 2 3 4 5 6 v d/);
  });

  it("[ACP-19] [ACP-33] revokes a policy with a reason, by a token of the operator that names exactly it", async () => {
    const tokens: string[] = [];
    policies.revoke = async ({ token }) => {
      tokens.push(token);
      return { seq: 130, jti: JTI };
    };
    await show(policies);
    await userEvent.click(await screen.findByRole("button", { name: "Revoke …" }));
    const dialog = await screen.findByRole("dialog", { name: "Revoke a policy" });
    const press = within(dialog).getByRole("button", { name: "Revoke for good" });
    expect(press).toHaveProperty("disabled", true);
    await userEvent.type(within(dialog).getByLabelText(/Why is it revoked/), "wrong limits");
    await userEvent.click(press);
    await waitFor(() => expect(screen.queryByRole("dialog", { name: "Revoke a policy" })).toBeNull());
    const payload = JSON.parse(atob((tokens[0]?.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")));
    expect(payload).toMatchObject({ acp: { jti: JTI, hash: "H".repeat(43) }, reason: "wrong limits" });
  });

  it("[L2] says why a revocation was refused, and keeps the reason that was typed", async () => {
    policies.revoke = async () => Promise.reject(new Error("no such role"));
    await show(policies);
    await userEvent.click(await screen.findByRole("button", { name: "Revoke …" }));
    const dialog = await screen.findByRole("dialog", { name: "Revoke a policy" });
    await userEvent.type(within(dialog).getByLabelText(/Why is it revoked/), "wrong limits");
    await userEvent.click(within(dialog).getByRole("button", { name: "Revoke for good" }));
    expect(await within(dialog).findByRole("alert")).toBeTruthy();
    expect(within(dialog).getByLabelText(/Why is it revoked/)).toHaveProperty("value", "wrong limits");
  });
});
