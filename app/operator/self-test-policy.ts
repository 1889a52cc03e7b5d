import type { AcpClaimsInput } from "../protocol/acp/claims.ts";
import { SELF_TEST_GATE_S } from "../protocol/drill/self-test.ts";
import { drillPolicy } from "./drill-policy.ts";

/** What the host says of a self-test that is to be signed for. */
export interface PreparedSelfTest {
  readonly wid: string;
  readonly pepId: string;
  /** What each may do while a human is asked for the other. */
  readonly step: string;
  readonly gated: string;
  readonly agents: readonly string[];
}

/** The policy of a self-test: each agent may do its steps, and for the gated action a human is asked, for a short time. */
export function selfTestPolicy(
  { wid, pepId, step, gated, agents }: PreparedSelfTest,
  by: { readonly operator: string; readonly jti: string; readonly nowS: number },
): AcpClaimsInput {
  const prepared = { wid, pepId, action: step, agents: agents.map((agent) => ({ agent, delegatedBy: null })) };
  const policy = drillPolicy(prepared, by);
  const actions = [step, gated];
  return {
    ...policy,
    dag: {
      ...policy.dag,
      nodes: policy.dag.nodes.map((node) => ({ ...node, actions })),
      edges: policy.dag.edges.map((edge) => ({ ...edge, actions })),
    },
    hitl: {
      default_on_timeout: "deny",
      rules: [
        {
          id: "self-test",
          trigger: { kind: "action", patterns: [gated] },
          role: "operator",
          action: "approve",
          timeout_s: SELF_TEST_GATE_S,
          on_timeout: "deny",
        },
      ],
    },
  };
}
