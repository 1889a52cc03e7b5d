import { describe, expect, it } from "vitest";
import type { SignalboxClient } from "../../api/client/client.ts";
import { gateRow, REQUEST_A, REQUEST_B } from "./approvals.fixture.ts";
import { rowMark } from "./names.ts";
import { readTimedOut, rowsOf } from "./use-timeouts.ts";

/** A log read in pages of one row: task `b` timed out, both tasks had a request. */
function log() {
  const rows = {
    "record+jwt": [{ seq: 9, jti: "r", task: "b" }],
    "hitl-request+jwt": [
      { seq: 3, jti: REQUEST_A, task: "a" },
      { seq: 5, jti: REQUEST_B, task: "b" },
    ],
  } as const;
  const entries = async ({ typ, cursor = -1 }: { typ: keyof typeof rows; cursor?: number }) => {
    const beyond = rows[typ].filter((row) => row.seq > cursor);
    return { rows: beyond.slice(0, 1), next: beyond.length > 1 ? beyond[0]?.seq : null };
  };
  return { audit: { entries } } as unknown as SignalboxClient;
}

const rejected = [REQUEST_A, REQUEST_B].map((request) => gateRow({ request, state: "rejected" }));

describe("requests that ran out of time", () => {
  it("are those whose task has a record of it, over all pages of the log", async () => {
    expect([...(await readTimedOut(log(), undefined))]).toEqual([REQUEST_B]);
  });

  it("have a word of their own, and nobody's no is claimed while it is not known", () => {
    const [a, b] = rejected;
    if (a === undefined || b === undefined) throw new Error("two rows");
    const some = { requests: new Set([REQUEST_B]), complete: false };
    expect([rowMark(a, null).label, rowMark(b, null).label]).toEqual([
      "rejected or timed out",
      "rejected or timed out",
    ]);
    expect([rowMark(a, some).label, rowMark(b, some).label]).toEqual(["rejected or timed out", "timed out"]);
    expect(rowMark(a, { ...some, complete: true }).label).toBe("rejected");
  });

  it("are parted from the rejected by the filter", () => {
    const known = { requests: new Set([REQUEST_B]), complete: true };
    expect(rowsOf(rejected, "timed_out", known)?.map((row) => row.request)).toEqual([REQUEST_B]);
    expect(rowsOf(rejected, "rejected", known)?.map((row) => row.request)).toEqual([REQUEST_A]);
    expect(rowsOf(rejected, "timed_out", null)).toBeNull();
    expect(rowsOf(rejected, "all", null)).toHaveLength(2);
  });
});
