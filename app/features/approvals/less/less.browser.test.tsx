import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { challengeText } from "../../../protocol/acp/touch.ts";
import { REQUEST_A } from "../approvals.fixture.ts";
import { claimsOf, giveTouch, hostWith, openPane } from "../pane.fixture.tsx";
import { sha256Text } from "../shown-view.ts";

beforeEach(() => page.viewport(1280, 800));
afterEach(cleanup);

type Row = NonNullable<Parameters<typeof hostWith>[0][number]>["row"];
const one = (row: Row = {}) =>
  hostWith([{ row: { offersModify: true, consequence: "reversible", reasonRequired: false, ...row } }]);
const field = () => screen.findByRole("textbox", { name: "Arguments to approve instead" });
/** Two replicas less, and one step of two. */
const LESS = '{"replicas":1,"service":"billing","steps":["apply"]}';

async function begin(): Promise<HTMLElement> {
  const approve = await screen.findByRole("button", { name: /^Approve( …|: hold)?$/ });
  await waitFor(() => expect(approve).toBeEnabled());
  await user.keyboard("l");
  return field();
}

describe("approving less than was asked for", { timeout: 60_000 }, () => {
  it("[ACP-36] [C1] signs exactly the arguments, digest and difference that are shown", async () => {
    const host = await one();
    const { url, choose } = await openPane(host.client);
    const args = await begin();
    expect(args).toHaveFocus();
    const sign = screen.getByRole("button", { name: "Sign changed approval" });
    expect(screen.getByText(/^Nothing is changed yet/)).toBeVisible();
    expect(sign).toBeDisabled();
    await user.fill(args, LESS);
    const instead = await screen.findByRole("region", { name: "What is approved instead" });
    expect(within(instead).getByRole("row", { name: "replicas 3 1" })).toBeVisible();
    expect(within(instead).getByRole("row", { name: /steps\[0\] "drain" not there/ })).toBeVisible();
    const digest = await sha256Text(LESS);
    expect(await within(instead).findByRole("button", { name: new RegExp(digest.slice(0, 4)) })).toBeVisible();
    await waitFor(() => expect(sign).toBeEnabled());
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(host.tokens).toHaveLength(1));
    expect(claimsOf(host.tokens[0] ?? "")).toMatchObject({
      outcome: "modify",
      modified: { args_hash: digest, args: JSON.parse(LESS) },
      bind: { args_hash: host.held[0]?.detail.argsHash },
    });
    choose({ request: REQUEST_A, state: "all" });
    const outcome = await screen.findByRole("region", { name: "Outcome" });
    expect(outcome).toHaveTextContent("approved with changes");
    expect(outcome).toHaveTextContent("Only the changed arguments may run, once");
    const approved = within(outcome).getByRole("region", { name: "What was approved instead" });
    expect(within(approved).getByRole("row", { name: "replicas 3 1" })).toBeVisible();
    expect(screen.getByText("As they were asked for. Less was approved; see below.")).toBeVisible();
    expect(url.search.request).toBe(REQUEST_A);
  });

  it("[ACP-36] names the place that asks for something else while it is written, and signs nothing of it", async () => {
    const host = await one();
    await openPane(host.client);
    const args = await begin();
    const sign = screen.getByRole("button", { name: "Sign changed approval" });
    for (const [text, words] of [
      [LESS.replace("1", "9"), /“replicas” asks for something else/],
      [LESS.replace("billing", "payroll"), /“service” asks for something else/],
      ["{", /This is not JSON/],
    ] as const) {
      await user.fill(args, text);
      expect(await screen.findByText(words)).toBeVisible();
      expect(args).toHaveAttribute("aria-invalid", "true");
      expect(screen.queryByRole("region", { name: "What is approved instead" })).not.toBeInTheDocument();
      expect(sign).toBeDisabled();
      await user.keyboard("{Control>}{Enter}{/Control}");
    }
    expect(host.tokens).toHaveLength(0);
  });

  it("[ACP-51] [ACP-36] is touched for these very arguments where it cannot be undone", async () => {
    const host = await one({ consequence: "irreversible" });
    const { session } = await openPane(host.client, { isProtected: true });
    await user.fill(await begin(), LESS);
    const sign = screen.getByRole("button", { name: "Sign changed approval" });
    expect(sign).toBeDisabled();
    await user.fill(screen.getByRole("textbox", { name: /^Type the target to approve/ }), "urn:cluster:one");
    await waitFor(() => expect(sign).toBeEnabled());
    sign.focus();
    await user.keyboard("{Enter}");
    expect(session.store.getState().ask).toBeNull();
    await user.keyboard("{Control>}{Enter}{/Control}");
    await giveTouch(session);
    await waitFor(() => expect(host.tokens).toHaveLength(1));
    const { request, outcome, view, touch } = claimsOf(host.tokens[0] ?? "");
    const argsHash = await sha256Text(LESS);
    const challenge = await sha256Text(challengeText({ request, outcome, viewHash: view.hash, argsHash }));
    expect(outcome).toBe("modify");
    expect(touch).toEqual({ kind: "passphrase", challenge });
  });

  it("[F2] takes the same hold as an approval of the same risk", async () => {
    const host = await one({ blast: { tasks: 21, irreversible: 0, agents: 2 } });
    await openPane(host.client);
    await user.fill(await begin(), LESS);
    const sign = await screen.findByRole("button", { name: "Sign changed approval: hold" });
    await waitFor(() => expect(sign).toBeEnabled());
    await user.click(sign);
    expect(host.tokens).toHaveLength(0);
  });

  it("[ACP-36] [D4] is not there where the request does not offer it or several people approve", async () => {
    const host = await one({ offersModify: false });
    await openPane(host.client);
    const more = await screen.findByRole("button", { name: "More …" });
    await waitFor(() => expect(screen.getByRole("button", { name: /^Approve$/ })).toBeEnabled());
    await user.keyboard("l");
    expect(screen.queryByRole("textbox", { name: "Arguments to approve instead" })).not.toBeInTheDocument();
    await user.click(more);
    const menu = await screen.findByRole("dialog", { name: "Other decisions" });
    expect(within(menu).queryByRole("button", { name: /Approve less/ })).not.toBeInTheDocument();
  });
});
