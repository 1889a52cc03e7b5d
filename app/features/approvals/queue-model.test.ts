import { describe, expect, it } from "vitest";
import { gateDetail, gateRow } from "./approvals.fixture.ts";
import { approvalsSearchSchema, queueInput } from "./approvals-search.ts";
import { differencesOf } from "./batch/differences.ts";
import { sampleOf } from "./batch/sample.ts";
import { rowMark } from "./names.ts";
import { alikeTo, queueItems } from "./queue-crowd.ts";
import { byRisk, isShown, rowsIn, rowsOf, togetherProblem } from "./queue-model.ts";

const id = (at: number): string => `0195400c-0000-7000-8000-${String(at).padStart(12, "0")}`;
const blast = (tasks: number, irreversible = 0) => ({ tasks, irreversible, agents: 1 });
const reversible = (at: number, change: Parameters<typeof gateRow>[0] = {}) =>
  gateRow({ request: id(at), consequence: "reversible", blast: blast(1), ...change });

describe("order of the queue", () => {
  it("is by consequence, then a near deadline, then what follows, then the deadline", () => {
    const rows = [
      reversible(1, { remainingMs: 900_000 }),
      reversible(2, { remainingMs: 800_000 }),
      reversible(3, { blast: blast(40) }),
      reversible(4, { blast: blast(2, 1) }),
      reversible(5, { remainingMs: 60_000 }),
      gateRow({ request: id(6), consequence: "none", remainingMs: 1_000 }),
      gateRow({ request: id(7), consequence: "irreversible" }),
    ];
    expect([...rows].sort(byRisk).map((row) => Number(row.request.slice(-3)))).toEqual([7, 5, 4, 3, 2, 1, 6]);
  });

  it("[A6] groups by cause and likeness, and puts a group where its riskiest request stands", () => {
    const rows = [
      reversible(1, { likeness: "copy" }),
      reversible(2, { likeness: "mail", blast: blast(9) }),
      reversible(3, { likeness: "copy", blast: blast(30) }),
      reversible(4, { likeness: "copy", ruleIds: ["other"] }),
      reversible(5, { likeness: "copy", state: "rejected" }),
    ];
    const items = queueItems(rows);
    expect(items.map((item) => (item.kind === "row" ? Number(item.row.request.slice(-3)) : item.kind))).toEqual([
      "group",
      3,
      1,
      2,
      4,
      5,
    ]);
    expect(rowsIn(items)).toHaveLength(5);
    expect(alikeTo(rows, id(1)).map((row) => row.request)).toEqual([id(3), id(1), id(5)]);
    expect(alikeTo(rows, id(2))).toEqual([]);
  });

  it("[ACP-S4] decides nothing together that cannot be undone", () => {
    expect(togetherProblem([gateRow(), gateRow()])).toMatch(/one by one/);
    expect(togetherProblem([reversible(1), gateRow()])).toMatch(/one by one/);
    expect(togetherProblem([reversible(1), reversible(2)])).toBeNull();
    expect(togetherProblem([reversible(1)])).not.toBeNull();
  });

  it("has what ran out of time apart from what somebody rejected or aborted", () => {
    const rows = [
      gateRow({ request: id(1), state: "rejected" }),
      gateRow({ request: id(2), state: "rejected", timedOut: true }),
      gateRow({ request: id(3), state: "aborted", timedOut: true }),
    ];
    const shown = (state: "all" | "rejected" | "timed_out") =>
      rowsOf(rows, { state }).map((row) => `${Number(row.request.slice(-3))} ${rowMark(row).label}`);
    expect(queueInput({ state: "timed_out" })).toEqual({});
    expect(shown("timed_out")).toEqual(["2 timed out", "3 timed out"]);
    expect(shown("rejected")).toEqual(["1 rejected"]);
    expect(shown("all")).toHaveLength(3);
  });

  it("is filtered by what the URL says", () => {
    const row = reversible(1);
    const search = approvalsSearchSchema.parse({ consequence: "reversible", agent: row.agent, action: row.action });
    expect(isShown(row, search)).toBe(true);
    expect(isShown(gateRow(), search)).toBe(false);
    expect(isShown(row, { action: "other" })).toBe(false);
    expect(approvalsSearchSchema.parse({ consequence: "grave" }).consequence).toBeUndefined();
  });
});

describe("deciding together", () => {
  it("names each place in which the requests differ, with every request's own value", async () => {
    const of = async (at: number, args: object) =>
      (await gateDetail({ args: args as never, row: { request: id(at), target: `urn:bucket:${at}` } })).detail;
    const details = await Promise.all([
      of(1, { from: "a", to: "x", mode: 1 }),
      of(2, { from: "b", to: "x", mode: 1 }),
      of(3, { from: "a", to: "x", mode: 1, force: true }),
    ]);
    const { places, same, complete } = differencesOf(details);
    expect(places.map(({ path, values }) => [path, ...values.values()])).toEqual([
      ["(target)", "urn:bucket:1", "urn:bucket:2", "urn:bucket:3"],
      ["from", '"a"', '"b"', '"a"'],
      ["force", null, null, "true"],
    ]);
    expect([same, complete]).toEqual([2, true]);
  });

  it("opens at least three, the one that reaches furthest among them, the others by chance", () => {
    const members = Array.from({ length: 14 }, (_, at) => ({ request: `r${at}`, weight: at === 9 ? 5 : 1 }));
    const seen = new Set<string>();
    for (let at = 0; at < 40; at += 1) {
      const sample = sampleOf(members, () => ((at * 7919) % 97) / 97);
      expect(sample[0]).toBe("r9");
      expect(new Set(sample).size).toBe(3);
      for (const request of sample) seen.add(request);
    }
    expect(seen.size).toBeGreaterThan(8);
    expect(sampleOf(members.slice(0, 2), () => 0.5)).toHaveLength(2);
    const many = Array.from({ length: 50 }, (_, at) => ({ request: `r${at}`, weight: 0 }));
    expect(sampleOf(many, () => 0.999)).toHaveLength(5);
  });
});
