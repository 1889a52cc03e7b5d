import { sha256 as hash } from "@noble/hashes/sha2.js";
import { type BenchProfile, benchHash, taskSetHash } from "./bench-profile.ts";
import type { BenchResultClaims } from "./bench-result.ts";

export const sha256 = (bytes: Uint8Array): Uint8Array => hash(bytes);

export const RUN = "y9i8oDg3l7qgzMdecuhNeDChKV_T4XhO3YyS2v7CnuE";
export const TASK_SET = { items: [{ run: RUN }] };

export const benchProfile = (change: Partial<BenchProfile> = {}): BenchProfile => ({
  bench_id: "small-run",
  version: 1,
  task_set: { id: "small", hash: taskSetHash(TASK_SET, sha256), count: 4 },
  seed: 7,
  warmup: 1,
  repetitions: 3,
  timeout_ms: 60_000,
  concurrency: 1,
  metrics: ["task_completion", "accuracy", "latency_p95_ms", "consistency"],
  weights: { task_completion: 0.5, latency_p95_ms: 0.5 },
  targets: { task_completion: { goal: 1, worst: 0 }, latency_p95_ms: { goal: 100, worst: 1100 } },
  environment: { machine: "laptop" },
  playback: 1000,
  gated_actions: [],
  ...change,
});

export function benchResult(change: Partial<BenchResultClaims> = {}): BenchResultClaims {
  const profile = benchProfile();
  return {
    iss: "spiffe://console.local/pep",
    iat: 1_772_064_100,
    jti: "0195400c-0000-4000-8000-000000000001",
    order: "0195400c-0000-4000-8000-000000000002",
    subject: "spiffe://console.local/agents",
    bench: { bench_id: profile.bench_id, version: 1, hash: benchHash(profile, sha256) },
    started_at: 1_772_064_000,
    ended_at: 1_772_064_090,
    n: 12,
    failed: 0,
    results: {
      task_completion: { value: 1, ci_low: 0.757, ci_high: 1, n: 12 },
      latency_p95_ms: { value: 600, ci_low: 500, ci_high: 700, n: 12 },
    },
    score: 75,
    environment: { machine: "laptop", "host.cores": "8" },
    runs: [{ jti: "0195400c-0000-4000-8000-000000000003", hash: RUN }],
    deviations: [],
    task_set: TASK_SET,
    ...change,
  };
}
