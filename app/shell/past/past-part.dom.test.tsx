import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProvider, useApi } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { createConnectionStore } from "../../api/client/connection.ts";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/clock.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { HeadWatchContext } from "../host-status.ts";
import { createHeadWatch } from "../pinned-head.ts";
import { PastPart } from "./past-part.tsx";
import { useAsOf } from "./past-search.ts";

const SIZE = 1000;
const receivedAt = (at: number): number => Date.UTC(2026, 10, 26) / 1000 + at;

/** A host whose queue has as many pending requests as there are entries, and which counts how often it is asked. */
function host() {
  const asked: number[] = [];
  const client = {
    host: { status: async () => ({ position: { domain: "d", size: SIZE, root: "R".repeat(43), atMs: 0 } }) },
    audit: {
      instant: async ({ at, time }: { at?: number; time?: number }) => {
        const meant = at ?? (time ?? 0) - receivedAt(0);
        if (meant > SIZE) throw new Error(`the log has ${SIZE} entries, not ${meant}`);
        return { at: meant, receivedAt: receivedAt(meant), reach: SIZE };
      },
    },
    gate: {
      queue: async ({ at }: { at: number }) => {
        asked.push(at);
        return { rows: [], pending: at };
      },
    },
  };
  return { client: client as unknown as SignalboxClient, asked }; // the operations that are used here
}

/** What a pane does: reads, shows how old something is, links and offers what writes. */
function Pane() {
  const { orpc } = useApi();
  const queue = useQuery(orpc.gate.queue.queryOptions({ input: {} }));
  const now = useNow();
  return (
    <>
      <p>
        {queue.data?.pending ?? "no"} wait at {now / 1000}
      </p>
      <Button variant="primary">Approve</Button>
      <Button>Show more</Button>
      <GoLink to="/control" search={{ signal: "s" }}>
        A signal
      </GoLink>
    </>
  );
}

function Layout() {
  const at = useAsOf();
  return at === null ? <Outlet /> : <PastPart at={at} />;
}

function show(address: string) {
  const { client, asked } = host();
  const root = createRootRoute({ component: Layout });
  const routes = ["/watch", "/control", "/timeline"].map((path) =>
    createRoute({ getParentRoute: () => root, path, component: Pane }),
  );
  const router = createRouter({
    routeTree: root.addChildren(routes),
    history: createMemoryHistory({ initialEntries: [address] }),
  });
  const queries = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  render(
    <QueryClientProvider client={queries}>
      <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
        <HeadWatchContext value={createHeadWatch(() => window.sessionStorage)}>
          {/* The types know the console's own router only. */}
          <RouterProvider router={router as never} />
        </HeadWatchContext>
      </ApiProvider>
    </QueryClientProvider>,
  );
  return { asked, queries, here: () => router.state.location };
}

const wordsAt = (at: number): string =>
  `As of entry ${at - 1}, ${new Date(receivedAt(at) * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC: past`;

beforeEach(() => {
  // jsdom has nothing to scroll.
  vi.spyOn(window, "scrollTo").mockImplementation(() => undefined);
});
afterEach(cleanup);

async function goTo(user: ReturnType<typeof userEvent.setup>, where: string): Promise<void> {
  await user.click(screen.getByLabelText("Entry or time"));
  await user.paste(where);
  await user.keyboard("{Enter}");
}

describe("the console as of an entry", () => {
  it("[XA-43] says so in words and numbers, stands still, and disables what writes, with the reason in its name", async () => {
    const { asked, queries } = show("/watch?wid=w&asof=500");
    expect(await screen.findByText(wordsAt(500))).toBeVisible();
    expect(await screen.findByText(`500 wait at ${receivedAt(500)}`)).toBeVisible();
    expect(screen.getByText(/500 entries since/)).toBeVisible();
    expect(screen.getByText(/stop control is live: it acts on now/)).toBeVisible();
    const approve = screen.getByRole("button", {
      name: "Approve: This is the past, where nothing can be done: return to now.",
    });
    expect(approve).toBeDisabled();
    expect(screen.getByRole("button", { name: "Show more" })).toBeEnabled();
    // What changes now changes nothing here.
    await queries.invalidateQueries({ queryKey: [["gate"]] });
    expect(asked).toEqual([500]);
  });

  it("[XA-44] goes by entry, by a hundredth, to the first and to the newest one", async () => {
    show("/watch?wid=w&asof=500");
    const user = userEvent.setup();
    const slider = await screen.findByRole("slider", { name: "Entry that is shown" });
    slider.focus();
    const goes = async (key: string, at: number): Promise<void> => {
      await user.keyboard(key);
      expect(await screen.findByText(wordsAt(at))).toBeVisible();
      expect(await screen.findByText(`${at} wait at ${receivedAt(at)}`)).toBeVisible();
    };
    await goes("{ArrowLeft}", 499);
    await goes("{PageDown}", 489);
    await goes("{PageUp}", 499);
    await goes("{Home}", 1);
    await goes("{End}", 1000);
  });

  it("[XA-44] [XA-41] goes to a time, keeps it from pane to pane, and returns to the same place now", async () => {
    const { here } = show("/watch?wid=w&asof=500");
    const user = userEvent.setup();
    await screen.findByText(wordsAt(500));
    await goTo(user, `${new Date(receivedAt(321) * 1000).toISOString().slice(0, 19)}Z`);
    expect(await screen.findByText(wordsAt(321))).toBeVisible();
    await user.click(screen.getByRole("link", { name: "A signal" }));
    await waitFor(() => expect(here()).toMatchObject({ pathname: "/control", search: { signal: "s", asof: 321 } }));
    await user.click(screen.getByRole("button", { name: "Back to now" }));
    await waitFor(() => expect(here()).toMatchObject({ pathname: "/control", search: { signal: "s" } }));
    expect(here().search).not.toHaveProperty("asof");
    expect(screen.getByRole("button", { name: "Approve" })).toBeEnabled();
  });

  it("[XA-41] [XA-44] has the way to an entry or a time behind a button where there is little room, for the keyboard as well", async () => {
    show("/watch?wid=w&asof=500");
    const user = userEvent.setup();
    const opener = await screen.findByRole("button", { name: "Go to …" });
    expect(opener).toHaveAttribute("aria-expanded", "false");
    opener.focus();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.getByLabelText("Entry or time")).toHaveFocus());
    expect(opener).toHaveAttribute("aria-expanded", "true");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(opener).toHaveFocus());
    expect(opener).toHaveAttribute("aria-expanded", "false");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.getByLabelText("Entry or time")).toHaveFocus());
    await user.paste("122");
    await user.keyboard("{Enter}");
    expect(await screen.findByText(wordsAt(123))).toBeVisible();
    await waitFor(() => expect(opener).toHaveAttribute("aria-expanded", "false"));
  });

  it("[XA-43] keeps what is shown under its own mark where another entry cannot be shown", async () => {
    show("/watch?asof=500");
    await screen.findByText(wordsAt(500));
    const user = userEvent.setup();
    await goTo(user, "1,000");
    expect(await screen.findByText("the log has 1000 entries, not 1001")).toBeVisible();
    expect(screen.getByText(wordsAt(500))).toBeVisible();
  });

  it("[XA-43] says of a pane that shows the log that it shows now, and disables nothing there", async () => {
    show("/timeline?asof=500");
    expect(await screen.findByText(/This view shows now, not the past/)).toBeVisible();
    expect(await screen.findByRole("button", { name: "Approve" })).toBeEnabled();
  });
});
