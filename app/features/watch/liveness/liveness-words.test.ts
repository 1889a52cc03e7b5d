import { describe, expect, it } from "vitest";
import { leaseLeftMs, leaseStand } from "./lease-stand.ts";
import { leaseMark } from "./liveness-words.ts";

const UNTIL = 10_000;
const lease = {
  ...{ jti: "0195400c-0000-4000-8000-0000000000e1", by: "spiffe://console.local/human/ada", seq: 3 },
  ...{ at: UNTIL - 1800, until: UNTIL, durationS: 1800, promptAt: UNTIL - 600, soundAt: UNTIL - 180 },
  ...{ lapsed: false, remainingMs: 5000 },
};
const wordsAt = (one: typeof lease | (Omit<typeof lease, "remainingMs"> & { remainingMs: null }), passedMs: number) => {
  const leftMs = leaseLeftMs(one, 0, passedMs);
  return leaseMark(leaseStand(one, leftMs), leftMs).label;
};

describe("the words of a lease", () => {
  it("[L5] are that it is due when this page has counted to the end, and that it is over when the host says so", () => {
    expect(wordsAt(lease, 4000)).toBe("renew: 1 s");
    expect(wordsAt(lease, 9000)).toBe("renew: due now");
    expect(wordsAt({ ...lease, remainingMs: null }, 0)).toBe("renew: due now");
    expect(wordsAt({ ...lease, lapsed: true, remainingMs: null }, 0)).toBe("lease over: begins nothing new");
  });
});
