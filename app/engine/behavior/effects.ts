import type { Verdict } from "../../protocol/behavior/result.ts";
import { standingOf } from "../../protocol/behavior/standing.ts";
import { trustAt } from "../../protocol/behavior/trust-known.ts";
import { staleAtS, type VerdictState, verdictInForce } from "../../protocol/behavior/verdict-known.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { State } from "../state.ts";
import type { AgentStanding } from "./behavior-state.ts";
import { profileOf, standingIn } from "./conduct.ts";

/** What is known of an agent's conduct when something is decided about it; null is not known, and never taken as good. */
export interface KnownConduct {
  readonly verdict: Verdict | null;
  /** 0..1 */
  readonly trust: number | null;
}

export const NOTHING_KNOWN: KnownConduct = { verdict: null, trust: null };

/**
 * Its newest verdict, where stale counts as drifting (section c), and its trust as of now. What is too old is stale whether
 * or not a timer has said so yet: a host that was away, or cannot write, keeps nobody's good name (BEH-10).
 */
export function conductKnown(state: Pick<State, "behavior">, agent: string, nowS: number): KnownConduct {
  const of = standingIn(state, agent);
  if (of === undefined) return NOTHING_KNOWN;
  return { verdict: verdictInForce(nowAt(state, of, nowS)), trust: trustAt(of.trust, nowS) };
}

/** Where an agent stands as of a time: what its timer is about to say is said. */
export function nowAt(state: Pick<State, "behavior">, of: AgentStanding, nowS: number): VerdictState {
  const found = profileOf(state, of);
  const staleS = found === null ? null : staleAtS(of.now, found.profile.window_s);
  return staleS === null || staleS > nowS
    ? of.now
    : { ...of.now, state: "stale", before: of.now.state, sinceS: staleS, clean: 0 };
}

/** Why an agent gets nothing new to do, in any workflow; null where it may. */
export function quarantineProblem(state: Pick<State, "behavior">, agent: string): Refusal | null {
  const of = standingIn(state, agent);
  return of?.now.state === "quarantined"
    ? refusal("behavior_quarantined", `${standingOf(agent)} is in quarantine: a person lets it out again (BEH-14)`)
    : null;
}
