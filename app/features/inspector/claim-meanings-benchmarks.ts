import { type Meanings, ours } from "./meaning.ts";

/** Orders and results of benchmarks (behavior.md section b, B5). */
export const BENCHMARK_MEANINGS: Readonly<Record<string, Meanings>> = {
  "bench-order+jwt": {
    iss: ours("the person who has it run"),
    profile: ours("what is run: how often, how fast, what is measured, and what makes up the score"),
    "profile.bench_id": ours("name of the benchmark; every execution of its runs carries it"),
    "profile.task_set": ours("the recorded runs it repeats, by digest"),
    "profile.seed": ours("number from which the order of the runs follows"),
    "profile.gated_actions": ours("actions before which a human is asked"),
    "profile.environment": ours("where it is run, as declared"),
    hash: ours("digest of the profile: results of another one are not comparable"),
    subject: ours("the agent that is measured, or all"),
    wids: ours("the workflows of all its runs, in order"),
    task_set: ours("the recorded runs; absent while they are secret"),
    reason: ours("why, in the person's words"),
  },
  "bench-result+jwt": {
    iss: ours("the enforcement point that ran it"),
    subject: ours("the agent that was measured, or all"),
    order: ours("the order it answers"),
    bench: ours("which benchmark, and which text of it"),
    "bench.hash": ours("digest of its profile"),
    n: ours("tasks attempted in the measured runs"),
    failed: ours("how many of them were not completed"),
    results: ours("by metric, the value, its 95 % interval and the number of observations"),
    score: ours("0 to 100, by the weights of the profile"),
    environment: ours("as declared, and what the host knows of itself"),
    runs: ours("the starts of the measured runs"),
    deviations: ours("what was otherwise than the profile has it"),
    task_set: ours("the recorded runs, told now at the latest"),
    started_at: ours("when it began"),
    ended_at: ours("when its last run was over"),
  },
};
