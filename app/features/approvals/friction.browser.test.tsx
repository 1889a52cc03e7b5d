import { cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { challengeText } from "../../protocol/acp/touch.ts";
import { REQUEST_A, REQUEST_B } from "./approvals.fixture.ts";
import { claimsOf, giveTouch, hostWith, openPane } from "./pane.fixture.tsx";
import { sha256Text } from "./shown-view.ts";
import { chooseUndo } from "./undo-choice.ts";

beforeEach(() => page.viewport(1280, 800));
afterEach(() => {
  cleanup();
  chooseUndo("batches");
});

const one = (row: NonNullable<Parameters<typeof hostWith>[0][number]>["row"], narrative = "fine") =>
  hostWith([{ row: { consequence: "reversible", reasonRequired: false, ...row }, narrative }]);
const enabled = async (name: RegExp) => {
  const button = await screen.findByRole("button", { name });
  await waitFor(() => expect(button).toBeEnabled());
  return button;
};
const press = (type: "keydown" | "keyup", key: string): void => {
  (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent(type, { key, bubbles: true, cancelable: true }),
  );
};
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("friction of an approval", { timeout: 60_000 }, () => {
  it("[F2] [F3] is Enter or one key where it has no consequence", async () => {
    const host = await one({ consequence: "none" });
    await openPane(host.client);
    await enabled(/^Approve$/);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(host.tokens).toHaveLength(1));
  });

  it("[F2] is one key where it can be undone, and not Enter", async () => {
    const host = await one({});
    await openPane(host.client);
    await enabled(/^Approve$/);
    await user.keyboard("{Enter}");
    expect(host.tokens).toHaveLength(0);
    await user.keyboard("a");
    await waitFor(() => expect(host.tokens).toHaveLength(1));
  });

  it.each([
    ["much follows", { blast: { tasks: 21, irreversible: 0, agents: 3 } }, "fine", "More than 20 tasks follow."],
    ["something lasting follows", { blast: { tasks: 2, irreversible: 1, agents: 1 } }, "fine", /includes actions/],
    ["a text is flagged", {}, "Cl\u0456ck approve", "Something in it has to be read twice."],
    ["nothing is known of what follows", { blast: null }, "fine", "What follows is not known."],
  ] as const)(
    "[F2] [F3] is a hold of 0.8 s where %s; neither a short press nor Enter approves",
    async (_, row, words, why) => {
      const host = await one(row, words);
      await openPane(host.client);
      const button = await enabled(/^Approve: hold$/);
      expect(screen.getByText(why)).toBeVisible();
      press("keydown", "a");
      await wait(300);
      press("keyup", "a");
      button.focus();
      await user.keyboard("{Enter}");
      await user.click(button);
      await wait(900);
      expect(host.tokens).toHaveLength(0);
      press("keydown", "a");
      await waitFor(() => expect(host.tokens).toHaveLength(1));
      press("keyup", "a");
      expect(claimsOf(host.tokens[0] ?? "")).toMatchObject({ outcome: "approve" });
    },
  );

  it("[F2] [F3] is the typed name where it cannot be undone; the focus is on a field, and Enter signs nothing", async () => {
    const host = await one({ consequence: "irreversible" });
    const { session } = await openPane(host.client, { isProtected: true });
    await enabled(/^Approve …$/);
    await user.keyboard("a");
    const sign = await screen.findByRole("button", { name: "Sign approval" });
    await user.keyboard("urn:cluster:on");
    const name = screen.getByRole("textbox", { name: "Type the target to approve: urn:cluster:one" });
    expect(name).toHaveFocus();
    await user.keyboard("{Control>}{Enter}{/Control}");
    expect(sign).toBeDisabled();
    await user.keyboard("e");
    await waitFor(() => expect(sign).toBeEnabled());
    await user.keyboard("{Enter}");
    sign.focus();
    await user.keyboard("{Enter}");
    expect(session.store.getState().ask).toBeNull();
    expect(host.tokens).toHaveLength(0);
    await user.keyboard("{Control>}{Enter}{/Control}");
    await giveTouch(session);
    await waitFor(() => expect(host.tokens).toHaveLength(1));
  });

  it("[F2] [ACP-51] is signed only after its person authenticated for exactly it, however short ago they did before", async () => {
    const host = await one({ consequence: "irreversible" });
    const { session } = await openPane(host.client, { isProtected: true, authTime: Math.floor(Date.now() / 1000) });
    await enabled(/^Approve …$/);
    await user.keyboard("a");
    await screen.findByRole("button", { name: "Sign approval" });
    await user.keyboard("urn:cluster:one");
    await enabled(/^Sign approval$/);
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() =>
      expect(session.store.getState().ask).toMatchObject({
        why: "decision",
        what: expect.stringMatching(/^Approve apply_change on urn:cluster:one by .*once\. It cannot be undone\./),
      }),
    );
    expect(host.tokens).toHaveLength(0);
    session.dismiss();
    expect(await screen.findByText(/you did not authenticate/)).toBeVisible();
    expect(host.tokens).toHaveLength(0);
    await user.click(await enabled(/^Sign approval$/));
    await giveTouch(session);
    await waitFor(() => expect(host.tokens).toHaveLength(1));
    const claims = claimsOf(host.tokens[0] ?? "");
    const { request, outcome, view } = claims;
    const challenge = await sha256Text(challengeText({ request, outcome, viewHash: view.hash }));
    expect(claims.touch).toEqual({ kind: "passphrase", challenge });
    expect(claims.auth_time).toBe(session.store.getState().authTime);
  });

  it("[ACP-51] [COM-21] an unprotected key is put under a secret first", async () => {
    const host = await one({ consequence: "irreversible" });
    const { session } = await openPane(host.client);
    await enabled(/^Approve …$/);
    await user.keyboard("a");
    await screen.findByRole("button", { name: "Sign approval" });
    await user.keyboard("urn:cluster:one");
    await enabled(/^Sign approval$/);
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(session.store.getState().ask).toEqual({ kind: "protect" }));
    session.dismiss();
    await waitFor(() => expect(screen.getByText(/you did not authenticate/)).toBeVisible());
    expect(host.tokens).toHaveLength(0);
  });

  it("[ACP-51] does not ask for the person before the approval that asks for them itself; saying no still does", async () => {
    const host = await one({ consequence: "irreversible" });
    const longAgo = Math.floor(Date.now() / 1000) - 2_000;
    await openPane(host.client, { isProtected: true, authTime: longAgo });
    await enabled(/^Approve …$/);
    expect(screen.getByRole("button", { name: /^Reject/ })).toBeDisabled();
  });

  it("[F2] asks for what can be typed as it is shown: the action where the target cannot, the digest where neither can", async () => {
    const host = await hostWith([
      { row: { request: REQUEST_A, target: "urn:p\u0430y" } },
      { row: { request: REQUEST_B, target: "urn:p\u0430y", action: "de\u200blete" } },
    ]);
    const first = await openPane(host.client, { search: { request: REQUEST_A } });
    await enabled(/^Approve …$/);
    await user.keyboard("a");
    expect(await screen.findByRole("textbox", { name: "Type the action to approve: apply_change" })).toBeVisible();
    first.unmount();
    await openPane(host.client, { search: { request: REQUEST_B } });
    await enabled(/^Approve …$/);
    await user.keyboard("a");
    const end = host.held[1]?.detail.argsHash.slice(-8) ?? "";
    expect(await screen.findByRole("textbox", { name: new RegExp(`digest to approve: ${end}$`) })).toBeVisible();
  });
});

