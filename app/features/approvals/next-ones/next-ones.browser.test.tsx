import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { AGENT, REQUEST_A, WID } from "../approvals.fixture.ts";
import { ALICE, claimsOf, hostWith, openPane } from "../pane.fixture.tsx";
import { chooseUndo } from "../undo-choice.ts";

beforeEach(() => page.viewport(1280, 800));
afterEach(() => {
  cleanup();
  chooseUndo("batches");
});

const grantable = { grantable: true, consequence: "reversible", reasonRequired: false, target: null } as const;
const POLICY: AcpClaims = {
  ...{ iss: ALICE, sub: AGENT, aud: "spiffe://console.local/pep", iat: 1, exp: 2_000_000_000 },
  ...{ jti: "0195400c-0000-7000-8000-0000000000e1", wid: WID, acp_ver: 1 },
  dag: {
    ...{ root: "n1", self: "n1", edges: [], max_depth: 0, max_fanout: 1 },
    nodes: [{ id: "n1", agent: AGENT, actions: ["copy_object", "tag"], consequence: "reversible" }],
  },
  hitl: {
    default_on_timeout: "deny",
    rules: [
      {
        ...{ id: "r1", trigger: { kind: "action", patterns: ["copy_object"] }, role: "operator", action: "approve" },
        ...{ approvals: 1, distinct_from_requester: true, timeout_s: 600, reason_required: false, explain: true },
        ...{ break_glass: false, commit_first: false },
      },
    ],
  },
};
const id = (at: number): string => `0195400c-0000-7000-8000-0000000000${(0xa0 + at).toString(16)}`;
const copies = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    args: { from: `in/${at}.csv` },
    row: { ...grantable, request: id(at), action: "copy_object", taskName: `copy ${at}` },
    narrative: "I copy.",
  }));

describe("the next ones like this", { timeout: 60_000 }, () => {
  it("[ACP-40] are allowed by a grant from the open request, which itself still waits", async () => {
    const host = await hostWith([{ row: { ...grantable, target: "urn:cluster:one" } }]);
    const { url } = await openPane(host.client);
    await waitFor(() => expect(screen.getByRole("button", { name: /^Approve$/ })).toBeEnabled());
    await user.click(screen.getByRole("button", { name: "More …" }));
    const menu = await screen.findByRole("dialog", { name: "Other decisions" });
    await user.click(within(menu).getByRole("button", { name: "Allow the next ones like this …" }));
    const dialog = await screen.findByRole("dialog", { name: "Give a standing grant" });
    await user.fill(within(dialog).getByRole("textbox", { name: /Why need nobody be asked/ }), "routine copies");
    await user.click(within(dialog).getByRole("button", { name: "Sign and give it" }));
    await waitFor(() => expect(host.grants).toHaveLength(1));
    expect(claimsOf(host.grants[0] ?? "")).toMatchObject({
      wid: WID,
      agent: AGENT,
      exec_act: "apply_change",
      rule_ids: ["r1"],
      role: "operator",
      resources: ["urn:cluster:one"],
      acp: { jti: host.held[0]?.detail.claims.acp.jti, hash: host.held[0]?.detail.claims.acp.hash },
    });
    expect(host.tokens).toHaveLength(0);
    expect(url.search.request).toBe(REQUEST_A);
  });

  it("[ACP-40] are not offered where no grant could answer, nor after a change or a refusal", async () => {
    const host = await hostWith([
      { row: { ...grantable, grantable: false, state: "approved", request: id(1), taskName: "task 1" } },
      { row: { ...grantable, state: "approved", modified: true, request: id(2), taskName: "task 2" } },
      { row: { ...grantable, state: "rejected", request: id(3), taskName: "task 3" } },
      { row: { ...grantable, state: "consumed", request: id(4), taskName: "task 4" } },
    ]);
    const { choose } = await openPane(host.client, { search: { request: id(1), state: "all" } });
    for (const [at, isThere] of [
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 1],
    ] as const) {
      choose({ request: id(at) });
      const request = () => screen.getByRole("article", { name: "Request" });
      await waitFor(() => expect(request()).toHaveTextContent(`task ${at} of`));
      const outcome = within(request()).getByRole("region", { name: "Outcome" });
      expect(within(outcome).queryAllByRole("button", { name: /^Allow the next ones/ })).toHaveLength(isThere);
    }
  });

  it("[N5] [J1] [ACP-40] are offered a grant and a policy once a batch of look-alikes is recorded, not before", async () => {
    const host = await hostWith(copies(3), { policy: POLICY });
    await openPane(host.client);
    await waitFor(() => expect(screen.getByRole("button", { name: /^Approve$/ })).toBeEnabled());
    await user.keyboard("b");
    await screen.findByRole("article", { name: "Look-alikes" });
    for (let at = 1; at <= 3; at += 1) {
      await waitFor(() => expect(screen.getByRole("button", { name: /the sample$/ })).toBeEnabled());
      await user.keyboard("n");
      await screen.findByRole("heading", { name: `Sample ${at} of 3` });
    }
    await waitFor(() => expect(screen.getByRole("button", { name: "Approve 3" })).toBeEnabled());
    await user.keyboard("a");
    expect(await screen.findByText(/3 approvals of/)).toHaveTextContent("are not sent yet");
    expect(screen.queryByRole("region", { name: "The next ones like these" })).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Send now" }));
    const next = await screen.findByRole("region", { name: "The next ones like these" });
    expect(host.tokens).toHaveLength(3);
    expect(await within(next).findByRole("link", { name: "Make this a policy" })).toBeVisible();
    expect(next).toHaveTextContent("rule r1 goes away, because it names nothing else.");
    await user.click(within(next).getByRole("button", { name: "Allow the next ones like this …" }));
    expect(await screen.findByRole("dialog", { name: "Give a standing grant" })).toHaveTextContent("copy_object");
  });
});
