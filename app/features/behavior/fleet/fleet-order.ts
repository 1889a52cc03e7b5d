import type { FleetAgent } from "../../../api/contract/behavior.ts";
import type { BehaviorStateName } from "../../../protocol/behavior/result.ts";
import type { BehaviorSearch } from "../behavior-search.ts";
import { isAbnormal, WORST_FIRST } from "../state-looks.ts";
import type { TileProof } from "./tile-proof.ts";

const BY_NAME = new Intl.Collator("en", { numeric: true });
const byName = (a: FleetAgent, b: FleetAgent): number =>
  BY_NAME.compare(a.name, b.name) || BY_NAME.compare(a.agent, b.agent);

/** By agent, how its self-test stands; without those of which it is not known. */
export type Proofs = ReadonlyMap<string, TileProof>;

/** Somebody has to look: its state, the sequential test, which changes no state by itself (BEH-37), or a self-test that it failed. */
export const asksForSomebody = (
  { agent, state, alarm }: Pick<FleetAgent, "agent" | "state" | "alarm">,
  proofs: Proofs,
): boolean => isAbnormal(state) || alarm?.raised === true || proofs.get(agent)?.state === "failed";

/** Worst state first, and an alarm before those of which nothing is to be said; among those of one state the gravest reason, then the greatest drift, then the name. */
const byWorst =
  (proofs: Proofs) =>
  (a: FleetAgent, b: FleetAgent): number => {
    return (
      Number(asksForSomebody(b, proofs)) - Number(asksForSomebody(a, proofs)) ||
      WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) ||
      (b.worst ?? 0) - (a.worst ?? 0) ||
      (b.drift ?? -1) - (a.drift ?? -1) ||
      byName(a, b)
    );
  };

/** The agents that are shown, in the order in which they are. */
export function shownAgents(
  agents: readonly FleetAgent[],
  { state, q, sort, proof }: Pick<BehaviorSearch, "state" | "q" | "sort" | "proof">,
  proofs: Proofs,
): FleetAgent[] {
  const wanted = q?.trim().toLowerCase() ?? "";
  return agents
    .filter((agent) => state === undefined || agent.state === state)
    .filter(({ agent }) => proof === undefined || proofs.get(agent)?.state === proof)
    .filter(({ agent, name }) => `${name}\n${agent}`.toLowerCase().includes(wanted))
    .toSorted(sort === "name" ? byName : byWorst(proofs));
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
