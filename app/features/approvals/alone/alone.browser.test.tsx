import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import type { BreakGlass } from "../../../api/contract/gate.ts";
import { challengeText } from "../../../protocol/acp/touch.ts";
import { REQUEST_A, REQUEST_B } from "../approvals.fixture.ts";
import { ALICE, claimsOf, giveTouch, hostWith, openPane } from "../pane.fixture.tsx";
import { sha256Text } from "../shown-view.ts";

beforeEach(() => page.viewport(1280, 800));
afterEach(cleanup);

const BEN = "spiffe://console.local/human/ben";
type Row = NonNullable<NonNullable<Parameters<typeof hostWith>[0][number]>["row"]>;
const two: Row = {
  ...{ consequence: "reversible", reasonRequired: false, breakGlassAllowed: true },
  ...{ approvals: { given: 0, required: 2 }, roles: [{ role: "operator", given: 0, required: 2 }] },
};
const nowS = (): number => Math.floor(Date.now() / 1000);
const given = (change: Partial<BreakGlass> = {}): Row => ({
  ...{ ...two, state: "consumed", remainingMs: null, approvals: { given: 1, required: 2 } },
  breakGlass: {
    ...{ by: BEN, decision: "0195400c-0000-7000-8000-0000000000aa", at: nowS() - 3_000, reason: "site down" },
    ...{ dueAt: nowS() + 83_000, overdue: false, review: null },
    ...change,
  },
});
const enabled = async (name: RegExp) => {
  const button = await screen.findByRole("button", { name });
  await waitFor(() => expect(button).toBeEnabled());
  return button;
};
async function begin(): Promise<void> {
  await enabled(/^Approve$/);
  await user.click(screen.getByRole("button", { name: "More …" }));
  const menu = await screen.findByRole("dialog", { name: "Other decisions" });
  await user.click(within(menu).getByRole("button", { name: "Approve alone (emergency) …" }));
  await screen.findByRole("list", { name: "What approving alone means" });
}
const hold = async (button: HTMLElement): Promise<void> => {
  button.focus();
  button.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true, cancelable: true }));
};

describe("approving alone in an emergency", { timeout: 60_000 }, () => {
  it("[D6] [ACP-42] says who is left out and what follows, and is signed with a reason, a hold and a touch for exactly it", async () => {
    const host = await hostWith([{ row: two }]);
    const longAgo = nowS() - 700;
    const { session } = await openPane(host.client, { isProtected: true, authTime: longAgo });
    await begin();
    const facts = screen.getByRole("list", { name: "What approving alone means" });
    expect(facts).toHaveTextContent("It takes 2 people with the role operator.");
    expect(facts).toHaveTextContent("Within 24 h another duty manager or safety officer says whether it was right.");
    const sign = screen.getByRole("button", { name: /^Sign approval: hold$/ });
    expect(sign).toBeDisabled();
    expect(screen.getByText("Approving alone needs a reason.")).toBeVisible();
    await user.keyboard("the site is down and nobody answers");
    await waitFor(() => expect(sign).toBeEnabled());
    await user.keyboard("{Control>}{Enter}{/Control}");
    sign.focus();
    await user.keyboard("{Enter}");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(session.store.getState().ask).toBeNull();
    expect(host.tokens).toHaveLength(0);
    await hold(sign);
    await giveTouch(session);
    await waitFor(() => expect(host.tokens).toHaveLength(1));
    const claims = claimsOf(host.tokens[0] ?? "");
    const { request, outcome, view, auth_time } = claims;
    expect(claims).toMatchObject({
      outcome: "approve",
      break_glass: true,
      reason: "the site is down and nobody answers",
      touch: {
        kind: "passphrase",
        challenge: await sha256Text(challengeText({ request, outcome, viewHash: view.hash })),
      },
    });
    expect(nowS() - auth_time).toBeLessThan(60);
  });

  it("[D6] asks for the name as well where it cannot be undone", async () => {
    const host = await hostWith([{ row: { ...two, consequence: "irreversible" } }]);
    await openPane(host.client, { isProtected: true });
    await enabled(/^Approve …$/);
    await user.click(screen.getByRole("button", { name: "More …" }));
    const menu = await screen.findByRole("dialog", { name: "Other decisions" });
    await user.click(within(menu).getByRole("button", { name: "Approve alone (emergency) …" }));
    expect(await screen.findByRole("textbox", { name: /^Type the target to approve/ })).toHaveFocus();
    expect(screen.getByRole("button", { name: "Sign approval" })).toBeDisabled();
  });

  it("[D5] [ACP-42] is not there where a rule always needs all its approvals", async () => {
    const host = await hostWith([{ row: { ...two, breakGlassAllowed: false } }]);
    await openPane(host.client);
    await enabled(/^Approve$/);
    await user.click(screen.getByRole("button", { name: "More …" }));
    const menu = await screen.findByRole("dialog", { name: "Other decisions" });
    expect(within(menu).queryByRole("button", { name: /alone/ })).not.toBeInTheDocument();
  });
});

