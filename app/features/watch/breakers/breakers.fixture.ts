import type { BreakerView, CascadeView } from "../../../api/contract/cascade.ts";

const WID = "0195400c-0000-4000-8000-0000000000a1";
const agent = (index: number): string => `spiffe://console.local/agent/${WID}/agent-${index}`;

/** A breaker from agent 0 to agent 1 of the small run. */
export const breaker = (change: Partial<BreakerView> = {}): BreakerView => ({
  id: `${agent(0)} ${agent(1)} ${change.group ?? "sift"}`,
  wid: WID,
  caller: agent(0),
  callee: agent(1),
  group: "sift",
  state: "closed",
  forced: false,
  isolated: false,
  sinceMs: 1_772_064_000_000,
  untilMs: null,
  remainingMs: null,
  reason: null,
  by: null,
  stats: null,
  window: { calls: 3, failures: 1 },
  probes: { out: 0, succeeded: 0, needed: 3 },
  seq: 0,
  entry: null,
  ...change,
});

export const opened = (change: Partial<BreakerView> = {}): BreakerView =>
  breaker({
    state: "open",
    remainingMs: 28_000,
    untilMs: Date.now() + 28_000,
    reason: "consecutive",
    stats: { calls: 6, failures: 5, slow: 0, windowMs: 60_000 },
    seq: 1,
    entry: 57,
    ...change,
  });

export const cascade = (change: Partial<CascadeView> = {}): CascadeView => ({
  id: "0195400c-0000-4000-8000-0000000000e1",
  wid: WID,
  root: {
    agent: agent(0),
    task: "0195400c-0000-4000-8000-000000000100",
    index: 0,
    why: { withoutCause: true, failedAt: 1_772_064_000, descendants: 2 },
  },
  agents: [agent(0), agent(1)],
  edges: [[agent(0), agent(1)]],
  front: [agent(1)],
  action: "contain",
  confidence: 0,
  depth: 1,
  since: 1_772_064_000,
  lastFailureMs: 1_772_064_030_000,
  active: true,
  entries: [58],
  ...change,
});
