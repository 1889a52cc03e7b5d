import { useMutation } from "@tanstack/react-query";
import { v4 } from "uuid";
import { useApi } from "../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../api/client/client.ts";
import { problemOf } from "../../../api/client/problem.ts";
import { must } from "../../../base/assert.ts";
import { toBase64url, utf8 } from "../../../base/bytes.ts";
import { commonClaims } from "../../../operator/claims.ts";
import { drillPolicy } from "../../../operator/drill-policy.ts";
import { useOperator, useOperatorSession } from "../../../operator/operator-context.tsx";
import type { AcpClaimsInput } from "../../../protocol/acp/claims.ts";
import { BENCH_EXT } from "../../../protocol/behavior/bench-mark.ts";
import { allAgents, type BenchOrderClaims } from "../../../protocol/behavior/bench-order.ts";
import { plannedRuns } from "../../../protocol/behavior/bench-plan.ts";
import { type BenchProfile, type BenchTaskSet, benchHash } from "../../../protocol/behavior/bench-profile.ts";
import { DRILL_AGAIN_DAYS, DRILL_EXT } from "../../../protocol/drill/drill-mark.ts";
import { createSha256 } from "../../../protocol/jose/hasher.ts";
import type { ShownProblem } from "../../../ui/states.tsx";
import { SIGNED_FOR_S } from "./bench-draft.ts";
import { type BenchPolicyContext, benchPolicy, LIFETIME_OF_POLICY_S } from "./bench-policy.ts";

/** How long the order may take to arrive, s. */
const LIFETIME_S = 120;

export interface BenchOrder {
  set(): Promise<BenchTaskSet>;
  profile(set: BenchTaskSet): Promise<BenchProfile>;
  /** An agent's id in the runs; null for all. */
  readonly agent: string | null;
  readonly reason: string;
}

export interface OrderBench {
  order(bench: BenchOrder): void;
  readonly isBusy: boolean;
  readonly problem: ShownProblem | null;
}

/**
 * Signs a benchmark and everything it needs: a policy and a marked start for each of its runs, in their seeded order, and the
 * order that names them all. Nothing else can be started with it.
 */
export function useOrderBench(onOrdered: (order: string) => void): OrderBench {
  const { client } = useApi();
  const { sign } = useOperator();
  const session = useOperatorSession();
  const { mutate, isPending, error } = useMutation({
    mutationFn: async ({ agent, reason, ...bench }: BenchOrder): Promise<string> => {
      const set = await bench.set();
      const profile = await bench.profile(set);
      const { subject, pepId } = must(
        session.store.getState().operator,
        "somebody is signed in who orders a benchmark",
      );
      const { trustDomain } = await client.identity.describe();
      const sha256 = await createSha256();
      const actions = await Promise.all(set.items.map((item) => actionsOf(client, item)));
      const authTime = session.touch();
      const runs = plannedRuns(profile, set.items.length, sha256).map(({ item }) => ({ item, wid: v4() }));
      const starts: { acp: string; start: string }[] = [];
      for (const { item: at, wid } of runs) {
        const item = must(set.items[at], "a planned run is of an item");
        const context = { operator: subject, pepId, trustDomain, wid, gated: profile.gated_actions };
        const policy = await policyOf(client, item, { ...context, actions: actions[at] ?? [] });
        const { run: digest, drill } = item;
        const acp = await sign("acp+jwt", { ...policy });
        const start = await sign("exec+jwt", {
          ...commonClaims({ iss: subject, aud: pepId, lifetimeS: SIGNED_FOR_S }),
          ...{ wid, exec_act: "run_start", pred: [] },
          ect_ext: {
            ...{ obj_typ: "recorded-run+json", obj_id: digest, obj_hash: digest },
            "org.signalbox.acp": { jti: policy.jti, hash: await digestOf(acp) },
            [BENCH_EXT]: profile.bench_id,
            ...(drill === undefined ? {} : { [DRILL_EXT]: { ...drill, again_days: DRILL_AGAIN_DAYS } }),
          },
        });
        starts.push({ acp, start });
      }
      const isSecret = profile.task_set.secret === true;
      const claims: BenchOrderClaims = {
        ...commonClaims({ iss: subject, aud: pepId, lifetimeS: LIFETIME_S }),
        profile,
        hash: benchHash(profile, sha256),
        subject: agent === null ? allAgents(trustDomain) : `spiffe://${trustDomain}/agent/${agent}`,
        wids: runs.map(({ wid }) => wid),
        ...(isSecret ? {} : { task_set: set }),
        reason,
        role: "operator",
        auth_time: authTime,
        amr: [...session.store.getState().amr],
      };
      const order = await sign("bench-order+jwt", claims);
      return (await client.benchmark.order({ order, starts, ...(isSecret ? { taskSet: set } : {}) })).order;
    },
    onSuccess: onOrdered,
  });
  return { order: mutate, isBusy: isPending, problem: error === null ? null : problemOf(error) };
}

type Item = BenchTaskSet["items"][number];

/** What is recorded of a run; a drill says what its agents do when it is prepared. */
async function actionsOf(client: SignalboxClient, { run, drill }: Item): Promise<string[]> {
  if (drill !== undefined) return [];
  const { actions } = await client.workflow.graph({ digest: run });
  return [...new Set(actions)].toSorted();
}

/** What the agents of a run may do: what is recorded of it, or, of a drill, what its script has them do as it delegates. */
async function policyOf(
  client: SignalboxClient,
  { drill }: Item,
  context: Omit<BenchPolicyContext, "jti" | "nowS">,
): Promise<AcpClaimsInput> {
  const now = { jti: v4(), nowS: Math.floor(Date.now() / 1000) };
  if (drill === undefined) return benchPolicy({ ...context, ...now });
  const prepared = await client.drill.prepare({ ...drill, wid: context.wid });
  // It may be due later than a drill that is started at once.
  return { ...drillPolicy(prepared, { operator: context.operator, ...now }), exp: now.nowS + LIFETIME_OF_POLICY_S };
}

/** Token digest: base64url SHA-256 of the compact serialization. */
async function digestOf(compact: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(compact))));
}
