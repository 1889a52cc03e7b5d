import type { Json } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { FactOf } from "../../engine/fact.ts";
import type { Unavailable } from "../../engine/ports.ts";
import type { RunPlan } from "../../engine/workflow/plan.ts";
import { allAgents, type BenchOrderClaims } from "../../protocol/behavior/bench-order.ts";
import { plannedRuns } from "../../protocol/behavior/bench-plan.ts";
import { type BenchTaskSet, benchTaskSetSchema, taskSetHash } from "../../protocol/behavior/bench-profile.ts";
import { HOST_MEMBERS } from "../../protocol/behavior/bench-verify.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { BenchInput, BenchSite, BenchStart } from "./bench-site.ts";

export interface CheckedOrder {
  readonly set: BenchTaskSet;
  /** By item. */
  readonly plans: readonly RunPlan[];
  /** Epoch ms until which the starts are taken. */
  readonly untilMs: number;
}

const invalid = (detail: string, claim?: string): Result<never, Refusal> =>
  err(refusal("bench_invalid", detail, claim === undefined ? {} : { claim }));

/** What a host can check of an order before it is in the log: the runs it names are here, and each has its start. */
export async function checkedOrder(
  site: BenchSite,
  { claims }: FactOf<"bench-order+jwt">,
  input: Pick<BenchInput, "starts" | "taskSet">,
): Promise<Result<CheckedOrder, Refusal | Unavailable>> {
  const { profile } = claims;
  const told = claims.task_set ?? benchTaskSetSchema.safeParse(input.taskSet).data;
  if (told === undefined) return invalid("a secret task set is told to the host that runs it", "task_set");
  if (taskSetHash(told, site.sha256) !== profile.task_set.hash)
    return err(refusal("object_hash_mismatch", "the task set is not the one the profile names", { claim: "task_set" }));
  if (profile.task_set.secret === true && told.nonce === undefined)
    return invalid("the digest of a secret task set could be found by guessing: it has a nonce", "task_set");
  const declared = Object.keys(profile.environment).find((name) => name.startsWith(HOST_MEMBERS));
  if (declared !== undefined) return invalid(`"${declared}" is what the host says of itself`, "profile.environment");
  const plans: RunPlan[] = [];
  for (const { run, drill } of told.items) {
    const plan = await site.runs.plan(run);
    if (!plan.ok) return plan;
    if ((plan.value.run.format === "drill") !== (drill !== undefined))
      return invalid("the script of a drill is named as one, and nothing else is", "task_set");
    plans.push(plan.value);
  }
  // A drill is one task: to stop it.
  const isDrill = told.items.some(({ drill }) => drill !== undefined);
  const count = isDrill ? plans.length : plans.reduce((sum, plan) => sum + plan.tasks.length, 0);
  if (count !== profile.task_set.count)
    return invalid(`the task set has ${count} tasks, not ${profile.task_set.count}`, "profile.task_set.count");
  const slug = agentOfSubject(claims, site.engine.ids.domain);
  if (slug !== null && isDrill) return invalid("a drill is about all of its agents", "subject");
  if (slug !== null && !plans.some((plan) => plan.run.agents.some(({ id }) => id === slug)))
    return invalid("no agent of the task set has that id", "subject");
  const conduct = await conductProblem(site, claims, plans);
  if (conduct !== null) return err(refusal("bench_aborted", conduct, { claim: "subject" }));
  const untilMs = startsUntil(site, claims, told, input.starts);
  return untilMs.ok ? ok({ set: told, plans, untilMs: untilMs.value }) : untilMs;
}

/** Each start is of the workflow and the run that its place in the seeded order has; what they say else is checked when they are due. */
function startsUntil(
  site: BenchSite,
  { profile, wids }: BenchOrderClaims,
  set: BenchTaskSet,
  starts: readonly BenchStart[],
): Result<number, Refusal> {
  const runs = plannedRuns(profile, set.items.length, site.sha256);
  if (wids.length !== runs.length || starts.length !== runs.length)
    return invalid(`${runs.length} runs need as many ids and starts`, "wids");
  let untilS = Number.POSITIVE_INFINITY;
  for (const [at, { start }] of starts.entries()) {
    const parsed = parseCompact(start);
    if (!parsed.ok) return parsed;
    const { wid, ect_ext: ext, exp, iat } = parsed.value.payload;
    const run = set.items[runs[at]?.item ?? -1]?.run;
    if (wid !== wids[at] || runNamed(ext) !== run)
      return invalid(`start ${at + 1} is of another run than the seeded order has there`, "starts");
    if (typeof exp === "number" && typeof iat === "number") untilS = Math.min(untilS, exp, iat + 900);
  }
  return ok(untilS * 1000);
}

function runNamed(ext: Json | undefined): Json | undefined {
  return typeof ext === "object" && ext !== null && "obj_hash" in ext ? ext.obj_hash : undefined;
}

/** The id in its run of the one agent that is measured; null where all are. */
export function agentOfSubject({ subject }: Pick<BenchOrderClaims, "subject">, domain: string): string | null {
  return subject === allAgents(domain) ? null : (subject.split("/").at(-1) ?? null);
}

/** B5: only an agent that is conformant is measured, where it was appraised at all. */
export async function conductProblem(
  site: Pick<BenchSite, "engine">,
  claims: Pick<BenchOrderClaims, "subject">,
  plans: readonly RunPlan[],
): Promise<string | null> {
  const { domain } = site.engine.ids;
  const one = agentOfSubject(claims, domain);
  const slugs = one === null ? [...new Set(plans.flatMap((plan) => plan.run.agents.map(({ id }) => id)))] : [one];
  return site.engine.read((state) => {
    for (const slug of slugs) {
      const standing = state.behavior.agents.get(`spiffe://${domain}/agent/${slug}`)?.now.state ?? "unverified";
      if (standing !== "unverified" && standing !== "conformant") return `${slug} is ${standing}, not conformant`;
    }
    return null;
  });
}
