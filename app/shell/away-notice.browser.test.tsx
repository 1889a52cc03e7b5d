import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { userEvent as user } from "vitest/browser";
import { AwayNotice } from "./away-notice.tsx";
import { fakeHost, showShell } from "./shell.fixture.tsx";

afterEach(cleanup);

/** The log as it was when the link was lost, by the status of the fixture. */
const SIZE = 120;

function entry(seq: number, severity: string, action = "permitted") {
  return { seq, receivedAt: 1_772_064_000 + seq, typ: "record+jwt", action, outcome: null, severity };
}

/** A console that has seen the host, then lost it and found it again. */
async function reconnected(rows: readonly object[]) {
  const asked: number[] = [];
  const host = fakeHost({
    entries: async (after) => {
      asked.push(after);
      return rows;
    },
  });
  const { connection, queries } = showShell(host, <AwayNotice />);
  await waitFor(() =>
    expect(queries.getQueryCache().findAll({ predicate: ({ state }) => state.data !== undefined })).not.toEqual([]),
  );
  const lose = () => act(() => connection.setState({ state: "lost", sinceMs: Date.now() - 8000 }));
  const find = () => act(() => connection.setState({ state: "leader", sinceMs: Date.now() }));
  return { asked, lose, find };
}

describe("after the link to the host was lost", () => {
  it("[L4] what happened meanwhile is shown, the gravest first, and has to be seen before anything is commanded", async () => {
    const routine = Array.from({ length: 48 }, (_, at) => entry(SIZE + at, "info"));
    const rows = [...routine, entry(170, "notice", "gate_required"), entry(171, "critical", "stop")];
    const { asked, lose, find } = await reconnected(rows);
    lose();
    expect(screen.queryByRole("dialog")).toBeNull();
    find();
    const dialog = await screen.findByRole("dialog", { name: "What happened while this console was away" });
    await waitFor(() => expect(dialog).toHaveTextContent("50 entries came meanwhile, 2 of them more than routine."));
    expect(asked).toEqual([SIZE - 1]);
    const items = within(dialog).getAllByRole("listitem");
    expect(items.map((item) => item.textContent)).toEqual([
      expect.stringMatching(/^criticalstop/),
      expect.stringMatching(/^noticegate required/),
    ]);
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).not.toBeNull();
    await user.click(within(dialog).getByRole("button", { name: "I have seen it" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("[L4] more than was read is never called routine, and what a link leads to can be looked at before it is answered", async () => {
    const { lose, find } = await reconnected(Array.from({ length: 1001 }, (_, at) => entry(SIZE + at, "info")));
    lose();
    find();
    const dialog = await screen.findByRole("dialog", { name: "What happened while this console was away" });
    await waitFor(() => expect(dialog).toHaveTextContent("More than 1,000 entries came meanwhile"));
    expect(dialog).toHaveTextContent("The later ones were not read here");
    expect(screen.queryByText(/all routine/)).toBeNull();
    await user.click(within(dialog).getByRole("link", { name: /^All of it in the Timeline/ }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await user.click(screen.getByRole("button", { name: "Back to what happened" }));
    await user.click(await screen.findByRole("button", { name: "I have seen it" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.queryByRole("button", { name: "Back to what happened" })).toBeNull();
  });

  it("[L4] what is all routine holds nobody up, and is said", async () => {
    const { lose, find } = await reconnected([entry(SIZE, "info"), entry(SIZE + 1, "info")]);
    lose();
    find();
    expect(await screen.findByText("2 entries came meanwhile, all routine.")).toBeTruthy();
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });
});
