import { describe, expect, it } from "vitest";
import type { OverrideSignal } from "../../api/contract/override.ts";
import type { TargetFacts } from "./stop-facts.ts";
import { rungAfter, stragglersOf, workflowsOf } from "./stragglers.ts";

const AT_S = 1_772_064_050;
const WID = "0195400c-0000-4000-8000-0000000000a1";
const target = (name: string, change: Partial<TargetFacts> = {}): TargetFacts => ({
  agent: `spiffe://console.local/agent/${WID}/${name}`,
  name,
  sentAtMs: null,
  deliveredAtMs: null,
  acknowledgedAtMs: null,
  compliedAtMs: null,
  verifiedAtMs: null,
  violatedAtMs: null,
  terminatedAtMs: null,
  status: "commanded",
  detail: "",
  refused: null,
  state: "running",
  unfinished: [],
  ...change,
});
const signal = (change: Partial<OverrideSignal>): OverrideSignal => ({
  jti: WID,
  seq: 1,
  action: "stop",
  level: "emergency",
  scope: { kind: "domain", id: "console.local" },
  reason: "r",
  by: "spiffe://console.local/human/ada",
  at: AT_S,
  priority: 5,
  params: {},
  drill: false,
  latched: true,
  inForce: true,
  lapsed: false,
  effectUntil: null,
  remainingMs: null,
  supersedes: null,
  released: null,
  targets: [
    target("silent"),
    target("ended", { terminatedAtMs: 1 }),
    target("slow", { status: "acknowledged", acknowledgedAtMs: 1 }),
    target("liar", { status: "violated", acknowledgedAtMs: 1, violatedAtMs: 2 }),
    target("ended and proven", { status: "verified", terminatedAtMs: 1, verifiedAtMs: 2 }),
    target("good", { status: "verified", acknowledgedAtMs: 1, verifiedAtMs: 2 }),
  ],
  stopping: false,
  ladder: { rungs: [], next: null },
  effectsRefused: 0,
  ...change,
});
const at = (s: number): number => (AT_S + s) * 1000;
const told = (of: OverrideSignal, s: number): string[] =>
  stragglersOf(of, at(s)).map(({ target: { name }, why }) => `${name}: ${why}`);

describe("stragglers", () => {
  it("[N1] [OVR-13] are nobody before the deadline, and afterwards who has not acknowledged or went on", () => {
    expect(told(signal({}), 0.9)).toEqual([]);
    expect(told(signal({}), 1)).toEqual([
      "silent: has not acknowledged",
      "ended: has not acknowledged; its worker was ended",
      "liar: went on against the order",
    ]);
  });

  it("[N1] [OVR-S6] of a stop are also who acknowledged and was not verified within twice the deadline", () => {
    expect(told(signal({}), 2)).toContain("slow: not verified as stopped");
    expect(told(signal({ action: "pause", level: "mandatory" }), 25)).not.toContain("slow: not verified as stopped");
  });

  it("are nobody of a drill, of advice, or of what is over", () => {
    expect(told(signal({ drill: true }), 60)).toEqual([]);
    expect(told(signal({ level: "advisory" }), 60)).toEqual([]);
    expect(told(signal({ latched: false, inForce: false }), 60)).toEqual([]);
  });

  it("[N1] climb from a pause to a stop, and from a stop to the policies of their workflows", () => {
    expect([rungAfter({ action: "pause" }), rungAfter({ action: "stop" })]).toEqual(["stop", "revoke"]);
    expect(workflowsOf(stragglersOf(signal({}), at(5)))).toEqual([WID]);
  });
});
