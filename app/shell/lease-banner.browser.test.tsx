import { cleanup, screen, waitFor } from "@testing-library/react";
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

/** A lease of 30 min, asked for in the last 10 min and heard in the last 3. */
function leased(leftS: number) {
  const until = nowS() + leftS;
  return {
    agent: "spiffe://console.local/agent/0195400c-0000-7000-8000-0000000000a1/deployer",
    plan: { do: "safe_stop", afterS: 300 },
    declared: true,
    lease: {
      durationS: 1800,
      until,
      promptAt: until - 600,
      soundAt: until - 180,
      lapsed: false,
      remainingMs: leftS * 1000,
    },
    link: null,
    returned: null,
    clockOffsetMs: null,
  };
}

const shown = (leftS: number, at = "/timeline") =>
  showShell(
    fakeHost({ leases: async () => [leased(leftS)] }),
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
    await waitFor(() => expect(screen.getByRole("alert")).toHaveTextContent("Lease over, agent paused: deployer."), {
      timeout: 5000,
    });
    expect(played).toEqual(["high", "high"]);
  });

  it("[A8] is not heard while sounds are muted, and seen all the same", async () => {
    muteUntil(Date.now() + 60_000);
    shown(100);
    expect(await screen.findByRole("alert")).toHaveTextContent("A lease runs out");
    expect(played).toEqual([]);
  });
});
