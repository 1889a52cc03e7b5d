import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { benchProfile, benchResult, RUN, sha256, TASK_SET } from "./bench.fixture.ts";
import { comparableProblem, differenceOf, regression } from "./bench-compare.ts";
import { type BenchTask, measure } from "./bench-measure.ts";
import { benchOrderClaimsSchema } from "./bench-order.ts";
import { plannedRuns } from "./bench-plan.ts";
import { benchHash, benchProblem, benchProfileSchema, taskSetHash } from "./bench-profile.ts";
import { type BenchResultClaims, benchResultClaimsSchema } from "./bench-result.ts";
import { benchScore, normalised } from "./bench-score.ts";
import type { Measured } from "./bench-stats.ts";
import { resultProblems } from "./bench-verify.ts";

const task = (key: string, change: Partial<BenchTask> = {}): BenchTask => ({
  key,
  completed: true,
  correct: true,
  result: "success x",
  latencyMs: 10,
  gate: null,
  tokens: null,
  cost: null,
  ...change,
});
const METRICS = ["task_completion", "accuracy", "consistency", "throughput", "tokens_per_task"] as const;

describe("the profile of a benchmark", () => {
  it("[BEH-15] states task set, seed, repetitions, timeout and environment, and weights only what it measures and aims at", () => {
    expect(benchProfileSchema.safeParse(benchProfile()).success).toBe(true);
    expect(benchProfileSchema.safeParse(benchProfile({ repetitions: 2 })).success).toBe(false);
    expect(benchProblem(benchProfile(), TASK_SET)).toBeNull();
    for (const [wrong, words] of [
      [{ weights: { task_completion: 0.5 } }, "the weights sum to 1"],
      [{ weights: { throughput: 1 } }, "throughput has a weight: it is measured and has a target"],
      [{ weights: { accuracy: 1 } }, "accuracy has a weight: it is measured and has a target"],
      [{ metrics: ["task_completion", "task_completion", "latency_p95_ms"] }, "each metric is named once"],
      [
        { targets: { task_completion: { goal: 1, worst: 1 }, latency_p95_ms: { goal: 1, worst: 2 } } },
        "a goal is another value than the worst",
      ],
    ] as const)
      expect(
        benchProblem(
          { ...benchProfile(), ...wrong, metrics: [...("metrics" in wrong ? wrong.metrics : benchProfile().metrics)] },
          TASK_SET,
        ),
      ).toBe(words);
    for (const member of ["seed", "repetitions", "environment", "task_set", "timeout_ms"] as const) {
      const { [member]: _left, ...rest } = benchProfile();
      expect(benchProfileSchema.safeParse(rest).success).toBe(false);
    }
  });

  it("[BEH-S5] commits to a secret task set by a digest, which its nonce keeps from being guessed, and tells it in the result", () => {
    const secret = { ...TASK_SET, nonce: "q83vEjRWeJCrze8SNFZ4kA" };
    expect(taskSetHash(secret, sha256)).not.toBe(taskSetHash(TASK_SET, sha256));
    expect(taskSetHash(secret, sha256)).not.toBe(taskSetHash({ ...secret, nonce: "r83vEjRWeJCrze8SNFZ4kA" }, sha256));
    const profile = benchProfile({ task_set: { id: "s", hash: taskSetHash(secret, sha256), count: 4, secret: true } });
    const order = {
      iss: "spiffe://console.local/human/alice",
      aud: ["spiffe://console.local/pep"],
      ...{ iat: 1_772_064_000, exp: 1_772_064_300, jti: "0195400c-0000-4000-8000-000000000009" },
      profile,
      hash: benchHash(profile, sha256),
      subject: "spiffe://console.local/agents",
      wids: [1, 2, 3, 4].map((at) => `0195400c-0000-4000-8000-00000000001${at}`),
      ...{ reason: "before the release", role: "operator", auth_time: 1_772_064_000, amr: ["swk"] },
    };
    expect(benchOrderClaimsSchema.safeParse(order).success).toBe(true);
    expect(benchProblem(profile, undefined)).toBeNull();
    expect(benchProblem(profile, secret)).toBe("a task set is told with the order, unless it is secret");
    expect(benchProblem(benchProfile(), undefined)).toBe("a task set is told with the order, unless it is secret");
    expect(benchProblem(benchProfile(), { items: [...TASK_SET.items, ...TASK_SET.items] })).toBe(
      "the task set names each run once",
    );
    const { task_set: _told, ...untold } = benchResult();
    expect(benchResultClaimsSchema.safeParse(untold).success).toBe(false);
    expect(benchResultClaimsSchema.safeParse(benchResult()).success).toBe(true);
  });
});

