import type { BenchmarkView } from "../../../api/contract/benchmark.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import type { Sha256 } from "../../../base/ports.ts";
import { BENCH_METRICS } from "../../../protocol/behavior/bench-measure.ts";
import {
  type BenchProfile,
  type BenchTaskSet,
  benchHash,
  benchProfileSchema,
  MAX_BENCH_RUNS,
  taskSetHash,
} from "../../../protocol/behavior/bench-profile.ts";
import { percentile } from "../../../protocol/behavior/bench-stats.ts";
import type { Metric } from "../../../protocol/behavior/metrics.ts";

export interface MetricDraft {
  readonly isOn: boolean;
  /** Percent of the score; empty: measured, and no part of it. */
  readonly weight: string;
  readonly goal: string;
  readonly worst: string;
}

/** A benchmark as somebody types it. */
export interface BenchDraft {
  readonly id: string;
  /** The script of a drill and its size, which is then what is repeated in place of recorded runs. */
  readonly drill: { readonly script: string; readonly size: string } | null;
  /** Digests of recorded runs. */
  readonly runs: readonly string[];
  /** An agent's id in the runs; null for all. */
  readonly agent: string | null;
  readonly repetitions: string;
  readonly warmup: string;
  readonly concurrency: string;
  readonly playback: string;
  readonly timeoutS: string;
  readonly seed: string;
  /** The action before which a human is asked. */
  readonly gated: string | null;
  readonly isSecret: boolean;
  /** One `name: value` a line. */
  readonly environment: string;
  readonly reason: string;
  readonly metrics: Readonly<Partial<Record<Metric, MetricDraft>>>;
}

const DEFAULTS: Readonly<Partial<Record<Metric, MetricDraft>>> = {
  task_completion: { isOn: true, weight: "40", goal: "1", worst: "0.5" },
  accuracy: { isOn: true, weight: "20", goal: "1", worst: "0.5" },
  latency_p50_ms: { isOn: true, weight: "", goal: "", worst: "" },
  latency_p95_ms: { isOn: true, weight: "20", goal: "", worst: "" },
  throughput: { isOn: true, weight: "", goal: "", worst: "" },
  consistency: { isOn: true, weight: "20", goal: "1", worst: "0.5" },
};
const OFF: MetricDraft = { isOn: false, weight: "", goal: "", worst: "" };

export const FIRST_DRAFT: BenchDraft = {
  ...{ id: "", drill: null, runs: [], agent: null, gated: null, isSecret: false, environment: "", reason: "" },
  ...{ repetitions: "5", warmup: "1", concurrency: "1", playback: "100", timeoutS: "60", seed: "1" },
  metrics: Object.fromEntries(BENCH_METRICS.map((metric) => [metric, DEFAULTS[metric] ?? OFF])),
};

/** What a drill is measured by: whether it is passed, and how long a stop takes to its effect. */
const OF_DRILLS: Readonly<Partial<Record<Metric, MetricDraft>>> = {
  accuracy: { isOn: true, weight: "50", goal: "1", worst: "0" },
  override_latency_ms: { isOn: true, weight: "50", goal: "250", worst: "5000" },
  latency_p50_ms: { isOn: true, weight: "", goal: "", worst: "" },
  consistency: { isOn: true, weight: "", goal: "", worst: "" },
};
export const DRILL_METRICS: BenchDraft["metrics"] = Object.fromEntries(
  BENCH_METRICS.flatMap((metric) => {
    const first = OF_DRILLS[metric];
    return first === undefined ? [] : [[metric, first]];
  }),
);

/** What is recorded of the chosen runs, as far as a benchmark needs it. */
export interface RunFacts {
  readonly agents: readonly { readonly id: string; readonly name: string }[];
  readonly actions: readonly string[];
  readonly tasks: number;
  /** Makespan of all together, recorded ms. */
  readonly spanMs: number;
  /** Duration below which 95 % of the recorded tasks lie, ms; null where there is none. */
  readonly p95Ms: number | null;
}

