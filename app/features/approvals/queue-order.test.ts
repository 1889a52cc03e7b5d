import { describe, expect, it } from "vitest";
import { nextPending, stepRequest } from "./queue-order.ts";

const rows = (...states: readonly string[]) => states.map((state, index) => ({ request: `r${index}`, state }));

describe("queue order", () => {
  it("[J1] steps through the queue and stays at its ends", () => {
    const queue = rows("pending", "pending", "pending");
    expect(stepRequest(queue, "r0", 1)).toBe("r1");
    expect(stepRequest(queue, "r2", 1)).toBe("r2");
    expect(stepRequest(queue, "r0", -1)).toBe("r0");
    expect(stepRequest(queue, undefined, 1)).toBe("r0");
    expect(stepRequest(queue, "gone", -1)).toBe("r2");
    expect(stepRequest([], undefined, 1)).toBeNull();
  });

  it("[J1] goes on to the next request that waits, below first", () => {
    expect(nextPending(rows("pending", "approved", "pending"), "r0")).toBe("r2");
    expect(nextPending(rows("pending", "pending", "approved"), "r1")).toBe("r0");
    expect(nextPending(rows("pending"), "r0")).toBeNull();
    expect(nextPending(rows("approved", "rejected"), "r0")).toBeNull();
    expect(nextPending(rows("pending", "pending"), "gone")).toBe("r0");
  });
});
