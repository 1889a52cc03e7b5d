import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { ApiProvider } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { createConnectionStore } from "../../api/client/connection.ts";
import { WhyButton } from "./why-button.tsx";

const row = (seq: number, typ: string, action: string) => ({
  ...{ domain: "d", seq, receivedAt: 1_772_064_000 + seq, typ, jti: null, iss: null, wid: null, action },
  ...{ outcome: null, task: null, taskName: null, severity: "info", submitter: "x" },
});

afterEach(cleanup);

it("[XA-45] opens the entry that made it so and its causes, with the way to each and to the console as of it", async () => {
  const asked: unknown[] = [];
  const client = {
    audit: {
      why: async (input: unknown) => {
        asked.push(input);
        return {
          entries: [
            { row: row(70, "hitl-decision+jwt", "reject"), distance: 0, causeOf: null, how: "asked" },
            { row: row(64, "hitl-request+jwt", "deploy\u202e<b>"), distance: 1, causeOf: 70, how: "answers" },
            { row: row(0, "wit+jwt", "enrol_key"), distance: 2, causeOf: 64, how: "pred" },
          ],
          more: true,
        };
      },
    },
  } as unknown as SignalboxClient; // the one operation that is called
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
        <WhyButton asked={{ seq: 70 }} what="this request" />
      </ApiProvider>
    </QueryClientProvider>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Why: this request" }));
  const list = await screen.findByRole("list", { name: "Entries that made it so" });
  expect(asked).toEqual([{ seq: 70 }]);
  const [first, second, third] = within(list).getAllByRole("listitem");
  const links = (item: HTMLElement | undefined): (string | null)[] =>
    item === undefined
      ? []
      : within(item)
          .getAllByRole("link")
          .map((link) => link.getAttribute("href"));
  expect(first).toHaveTextContent("made it so");
  expect(links(first)).toEqual(["/timeline?entry=70", "?asof=71", "?asof=70"]);
  expect(second).toHaveTextContent("is what called for entry 70");
  // What an agent wrote is shown as it is.
  expect(second).not.toHaveTextContent("\u202e");
  expect(links(third)).toEqual(["/timeline?entry=0", "?asof=1"]);
  expect(screen.getByText(/more causes further back/)).toBeVisible();
});
