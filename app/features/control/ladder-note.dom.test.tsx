import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { LadderNote } from "./ladder-note.tsx";
import { whomWords } from "./ladder-words.ts";

const agent = (name: string): string => `spiffe://console.local/agent/0195400c-0000-4000-8000-00000000000a/${name}`;
const AT_S = 1_772_064_050;

const UNKNOWN = { status: "commanded", acknowledgedAtMs: null, verifiedAtMs: null, terminatedAtMs: null };

function show(ladder: OverrideSignal["ladder"], action = "pause", facts: object = UNKNOWN) {
  const targets = ["silent", "liar"].map((name) => ({ ...facts, agent: agent(name), name }));
  const signal = { action, ladder, targets } as unknown as OverrideSignal; // What the note reads of a signal.
  return render(<LadderNote signal={signal} readAtMs={Date.now()} />);
}

afterEach(cleanup);

describe("the escalation of a signal", () => {
  it("[OVR-33] says what was done about whom and why, each with its entry, and what comes next by itself", () => {
    show({
      rungs: [
        { rung: "resend", at: AT_S, seq: 60, agents: [agent("silent"), agent("liar")], violated: [agent("liar")] },
        { rung: "enforce", at: AT_S + 10, seq: 64, agents: [agent("silent")], violated: [] },
      ],
      next: { rung: "isolate", agents: 1, remainingMs: 7000 },
    });
    const note = screen.getByRole("region", { name: "Escalation" });
    expect(note).toHaveTextContent("by the host itself");
    const rungs = screen.getAllByRole("listitem");
    expect(rungs.map((row) => row.textContent)).toEqual([
      expect.stringContaining("the pause was sent again over every channel: liar went on against it; silent had not"),
      expect.stringContaining("authority withdrawn at the enforcement point, breakers forced open: silent had not"),
    ]);
    expect(screen.getByRole("link", { name: "entry 64" })).toBeInTheDocument();
    expect(note).toHaveTextContent("Isolated, with its credential revoked, for 1 agent, in");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("[OVR-33] calls for people when nothing is left to be tried", () => {
    show({
      rungs: [{ rung: "alert", at: AT_S, seq: 70, agents: [agent("liar")], violated: [agent("liar")] }],
      next: null,
    });
    expect(screen.getByRole("alert")).toHaveTextContent("this is for people now");
  });

  it("[OVR-33] [S7] calls for nobody any more once the agent is verified, and keeps what was done", () => {
    const rungs = [{ rung: "alert" as const, at: AT_S, seq: 70, agents: [agent("liar")], violated: [] }];
    show({ rungs, next: null }, "stop", { ...UNKNOWN, status: "verified", verifiedAtMs: 1 });
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.getByRole("link", { name: "entry 70" })).toBeInTheDocument();
  });

  it("is not there while everybody is where the signal wants them", () => {
    const { container } = show({ rungs: [], next: null });
    expect(container).toBeEmptyDOMElement();
  });

  it("names three of many, and those it has no name for by their id", () => {
    const many = ["a", "b", "c", "d", "e"].map(agent);
    expect(whomWords({ agents: many, violated: [] }, [{ agent: agent("a"), name: "Anna" }])).toBe(
      `Anna, ${agent("b")}, ${agent("c")} and 2 more had not acknowledged it`,
    );
  });
});
