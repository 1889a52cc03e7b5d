import { describe, expect, it } from "vitest";
import type { GateRow } from "../../../api/contract/gate.ts";
import { decidedAlike } from "./decided-alike.ts";

// Only these members are looked at.
const gate = (change: Partial<GateRow> = {}): GateRow =>
  ({
    ...{ likeness: "a", agent: "spiffe://d/agent/x/w", action: "mail", state: "consumed", ruleIds: ["r1"] },
    ...{ approvals: { given: 1, required: 1 }, timedOut: false, modified: false, breakGlass: null },
    ...change,
  }) as GateRow;
const times = (count: number, change: Partial<GateRow> = {}): GateRow[] =>
  Array.from({ length: count }, () => gate(change));

describe("decisions that were the same each time", () => {
  it("[N5] [R2] are grouped by look-alikes, the most frequent first", () => {
    const groups = decidedAlike([
      ...times(3),
      ...times(4, { likeness: "b", action: "print", state: "rejected", approvals: { given: 0, required: 1 } }),
      ...times(1, { ruleIds: ["r2"], state: "expired" }),
      ...times(1, { state: "pending", approvals: { given: 0, required: 1 } }),
    ]);
    expect(groups).toEqual([
      expect.objectContaining({ likeness: "a", count: 4, outcome: "approved", ruleIds: ["r1", "r2"] }),
      expect.objectContaining({ likeness: "b", count: 4, outcome: "rejected", execAct: "print" }),
    ]);
  });

  it.each([
    ["too few", times(2)],
    ["both answers", [...times(5), gate({ state: "rejected" })]],
    ["nobody answered once", [...times(5), gate({ state: "rejected", timedOut: true })]],
    ["one changed before it ran", [...times(5), gate({ modified: true })]],
    ["one that a stop ended", [...times(5), gate({ state: "aborted" })]],
    [
      "one that expired without enough approvals",
      [...times(5), gate({ state: "expired", approvals: { given: 1, required: 2 } })],
    ],
  ])("[N5] are none where there is or are %s", (_, rows) => {
    expect(decidedAlike(rows)).toEqual([]);
  });
});