describe("what was approved alone", { timeout: 60_000 }, () => {
  it("[D6] [ACP-43] is said above the queue whatever it shows, and is reviewed by somebody else with a verdict and a reason", async () => {
    const host = await hostWith([{ row: { ...given(), request: REQUEST_A } }, { row: { request: REQUEST_B } }], {
      roles: ["duty_manager"],
    });
    const { url, session } = await openPane(host.client, { search: { request: REQUEST_B } });
    await session.checkEnrolled();
    expect(await screen.findByText(/alone; review due in 23 h\./)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Open it" }));
    expect(url.search).toMatchObject({ request: REQUEST_A, state: "all" });
    const form = await screen.findByRole("form", { name: "Review" });
    const sign = within(form).getByRole("button", { name: "Sign review" });
    expect(sign).toBeDisabled();
    await user.click(within(form).getByRole("radio", { name: "Not justified" }));
    expect(form).toHaveTextContent("A review needs a reason.");
    await user.fill(within(form).getByRole("textbox", { name: /Reason/ }), "two others were at their desks");
    await user.click(sign);
    await waitFor(() => expect(host.reviews).toHaveLength(1));
    expect(claimsOf(host.reviews[0] ?? "")).toMatchObject({
      iss: ALICE,
      role: "duty_manager",
      verdict: "not_justified",
      reason: "two others were at their desks",
      decision: "0195400c-0000-7000-8000-0000000000aa",
      request: { jti: REQUEST_A, hash: host.held[0]?.detail.digest },
    });
    const outcome = screen.getByRole("region", { name: "Outcome" });
    await waitFor(() => expect(outcome).toHaveTextContent("approved alone, not justified"));
    expect(screen.getByRole("option", { name: /approved and used.*alone, not justified/ })).toBeVisible();
    await waitFor(() => expect(screen.queryByText(/review due/)).not.toBeInTheDocument());
  });

  it("[D6] [ACP-43] is an alarm in words and shape once its day is over", async () => {
    const late = given({ dueAt: nowS() - 7_300, overdue: true });
    const host = await hostWith([{ row: { ...late, request: REQUEST_A } }, { row: { request: REQUEST_B } }]);
    await openPane(host.client, { search: { request: REQUEST_B, state: "all" } });
    expect(await screen.findByText(/alone; review overdue for 2 h\./)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Open it" }));
    const outcome = await screen.findByRole("region", { name: "Outcome" });
    expect(outcome).toHaveTextContent("ben; review overdue for 2 h");
  });

  it.each([
    ["who approved it", { by: ALICE }, ["duty_manager"], /You approved it: another/],
    ["who has no role for it", {}, ["operator"], /A duty manager or a safety officer reviews it/],
  ] as const)("[ACP-43] is not reviewed by somebody %s", async (_, change, roles, why) => {
    const host = await hostWith([{ row: given(change) }], { roles });
    const { session } = await openPane(host.client, { search: { request: REQUEST_A, state: "all" } });
    await session.checkEnrolled();
    expect(await screen.findByText(why)).toBeVisible();
    expect(screen.queryByRole("form", { name: "Review" })).not.toBeInTheDocument();
  });
});
