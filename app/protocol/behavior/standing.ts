import { matchesAny } from "../acp/match.ts";

/**
 * The agent behind its ids in single workflows [ours]: `spiffe://td/agent/<wid>/<name>` acts in one workflow, what it
 * earned stays with `spiffe://td/agent/<name>`, so that a new start washes nothing off (BEH-12, BEH-13). Other ids stand
 * for themselves.
 */
export function standingOf(agent: string): string {
  return agent.replace(/^(spiffe:\/\/[^/]+\/agent)\/[0-9a-f-]{36}\/([^/]+)$/, "$1/$2");
}

/** Whether a profile is about an agent, named by its id in a workflow or by the one behind it. */
export function appliesTo(patterns: readonly string[], agent: string): boolean {
  return matchesAny(patterns, agent) || matchesAny(patterns, standingOf(agent));
}
