import { describe, expect, it } from "vitest";
import { createOutbox, type OutboxEntry } from "./outbox.ts";
import { keptBackMs } from "./undo-choice.ts";

/** An outbox over a clock that is set by hand. */
function byHand() {
  let timers: { run: () => void }[] = [];
  const outbox = createOutbox({
    nowMs: () => 0,
    later: (run) => {
      const timer = { run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  });
  const sent: string[] = [];
  const entry = (request: string, fails = false): OutboxEntry => ({
    request,
    action: "write",
    outcome: "approve",
    send: async () => {
      if (fails) throw new Error("refused");
      sent.push(request);
      return {
        request,
        by: "spiffe://console.local/human/alice",
        outcome: "approve",
        action: "write",
        seq: sent.length,
        waits: false,
      };
    },
  });
  const states = (): string[] => outbox.store.getState().items.map((item) => `${item.request} ${item.state}`);
  const elapse = (): void => {
    for (const timer of timers.splice(0)) timer.run();
  };
  return { outbox, sent, entry, states, elapse };
}

describe("decisions kept on the page", () => {
  it("[F7] are sent in their order when the time is over, each with its own outcome", async () => {
    const { outbox, sent, entry, states, elapse } = byHand();
    const given = outbox.give("b1", [entry("r1"), entry("r2", true), entry("r3")], 10_000);
    expect([sent, states()]).toEqual([[], ["r1 waiting", "r2 waiting", "r3 waiting"]]);
    elapse();
    await given;
    expect([sent, states()]).toEqual([
      ["r1", "r3"],
      ["r1 sent", "r2 failed", "r3 sent"],
    ]);
    outbox.clear("b1");
    expect(states()).toEqual([]);
  });

  it("[F7] are gone without a trace when taken back, and cannot be taken back once they are on their way", async () => {
    const { outbox, sent, entry, states, elapse } = byHand();
    const given = outbox.give("b1", [entry("r1"), entry("r2")], 10_000);
    expect(outbox.undo("b1")).toBe(2);
    await given;
    elapse();
    expect([sent, states()]).toEqual([[], []]);
    const other = outbox.give("b2", [entry("r1")], 10_000);
    outbox.sendNow("b2");
    expect(outbox.undo("b2")).toBe(0);
    await other;
    expect(sent).toEqual(["r1"]);
  });

  it("[F7] are only approvals that can be undone, and only with time to spare", () => {
    const base = {
      choice: "all",
      outcome: "approve",
      consequence: "reversible",
      isBatch: false,
      leftMs: 600_000,
    } as const;
    expect(keptBackMs(base)).toBe(10_000);
    expect(keptBackMs({ ...base, choice: "batches" })).toBe(0);
    expect(keptBackMs({ ...base, choice: "batches", isBatch: true })).toBe(10_000);
    for (const change of [
      { choice: "off", isBatch: true },
      { outcome: "reject" },
      { consequence: "irreversible" },
      { leftMs: 40_000 },
    ] as const)
      expect(keptBackMs({ ...base, ...change })).toBe(0);
  });
});
