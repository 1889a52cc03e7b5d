import { v4 } from "uuid";
import type { enrolledOperator, TestClient } from "../../api/dispatch/operator.fixture.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { AcpClaimsInput } from "../../protocol/acp/claims.ts";
import { BENCH_EXT } from "../../protocol/behavior/bench-mark.ts";
import { allAgents } from "../../protocol/behavior/bench-order.ts";
import { plannedRuns } from "../../protocol/behavior/bench-plan.ts";
import { type BenchProfile, type BenchTaskSet, benchHash, taskSetHash } from "../../protocol/behavior/bench-profile.ts";
import { DRILL_EXT } from "../../protocol/drill/drill-mark.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";

type Operator = Awaited<ReturnType<typeof enrolledOperator>>;

const nowS = (): number => Math.floor(Date.now() / 1000);

/** What an operator signs to have a benchmark of one run: the order, and a policy and a start for each of its runs. */
export async function benchOrder(
  client: TestClient,
  operator: Operator,
  run: RecordedRun | { readonly script: string; readonly size: number },
  change: {
    readonly profile?: Partial<BenchProfile>;
    readonly nonce?: string;
    readonly claims?: object;
    /** A mark of its own in the starts, or none. */
    readonly mark?: string | null;
  } = {},
) {
  const sha256 = await createSha256();
  const { pepId, trustDomain } = await client.identity.describe();
  const drill = "script" in run ? run : null;
  const { digest, tasks, agents, actions } =
    "script" in run
      ? await drilled(client, run)
      : {
          digest: (await client.workflow.addRun(run)).digest,
          tasks: run.tasks.length,
          agents: run.agents.map(({ id }) => id),
          actions: [...new Set(run.tasks.map((task) => task.action))],
        };
  const set: BenchTaskSet = {
    items: [{ run: digest, ...(drill === null ? {} : { drill }) }],
    ...(change.nonce === undefined ? {} : { nonce: change.nonce }),
  };
  const profile: BenchProfile = {
    bench_id: "small-run",
    version: 1,
    task_set: {
      id: "small",
      hash: taskSetHash(set, sha256),
      count: tasks,
      ...(change.nonce === undefined ? {} : { secret: true }),
    },
    ...{ seed: 7, warmup: 1, repetitions: 3, timeout_ms: 600_000, concurrency: 1 },
    metrics: ["task_completion", "accuracy", "latency_p95_ms", "throughput", "consistency"],
    weights: { task_completion: 0.6, accuracy: 0.4 },
    targets: { task_completion: { goal: 1, worst: 0 }, accuracy: { goal: 1, worst: 0 } },
    environment: { machine: "test" },
    ...{ playback: 1000, gated_actions: [] },
    ...change.profile,
  };
  const common = (lifetimeS: number) => ({
    ...{ iss: operator.subject, aud: [pepId] },
    ...{ iat: nowS(), exp: nowS() + lifetimeS, jti: v4() },
  });
  const runs = plannedRuns(profile, 1, sha256);
  const wids = runs.map(() => v4());
  const starts = await Promise.all(
    wids.map(async (wid) => {
      const policy: AcpClaimsInput = {
        ...common(3600),
        ...{ sub: operator.subject, wid, acp_ver: 1 },
        dag: {
          ...{ root: "op", self: "op", max_depth: 1, max_fanout: 64 },
          nodes: [
            { id: "op", agent: operator.subject, actions, delegable: true },
            ...agents.map((id, at) => ({ id: `a${at}`, agent: `spiffe://${trustDomain}/agent/${wid}/${id}`, actions })),
          ],
          edges: agents.map((_, at) => ({ from: "op", to: `a${at}`, kind: "delegates" as const, actions })),
        },
        hitl: { default_on_timeout: "deny", rules: [] },
      };
      const acp = await signToken("acp+jwt", policy, operator.signer);
      const hash = toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(acp))));
      const mark = change.mark === undefined ? profile.bench_id : change.mark;
      const ext = {
        ...{ obj_typ: "recorded-run+json", obj_id: digest, obj_hash: digest },
        "org.signalbox.acp": { jti: policy.jti, hash },
        ...(mark === null ? {} : { [BENCH_EXT]: mark }),
        ...(drill === null ? {} : { [DRILL_EXT]: { ...drill, again_days: 7 } }),
      };
      const claims = { ...common(900), wid, exec_act: "run_start", pred: [], ect_ext: ext };
      return { acp, start: await signToken("exec+jwt", claims, operator.signer) };
    }),
  );
  const order = await signToken(
    "bench-order+jwt",
    {
      ...common(300),
      profile,
      hash: benchHash(profile, sha256),
      subject: allAgents(trustDomain),
      wids,
      ...(change.nonce === undefined ? { task_set: set } : {}),
      ...{ reason: "before the release", role: "operator", auth_time: nowS(), amr: ["swk"] },
      ...change.claims,
    },
    operator.signer,
  );
  return { order, starts, wids, set, profile, digest };
}

/** The script of a drill as a run: one task, to stop it. */
async function drilled(client: TestClient, { script, size }: { readonly script: string; readonly size: number }) {
  const { digest, action, agents } = await client.drill.prepare({ script, size, wid: v4() });
  const ids = agents.map(({ agent }) => agent.split("/").at(-1) ?? "");
  return { digest, tasks: 1, agents: ids, actions: [action] };
}
