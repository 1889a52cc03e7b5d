import { useMutation, useQuery } from "@tanstack/react-query";
import { v4 } from "uuid";
import { useApi } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { problemOf } from "../../api/client/problem.ts";
import { must } from "../../base/assert.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { DRILL_AGAIN_DAYS, DRILL_EXT } from "../../protocol/drill/drill-mark.ts";
import { SELF_TEST } from "../../protocol/drill/self-test.ts";
import type { ShownProblem } from "../../ui/states.tsx";
import { commonClaims } from "../claims.ts";
import { useOperator, useOperatorSession } from "../operator-context.tsx";
import { releaseClaims } from "../order-claims.ts";
import { stopClaims } from "../override-signal.ts";
import { selfTestPolicy } from "../self-test-policy.ts";

/** How long the start may take to arrive, s. */
const START_LIFETIME_S = 300;

type SelfTests = Awaited<ReturnType<SignalboxClient["drill"]["selfTests"]>>;
/** What is proven of an agent. */
export type AgentProof = SelfTests["agents"][number];

export function useSelfTests(agent?: string) {
  const { orpc } = useApi();
  return useQuery(orpc.drill.selfTests.queryOptions({ input: agent === undefined ? {} : { agent } }));
}

export interface StartSelfTest {
  start(agents: readonly string[]): void;
  readonly isBusy: boolean;
  readonly problem: ShownProblem | null;
}

/**
 * Signs for a self-test of these agents and starts it (N21): its policy, a start that says that it is one, the stop that is
 * given in its course, of its workflow alone, and its release. One act of the operator.
 */
export function useStartSelfTest(): StartSelfTest {
  const { client } = useApi();
  const session = useOperatorSession();
  const { operator, sign, confirmPresence } = useOperator();
  const { mutate, isPending, error } = useMutation({
    mutationFn: async (agents: readonly string[]): Promise<string> => {
      const who = must(operator, "somebody is signed in when a self-test is started");
      const prepared = await client.drill.prepareSelfTest({ agents: [...agents], wid: v4() });
      const { wid, pepId, digest } = prepared;
      confirmPresence();
      const nowMs = Date.now();
      const named = { ...prepared, agents: prepared.agents.map((one) => one.agent) };
      const policy = selfTestPolicy(named, { operator: who.subject, jti: v4(), nowS: Math.floor(nowMs / 1000) });
      const acp = await sign("acp+jwt", { ...policy });
      const hash = toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(acp))));
      const of = prepared.agents.map(({ name }) => name);
      const start = await sign("exec+jwt", {
        ...commonClaims({ iss: who.subject, aud: pepId, lifetimeS: START_LIFETIME_S }),
        ...{ wid, exec_act: "run_start", pred: [] },
        ect_ext: {
          ...{ obj_typ: "recorded-run+json", obj_id: digest, obj_hash: digest },
          "org.signalbox.acp": { jti: policy.jti, hash },
          [DRILL_EXT]: { script: SELF_TEST, size: of.length, again_days: DRILL_AGAIN_DAYS, of },
        },
      });
      const scope = { kind: "workflow", id: wid } as const;
      const order = { operator: who, scope, reason: "self-test", authTime: session.touch(), nowMs };
      const stops = stopClaims(order);
      const stop = await sign("override+jwt", { ...stops });
      const releases = releaseClaims({ ...order, reason: "the self-test is over", of: stops.jti });
      const release = await sign("override+jwt", { ...releases });
      return (await client.drill.startSelfTest({ acp, start, stop, release })).wid;
    },
  });
  return { start: mutate, isBusy: isPending, problem: error === null ? null : problemOf(error) };
}
