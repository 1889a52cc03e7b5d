import { cleanup, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import type { StopDelivery } from "../../../operator/stop-sender.ts";
import { smallRun } from "../watch.fixture.tsx";
import { StopDeliveries } from "./stop-delivery.tsx";
import type { SentStop } from "./use-agent-stops.ts";

afterEach(cleanup);

const delivery = (phase: StopDelivery["phase"]): StopDelivery => ({
  phase,
  pressedAtMs: 0,
  attempts: 1,
  problem: null,
  answer: phase === "latched" ? { jti: "j", latchedAtMs: 1, targets: 1, recorded: true } : null,
});

const sentOf = (index: number, phase: StopDelivery["phase"]) => {
  const store = createStore<StopDelivery>(() => delivery(phase));
  const sent: SentStop = {
    agent: `spiffe://console.local/agent/${index}`,
    index,
    sender: { store, press: () => undefined, dismiss: () => undefined },
  };
  return { sent, store };
};

describe("stops on their way", () => {
  it("are told one by one, also of two agents with one name", () => {
    const complaint = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const run = { ...smallRun(), agents: smallRun().agents.map((agent) => ({ ...agent, name: "worker" })) };
    render(<StopDeliveries run={run} sent={[sentOf(0, "latched").sent, sentOf(1, "sending").sent]} atMost={6} />);
    expect(screen.getByText("worker: the stop holds")).toBeInTheDocument();
    expect(screen.getByText("worker: sending, attempt 1")).toBeInTheDocument();
    expect(complaint).not.toHaveBeenCalled();
    complaint.mockRestore();
  });

  it("are counted when they are many, and the count follows them", async () => {
    const sent = [0, 1, 2].map((index) => sentOf(index, "sending"));
    render(<StopDeliveries run={smallRun()} sent={sent.map((one) => one.sent)} atMost={2} />);
    expect(screen.getByRole("status")).toHaveTextContent("3 being sent");
    sent[0]?.store.setState(delivery("latched"));
    sent[1]?.store.setState(delivery("refused"));
    await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent("1 being sent"));
    expect(screen.getByRole("status")).toHaveTextContent("1 stop holds");
    expect(screen.getByRole("status")).toHaveTextContent("1 refused");
  });
});
