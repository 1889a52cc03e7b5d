import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { setDraft } from "../../../api/client/policy-drafts.ts";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { AGENT, REQUEST_A, WID } from "../approvals.fixture.ts";
import { ALICE, hostWith, openPane } from "../pane.fixture.tsx";
import { POLICY, withAttention } from "./attention.fixture.ts";

beforeEach(() => page.viewport(1280, 800));
afterEach(() => {
  cleanup();
  setDraft(POLICY, null);
});

const CLAIMS: AcpClaims = {
  ...{ iss: ALICE, sub: AGENT, aud: "spiffe://console.local/pep", iat: 1, exp: 2_000_000_000 },
  ...{ jti: POLICY, wid: WID, acp_ver: 1 },
  dag: {
    ...{ root: "n1", self: "n1", edges: [], max_depth: 0, max_fanout: 1 },
    nodes: [{ id: "n1", agent: AGENT, actions: ["send_mail", "tag"], consequence: "reversible" }],
  },
  hitl: {
    default_on_timeout: "deny",
    rules: [
      {
        ...{ id: "mail", trigger: { kind: "action", patterns: ["send_mail"] }, role: "operator", action: "approve" },
        ...{ approvals: 1, distinct_from_requester: true, timeout_s: 600, reason_required: false, explain: true },
        ...{ break_glass: false, commit_first: false },
      },
    ],
  },
};

async function opened(isAll: boolean) {
  const host = await hostWith([{ row: { request: REQUEST_A, action: "apply_change" } }], { policy: CLAIMS });
  const { client, asked } = withAttention(host.client, isAll);
  const pane = await openPane(client, { search: { view: "attention" } });
  await screen.findByRole("heading", { name: "Demands on each operator" });
  return { ...pane, asked };
}
const table = (name: string) => screen.findByRole("table", { name });
const region = (name: string) => screen.getByRole("region", { name });
const cells = (row: HTMLElement): string[] =>
  [...row.querySelectorAll("th,td")].map(({ textContent }) => textContent ?? "");

describe("attention", { timeout: 60_000 }, () => {
  it("[A1] [A2] [A3] [A4] [A5] [R7] shows demands against their limits, floods, priorities, chatter, what is stale and what is shelved", async () => {
    const { url } = await opened(true);
    const meter = (name: RegExp) => screen.getByRole("meter", { name });
    expect(meter(/last ten minutes: 4: aim 1, manageable 2, flood above 10, above its limit/)).toHaveAttribute(
      "high",
      "2",
    );
    expect(meter(/last hour: 6: aim 6, warn above 12, as it is aimed at/)).toBeInTheDocument();
    expect(meter(/Time in a flood: 1.04 %: less than 1 %, above its limit/)).toBeInTheDocument();
    expect(region("Demands on each operator")).toHaveTextContent(/1 of 3 hours were above 12/);
    const floods = await table("Floods");
    expect(cells(within(floods).getAllByRole("row")[1] as HTMLElement).slice(1, 4)).toEqual([
      "15 min",
      "18",
      "request: restart_router by executor",
    ]);
    expect(within(floods).getByRole("link", { name: "41" })).toHaveAttribute("href", "/timeline?entry=41");
    await user.click(screen.getByText("The same as a table"));
    expect(within(await table("Demands by the hour")).getAllByRole("row")).toHaveLength(4);
    expect(screen.getByRole("row", { name: /^High .* 5 % near its aim$/ })).toBeVisible();
    expect(screen.getByRole("row", { name: /^Low .* 80 % not near its aim$/ })).toBeVisible();
    expect(screen.getByRole("row", { name: /request: poll_queue executor 9/ })).toBeVisible();
    const waits = region("How long things wait");
    expect(waits).toHaveTextContent(/half within 40 s, 95 of 100 within 5 min/);
    expect(waits).toHaveTextContent(/5: should be fewer than 5/);
    expect(within(await table("Standing for more than 24 hours")).getAllByRole("row")).toHaveLength(6);
    const shelf = await table("Shelf");
    expect(shelf).toHaveTextContent(/apply_change.*ben.*The vendor answers at noon/);
    await user.click(within(shelf).getByRole("button", { name: "Open" }));
    await screen.findByRole("article", { name: "Request" });
    expect(url.search).toMatchObject({ request: REQUEST_A, aside: true });
    expect(url.search.view).toBeUndefined();
  });

  it("[R1] [R2] [R11] proposes the class that nobody reads for its policy, tells no rate of few, and what is not known as that", async () => {
    await opened(true);
    const proposals = await screen.findByRole("list", { name: "Proposed for policy" });
    expect(proposals).toHaveTextContent(
      /send_mail by executor is approved in 100 %.*after 1 s: the policy should answer it/,
    );
    expect(proposals).toHaveTextContent(/rule mail goes away/);
    const link = within(proposals).getByRole("link", { name: "Make this a policy" });
    expect(link).toHaveAttribute("href", `/policies?policy=${POLICY}&version=draft&tab=replay&replay=now`);
    const rare = screen.getByRole("row", { name: /rare_thing/ });
    expect(rare).toHaveTextContent(/10 of 12, too few for a rate/);
    expect(cells(rare)[3]).toBe("not known");
    expect(within(await table("By the hour of a shift")).getByRole("row", { name: /^3 20 / })).toHaveTextContent("2 s");
  });

  it("[R12] shows a person their own figures, and those of others only to whose business they are", async () => {
    const own = await opened(false);
    const people = await table("People");
    expect(within(people).getAllByRole("row")).toHaveLength(2);
    expect(people).toHaveTextContent(/alice \(you\)/);
    expect(own.asked.filter(({ reader }) => reader !== undefined)).toContainEqual({ hours: 24, reader: ALICE });
    cleanup();
    await opened(true);
    const all = await table("People");
    await waitFor(() => expect(within(all).getAllByRole("row")).toHaveLength(3));
    expect(within(all).getByRole("row", { name: /^ben 21 points more often/ })).toBeVisible();
    expect(within(all).getByRole("row", { name: /^alice \(you\) no difference/ })).toBeVisible();
  });

  it("[A1] is measured over the span that is chosen, and is a key away from the queue and back", async () => {
    const { url, asked } = await opened(true);
    await user.click(screen.getByRole("radio", { name: "30 days" }));
    await waitFor(() => expect(asked.some(({ hours }) => hours === 720)).toBe(true));
    expect(url.search.span).toBe("month");
    await user.keyboard("t");
    await screen.findByRole("listbox", { name: "Requests" });
    await user.keyboard("t");
    expect(await screen.findByRole("radio", { name: "Attention" })).toBeChecked();
    // A key that is held turns once.
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "t", code: "KeyT", repeat: true }));
    expect(url.search.view).toBe("attention");
  });
});
