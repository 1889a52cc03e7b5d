import { describe, expect, it } from "vitest";
import { gateRow } from "../approvals.fixture.ts";
import { aloneNote, dueWords, isOverdue, reviewProblem, reviewsDue } from "./review-words.ts";

const ALICE = "spiffe://console.local/human/alice";
const alone = (change: object = {}) => ({
  ...{ by: ALICE, decision: "0195400c-0000-7000-8000-0000000000aa", at: 1_000, reason: "site down", dueAt: 87_400 },
  ...{ overdue: false, review: null },
  ...change,
});
const review = { by: "spiffe://console.local/human/ben", at: 2_000, verdict: "justified" as const, reason: "it was" };

describe("approvals given alone", () => {
  it("[D6] [ACP-43] wait for a review, the most urgent first, until there is one", () => {
    const rows = [
      gateRow({ request: "a", breakGlass: alone({ dueAt: 99_000 }) }),
      gateRow({ request: "b", breakGlass: alone({ review }) }),
      gateRow({ request: "c", breakGlass: alone() }),
      gateRow({ request: "d" }),
    ];
    expect(reviewsDue(rows).map(({ request }) => request)).toEqual(["c", "a"]);
    expect(rows.map(aloneNote)).toEqual(["alone, not reviewed", "alone, justified", "alone, not reviewed", null]);
  });

  it("[D6] say how long there is, and are overdue by the host's word or by the clock here", () => {
    expect(dueWords(alone(), 4_600)).toBe("review due in 23 h");
    expect(dueWords(alone(), 87_400 + 7_200)).toBe("review overdue for 2 h");
    expect([87_399, 87_400].map((nowS) => isOverdue(alone(), nowS))).toEqual([false, true]);
    expect(isOverdue(alone({ overdue: true }), 1_001)).toBe(true);
  });

  it("[D6] [ACP-43] are reviewed by another duty manager or safety officer", () => {
    const as = (subject: string, ...roles: string[]) => reviewProblem(alone(), { subject, roles });
    expect(as("spiffe://console.local/human/ben", "duty_manager")).toBeNull();
    expect(as("spiffe://console.local/human/ben", "safety_officer", "operator")).toBeNull();
    expect(as("spiffe://console.local/human/ben")).toBeNull();
    expect(as("spiffe://console.local/human/ben", "operator")).toMatch(/duty manager or a safety officer/);
    expect(as(ALICE, "duty_manager")).toMatch(/You approved it/);
    expect(reviewProblem(alone(), null)).toMatch(/Sign in/);
  });
});