describe("the order of the runs", () => {
  it("[BEH-15] [BEH-45] follows from the seed alone, with each repetition once and the warm-up first", () => {
    const runs = plannedRuns(benchProfile({ warmup: 1, repetitions: 4 }), 2, sha256);
    expect(runs.slice(0, 2)).toEqual([0, 1].map((item) => ({ item, repetition: 0, warmup: true })));
    expect(runs.slice(2).map(({ item, repetition }) => `${item}.${repetition}`)).toEqual(
      // Ascending SHA-256 of "7:item:repetition".
      ["1.1", "0.3", "1.2", "1.3", "0.1", "0.2", "1.0", "0.0"],
    );
    const other = plannedRuns(benchProfile({ seed: 8, repetitions: 4 }), 2, sha256);
    expect(other).not.toEqual(runs);
    expect(new Set(other.map((run) => JSON.stringify(run))).size).toBe(10);
  });
});

describe("what is measured", () => {
  it("[BEH-15] [BEH-47] a task that was not completed counts as attempted, and one that ended otherwise than recorded as wrong", () => {
    const lost = task("0/b", { completed: false, correct: false, result: null, latencyMs: null });
    const runs = [
      { wallMs: 1000, tasks: [task("0/a"), task("0/b")] },
      { wallMs: 2000, tasks: [task("0/a", { correct: false, result: "failure y" }), lost] },
    ];
    const { n, failed, results, unmeasured } = measure({ metrics: [...METRICS] }, runs);
    expect({ n, failed }).toEqual({ n: 4, failed: 1 });
    expect(results.task_completion).toMatchObject({ value: 0.75, n: 4 });
    expect(results.accuracy).toMatchObject({ value: 2 / 3, n: 3 });
    expect(results.throughput).toMatchObject({ value: 1.25, n: 2 });
    // Neither task came out the same twice.
    expect(results.consistency).toMatchObject({ value: 0, n: 2 });
    expect(unmeasured).toEqual(["tokens_per_task: nothing to measure"]);
  });

  it("[BEH-15] [BEH-47] consistency is the share of repeated tasks with the same result every time, with its interval", () => {
    const runs = [0, 1, 2].map((at) => ({
      wallMs: 1000,
      tasks: [task("0/a"), task("0/b", { result: at === 2 ? "failure y" : "success x" })],
    }));
    const { consistency } = measure({ metrics: ["consistency"] }, runs).results;
    expect(consistency).toMatchObject({ value: 0.5, n: 2 });
    expect(consistency?.ci_low).toBeGreaterThan(0);
    expect(consistency?.ci_high).toBeLessThan(1);
  });

  it("[BEH-15] asks of gated actions whether they waited, and takes tokens and money as recorded", () => {
    const run = {
      wallMs: 1000,
      tasks: [
        task("0/a", { gate: { waited: true }, tokens: 30, cost: { amount: "0.1", currency: "EUR" } }),
        task("0/b", { gate: { waited: false }, cost: { amount: "0.2", currency: "EUR" } }),
      ],
    };
    const metrics = ["hitl_adherence", "tokens_per_task", "cost_per_task"] as const;
    const { results } = measure({ metrics: [...metrics] }, [run, run]);
    expect(results.hitl_adherence).toMatchObject({ value: 0.5, n: 4 });
    expect(results.tokens_per_task).toMatchObject({ value: 15, ci_low: 15, ci_high: 15 });
    expect(results.cost_per_task?.value).toBe(0.15);
  });
});

describe("the score", () => {
  it("[BEH-15] is Σ weight × n × 100 with each value between its worst and its goal", () => {
    const { results } = benchResult();
    // 0.5 × 1 + 0.5 × (600 - 1100) / (100 - 1100).
    expect(benchScore(benchProfile(), results)).toEqual({ ok: true, value: 75 });
    const { latency_p95_ms: _missing, ...others } = results;
    const none = benchScore(benchProfile(), others);
    expect(none.ok ? null : none.error.code).toBe("bench_aborted");
  });

  it("[BEH-15] lies within 0..100, and a value nearer to its goal never lowers it", () => {
    const numbers = fc.integer({ min: -1_000_000, max: 1_000_000 });
    const measured = (value: number): Measured => ({ value, ci_low: value, ci_high: value, n: 1 });
    fc.assert(
      fc.property(numbers, numbers, numbers, numbers, (x, y, goal, worst) => {
        fc.pre(goal !== worst);
        const target = { goal, worst };
        const profile = { weights: { throughput: 1 }, targets: { throughput: target } };
        const of = (value: number): number => {
          const score = benchScore(profile, { throughput: measured(value) });
          return score.ok ? score.value : Number.NaN;
        };
        const [near, far] = [x, y].toSorted((a, b) => Math.abs(a - goal) - Math.abs(b - goal));
        const isSameSide = Math.sign((near ?? 0) - goal) === Math.sign((far ?? 0) - goal);
        expect(of(x)).toBeGreaterThanOrEqual(0);
        expect(of(x)).toBeLessThanOrEqual(100);
        if (isSameSide) expect(of(near ?? 0)).toBeGreaterThanOrEqual(of(far ?? 0));
        expect(normalised(goal, target)).toBe(1);
        expect(normalised(worst, target)).toBe(0);
      }),
    );
  });
});

