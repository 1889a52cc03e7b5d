import type { Sha256 } from "../../base/ports.ts";
import { type BenchProfile, benchHash, taskSetHash } from "./bench-profile.ts";
import type { BenchResultClaims } from "./bench-result.ts";
import { benchScore } from "./bench-score.ts";
import { METRICS } from "./metrics.ts";

/** Scores are sums of a few products of doubles: nothing honest is further off. */
const TOLERANCE = 1e-6;

/** Members of an environment that the host states of itself; what is declared under such a name is not taken for it (BEH-49). */
export const HOST_MEMBERS = "host.";

/**
 * What of a result does not follow from the profile that was ordered, in words; empty where all of it does. Whoever reads a result
 * holds it against what was committed to before (BEH-S5) and computes its score anew, whatever the runner says.
 */
export function resultProblems(profile: BenchProfile, result: BenchResultClaims, sha256: Sha256): string[] {
  const { bench, task_set: told, results, score, runs, environment } = result;
  const declared = Object.entries(profile.environment);
  const otherwise = declared.filter(([name, value]) => environment[name] !== value);
  const beside = Object.keys(environment).filter(
    (name) => profile.environment[name] === undefined && !name.startsWith(HOST_MEMBERS),
  );
  const unasked = METRICS.filter((metric) => results[metric] !== undefined && !profile.metrics.includes(metric));
  const recomputed = benchScore(profile, results);
  return [
    ...(bench.hash === benchHash(profile, sha256) ? [] : ["it is of another text of the benchmark"]),
    ...(taskSetHash(told, sha256) === profile.task_set.hash
      ? []
      : ["the tasks it tells are not those that were committed to before"]),
    ...(recomputed.ok && Math.abs(recomputed.value - score) <= TOLERANCE
      ? []
      : ["its score does not follow from its values and the weights"]),
    ...(runs.length === told.items.length * profile.repetitions
      ? []
      : ["it names more or fewer runs than were ordered"]),
    ...otherwise.map(([name]) => `its environment has another ${name} than the benchmark declares`),
    ...beside.map((name) => `its environment states ${name}, which nobody declared`),
    ...unasked.map((metric) => `it gives ${metric}, which the benchmark does not measure`),
    ...selfContradictions(result),
  ];
}

/** What in a result contradicts itself, whatever was ordered. */
export function selfContradictions(result: BenchResultClaims): string[] {
  const { results, n, failed, started_at: from, ended_at: to } = result;
  const completion = results.task_completion?.value ?? (n - failed) / n;
  const beside = Object.entries(results).filter(
    ([, measured]) => measured.ci_low > measured.value + TOLERANCE || measured.ci_high < measured.value - TOLERANCE,
  );
  return [
    ...beside.map(([metric]) => `the interval of ${metric} does not hold its value`),
    ...(failed <= n && from <= to ? [] : ["its counts or times contradict each other"]),
    ...(failed > n || Math.abs(completion - (n - failed) / n) <= TOLERANCE
      ? []
      : ["its task_completion is not that of its counts"]),
  ];
}
