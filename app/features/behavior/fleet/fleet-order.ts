import type { FleetAgent } from "../../../api/contract/behavior.ts";
import type { BehaviorStateName } from "../../../protocol/behavior/result.ts";
import type { BehaviorSearch } from "../behavior-search.ts";
import { isAbnormal, WORST_FIRST } from "../state-looks.ts";

const BY_NAME = new Intl.Collator("en", { numeric: true });
const byName = (a: FleetAgent, b: FleetAgent): number =>
  BY_NAME.compare(a.name, b.name) || BY_NAME.compare(a.agent, b.agent);

/** Somebody has to look: its state, or the sequential test, which changes no state by itself (BEH-37). */
export const asksForSomebody = ({ state, alarm }: Pick<FleetAgent, "state" | "alarm">): boolean =>
  isAbnormal(state) || alarm?.raised === true;

/** Worst state first, and an alarm before those of which nothing is to be said; among those of one state the gravest reason, then the greatest drift, then the name. */
function byWorst(a: FleetAgent, b: FleetAgent): number {
  return (
    Number(asksForSomebody(b)) - Number(asksForSomebody(a)) ||
    WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) ||
    (b.worst ?? 0) - (a.worst ?? 0) ||
    (b.drift ?? -1) - (a.drift ?? -1) ||
    byName(a, b)
  );
}

/** The agents that are shown, in the order in which they are. */
export function shownAgents(
  agents: readonly FleetAgent[],
  { state, q, sort }: Pick<BehaviorSearch, "state" | "q" | "sort">,
): FleetAgent[] {
  const wanted = q?.trim().toLowerCase() ?? "";
  return agents
    .filter((agent) => state === undefined || agent.state === state)
    .filter(({ agent, name }) => `${name}\n${agent}`.toLowerCase().includes(wanted))
    .toSorted(sort === "name" ? byName : byWorst);
}

/** How many agents are in each state. */
export function countStates(agents: readonly FleetAgent[]): Readonly<Record<BehaviorStateName, number>> {
  const counts = { nonconformant: 0, quarantined: 0, drifting: 0, stale: 0, unverified: 0, conformant: 0 };
  for (const { state } of agents) counts[state] += 1;
  return counts;
}

/** Of those that need somebody, the next after the place `at`, or the one before it; around the end. Null where there is none. */
export function nextWhere<T>(all: readonly T[], at: number, step: 1 | -1, wanted: (one: T) => boolean): number | null {
  for (let tried = 1; tried <= all.length; tried += 1) {
    const place = (((at + step * tried) % all.length) + all.length) % all.length;
    const one = all[place];
    if (one !== undefined && wanted(one)) return place;
  }
  return null;
}
