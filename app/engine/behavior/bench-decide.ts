import { err, ok, type Result } from "../../base/result.ts";
import { BENCH_METRICS, isBenchMetric } from "../../protocol/behavior/bench-measure.ts";
import { allAgents, type BenchOrderClaims } from "../../protocol/behavior/bench-order.ts";
import { benchHash, benchProblem, taskSetHash } from "../../protocol/behavior/bench-profile.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { calledOff, callOffProblem } from "../identity/called-off.ts";
import { isHuman } from "../identity/human.ts";
import { MAY_START, roleProblem } from "../identity/roles.ts";
import { type HostIds, recordDraft, tokenDraft } from "../records.ts";
import type { State } from "../state.ts";
import type { BenchEnd } from "./bench-end.ts";

/** Who orders a benchmark has authenticated at most so long ago, seconds: as for a decision (P3). */
const AUTH_AGE_S = 900;
const SKEW_S = 30;

/** An order to run a benchmark. One at a time: two at once would measure each other. */
export function decideBenchOrder(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"bench-order+jwt">,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const problem =
    (isHuman(claims.iss) ? null : refusal("bench_unauthorized", "a benchmark is ordered by a person")) ??
    roleProblem(state, claims.iss, MAY_START, moment.nowS, {
      code: "bench_unauthorized",
      what: "ordering a benchmark",
    }) ??
    authProblem(claims, moment.nowS) ??
    subjectProblem(claims, ids) ??
    profileProblem(claims, moment) ??
    runsProblem(state, claims);
  return problem === null ? ok([tokenDraft(token, fact)]) : err(problem);
}

function authProblem({ auth_time: authTime }: BenchOrderClaims, nowS: number): Refusal | null {
  return nowS - authTime > AUTH_AGE_S || authTime > nowS + SKEW_S
    ? refusal("hitl_auth_stale", "the authentication is too old: authenticate again", { claim: "auth_time" })
    : null;
}

/** What runs here measures agents of this domain, under the id behind those in workflows: a result about anybody else would be false. */
function subjectProblem({ subject }: BenchOrderClaims, { domain }: HostIds): Refusal | null {
  const [before, name] = [subject.slice(0, subject.lastIndexOf("/")), subject.slice(subject.lastIndexOf("/") + 1)];
  const isOne = before === `spiffe://${domain}/agent` && name !== "";
  return subject === allAgents(domain) || isOne
    ? null
    : refusal("bench_invalid", "it measures an agent of this domain, or all of them", { claim: "subject" });
}

function profileProblem({ profile, hash, task_set: set }: BenchOrderClaims, { sha256 }: Moment): Refusal | null {
  const wrong = benchProblem(profile, set);
  if (wrong !== null) return refusal("bench_invalid", wrong, { claim: "profile" });
  if (benchHash(profile, sha256) !== hash)
    return refusal("object_hash_mismatch", "the digest is of another profile", { claim: "hash" });
  if (set !== undefined && taskSetHash(set, sha256) !== profile.task_set.hash)
    return refusal("object_hash_mismatch", "the task set is not the one the profile names", { claim: "task_set" });
  const unknown = profile.metrics.filter((metric) => !isBenchMetric(metric));
  return unknown.length === 0
    ? null
    : refusal("bench_invalid", `${unknown.join(", ")} cannot be measured here; what can: ${BENCH_METRICS.join(", ")}`, {
        claim: "profile.metrics",
      });
}

function runsProblem(state: State, { wids, profile, task_set: set }: BenchOrderClaims): Refusal | null {
  const times = profile.warmup + profile.repetitions;
  const isWhole = set === undefined ? wids.length % times === 0 : wids.length === set.items.length * times;
  if (!isWhole || new Set(wids).size !== wids.length)
    return refusal("bench_invalid", "as many runs as the profile has warm-up and repetitions of each item", {
      claim: "wids",
    });
  const used = wids.find((wid) => state.workflows.has(wid));
  if (used !== undefined) return refusal("bench_invalid", `${used} is a workflow already`, { claim: "wids" });
  const running = [...state.benchmarks.values()].find(({ end }) => end === null);
  return running === undefined
    ? null
    : refusal("bench_running", "another benchmark is running: two at once would measure each other", {
        jti: running.jti,
      });
}

/** How it ended, once: the result, signed by the enforcement point, or why there is none. What of it still runs ends with it. */
export function decideBenchEnd(
  state: State,
  { order, end }: { readonly order: string; readonly end: BenchEnd },
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const bench = state.benchmarks.get(order);
  if (bench === undefined) return err(refusal("bench_unknown", "no benchmark of this log has that id"));
  if (bench.end !== null) return err(refusal("bench_over", "this benchmark has ended already"));
  const by = end.how === "aborted" ? end.by : undefined;
  const denied = by === undefined ? null : callOffProblem(state, by, moment.nowS, "bench_unauthorized");
  if (denied !== null) return err(denied);
  const { claims } = bench;
  const open = claims.wids.filter((wid) => (state.workflows.get(wid)?.status ?? "finished") !== "finished");
  const ends = open.map((wid) => recordDraft(ids, moment, "run_finished", wid, { jti: order }, {}));
  if (end.how === "aborted")
    return ok([
      ...ends,
      recordDraft(
        ids,
        moment,
        "bench_aborted",
        null,
        { jti: order },
        {
          ...{ reason: end.reason, detail: end.detail },
          ...(by === undefined ? {} : calledOff(by)),
        },
      ),
    ]);
  const { bench_id, version } = claims.profile;
  return ok([
    ...ends,
    {
      kind: "sign",
      as: "pep",
      fact: {
        typ: "bench-result+jwt",
        claims: {
          ...end.outcome,
          iss: ids.pepId,
          iat: moment.nowS,
          jti: moment.uuid(),
          subject: claims.subject,
          bench: { bench_id, version, hash: claims.hash },
          order,
        },
      },
    },
  ]);
}
