import { act, cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LeaseBanner } from "./lease-banner.tsx";
import { NotifyPortsContext } from "./notify-context.ts";
import type { NotifyPorts } from "./notify-ports.ts";
import { muteUntil, type Priority, setSound } from "./notify-settings.ts";
import { fakeHost, showShell } from "./shell.fixture.tsx";

const played: Priority[] = [];
const silent = () => () => undefined;
const ports: NotifyPorts = {
  notices: { permission: () => "denied", ask: async () => "denied", follow: silent, show: () => false, close: silent },
  sounds: { play: (priority: Priority) => void played.push(priority) },
  tabs: { lead: silent, look: silent, lookedAt: async () => new Set<never>(), follow: silent },
};

beforeEach(() => {
  played.length = 0;
  setSound("high", true);
  muteUntil(0);
});
afterEach(() => {
  cleanup();
  localStorage.clear();
});

const nowS = (): number => Math.floor(Date.now() / 1000);

const WID = "0195400c-0000-7000-8000-0000000000a1";

/** A lease of 30 min, asked for in the last 10 min and heard in the last 3. */
function leased(leftS: number, name = "deployer", lapsed = false) {
  const until = nowS() + leftS;
  return {
    agent: `spiffe://console.local/agent/${WID}/${name}`,
    plan: { do: "safe_stop", afterS: 300 },
    declared: true,
    lease: {
      durationS: 1800,
      until,
      promptAt: until - 600,
      soundAt: until - 180,
      lapsed,
      remainingMs: lapsed ? null : leftS * 1000,
    },
    link: null,
    returned: null,
    clockOffsetMs: null,
  };
}

const shown = (leftS: number, at = "/timeline", lapsed = false) =>
  showShell(
    fakeHost({ leases: async () => [leased(leftS, "deployer", lapsed)] }),
    <NotifyPortsContext value={ports}>
      <LeaseBanner />
    </NotifyPortsContext>,
    at,
  );

describe("a lease that runs out", () => {
  it("[L5] is asked for in every view, without a sound at first, with the way to it", async () => {
    shown(500);
    expect(await screen.findByRole("alert")).toHaveTextContent("A lease runs out: deployer.");
    expect(screen.getByRole("link", { name: "Leases and links" }).getAttribute("href")).toMatch(/links=true/);
    expect(played).toEqual([]);
  });

  it("[L5] is heard when it is about to run out, and again when it has", async () => {
    shown(2);
    await waitFor(() => expect(played).toEqual(["high"]));
    await waitFor(() => expect(played).toEqual(["high", "high"]));
    // This page's count is no fact: that it is over the host says.
    expect(screen.getByText("due now")).toBeVisible();
    expect(screen.getByRole("alert")).toHaveTextContent("A lease runs out: deployer.");
  });

  it("[L5] is over when the host says so: nothing new begins, and what is under way may end", async () => {
    shown(0, "/timeline", true);
    expect(await screen.findByRole("alert")).toHaveTextContent("Lease over, it begins nothing new: deployer.");
  });

  it("[L2] is not shown as none when it cannot be read: not known, with the age of what was", async () => {
    let fails = true;
    const leases = async () => {
      if (fails) throw new Error("gone");
      return [];
    };
    const { queries } = showShell(fakeHost({ leases }), <LeaseBanner />);
    expect(await screen.findByRole("alert")).toHaveTextContent("Whether a lease runs out is not known");
    fails = false;
    await act(async () => screen.getByRole("button", { name: "Try again" }).click());
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    fails = true;
    await act(() => queries.invalidateQueries());
    expect(await screen.findByRole("alert")).toHaveTextContent("Whether a lease runs out is not known");
    expect(screen.getByText(/^last read/)).toBeVisible();
  });

  it("[L5] [A8] is not heard again when another one of those due is renewed", async () => {
    let leases = [leased(100), leased(120, "tester")];
    const { queries } = showShell(
      fakeHost({ leases: async () => leases }),
      <NotifyPortsContext value={ports}>
        <LeaseBanner />
      </NotifyPortsContext>,
      "/timeline",
    );
    expect(await screen.findByText(/1 more lease is due/)).toBeVisible();
    expect(played).toEqual(["high"]);
    leases = [leased(100), leased(1800, "tester")];
    await act(() => queries.invalidateQueries());
    await waitFor(() => expect(screen.queryByText(/1 more lease is due/)).toBeNull());
    expect(played).toEqual(["high"]);
  });

  it("[A11] is not said of whom a quarantine or a stop holds already, and is again once neither does", async () => {
    const builder = { agent: "spiffe://console.local/agent/builder", name: "builder", state: "quarantined", since: 1 };
    const stop = { latched: true, scope: { kind: "workflow", id: WID }, targets: [] };
    let [alarms, signals, leases]: (readonly object[])[] = [[builder], [], [leased(0, "builder", true)]];
    const { queries } = showShell(
      fakeHost({
        leases: async () => leases ?? [],
        alarms: async () => alarms ?? [],
        signals: async () => signals ?? [],
      }),
      <NotifyPortsContext value={ports}>
        <LeaseBanner />
      </NotifyPortsContext>,
      "/timeline",
    );
    const settled = async () => act(async () => void (await queries.invalidateQueries()));
    await settled();
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    // Another agent's lease is said all the same.
    leases = [leased(0, "builder", true), leased(100)];
    await settled();
    expect(await screen.findByRole("alert")).toHaveTextContent("A lease runs out: deployer.");
    expect(screen.queryByText(/more lease/)).toBeNull();
    [alarms, signals] = [[], [stop]];
    await settled();
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    signals = [{ ...stop, latched: false }];
    await settled();
    expect(await screen.findByRole("alert")).toHaveTextContent(
      "Lease over, it begins nothing new: builder. 1 more lease",
    );
  });

  it("[A8] is not heard while sounds are muted, and seen all the same", async () => {
    muteUntil(Date.now() + 60_000);
    shown(100);
    expect(await screen.findByRole("alert")).toHaveTextContent("A lease runs out");
    expect(played).toEqual([]);
  });
});