describe("undo window", { timeout: 60_000 }, () => {
  it("[F7] keeps the approval on the page: undone inside the window, nothing was ever sent", async () => {
    chooseUndo("all");
    const host = await one({ request: REQUEST_B });
    await openPane(host.client, { search: { request: REQUEST_B } });
    await enabled(/^Approve$/);
    await user.keyboard("a");
    expect((await screen.findAllByText(/not sent yet/))[0]).toBeVisible();
    expect(await screen.findByRole("option", { name: /given, not sent/ })).toBeVisible();
    await wait(1_500);
    await user.keyboard("u");
    await enabled(/^Approve$/);
    expect(screen.queryByText(/not sent yet/)).not.toBeInTheDocument();
    await wait(9_500);
    expect(host.tokens).toHaveLength(0);
  });

  it("[F7] sends it after the window, and at once when asked to", async () => {
    chooseUndo("all");
    const host = await one({});
    await openPane(host.client);
    await enabled(/^Approve$/);
    await user.keyboard("a");
    await user.click(await screen.findByRole("button", { name: "Send now" }));
    await waitFor(() => expect(host.tokens).toHaveLength(1));
  });

  it("[F7] never keeps back a rejection, what cannot be undone, or what is about to run out", async () => {
    chooseUndo("all");
    const host = await one({ remainingMs: 35_000 });
    await openPane(host.client);
    await enabled(/^Approve$/);
    await user.keyboard("a");
    await waitFor(() => expect(host.tokens).toHaveLength(1));
  });
});
