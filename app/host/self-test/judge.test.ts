import { describe, expect, it } from "vitest";
import { resultOf, SELF_TEST_STEPS } from "../../protocol/drill/self-test.ts";
import { type Circumstances, judged, newSeen, type Seen } from "./judge.ts";

const NOW: Circumstances = { place: "workers", isStopped: true, isReopened: false };

/** Everything was looked at, and nothing was wrong. */
const sound = (change: Partial<Seen> = {}): Seen => ({
  ...newSeen("spiffe://console.local/agent/one"),
  ...{ request: "r", isTimedOut: true, isRestarted: true, isUpAgain: true, isGateHeld: true, verdict: "compliant" },
  probes: new Map(SELF_TEST_STEPS.map((step) => [step, false])),
  ...change,
});

const found = (change: Partial<Seen>, now: Partial<Circumstances> = {}) => {
  const { steps } = judged(sound(change), { ...NOW, ...now });
  return Object.fromEntries(
    SELF_TEST_STEPS.flatMap((step) =>
      steps[step].result === "passed" ? [] : [[step, `${steps[step].result} ${steps[step].finding}`]],
    ),
  );
};

describe("what a self-test has seen", () => {
  it("[F8] [N21] [BEH-56] is passed only where every step was looked at to its end", () => {
    expect(resultOf(judged(sound(), NOW))).toBe("passed");
    const nothing = judged(newSeen("spiffe://console.local/agent/one"), { ...NOW, isStopped: false });
    expect(resultOf(nothing)).toBe("inconclusive");
    for (const step of SELF_TEST_STEPS) {
      const probes = new Map(SELF_TEST_STEPS.flatMap((other) => (other === step ? [] : [[other, false] as const])));
      expect(found({ probes })).toEqual({ [step]: "inconclusive not_seen" });
      expect(found({ probes: new Map([...probes, [step, true]]) })).toEqual({ [step]: "failed let_through" });
      expect(found({ letThrough: new Set([step]) })).toEqual({ [step]: "failed let_through" });
    }
  });

  it("[F8] [N21] is inconclusive where somebody answered, nothing can be ended, or only its word says that it stopped", () => {
    expect(found({ isAnswered: true, isTimedOut: false })).toEqual({
      times_out: "inconclusive answered",
      restarts: "inconclusive answered",
    });
    expect(found({}, { place: "thread" })).toEqual({ restarts: "inconclusive no_worker" });
    expect(found({ isUpAgain: false, isGateHeld: null })).toEqual({ restarts: "inconclusive not_seen" });
    for (const verdict of [null, "late", "unverifiable"] as const)
      expect(found({ verdict })).toEqual({ stops: "inconclusive not_confirmed" });
    expect(found({ isTerminated: true })).toEqual({ stops: "inconclusive ended" });
  });

  it("[F8] [N21] [OVR-S6] is failed by what it tried, whatever else is known, and by a gate that another one replaced", () => {
    expect(found({ verdict: "violated", isTerminated: true })).toEqual({ stops: "failed violated" });
    expect(found({ isGateHeld: false })).toEqual({ restarts: "failed gate_lost" });
    const tried = new Map([["blocks", 2] as const]);
    const { blocks } = judged(sound({ tried, isAnswered: true }), NOW).steps;
    expect(blocks).toEqual({ result: "failed", finding: "acted", tried: 2 });
  });
});
