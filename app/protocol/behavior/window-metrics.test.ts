import fc from "fast-check";
import { expect, it } from "vitest";
import { task, WINDOW } from "./behavior.fixture.ts";
import { judgeLimits } from "./judge-limits.ts";
import type { ObservedTask } from "./observed.ts";
import type { LimitRule } from "./profile.ts";
import { windowMetrics } from "./window-metrics.ts";

const lasting = (n: number, ms: number, members: Partial<ObservedTask> = {}): ObservedTask => {
  const one = task(n, members);
  return { ...one, endedMs: one.atMs + ms };
};

it("[BEH-17] takes percentiles by nearest rank: of 200 durations the 100th, the 190th and the 198th", () => {
  const tasks = Array.from({ length: 200 }, (_, at) => lasting(at, (at * 37) % 200));
  expect(windowMetrics(tasks, WINDOW).metrics).toMatchObject({
    latency_p50_ms: 99,
    latency_p95_ms: 189,
    latency_p99_ms: 197,
  });
});

it("[BEH-17] names a duration that was measured, whatever the durations are", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 60 }), (all) => {
      const { metrics } = windowMetrics(
        all.map((ms, at) => lasting(at, ms)),
        WINDOW,
      );
      const p95 = metrics.latency_p95_ms ?? Number.NaN;
      expect(all).toContain(p95);
      expect(all.filter((ms) => ms <= p95).length).toBeGreaterThanOrEqual(0.95 * all.length);
      expect(all.filter((ms) => ms < p95).length).toBeLessThan(0.95 * all.length);
    }),
    { examples: [[[8107]]] },
  );
});

it("[BEH-1] measures what a log of tasks knows, and calls unknown what it does not", () => {
  const cost = { amount: "0.10", currency: "EUR" };
  const tasks = [
    lasting(1, 100, { tokens: 30, cost }),
    lasting(2, 300, { tokens: 50, cost, outcome: "failure" }),
    lasting(3, 9_000_000, { tokens: 0, cost, gate: { waited: true } }),
    lasting(4, 200, { tokens: 20, cost: { amount: "0.20", currency: "EUR" }, gate: { waited: false } }),
    task(5, { outcome: "refused", tokens: 0, cost: { amount: "0", currency: "EUR" } }),
  ];
  expect(windowMetrics(tasks, WINDOW)).toEqual({
    metrics: {
      task_completion: 0.75,
      latency_p50_ms: 200,
      latency_p95_ms: 300,
      latency_p99_ms: 300,
      throughput: 3 / 3600,
      tokens_per_task: 100 / 3,
      cost_per_task: 0.5 / 3,
      hitl_adherence: 0.5,
    },
    quantities: {
      max_calls: { value: 5, complete: true },
      rate_per_min: { value: 5, complete: true },
      max_cost: { value: 0.5, complete: true },
      max_tokens: { value: 100, complete: true },
      max_duration_s: { value: 9000.6, complete: true },
    },
  });
  expect(windowMetrics([task(1, { outcome: null, endedMs: null })], WINDOW)).toMatchObject({
    metrics: { task_completion: null, latency_p95_ms: null, tokens_per_task: null, hitl_adherence: null },
    quantities: { max_tokens: { value: 0, complete: false }, max_duration_s: { value: 0, complete: false } },
  });
  const mixed = [task(1, { cost }), task(2, { cost: { amount: "1", currency: "USD" } })];
  expect(windowMetrics(mixed, WINDOW).quantities.max_cost).toBeNull();
});

it("[BEH-1] counts the fullest minute, wherever it begins", () => {
  const at = (...seconds: number[]): number | undefined =>
    windowMetrics(
      seconds.map((s) => task(s)),
      WINDOW,
    ).quantities.rate_per_min?.value;
  expect(at(0, 59, 60, 118, 119)).toBe(3);
  expect(at(0, 60, 120)).toBe(1);
  expect(at(0, 30, 59)).toBe(3);
});

const limit = (members: Partial<LimitRule>): LimitRule => ({
  ...{ id: "limit", metric: "max_calls", op: "<=", value: 2, severity: 2 },
  ...members,
});
const judge = (rule: LimitRule, tasks: readonly ObservedTask[]): ReturnType<typeof judgeLimits> =>
  judgeLimits([rule], windowMetrics(tasks, WINDOW), tasks, WINDOW);

it.each<[string, LimitRule, number | null]>([
  ["the first call too many", limit({}), 3],
  ["nothing while the limit is kept", limit({ value: 4 }), null],
  ["the call at a limit that is not to be reached", limit({ op: "<", value: 3 }), 3],
  ["the task with which the tokens were too many", limit({ metric: "max_tokens", value: 25 }), 3],
  ["the slowest", limit({ metric: "latency_p95_ms", value: 350 }), 4],
  ["the first that failed", limit({ metric: "task_completion", op: ">=", value: 0.9 }), 2],
  ["the task that filled the minute", limit({ metric: "rate_per_min", value: 3 }), 4],
  ["the last, where no task is more to blame than another", limit({ metric: "throughput", op: ">", value: 5 }), 4],
])("[BEH-20] names for a broken limit a task: %s", (_what, rule, blamed) => {
  const tasks = [1, 2, 3, 4].map((n) => lasting(n, n * 100, { tokens: 10, outcome: n === 2 ? "failure" : "success" }));
  const { findings, unknown } = judge(rule, tasks);
  expect(unknown).toEqual([]);
  expect(findings.map(({ jti }) => jti)).toEqual(blamed === null ? [] : [task(blamed).jti]);
});

it("[BEH-1] judges no limit by what is not known, unless what is known breaks it already", () => {
  const some = [task(1, { tokens: 30 }), task(2)];
  expect(judge(limit({ metric: "max_tokens", value: 50 }), some)).toEqual({ findings: [], unknown: ["limit"] });
  expect(judge(limit({ metric: "max_tokens", value: 20 }), some).findings).toHaveLength(1);
  expect(judge(limit({ metric: "max_tokens", op: ">=", value: 20 }), some)).toEqual({ findings: [], unknown: [] });
  expect(judge(limit({ metric: "max_tokens", op: ">=", value: 50 }), some).unknown).toEqual(["limit"]);
  expect(judge(limit({ metric: "accuracy", op: ">=", value: 0.5 }), some).unknown).toEqual(["limit"]);
  expect(judge(limit({ metric: "throughput", op: ">=", value: 5 }), [])).toEqual({ findings: [], unknown: [] });
});
