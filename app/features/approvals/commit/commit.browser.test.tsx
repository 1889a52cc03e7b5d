import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { REQUEST_A, REQUEST_B } from "../approvals.fixture.ts";
import { claimsOf, hostWith, openPane } from "../pane.fixture.tsx";
import { forgetCommitments } from "./commitments.ts";

beforeEach(async () => {
  forgetCommitments();
  await page.viewport(1280, 800);
});
afterEach(cleanup);

type Row = NonNullable<Parameters<typeof hostWith>[0][number]>["row"];
const asked = (row: Row = {}) => ({
  row: { commitFirst: true, consequence: "reversible" as const, reasonRequired: false, ...row },
  narrative: "I am entirely sure.",
  alternatives: ["wait an hour"],
  confidence: 0.97,
});
const WORDS = /entirely sure|wait an hour|97 %/;
const question = "Before you read what the agent says: would you approve or reject?";

describe("a verdict before the agent's words", { timeout: 60_000 }, () => {
  it("[F6] [ACP-45] is asked for in the place of the decision, without the words, by keys that decide nothing", async () => {
    const host = await hostWith([asked()]);
    await openPane(host.client);
    expect(await screen.findByText(question)).toBeVisible();
    expect(document.body.textContent).not.toMatch(WORDS);
    expect(screen.queryByRole("region", { name: "Decision" })).not.toBeInTheDocument();
    const would = screen.getByRole("button", { name: "I would approve" });
    await waitFor(() => expect(would).toBeEnabled());
    await user.keyboard("arxel{Enter}");
    expect(screen.getByText(question)).toBeVisible();
    await user.keyboard("1");
    const words = await screen.findByRole("region", { name: "The agent's own words" });
    expect(words).toHaveTextContent(/Before you read this you said approve/);
    expect(words).toHaveTextContent(/I am entirely sure.*wait an hour.*97 % confident/);
    const approve = screen.getByRole("button", { name: /^Approve$/ });
    expect(approve).toBeDisabled();
    await waitFor(() => expect(approve).toBeEnabled());
    await user.keyboard("a");
    await waitFor(() => expect(host.tokens).toHaveLength(1));
    const { committed, view } = claimsOf(host.tokens[0] ?? "");
    expect(committed).toEqual({ outcome: "approve", at: expect.any(Number) });
    const { at } = committed as { at: number };
    expect(Math.abs(at - Date.now() / 1000)).toBeLessThan(30);
    // What was seen was seen from then on.
    expect(view.shown_at).toBeGreaterThanOrEqual(at);
  });

  it("[F6] may be another one after reading, which is shown before and after it is signed", async () => {
    const host = await hostWith([asked({ reasonRequired: true })]);
    const { choose, notice } = await openPane(host.client);
    await waitFor(() => expect(screen.getByRole("button", { name: "I would reject" })).toBeEnabled());
    await user.keyboard("2");
    expect(await screen.findByText(/^You first said reject\. Decide as you think now/)).toBeVisible();
    const approve = screen.getByRole("button", { name: /^Approve …$/ });
    await waitFor(() => expect(approve).toBeEnabled());
    await user.keyboard("a");
    expect(await screen.findByText("You first said reject. Both are recorded.")).toBeVisible();
    await user.keyboard("the plan convinced me");
    await waitFor(() => expect(screen.getByRole("button", { name: "Sign approval" })).toBeEnabled());
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(host.tokens).toHaveLength(1));
    expect(claimsOf(host.tokens[0] ?? "")).toMatchObject({ outcome: "approve", committed: { outcome: "reject" } });
    const one = host.held[0];
    if (one === undefined) throw new Error("a request is held");
    const claims = claimsOf(host.tokens[0] ?? "") as unknown as (typeof one.detail.decisions)[number]["claims"]; // As the page has just signed them.
    one.detail = { ...one.detail, decisions: [{ claims, seq: 77, touch: null }] };
    await notice();
    choose({ request: REQUEST_A, state: "all" });
    const outcome = await screen.findByRole("region", { name: "Outcome" });
    await waitFor(() => expect(outcome).toHaveTextContent("They first said reject."));
  });

  it("[F6] is not asked twice of one person about one request, and never taken back by leaving it", async () => {
    const host = await hostWith([asked(), asked({ request: REQUEST_B, action: "other" })]);
    const first = await openPane(host.client, { search: { request: REQUEST_A } });
    await waitFor(() => expect(screen.getByRole("button", { name: "I would reject" })).toBeEnabled());
    await user.keyboard("2");
    await screen.findByText(/^You first said reject/);
    first.choose({ request: REQUEST_B });
    expect(await screen.findByText(question)).toBeVisible();
    first.unmount();
    await openPane(host.client, { search: { request: REQUEST_A } });
    expect(await screen.findByText(/^You first said reject/)).toBeVisible();
  });

  it("[F6] is asked for each by itself, never of several together", async () => {
    const host = await hostWith([asked(), asked({ request: REQUEST_B })]);
    await openPane(host.client);
    expect(await screen.findByText("Each is judged before its agent's words are read.")).toBeVisible();
    await user.keyboard("b");
    expect(screen.queryByRole("article", { name: "Look-alikes" })).not.toBeInTheDocument();
  });

  it("[F6] is not asked where the request is settled", async () => {
    const host = await hostWith([asked({ state: "approved", remainingMs: null })]);
    await openPane(host.client, { search: { request: REQUEST_A, state: "all" } });
    const words = await screen.findByRole("region", { name: "The agent's own words" });
    expect(words).toHaveTextContent("I am entirely sure.");
    expect(screen.queryByText(question)).not.toBeInTheDocument();
    expect(within(words).queryByText(/Before you read this/)).not.toBeInTheDocument();
  });
});
