import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { ApiProvider } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { createConnectionStore } from "../api/client/connection.ts";
import type { OverrideSignal } from "../api/contract/override.ts";
import { EscalationBanner, lostOf } from "./escalation-banner.tsx";
import { violatedStops } from "./notify-facts.ts";

const rung = (of: OverrideSignal["ladder"]["rungs"][number]["rung"], at: number, agents: readonly string[]) => ({
  rung: of,
  at,
  seq: at,
  agents: [...agents],
  violated: [],
});
const UNKNOWN = {
  status: "commanded",
  acknowledgedAtMs: null,
  verifiedAtMs: null,
  violatedAtMs: null,
  terminatedAtMs: null,
};
const signal = (jti: string, change: object): OverrideSignal =>
  ({
    jti,
    action: "pause",
    latched: false,
    inForce: true,
    targets: ["a:1", "a:2"].map((agent) => ({ ...UNKNOWN, agent, name: `Agent ${agent.at(-1)}` })),
    ladder: { rungs: [], next: null },
    ...change,
  }) as unknown as OverrideSignal; // What is read of a signal here.

const lost = signal("p1", { ladder: { rungs: [rung("isolate", 5, ["a:2"]), rung("alert", 6, ["a:2"])], next: null } });

describe("the end of an escalation ladder", () => {
  it("[OVR-33] is told in every view: who does not follow which order, and where to look", async () => {
    const client = {
      override: { list: async () => ({ signals: [signal("p0", {}), lost] }) },
    } as unknown as SignalboxClient; // a proxy's type, which no plain object has
    render(
      <QueryClientProvider client={new QueryClient()}>
        <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
          <EscalationBanner />
        </ApiProvider>
      </QueryClientProvider>,
    );
    expect(await screen.findByRole("alert")).toHaveTextContent("An order is not followed: Agent 2 under a pause.");
    expect(screen.getByRole("link", { name: "Open control" })).toBeInTheDocument();
  });

  it("[OVR-33] counts only what is in force still and has come to the last rung, newest first", () => {
    const over = signal("p2", { inForce: false, ladder: lost.ladder });
    const climbing = signal("p3", { ladder: { rungs: [rung("resend", 9, ["a:1"])], next: null } });
    const later = signal("p4", { ladder: { rungs: [rung("alert", 9, ["a:1"])], next: null } });
    expect(lostOf([over, climbing, lost, later]).map(({ signal: { jti }, agents }) => [jti, agents])).toEqual([
      ["p4", ["a:1"]],
      ["p1", ["a:2"]],
    ]);
  });

  it("[OVR-33] [S7] ends with what is known of the agents now, not with the order", () => {
    const stop = (change: object) =>
      signal("s1", {
        ...{ action: "stop", latched: true, ladder: lost.ladder },
        targets: [{ ...UNKNOWN, agent: "a:2", name: "Agent 2", ...change }],
      });
    const isTold = (change: object): boolean => lostOf([stop(change)]).length === 1;
    expect(isTold({})).toBe(true);
    expect(isTold({ status: "verified", verifiedAtMs: 7000 })).toBe(false);
    expect(isTold({ terminatedAtMs: 7000 })).toBe(false);
    expect(isTold({ status: "acknowledged", acknowledgedAtMs: 7000 })).toBe(false);
    expect(isTold({ status: "violated", violatedAtMs: 7000, acknowledgedAtMs: 6000, verifiedAtMs: 6500 })).toBe(true);
  });

  it("[OVR-33] makes a notice of it, also where nothing was seen to go on", () => {
    expect(violatedStops([lost])).toEqual([{ jti: "p1", violated: 1, silent: 1, targets: 2 }]);
    expect(violatedStops([signal("p3", {})])).toEqual([]);
    const targets = [{ ...UNKNOWN, agent: "a:2", name: "Agent 2", status: "verified", verifiedAtMs: 7000 }];
    expect(violatedStops([signal("p1", { ladder: lost.ladder, targets })])).toEqual([]);
  });
});
