import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { userEvent as user } from "vitest/browser";
import { gateRow, REQUEST_A, REQUEST_B, REQUEST_C } from "../features/approvals/approvals.fixture.ts";
import type { StoredOperator } from "../operator/key-store.ts";
import { generateSigner } from "../protocol/jose/keys.ts";
import { NotifyBell } from "./notify-bell.tsx";
import { NotifyPortsContext } from "./notify-context.ts";
import { NotifyFollower } from "./notify-follower.tsx";
import type { NoticePermission, NoticeToShow } from "./notify-ports.ts";
import { notifySettings, type Priority } from "./notify-settings.ts";
import { browserTabs } from "./notify-tabs.ts";
import { countText, PageTitle } from "./notify-title.tsx";
import { openOverlay } from "./overlays.ts";
import { paneKeys } from "./pane-host.tsx";
import { type FakeHost, fakeHost, showShell } from "./shell.fixture.tsx";

const ADA = "spiffe://console.local/human/ada";
const STOP = {
  jti: "0195400c-0000-7000-8000-0000000000d1",
  latched: true,
  at: 1_772_064_000,
  ladder: { rungs: [], next: null },
  targets: [
    { status: "violated", violatedAtMs: 5, acknowledgedAtMs: 3, verifiedAtMs: null },
    { status: "verified", violatedAtMs: null, acknowledgedAtMs: 3, verifiedAtMs: 4 },
  ],
};

beforeEach(() => {
  localStorage.clear();
  notifySettings.setState(notifySettings.getInitialState(), true);
});
afterEach(() => {
  cleanup();
  act(() => openOverlay(null));
});

/** A browser whose answer to the question is known beforehand; the tabs are the real ones. */
function browser(permission: NoticePermission, answer: NoticePermission = "granted") {
  const listeners = new Set<() => void>();
  const made: NoticeToShow[] = [];
  const closed: string[] = [];
  const played: Priority[] = [];
  const world = { permission, asked: 0, looks: 0, made, closed, played };
  const tabs = browserTabs();
  const ports = {
    notices: {
      permission: () => world.permission,
      ask: async () => {
        world.asked += 1;
        world.permission = answer;
        for (const listener of listeners) listener();
        return answer;
      },
      follow: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      show: (notice: NoticeToShow) => made.push(notice) > 0,
      close: (tag: string) => closed.push(tag),
    },
    sounds: { play: (priority: Priority) => played.push(priority) },
    tabs: {
      ...tabs,
      lookedAt: async () => {
        const panes = await tabs.lookedAt();
        world.looks += 1;
        return panes;
      },
    },
  };
  const wrap = (part: ReactNode): ReactNode => <NotifyPortsContext value={ports}>{part}</NotifyPortsContext>;
  return { world, wrap };
}

async function ada(): Promise<Partial<FakeHost>> {
  const { signer, jwk } = await generateSigner();
  const described = { subject: ADA, name: "Ada", domain: "console.local", logId: "l:og", pepId: "p:ep", authTime: 0 };
  const operator: StoredOperator = { ...described, jwk, signer };
  return { operator, people: async () => [{ subject: ADA, name: "Ada", roles: ["operator"], keys: [] }] };
}

/** Once the bell has its count: its name is what it is pressed by. */
const openMenu = async (name = /^nothing waits, notifications$/) => {
  await user.click(await screen.findByRole("button", { name }));
  return within(await screen.findByRole("dialog", { name: "What waits" }));
};