export function runFacts(graphs: readonly RunGraph[]): RunFacts {
  const durations = graphs.flatMap(({ durationMs }) => durationMs);
  return {
    agents: [...new Map(graphs.flatMap(({ agents }) => agents.map((agent) => [agent.id, agent] as const))).values()],
    actions: [...new Set(graphs.flatMap(({ actions }) => actions))].toSorted(),
    tasks: graphs.reduce((sum, { ids }) => sum + ids.length, 0),
    spanMs: graphs.reduce((sum, graph) => sum + spanOf(graph), 0),
    p95Ms: durations.length === 0 ? null : percentile(durations, 0.95).value,
  };
}

const spanOf = ({ startMs, durationMs }: RunGraph): number =>
  startMs.reduce<number>((most, start, at) => Math.max(most, (start ?? 0) + (durationMs[at] ?? 0)), 0);

/** A drill as a task: its script's limit is the longest it goes on without a stop. */
export const drillFacts = (limitS: number): RunFacts => ({
  ...{ agents: [], actions: [], tasks: 1, p95Ms: null },
  spanMs: limitS * 1000,
});

/** Seconds that a run of a drill may take beyond its limit before it counts as too long. */
const DRILL_MARGIN_S = 60;

/** Seconds for which what is signed for the runs is taken. */
export const SIGNED_FOR_S = 900;

export interface Checked {
  /** Null while something is wrong. */
  readonly profile: Omit<BenchProfile, "version" | "task_set"> | null;
  /** By field, what is wrong with it. */
  readonly problems: Readonly<Record<string, string>>;
  /** Runs in all, warm-up included, and how long they take as recorded, ms. */
  readonly runs: number;
  readonly takesMs: number;
}

/** Holds what was typed against what a benchmark can be. */
export function checkDraft(draft: BenchDraft, facts: RunFacts): Checked {
  const problems: Record<string, string> = {};
  const whole = (field: keyof BenchDraft, text: string, min: number, max: number): number => {
    const value = /^\s*\d{1,10}\s*$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    problems[field] = `A whole number from ${min} to ${max.toLocaleString("en")}`;
    return min;
  };
  const repetitions = whole("repetitions", draft.repetitions, 3, 50);
  const seed = whole("seed", draft.seed, 0, 4_294_967_295);
  // A person stops one drill at a time, in the time there is, and each of them counts.
  const { warmup, playback, concurrency, timeoutS } =
    draft.drill === null
      ? {
          warmup: whole("warmup", draft.warmup, 0, 5),
          playback: whole("playback", draft.playback, 1, 1000),
          concurrency: whole("concurrency", draft.concurrency, 1, 8),
          timeoutS: whole("timeoutS", draft.timeoutS, 1, 600),
        }
      : { warmup: 0, playback: 1, concurrency: 1, timeoutS: facts.spanMs / 1000 + DRILL_MARGIN_S };
  const items = draft.drill === null ? draft.runs.length : 1;
  const runs = items * (repetitions + warmup);
  const takesMs = (facts.spanMs * (repetitions + warmup)) / playback / concurrency;
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(draft.id)) problems.id = "Lower-case letters, digits and hyphens";
  if (items === 0) problems.runs = "Choose at least one run";
  else if (items > 8) problems.runs = "At most 8 runs";
  else if (runs > MAX_BENCH_RUNS)
    problems.runs = `${runs} runs with repetitions and warm-up are more than ${MAX_BENCH_RUNS}`;
  if (draft.reason.trim() === "") problems.reason = "Say why";
  const environment = environmentOf(draft.environment);
  if (environment === null) problems.environment = "One name and value a line, such as machine: build server 2";
  else if (Object.keys(environment).some((name) => name.startsWith("host.")))
    problems.environment = "What begins with host. is what the host says of itself";
  const measured = measuredOf(draft, facts, problems);
  const profile = {
    ...{ bench_id: draft.id, seed, warmup, repetitions, timeout_ms: timeoutS * 1000, concurrency, playback },
    ...measured,
    environment: environment ?? {},
    gated_actions: draft.gated === null || draft.drill !== null ? [] : [draft.gated],
  };
  return { profile: Object.keys(problems).length === 0 ? profile : null, problems, runs, takesMs };
}

