import { err, ok, type Result } from "../../base/result.ts";
import type { AcpClaims } from "./claims.ts";

export interface Issue {
  /** Who signs it. */
  readonly issuer: string;
  readonly jti: string;
  /** Epoch seconds. */
  readonly nowS: number;
}

/**
 * The same policy as a token of its own (ACP-61): another id, the same lifetime from now on, and whoever signs it in the
 * place of whoever had: as issuer, and where the issuer stood for themselves in it.
 */
export function reissued(claims: AcpClaims, { issuer, jti, nowS }: Issue): AcpClaims {
  const { parent: _parent, act: _act, replaces: _replaces, nbf, ...rest } = claims;
  const moved = nowS - claims.iat;
  const standsForIssuer = claims.sub === claims.iss;
  const nodes = claims.dag.nodes.map((node) =>
    standsForIssuer && node.agent === claims.iss ? { ...node, agent: issuer } : node,
  );
  return {
    ...rest,
    ...{ iss: issuer, sub: standsForIssuer ? issuer : claims.sub, jti },
    ...{ iat: nowS, exp: claims.exp + moved, ...(nbf === undefined ? {} : { nbf: nbf + moved }) },
    dag: { ...claims.dag, nodes },
  };
}

/** Agents that a policy names for its own run and that the other run has not; by their names. */
export interface AgentsMissing {
  readonly code: "agents_missing";
  readonly names: readonly string[];
}

/** The same policy for another run (ACP-62): its agents are those of the same name. `agents` are the new run's, under its `wid`. */
export function forRun(
  claims: AcpClaims,
  { wid, agents }: { readonly wid: string; readonly agents: readonly string[] },
): Result<AcpClaims, AgentsMissing> {
  const own = `/${claims.wid}/`;
  const prefix = agents.find((agent) => agent.includes(`/${wid}/`))?.split(`/${wid}/`)[0];
  const missing = new Set<string>();
  const nodes = claims.dag.nodes.map((node) => {
    const at = node.agent.indexOf(own);
    if (at < 0) return node;
    const name = node.agent.slice(at + own.length);
    const agent = `${prefix ?? ""}/${wid}/${name}`;
    if (prefix === undefined || (!name.endsWith("*") && !agents.includes(agent))) missing.add(name);
    return { ...node, agent };
  });
  if (missing.size > 0) return err({ code: "agents_missing", names: [...missing] });
  return ok({ ...claims, wid, dag: { ...claims.dag, nodes } });
}