describe("the bell", { timeout: 60_000 }, () => {
  it("[A10] lists what waits, the most urgent of what one can decide first, each leading to its request", async () => {
    const rows = [
      gateRow({ request: REQUEST_A, action: "for_finance", roles: [{ role: "finance", given: 0, required: 1 }] }),
      gateRow({ request: REQUEST_B, action: "tag\u202Erelease", consequence: "reversible" }),
      gateRow({ request: REQUEST_C, action: "drop_table" }),
    ];
    const { wrap } = browser("granted");
    const host = fakeHost({ ...(await ada()), requests: async () => rows, status: async () => ({ pendingGates: 3 }) });
    const { here } = showShell(host, wrap(<NotifyBell />));
    const menu = await openMenu(/^3 waiting, notifications$/);
    const list = await menu.findByRole("list", { name: "Requests, the most urgent first" });
    await waitFor(() =>
      expect([...list.querySelectorAll("a")].map((link) => link.textContent)).toEqual([
        "drop_table",
        "tag‹U+202E›release",
        "for_finance",
      ]),
    );
    expect(within(list).getByText(/asks finance, not you/)).toBeVisible();
    expect(within(list).getAllByText("irreversible")).toHaveLength(2);
    await user.click(within(list).getByRole("link", { name: "drop_table" }));
    await waitFor(() => expect(here()).toMatchObject({ pathname: "/approvals", search: { request: REQUEST_C } }));
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("[L2] never takes a list that could not be read for an empty one", async () => {
    const requests = async (): Promise<never> => {
      throw new Error("gone");
    };
    const { wrap } = browser("granted");
    showShell(fakeHost({ requests }), wrap(<NotifyBell />));
    const menu = await openMenu();
    expect(await menu.findByRole("alert")).toBeVisible();
    expect(menu.queryByText(/Nothing waits/)).toBeNull();
  });

  it("[S7] leads with a stop that was not obeyed", async () => {
    const { wrap } = browser("granted");
    showShell(fakeHost({ signals: async () => [STOP] }), wrap(<NotifyBell />));
    const menu = await openMenu();
    const link = await menu.findByRole("link", { name: "VIOLATED: 1 of 2 acted after a stop" });
    expect(link).toHaveAttribute("href", `/control?signal=${STOP.jti}`);
  });

  it("asks the browser only after a press, and turns on what was allowed", async () => {
    const { wrap, world } = browser("unasked");
    showShell(fakeHost(), wrap(<NotifyBell />));
    const menu = await openMenu();
    const turnOn = await menu.findByRole("button", { name: "Turn on notifications …" });
    expect(world.asked).toBe(0);
    await user.click(turnOn);
    expect(await menu.findByRole("checkbox", { name: "Show notifications" })).toBeChecked();
    expect(world.asked).toBe(1);
    expect(localStorage.getItem("signalbox.notify")).toBe("on");
    await user.click(menu.getByRole("checkbox", { name: "Show notifications" }));
    expect(localStorage.getItem("signalbox.notify")).toBe("off");
  });

  it.each([
    { permission: "denied", says: /open the settings of this page/ },
    { permission: "unsupported", says: /shows no notifications for a page/ },
    { permission: "insecure", says: /only for pages that came over a secure connection/ },
  ] as const)("says why there are none and what helps: $permission", async ({ permission, says }) => {
    const { wrap } = browser(permission);
    showShell(fakeHost(), wrap(<NotifyBell />));
    const menu = await openMenu();
    expect(await menu.findByText(says)).toBeVisible();
    expect(menu.queryByRole("button", { name: /Turn on/ })).toBeNull();
  });

  it("[A8] has a sound of its own for each priority, off until turned on, each to be tried", async () => {
    const { wrap, world } = browser("granted");
    showShell(fakeHost(), wrap(<NotifyBell />));
    const menu = await openMenu();
    const names = [/^A stop was not obeyed/, /^Irreversible, or less than 2 min left/, /^Any other request/];
    for (const name of names) {
      expect(await menu.findByRole("checkbox", { name })).not.toBeChecked();
      await user.click(menu.getByRole("button", { name: new RegExp(`Try: ${name.source.slice(1)}`) }));
    }
    expect(world.played).toEqual(["stop", "high", "normal"]);
    await user.click(menu.getByRole("checkbox", { name: /^Irreversible/ }));
    expect(notifySettings.getState().sounds).toEqual({ stop: false, high: true, normal: false });
    expect(localStorage.getItem("signalbox.sound-high")).toBe("on");
  });

  it("[A3] [A8] mutes for a time that is shown, on the bell as well, and can be ended", async () => {
    const { wrap } = browser("granted");
    showShell(fakeHost(), wrap(<NotifyBell />));
    const menu = await openMenu();
    await user.click(await menu.findByRole("button", { name: "Mute for 1 h" }));
    expect(await menu.findByText(/^Muted, (1 h 00 min|59 min \d\d s) left\.$/)).toBeVisible();
    expect(document.querySelector('button[aria-keyshortcuts="w"]')).toHaveAccessibleName(/notifications muted$/);
    expect(Number(localStorage.getItem("signalbox.muted-until")) - Date.now()).toBeLessThanOrEqual(3_600_000);
    const end = menu.getByRole("button", { name: "End the mute" });
    // The button that was pressed is gone, and the menu has the keys all the same.
    await waitFor(() => expect(end).toHaveFocus());
    await user.click(end);
    await waitFor(() => expect(menu.getByRole("button", { name: "Mute for 15 min" })).toHaveFocus());
  });
});

describe("the offer of notifications", { timeout: 60_000 }, () => {
  const offer = () => screen.queryByRole("region", { name: "Offer of notifications" });

  it("is made in the approvals when something waits, and not again once it was declined", async () => {
    const { wrap, world } = browser("unasked");
    const host = fakeHost({ ...(await ada()), requests: async () => [gateRow()] });
    const { router } = showShell(host, wrap(<NotifyFollower />), "/watch");
    await waitFor(() => expect(router.state.status).toBe("idle"));
    expect(offer()).toBeNull();
    await act(() => router.navigate({ to: "/approvals" }));
    await waitFor(() => expect(offer()).not.toBeNull());
    await user.click(screen.getByRole("button", { name: "No, thanks" }));
    await waitFor(() => expect(offer()).toBeNull());
    expect([world.asked, localStorage.getItem("signalbox.notify")]).toEqual([0, "declined"]);
  });

  it("asks the browser when it is taken", async () => {
    const { wrap, world } = browser("unasked", "denied");
    const host = fakeHost({ ...(await ada()), requests: async () => [gateRow()] });
    showShell(host, wrap(<NotifyFollower />), "/approvals");
    await user.click(await screen.findByRole("button", { name: "Turn on notifications …" }));
    await waitFor(() => expect(offer()).toBeNull());
    expect([world.asked, notifySettings.getState().choice]).toEqual([1, null]);
  });
});

describe("what follows the queue", { timeout: 60_000 }, () => {
  it("[J2] [A10] notifies of a new request that one can decide, leads to it, and reads out the count once", async () => {
    const { wrap, world } = browser("granted");
    let rows: object[] = [];
    const host = fakeHost({ ...(await ada()), requests: async () => rows });
    const { queries, here } = showShell(host, wrap(<NotifyFollower />), "/watch");
    const renew = () => act(() => queries.invalidateQueries({ queryKey: [["gate"]] }));
    const leads = async () => (await navigator.locks.query()).held?.some(({ name }) => name === "signalbox-notify");
    await waitFor(async () => expect(await leads()).toBe(true));
    await waitFor(() => expect(queries.isFetching()).toBe(0));
    // It has looked once at what waits already, with everything read.
    const { looks } = world;
    act(() => notifySettings.setState({ choice: "on" }));
    await waitFor(() => expect(world.looks).toBeGreaterThan(looks));
    rows = [
      gateRow({ request: REQUEST_A, action: "drop_table" }),
      gateRow({ request: REQUEST_B, roles: [{ role: "finance", given: 0, required: 1 }] }),
    ];
    await renew();
    await waitFor(() => expect(world.made.map(({ tag }) => tag)).toEqual([REQUEST_A]));
    expect(world.made[0]?.body).toMatch(/^Action: drop_table\n/);
    await waitFor(() => expect(screen.getByText("2 requests wait")).toHaveAttribute("aria-live", "polite"));
    act(() => world.made[0]?.onPress());
    await waitFor(() => expect(here()).toMatchObject({ pathname: "/approvals", search: { request: REQUEST_A } }));
  });
});

describe("the title", { timeout: 60_000 }, () => {
  it("[L2] carries how many requests wait, and says when that is not known", async () => {
    act(() => paneKeys.setState({ title: "Watch", keys: [] }));
    showShell(fakeHost({ status: async () => ({ pendingGates: 3 }) }), <PageTitle />);
    await waitFor(() => expect(document.title).toBe("(3) Watch · Signalbox"));
    cleanup();
    showShell(fakeHost(), <PageTitle />);
    await waitFor(() => expect(document.title).toBe("Watch · Signalbox"));
    cleanup();
    const gone = async (): Promise<never> => {
      throw new Error("gone");
    };
    showShell(fakeHost({ status: gone }), <PageTitle />);
    await waitFor(() => expect(document.title).toBe("(?) Watch · Signalbox"));
  });

  it("[L1] marks a count that is old", () => {
    expect([countText(3, false), countText(3, true), countText(0, false), countText(0, true)]).toEqual([
      "3",
      "3?",
      "",
      "?",
    ]);
  });
});
