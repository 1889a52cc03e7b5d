import { err } from "../../base/result.ts";
import type { BenchmarkState } from "../../engine/behavior/bench-state.ts";
import { regression } from "../../protocol/behavior/bench-compare.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import type { BenchmarkView } from "../contract/benchmark.ts";
import { asOf } from "./as-of.ts";
import { api, positionOf, valueOr } from "./base.ts";

/** Loaded when somebody first asks for benchmarks. */
export const benchmarkOperations = {
  list: api.benchmark.list.use(asOf).handler(async ({ context: { host } }) => {
    const benchmarks = await host.engine.read((state) =>
      [...state.benchmarks.values()].toSorted((a, b) => b.seq - a.seq).map(benchmarkView),
    );
    return { position: await positionOf(host), benchmarks };
  }),

  detail: api.benchmark.detail.use(asOf).handler(async ({ context: { host }, input, errors }) => {
    const found = await host.engine.read((state) => {
      const bench = state.benchmarks.get(input.order);
      if (bench === undefined) return null;
      const { profile, reason, wids, task_set: told } = bench.claims;
      const result = bench.end?.how === "done" ? bench.end.result : null;
      const detail = { profile, reason, wids, taskSet: told ?? result?.task_set ?? null, result };
      return { benchmark: benchmarkView(bench), ...structuredClone(detail) };
    });
    if (found === null) return valueOr(err(unknown()), errors);
    const now = found.benchmark.status === "running" ? host.benches.now(input.order) : null;
    return { position: await positionOf(host), ...found, now: now === null ? null : { ...now, wids: [...now.wids] } };
  }),

  order: api.benchmark.order.handler(async ({ context: { host }, input, errors }) => {
    const { startWorkflow } = await import("../../host/start-workflow.ts");
    const { hostEnvironment } = await import("../../host/bench/environment.ts");
    const site = {
      ...{ engine: host.engine, runs: host.runs, sha256: host.ports.sha256, environment: hostEnvironment(host.ports) },
      start: (run: Parameters<typeof startWorkflow>[1]) => startWorkflow(host, run),
    };
    const { jti, seq } = valueOr(await host.benches.start(site, input), errors);
    return { order: jti, seq };
  }),

  cancel: api.benchmark.cancel.handler(async ({ context: { host }, input, errors }) => {
    valueOr(await host.benches.cancel(input.order, input.by), errors);
    return { order: input.order };
  }),

  compare: api.benchmark.compare.use(asOf).handler(async ({ context: { host }, input, errors }) => {
    const found = await host.engine.read((state) => {
      const resultOf = (order: string) => {
        const end = state.benchmarks.get(order)?.end ?? null;
        return end?.how === "done" ? structuredClone(end.result) : null;
      };
      const targets = state.benchmarks.get(input.order)?.claims.profile.targets ?? {};
      return { before: resultOf(input.before), after: resultOf(input.order), targets: structuredClone(targets) };
    });
    const { before, after, targets } = found;
    if (before === null || after === null)
      return valueOr(err({ ...unknown(), detail: "one of the two has no result in this log" }), errors);
    const changes = regression(before, after, targets);
    const position = await positionOf(host);
    if (changes.ok) return { position, problem: null, changes: changes.value };
    return { position, problem: { code: changes.error.code, detail: changes.error.detail }, changes: [] };
  }),
};

const unknown = () => refusal("bench_unknown", "no benchmark of this log has that id");

function benchmarkView({ jti, claims, seq, at, end }: BenchmarkState): BenchmarkView {
  const { profile, iss, subject, hash, wids } = claims;
  return {
    order: jti,
    by: iss,
    at,
    seq,
    subject,
    benchId: profile.bench_id,
    version: profile.version,
    hash,
    secret: profile.task_set.secret === true,
    runs: wids.length,
    status: end === null ? "running" : end.how,
    endedAt: end?.at ?? null,
    endSeq: end?.seq ?? null,
    score: end?.how === "done" ? end.result.score : null,
    aborted: end?.how === "aborted" ? { reason: end.reason, detail: end.detail } : null,
  };
}
