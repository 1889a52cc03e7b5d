import { standingOf } from "../../protocol/behavior/standing.ts";
import type { Draft, Moment } from "../command.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { State } from "../state.ts";

/** Leases of a quarantined agent end at once: what it was let begin ends as it ends, and nothing more begins. */
export function leaseDrafts(
  state: State,
  standing: string,
  cause: Parameters<typeof recordDraft>[4],
  ids: HostIds,
  moment: Moment,
): Draft[] {
  return [...state.liveness.values()]
    .filter(({ agent, lease }) => lease !== null && !lease.lapsed && standingOf(agent) === standing)
    .map(({ agent, wid }) => recordDraft(ids, moment, "lease_ended", wid, cause, { agent }));
}
