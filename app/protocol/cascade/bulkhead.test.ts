import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Bulkhead,
  type BulkheadMoved,
  createBulkhead,
  enterBulkhead,
  leaveBulkhead,
  nextQueueDeadlineMs,
  sweepBulkhead,
} from "./bulkhead.ts";
import { failureDomainSchema } from "./claims.ts";
import { retryDelayMs } from "./retry.ts";

const domain = (change: Readonly<Record<string, unknown>> = {}) =>
  failureDomainSchema.parse({
    domain_id: "line",
    members: [],
    max_concurrency: 2,
    queue_max: 2,
    queue_timeout_ms: 1000,
    on_breach: "queue",
    border_breakers: [],
    ...change,
  });

function bench(change: Readonly<Record<string, unknown>> = {}) {
  const config = domain(change);
  let bulkhead: Bulkhead = createBulkhead(0);
  const keep = <T extends BulkheadMoved>(moved: T): T => {
    bulkhead = moved.bulkhead;
    return moved;
  };
  return {
    get bulkhead() {
      return bulkhead;
    },
    enter: (id: string, atMs = 0, retry = false) => keep(enterBulkhead(config, bulkhead, { id, retry }, atMs)),
    emergency: (id: string, atMs = 0) =>
      keep(enterBulkhead(config, bulkhead, { id, retry: false, urgency: "emergency" }, atMs)),
    leave: (atMs = 0) => keep(leaveBulkhead(config, bulkhead, atMs)),
    sweep: (atMs: number) => keep(sweepBulkhead(config, bulkhead, atMs)),
  };
}

describe("bulkhead", () => {
  it("[CAS-6] two run, two wait, the next is refused; who waits goes in the order of coming", () => {
    const { enter, leave } = bench();
    expect(["a", "b", "c", "d", "e"].map((id) => enter(id).answer)).toEqual([
      { kind: "admitted" },
      { kind: "admitted" },
      { kind: "queued", deadlineMs: 1000 },
      { kind: "queued", deadlineMs: 1000 },
      { kind: "refused", code: "bulkhead_full" },
    ]);
    expect(leave().admitted).toEqual(["c"]);
    expect(leave().admitted).toEqual(["d"]);
    expect([leave().admitted, leave().admitted, leave().admitted]).toEqual([[], [], []]);
  });

  it("[CAS-6] nobody waits longer than the queue's time", () => {
    const it = bench();
    for (const id of ["a", "b"]) it.enter(id);
    it.enter("c", 100);
    it.enter("d", 600);
    expect(nextQueueDeadlineMs(it.bulkhead)).toBe(1100);
    expect(it.sweep(1099).timedOut).toEqual([]);
    expect(it.sweep(1100).timedOut).toEqual(["c"]);
    expect(it.leave(1600)).toMatchObject({ timedOut: ["d"], admitted: [] });
    expect(nextQueueDeadlineMs(it.bulkhead)).toBeNull();
  });

  it.each([
    ["shed", false],
    ["isolate", true],
  ])("[CAS-6] on breach %s refuses at once", (on_breach, isolate) => {
    const { enter } = bench({ on_breach });
    const [first, , third] = ["a", "b", "c"].map((id) => enter(id));
    expect(first).toMatchObject({ isolate: false, answer: { kind: "admitted" } });
    expect(third).toMatchObject({ isolate, answer: { kind: "refused", code: "bulkhead_full" } });
  });

  it("[CAS-S8] an emergency goes in at once, and takes nobody's place", () => {
    const it = bench();
    for (const id of ["a", "b", "c", "d"]) it.enter(id);
    const { running, queue } = it.bulkhead;
    expect(it.emergency("stop").answer).toEqual({ kind: "admitted" });
    expect(it.bulkhead).toMatchObject({ running, queue });
  });

  it("[CAS-6] whatever comes and goes, no more run and wait than may", () => {
    const step = fc.record({
      op: fc.constantFrom("enter", "enter", "leave", "wait"),
      ms: fc.nat(700),
      retry: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const it = bench({ budget: { retries_ratio: 0.5 } });
        const inside = new Set<string>();
        const waiting: string[] = [];
        let [atMs, number] = [0, 0];
        for (const { op, ms, retry } of steps) {
          atMs += ms;
          let moved: BulkheadMoved;
          if (op === "enter") {
            number += 1;
            const entered = it.enter(String(number), atMs, retry);
            moved = entered;
            if (entered.answer.kind === "admitted") inside.add(String(number));
            if (entered.answer.kind === "queued") waiting.push(String(number));
          } else if (op === "leave" && inside.size > 0) {
            inside.delete([...inside][0] ?? "");
            moved = it.leave(atMs);
          } else moved = it.sweep(atMs);
          for (const id of [...moved.admitted, ...moved.timedOut]) waiting.splice(waiting.indexOf(id), 1);
          for (const id of moved.admitted) inside.add(id);
          expect(inside.size).toBe(it.bulkhead.running);
          expect(inside.size).toBeLessThanOrEqual(2);
          expect(waiting).toEqual(it.bulkhead.queue.map(({ id }) => id));
          expect(waiting.length).toBeLessThanOrEqual(2);
        }
      }),
      { seed: 6 },
    );
  });

  it("[CAS-7] retries are a tenth of the first calls of the window, by default, and no more", () => {
    const it = bench({ max_concurrency: 1000 });
    expect(it.enter("early", 0, true).answer).toEqual({ kind: "refused", code: "retry_budget_spent" });
    for (let call = 0; call < 25; call += 1) it.enter(`first ${call}`);
    expect([1, 2, 3].map((retry) => it.enter(`retry ${retry}`, 0, true).answer.kind)).toEqual([
      "admitted",
      "admitted",
      "refused",
    ]);
    // A minute later those first calls are no longer a budget.
    expect(it.enter("late", 60_000, true).answer.kind).toBe("refused");
  });
});

describe("retry delay", () => {
  const spacing = { baseMs: 100, capMs: 5000 };
  it("[CAS-7] full jitter: from nothing up to a bound that doubles, and is capped", () => {
    expect([0, 1, 2, 3, 10, 5000].map((attempt) => retryDelayMs(spacing, attempt, 0.99999999))).toEqual([
      99, 199, 399, 799, 4999, 4999,
    ]);
    expect(retryDelayMs(spacing, 4, 0)).toBe(0);
  });

  it("[CAS-7] never before retry_after_s is over, and not all at the same moment after it", () => {
    const delays = [0, 0.25, 0.5, 0.75].map((random) => retryDelayMs(spacing, 2, random, 30_000));
    expect(delays).toEqual([30_000, 30_100, 30_200, 30_300]);
  });
});
