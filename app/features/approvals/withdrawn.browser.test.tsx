import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { REQUEST_A, REQUEST_B } from "./approvals.fixture.ts";
import { type Held, hostWith, openPane } from "./pane.fixture.tsx";

beforeEach(() => page.viewport(1280, 800));
afterEach(cleanup);

type Why = NonNullable<Held["detail"]["row"]["withdrawn"]>;
function withdraw(one: Held | undefined, withdrawn: Why): void {
  if (one === undefined) throw new Error("a request is held");
  one.detail = { ...one.detail, row: { ...one.detail.row, state: "withdrawn", withdrawn, remainingMs: null } };
}
const reversible = { consequence: "reversible", reasonRequired: true } as const;

describe("a request that its agent took back", { timeout: 60_000 }, () => {
  it.each([
    ["r", "Sign rejection"],
    ["s", "Shelve"],
  ] as const)(
    "[ACP-39] ends at once while it is looked at, with what was being written by %s, and says so",
    async (key, button) => {
      const host = await hostWith([{ row: reversible }]);
      const { notice } = await openPane(host.client, { search: { request: REQUEST_A } });
      await waitFor(() => expect(screen.getByRole("button", { name: /^Approve …$/ })).toBeEnabled());
      await user.keyboard(key);
      expect(await screen.findByRole("button", { name: button })).toBeVisible();
      withdraw(host.held[0], "cancelled");
      await notice();
      const outcome = await screen.findByRole("region", { name: "Outcome" });
      expect(within(outcome).getByRole("status")).toHaveTextContent(
        /^Settled meanwhile: withdrawn by its agent ?The task that called it is over\. Nothing runs by this request/,
      );
      expect(screen.queryByRole("region", { name: "Decision" })).not.toBeInTheDocument();
      expect(screen.queryByRole("button", { name: button })).not.toBeInTheDocument();
      await user.keyboard("a");
      expect(host.tokens).toHaveLength(0);
    },
  );

  it("[ACP-39] is found by its state, and says which way it was settled", async () => {
    const host = await hostWith([
      { row: { ...reversible, request: REQUEST_A } },
      { row: { ...reversible, request: REQUEST_B } },
    ]);
    withdraw(host.held[0], "answered_elsewhere");
    const { url } = await openPane(host.client, { search: { request: REQUEST_A } });
    await user.selectOptions(await screen.findByRole("combobox", { name: "State" }), "Withdrawn");
    expect(url.search.state).toBe("withdrawn");
    const list = screen.getByRole("listbox", { name: "Requests" });
    await waitFor(() => expect(within(list).getAllByRole("option")).toHaveLength(1));
    expect(within(list).getByRole("option")).toHaveTextContent("withdrawn by its agent");
    expect(await screen.findByText(/It was answered elsewhere\./)).toBeVisible();
  });
});
