import { matchesAny } from "../../protocol/acp/match.ts";
import type { ProfileRef } from "../../protocol/behavior/profile.ts";
import { appliesTo, standingOf } from "../../protocol/behavior/standing.ts";
import type { State, WorkflowState } from "../state.ts";
import type { AgentStanding, ConductWindow, SignedProfile } from "./behavior-state.ts";

/**
 * The profile an agent is judged by: of those that apply, the one that names it most closely, and of equals the newest
 * signed. The newest version of it holds, also once it has expired: expired evidence counts for nothing (B1).
 */
export function profileFor(state: Pick<State, "behavior">, agent: string): SignedProfile | null {
  let best: { found: SignedProfile; close: number } | null = null;
  for (const versions of state.behavior.profiles.values()) {
    const found = versions.at(-1);
    if (found === undefined || !appliesTo(found.profile.applies_to, agent)) continue;
    const close = Math.max(...found.profile.applies_to.filter((pattern) => appliesTo([pattern], agent)).map(closeness));
    if (best === null || close > best.close || (close === best.close && found.seq > best.found.seq))
      best = { found, close };
  }
  return best?.found ?? null;
}

/** The profile behind who an agent is in its workflows: the one it was judged by last, which may name it in one of them only. */
export const profileOf = (
  state: Pick<State, "behavior">,
  { agent, windows }: Pick<AgentStanding, "agent" | "windows">,
): SignedProfile | null => profileFor(state, windows.at(-1)?.agent ?? agent) ?? profileFor(state, agent);

/** A name is closer than any prefix, a longer prefix than a shorter one. */
const closeness = (pattern: string): number => (pattern.endsWith("*") ? pattern.length : 2000 + pattern.length);

/** Of drills and benchmarks, which are scripts of ours and no conduct (BEH-16). */
export const isConduct = (workflow: WorkflowState): boolean => workflow.drill === null && workflow.bench === null;

export const isForbidden = ({ profile }: SignedProfile, action: string): boolean =>
  matchesAny(profile.forbidden_actions ?? [], action);

/** Epoch seconds at which an open window is over; it stays open where no profile says how long it is. */
export function dueAt(state: Pick<State, "behavior">, { agent, from }: ConductWindow): number | null {
  const found = profileFor(state, agent);
  return found === null ? null : from + found.profile.window_s;
}

/** Which exact text of a profile evidence is about. */
export const refOf = ({ profile, hash }: SignedProfile): ProfileRef => ({
  profile_id: profile.profile_id,
  version: profile.version,
  hash,
});

/** The agent behind an instance, where anything is known of it. */
export const standingIn = (state: Pick<State, "behavior">, agent: string): AgentStanding | undefined =>
  state.behavior.agents.get(standingOf(agent));

export const isQuarantined = (state: Pick<State, "behavior">, agent: string): boolean =>
  standingIn(state, agent)?.now.state === "quarantined";