type Measures = Pick<BenchProfile, "metrics" | "weights" | "targets">;

function measuredOf(draft: BenchDraft, facts: RunFacts, problems: Record<string, string>): Measures {
  const metrics: Metric[] = [];
  const weights: { [name in Metric]?: number } = {};
  const targets: { [name in Metric]?: { goal: number; worst: number } } = {};
  let percent = 0;
  for (const metric of BENCH_METRICS) {
    const typed = draft.metrics[metric] ?? OFF;
    if (!typed.isOn) continue;
    metrics.push(metric);
    const target = targetOf(metric, typed, draft, facts);
    if (target !== null && target !== "wrong") targets[metric] = target;
    if (target === "wrong") problems.metrics = "A goal and a worst value are two different numbers";
    if (typed.weight.trim() === "") continue;
    const weight = Number(typed.weight);
    if (!(weight > 0 && weight <= 100)) problems.metrics = "A weight is more than 0 % and at most 100 %";
    if (target === null) problems.metrics = "What has a weight has a goal and a worst value";
    weights[metric] = weight / 100;
    percent += weight;
  }
  if (metrics.length === 0) problems.metrics = "Choose what is measured";
  else if (Math.abs(percent - 100) > 0.1) problems.metrics ??= `The weights add up to ${percent} %, not 100 %`;
  return { metrics, weights, targets };
}

/** What was typed; where nothing was of a duration, what the recording gives: its own at this speed, and ten times that. */
function targetOf(
  metric: Metric,
  { goal, worst }: MetricDraft,
  draft: BenchDraft,
  facts: RunFacts,
): { goal: number; worst: number } | "wrong" | null {
  if (goal.trim() === "" && worst.trim() === "") {
    const suggested = suggestedTarget(metric, draft, facts);
    return suggested === null ? null : suggested;
  }
  const [aim, least] = [Number(goal), Number(worst)];
  const isNumbers = goal.trim() !== "" && worst.trim() !== "" && Number.isFinite(aim) && Number.isFinite(least);
  return isNumbers && aim !== least ? { goal: aim, worst: least } : "wrong";
}

export function suggestedTarget(
  metric: Metric,
  draft: Pick<BenchDraft, "playback">,
  { p95Ms }: Pick<RunFacts, "p95Ms">,
): { goal: number; worst: number } | null {
  if (metric !== "latency_p95_ms" || p95Ms === null) return null;
  const goal = Math.max(1, Math.round(p95Ms / Math.max(1, Number(draft.playback) || 1)));
  return { goal, worst: goal * 10 + 100 };
}

/** Null where a line is no `name: value`. */
function environmentOf(text: string): Record<string, string> | null {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const parts = lines.map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at).trim(), line.slice(at + 1).trim(), at] as const;
  });
  const isWrong = parts.some(([name, value, at]) => at < 1 || name === "" || name.length > 64 || value.length > 256);
  return isWrong ? null : Object.fromEntries(parts.map(([name, value]) => [name, value]));
}

/**
 * The whole profile: with its task set, and as the version it is. The same text as the newest version of that name is that
 * version, so that results are comparable; anything else is the next one.
 */
export function withVersion(
  profile: Omit<BenchProfile, "version" | "task_set">,
  set: BenchTaskSet,
  count: number,
  earlier: readonly Pick<BenchmarkView, "benchId" | "version" | "hash">[],
  sha256: Sha256,
): BenchProfile {
  const named = earlier.filter(({ benchId }) => benchId === profile.bench_id);
  const newest = named.reduce((most, { version }) => Math.max(most, version), 0);
  const of = (version: number): BenchProfile =>
    benchProfileSchema.parse({
      ...profile,
      version,
      task_set: {
        ...{ id: `${profile.bench_id}-tasks`.slice(0, 63), hash: taskSetHash(set, sha256), count },
        ...(set.nonce === undefined ? {} : { secret: true }),
      },
    });
  const again = newest === 0 ? null : of(newest);
  const isAgain = again !== null && named.some(({ hash }) => hash === benchHash(again, sha256));
  return isAgain ? again : of(newest + 1);
}
