import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { setDraft } from "../../../api/client/policy-drafts.ts";
import type { PolicyRow } from "../../../api/contract/policy.ts";
import { must } from "../../../base/assert.ts";
import { fakeHost, renderWith, WID } from "../watch.fixture.tsx";
import { PolicySource } from "./policy-source.tsx";

const NEW = "0195400c-0000-4000-8000-0000000000d2";
const JTI = "0195400c-0000-4000-8000-0000000000b1";
const DRAFTED = "0195400c-0000-4000-8000-0000000000b7";
const ALICE = "spiffe://console.local/human/alice";
const BO = "spiffe://console.local/human/bo";
const agent = (wid: string, name: string): string => `spiffe://console.local/agent/${wid}/${name}`;

const claimsFor = (name: string) => ({
  ...{
    iss: ALICE,
    sub: ALICE,
    aud: ["spiffe://console.local/pep"],
    iat: 1000,
    exp: 8200,
    jti: JTI,
    wid: WID,
    acp_ver: 1,
  },
  dag: {
    ...{ root: "op", self: "op", max_depth: 1, edges: [{ from: "op", to: "w", kind: "delegates" }] },
    nodes: [
      { id: "op", agent: ALICE, actions: ["*"], delegable: true },
      { id: "w", agent: agent(WID, name), actions: ["work"] },
    ],
  },
  hitl: { default_on_timeout: "deny", rules: [] },
});

const ROW: PolicyRow = {
  ...{ jti: JTI, hash: "H".repeat(43), wid: WID, seq: 7, iss: ALICE, sub: ALICE, iat: 1000, exp: 8200, parent: null },
  ...{ inForce: true, revoked: null, replacedBy: null, replaces: null, nodes: 2, rules: 0 },
  workflow: { status: "finished", runName: "five tasks" },
};

afterEach(() => {
  cleanup();
  setDraft(DRAFTED, null);
});

function openWith(name: string) {
  const host = fakeHost();
  host.policies = [{ row: ROW, claims: claimsFor(name) }];
  const onPick = vi.fn<(text: string | null) => void>();
  const { digest } = must(host.workflows[0], "the host has a workflow").run;
  const agents = [agent(NEW, "agent-0"), agent(NEW, "agent-1")];
  renderWith(host, null, <PolicySource digest={digest} wid={NEW} agents={agents} operator={BO} onPick={onPick} />);
  return { host, onPick };
}

describe("a start that begins with another policy", () => {
  it("[ACP-62] makes the policy of an earlier run, or a draft, one for this run", async () => {
    setDraft(DRAFTED, JSON.stringify(claimsFor("agent-1")));
    const { onPick } = openWith("agent-0");
    const list = await screen.findByRole("combobox", { name: "Use a policy from" });
    const names = within(list)
      .getAllByRole("option")
      .map((option) => option.textContent);
    expect(names).toEqual([
      "what the recording says",
      expect.stringMatching(/^draft of the policy for 0195400c…/),
      expect.stringMatching(/^an earlier run of five tasks, 1970-/),
    ]);
    await userEvent.selectOptions(list, names[2] ?? "");
    await waitFor(() => expect(onPick).toHaveBeenCalledOnce());
    expect(JSON.parse(onPick.mock.calls[0]?.[0] ?? "")).toMatchObject({
      ...{ wid: NEW, iss: BO },
      dag: { nodes: [{ agent: BO }, { agent: agent(NEW, "agent-0") }] },
    });
    await userEvent.selectOptions(list, names[1] ?? "");
    await waitFor(() => expect(onPick.mock.calls[1]?.[0]).toContain(agent(NEW, "agent-1")));
    await userEvent.selectOptions(list, "what the recording says");
    expect(onPick).toHaveBeenLastCalledWith(null);
  });

  it("[ACP-62] says why a policy cannot be used, and leaves what is there", async () => {
    const { onPick } = openWith("stranger");
    const list = await screen.findByRole("combobox", { name: "Use a policy from" });
    await userEvent.selectOptions(list, must(within(list).getAllByRole("option")[1], "there is one"));
    expect(await screen.findByText(/this run has no agent of the name stranger/)).toBeInTheDocument();
    expect(onPick).not.toHaveBeenCalled();
  });

  it("[L2] says that a policy could not be fetched", async () => {
    const { host } = openWith("agent-0");
    const list = await screen.findByRole("combobox", { name: "Use a policy from" });
    host.down = true;
    await userEvent.selectOptions(list, must(within(list).getAllByRole("option")[1], "there is one"));
    expect(await screen.findByRole("alert")).toBeInTheDocument();
    host.down = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });
});
