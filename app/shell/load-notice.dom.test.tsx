import { defaultScheduler, notifyManager } from "@tanstack/react-query";
import { act, cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { SignalboxClient } from "../api/client/client.ts";
import { signedIn } from "../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../operator/signed-in-pane.fixture.tsx";
import { CALM, type Crossing, crossed } from "./load-crossing.ts";
import { LoadNotice } from "./load-notice.tsx";

// Each answer is shown by itself: two of them in one rendering are one.
beforeEach(() => notifyManager.setScheduler(queueMicrotask));
afterEach(() => notifyManager.setScheduler(defaultScheduler));
afterEach(cleanup);

it("[A1] [A12] a load is over above 12 an hour, and over no more at 9: about the limit it is said once", () => {
  let now: Crossing = CALM;
  const said = [12, 12.1, 11, 13, 9.1, 12, 9, 12, 13].map((each) => {
    const before = now;
    now = crossed(now, each);
    return now.isOver && !before.isOver;
  });
  expect(said.map((is, at) => (is ? at : null)).filter((at) => at !== null)).toEqual([1, 8]);
  expect(crossed({ isOver: true, isAside: true }, 20)).toEqual({ isOver: true, isAside: true });
  expect(crossed({ isOver: true, isAside: true }, 3)).toBe(CALM);
});

it("[A1] [A12] says once and quietly what asks for most, leads to Attention, and is put aside until it is crossed anew", async () => {
  const load = { each: 14 };
  const demand = {
    kind: "request",
    priority: "low",
    at: 1,
    seq: 9,
    about: "deploy\u202e_site",
    agent: "spiffe://a/b/deployer",
  };
  const client = {
    identity: { describe: async () => ({ operators: [] }) },
    attention: {
      now: async () => ({
        position: {},
        lastHour: { demands: 28, operators: 2, each: load.each },
        most: { demand, count: 20 },
      }),
    },
  } as unknown as SignalboxClient; // a proxy's type, which no plain object has
  const session = await signedIn(client, {
    ...{ subject: "spiffe://console.local/human/ada", name: "Ada" },
    ...{ logId: "l:og", pepId: "p:ep" },
  });
  const queries = renderSignedIn(client, session, <LoadNotice firstMs={0} />);
  const again = async (each: number): Promise<void> => {
    load.each = each;
    // What was read is told in a timer of its own: two readings are never shown as one.
    await act(async () => {
      await queries.invalidateQueries();
      await new Promise((told) => setTimeout(told));
    });
  };
  expect(await screen.findByRole("status")).toHaveTextContent(
    "More than 12 things an hour are asked of each operator.",
  );
  expect(screen.queryByRole("alert")).toBeNull();
  // The agent's words stay on their side of it.
  expect(document.body).toHaveTextContent(
    /14 in the last hour \(28, 2 there\)\. 20 of them: request, deploy[^_]+_site by deployer\./,
  );
  expect(document.body.textContent).not.toContain("\u202e");
  expect(screen.getByRole("link", { name: "What asks for it" })).toHaveAttribute(
    "href",
    expect.stringContaining("view=attention"),
  );
  await userEvent.click(screen.getByRole("button", { name: "Put aside" }));
  expect(screen.queryByRole("status")).toBeNull();
  await again(11);
  await again(30);
  expect(screen.queryByRole("status")).toBeNull();
  await again(2);
  await again(13);
  await waitFor(() => expect(screen.getByRole("status")).toBeVisible());
});
