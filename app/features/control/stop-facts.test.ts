import { describe, expect, it } from "vitest";
import { addCounts, countFacts, countWords, statusOf, type TargetFacts } from "./stop-facts.ts";
import { markOf, sinceCommand, worstOf, wrongWords } from "./stop-marks.ts";

const facts = (change: Partial<TargetFacts> = {}): TargetFacts => ({
  agent: "spiffe://console.local/agent/a",
  name: "a",
  sentAtMs: 1000,
  deliveredAtMs: null,
  acknowledgedAtMs: null,
  compliedAtMs: null,
  verifiedAtMs: null,
  violatedAtMs: null,
  terminatedAtMs: null,
  status: "commanded",
  detail: "",
  refused: null,
  state: "stopped",
  unfinished: [],
  ...change,
});

describe("what is known of a stop", () => {
  it("[S7] never shows a status that its facts do not bear out", () => {
    expect(statusOf(facts({ status: "verified" }))).toBe("commanded");
    expect(statusOf(facts({ status: "verified", acknowledgedAtMs: 1010 }))).toBe("acknowledged");
    expect(statusOf(facts({ status: "acknowledged" }))).toBe("commanded");
    expect(statusOf(facts({ status: "verified", acknowledgedAtMs: 1010, verifiedAtMs: 2000 }))).toBe("verified");
  });

  it("[S7] lets a violation outweigh every other fact", () => {
    const violated = facts({ status: "verified", acknowledgedAtMs: 1010, verifiedAtMs: 2000, violatedAtMs: 2500 });
    expect(statusOf(violated)).toBe("violated");
    expect(countFacts([violated])).toMatchObject({ acknowledged: 1, verified: 0, violated: 1 });
  });

  it("[OVR-19] counts acknowledged and verified apart", () => {
    const targets = [
      facts(),
      facts({ status: "acknowledged", acknowledgedAtMs: 1010 }),
      facts({ status: "verified", acknowledgedAtMs: 1010, verifiedAtMs: 2000 }),
      facts({ status: "unconfirmed" }),
    ];
    expect(countFacts(targets)).toEqual({ targets: 4, acknowledged: 2, verified: 1, violated: 0, unconfirmed: 1 });
    expect(countWords(addCounts([countFacts(targets), countFacts([])]))).toBe(
      "acknowledged 2/4 · verified 1/4 · unconfirmed 1",
    );
  });

  it("[OVR-36] gives a group the worst status of its members, and none where it has none", () => {
    const [good, silent] = [facts({ status: "verified", verifiedAtMs: 2 }), facts()];
    const liar = facts({ status: "violated", violatedAtMs: 3 });
    const groups = [[good], [good, silent], [good, facts({ status: "unconfirmed" }), silent], [silent, liar, good], []];
    expect(groups.map(worstOf)).toEqual(["verified", "commanded", "unconfirmed", "violated", null]);
  });

  it("says that nothing was running instead of counting 0 of 0", () => {
    expect(countWords(countFacts([]))).toMatch(/^no agent was running/);
  });

  it("[A9] gives every status a shape and a word of its own", () => {
    const marks = (["commanded", "acknowledged", "verified", "violated", "unconfirmed"] as const).map(markOf);
    expect(new Set(marks.map((mark) => mark.shape)).size).toBe(5);
    expect(new Set(marks.map((mark) => mark.label)).size).toBe(5);
  });

  it("gives milliseconds only where they were measured", () => {
    expect(sinceCommand(facts(), 1007, 0)).toBe("+7 ms");
    expect(sinceCommand(facts(), 2001, 0)).toBe("+1,001 ms");
    expect(sinceCommand(facts({ sentAtMs: null }), 5000, 5000)).toBe("within 1 s");
    expect(sinceCommand(facts({ sentAtMs: null }), 7000, 5000)).toBe("about 2 s");
  });

  it("[OVR-S1] says in words what was wrong with a stop, and a code it does not know as it is", () => {
    expect(wrongWords("override_stale")).toMatch(/^a newer signal/);
    expect(wrongWords("override_of_tomorrow")).toBe("override_of_tomorrow");
  });
});
