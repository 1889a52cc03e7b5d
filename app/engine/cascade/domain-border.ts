import { ISOLATION_MS } from "../../protocol/cascade/failure-domain.ts";
import type { BreakerState, DomainState, State } from "../state.ts";

/**
 * Whether a breaker stands on the border of a domain: one of its agents is inside and the other is not [ours, `border_breakers`
 * of cascade.md (b) follow from that]. What goes out is cut as well as what comes in.
 */
export const isBorder = (
  { wid, members }: DomainState,
  edge: Pick<BreakerState, "wid" | "caller" | "callee">,
): boolean => edge.wid === wid && members.includes(edge.caller) !== members.includes(edge.callee);

/** Until when an edge is isolated by the domains it is on the border of, epoch ms; null where none is isolated. */
export function isolationEndMs(state: State, edge: Pick<BreakerState, "wid" | "caller" | "callee">): number | null {
  let end: number | null = null;
  for (const domain of state.domains.values()) {
    if (domain.health.state !== "isolated" || !isBorder(domain, edge)) continue;
    end = Math.max(end ?? 0, domain.health.sinceMs + ISOLATION_MS);
  }
  return end;
}
