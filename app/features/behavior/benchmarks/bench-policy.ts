import type { AcpClaimsInput } from "../../../protocol/acp/claims.ts";

export interface BenchPolicyContext {
  readonly operator: string;
  readonly pepId: string;
  readonly trustDomain: string;
  readonly wid: string;
  readonly jti: string;
  /** Epoch seconds. */
  readonly nowS: number;
  /** What the recorded run does, and before which of it a human is asked. */
  readonly actions: readonly string[];
  readonly gated: readonly string[];
}

/** How long it lasts: longer than the starts signed with it are taken, s. */
export const LIFETIME_OF_POLICY_S = 3600;
/** A node names so many actions at most; of more it says "any", which is what a recording of them is. */
const MOST_NAMED = 100;

/** The policy of one run of a benchmark: its agents may do what was recorded, and a human is asked before what the profile says. */
export function benchPolicy(context: BenchPolicyContext): AcpClaimsInput {
  const { operator, pepId, trustDomain, wid, jti, nowS } = context;
  const gated = context.actions.filter((action) => context.gated.includes(action));
  const actions = context.actions.length > MOST_NAMED ? ["*"] : [...context.actions];
  return {
    ...{
      iss: operator,
      sub: operator,
      aud: [pepId],
      iat: nowS,
      exp: nowS + LIFETIME_OF_POLICY_S,
      jti,
      wid,
      acp_ver: 1,
    },
    dag: {
      ...{ root: "operator", self: "operator", max_depth: 1, max_fanout: 1 },
      nodes: [
        { id: "operator", agent: operator, actions: ["*"], delegable: true },
        { id: "agents", agent: `spiffe://${trustDomain}/agent/${wid}/*`, actions },
      ],
      edges: [{ from: "operator", to: "agents", kind: "delegates" }],
    },
    hitl: {
      default_on_timeout: "deny",
      rules:
        gated.length === 0
          ? []
          : [
              {
                id: "benchmark",
                trigger: { kind: "action", patterns: gated },
                ...{ role: "operator", action: "approve", on_timeout: "deny" },
              },
            ],
    },
  };
}