describe("a comparison", () => {
  const at = (value: number, half: number): Measured => ({ value, ci_low: value - half, ci_high: value + half, n: 9 });

  it("[BEH-15] [BEH-50] is refused where benchmark or environment differ, in either order, and says in what", () => {
    const result = benchResult();
    expect(comparableProblem(result, benchResult({ score: 3 }))).toBeNull();
    const environment = { machine: "laptop", "host.cores": "4" };
    expect(comparableProblem(result, benchResult({ environment }))).toMatchObject({
      code: "bench_not_comparable",
      detail: 'the environments differ: host.cores is "8" and "4"',
    });
    const changed = { bench_id: "small-run", version: 2, hash: RUN };
    expect(comparableProblem(result, benchResult({ bench: changed }))?.detail).toBe(
      "small-run version 1 and version 2 are not the same benchmark",
    );
    const environments = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2"));
    fc.assert(
      fc.property(environments, environments, (one, other) => {
        const [a, b] = [benchResult({ environment: one }), benchResult({ environment: other })];
        const isEqual = ["a", "b", "c"].every((name) => one[name] === other[name]);
        expect(comparableProblem(a, b) === null).toBe(isEqual);
        expect(comparableProblem(b, a) === null).toBe(isEqual);
        expect(comparableProblem(a, a)).toBeNull();
      }),
    );
  });

  it("[BEH-15] [BEH-50] says regressed or improved only where intervals have nothing in common, by what is better", () => {
    const compare = (before: Measured, after: Measured) => {
      const changes = regression(
        benchResult({ results: { latency_p95_ms: before, task_completion: before } }),
        benchResult({ results: { latency_p95_ms: after, task_completion: after } }),
        {},
      );
      return changes.ok ? Object.fromEntries(changes.value.map(({ metric, movement }) => [metric, movement])) : null;
    };
    expect(compare(at(1, 0.1), at(2, 0.1))).toEqual({ task_completion: "improved", latency_p95_ms: "regressed" });
    expect(compare(at(2, 0.1), at(1, 0.1))).toEqual({ task_completion: "regressed", latency_p95_ms: "improved" });
    expect(compare(at(1, 0.6), at(2, 0.6))).toEqual({ task_completion: "unclear", latency_p95_ms: "unclear" });
    expect(compare(at(1, 0.6), at(1, 0.3))).toEqual({ task_completion: "same", latency_p95_ms: "same" });
    const other = regression(benchResult(), benchResult({ environment: {} }), {});
    expect(other.ok ? null : other.error.code).toBe("bench_not_comparable");
  });

  it("[BEH-15] [BEH-50] has the published interval of a difference of two ratios", () => {
    // Newcombe 1998, Statistics in Medicine 17, 873-890, table II, 56/70 - 48/80, method 10: 0.0524 to 0.3339.
    const wilsonOf = (value: number, ci_low: number, ci_high: number): Measured => ({ value, ci_low, ci_high, n: 1 });
    const difference = differenceOf(wilsonOf(0.6, 0.4904, 0.7004), wilsonOf(0.8, 0.6921, 0.8767));
    expect(difference.value).toBeCloseTo(0.2, 9);
    expect(difference.ci_low).toBeCloseTo(0.0524, 3);
    expect(difference.ci_high).toBeCloseTo(0.3339, 3);
  });
});

describe("a result that is read", () => {
  const runs = [3, 4, 5].map((at) => ({ jti: `0195400c-0000-4000-8000-00000000000${at}`, hash: RUN }));
  const problems = (change: Partial<BenchResultClaims> = {}) =>
    resultProblems(benchProfile(), benchResult({ runs, ...change }), sha256);

  it("[BEH-15] [BEH-S5] follows from what was committed to before and from its own values, or says what does not", () => {
    expect(problems()).toEqual([]);
    expect(problems({ score: 80 })).toEqual(["its score does not follow from its values and the weights"]);
    expect(problems({ runs: runs.slice(1) })).toEqual(["it names more or fewer runs than were ordered"]);
    expect(problems({ task_set: { ...TASK_SET, nonce: "q83vEjRWeJCrze8SNFZ4kA" } })).toEqual([
      "the tasks it tells are not those that were committed to before",
    ]);
    expect(problems({ bench: { ...benchResult().bench, hash: RUN } })).toEqual([
      "it is of another text of the benchmark",
    ]);
    // Whoever states another environment, or leaves one out, makes comparable what is not (B5).
    expect(problems({ environment: { machine: "server" } })).toEqual([
      "its environment has another machine than the benchmark declares",
    ]);
    expect(problems({ environment: { machine: "laptop", rack: "7" } })).toEqual([
      "its environment states rack, which nobody declared",
    ]);
    const drift = { value: 0, ci_low: 0, ci_high: 0, n: 12 };
    expect(problems({ results: { ...benchResult().results, drift } })).toEqual([
      "it gives drift, which the benchmark does not measure",
    ]);
    expect(problems({ failed: 3 })).toEqual(["its task_completion is not that of its counts"]);
    expect(problems({ failed: 13 })).toEqual(["its counts or times contradict each other"]);
    const shifted = { value: 600, ci_low: 610, ci_high: 700, n: 12 };
    expect(problems({ results: { ...benchResult().results, latency_p95_ms: shifted } })).toEqual([
      "the interval of latency_p95_ms does not hold its value",
    ]);
  });
});
