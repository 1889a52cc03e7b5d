import type { AcpClaimsInput } from "../protocol/acp/claims.ts";

/** What the host says of a drill that is to be signed for. */
export interface PreparedDrill {
  readonly wid: string;
  readonly pepId: string;
  readonly action: string;
  readonly agents: readonly { readonly agent: string; readonly delegatedBy: number | null }[];
}

/** How long its policy lasts: longer than any drill, s. */
const LIFETIME_S = 600;

/** The policy of a drill: each agent may do the one kind of work there is, as the script delegates it, and nobody is asked. */
export function drillPolicy(
  { wid, pepId, action, agents }: PreparedDrill,
  { operator, jti, nowS }: { readonly operator: string; readonly jti: string; readonly nowS: number },
): AcpClaimsInput {
  const actions = [action];
  const parents = new Set(agents.flatMap(({ delegatedBy }) => (delegatedBy === null ? [] : [delegatedBy])));
  return {
    iss: operator,
    sub: operator,
    aud: [pepId],
    iat: nowS,
    exp: nowS + LIFETIME_S,
    jti,
    wid,
    acp_ver: 1,
    dag: {
      root: "operator",
      self: "operator",
      max_depth: 2,
      max_fanout: 64,
      nodes: [
        { id: "operator", agent: operator, actions, delegable: true },
        ...agents.map(({ agent }, at) => ({ id: `a${at}`, agent, actions, delegable: parents.has(at) })),
      ],
      edges: agents.map(({ delegatedBy }, at) => ({
        from: delegatedBy === null ? "operator" : `a${delegatedBy}`,
        to: `a${at}`,
        kind: "delegates" as const,
        actions,
      })),
    },
    hitl: { default_on_timeout: "deny", rules: [] },
  };
}
