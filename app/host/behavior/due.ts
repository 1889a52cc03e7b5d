import { dueAt, profileFor, profileOf } from "../../engine/behavior/conduct.ts";
import { hasDecisiveRules } from "../../engine/behavior/watch-window.ts";
import type { LoggedFact } from "../../engine/fact.ts";
import type { State } from "../../engine/state.ts";
import { staleAtS } from "../../protocol/behavior/verdict-state.ts";
import type { Look } from "./watch-in-parts.ts";

/** A window that is to be judged. */
export interface Due {
  readonly agent: string;
  readonly from: number;
  /** It is not over, but what was found in it cannot wait. */
  readonly early?: boolean;
  /** Closed for what cannot wait. */
  readonly urgent?: boolean;
}

export const keyOf = ({ agent, from }: Due): string => `${agent} ${from}`;

/** What is over, and what cannot wait before all else. */
export function dueIn(state: State, nowS: number): { readonly windows: Due[]; readonly stale: string[] } {
  const windows: Due[] = [...state.behavior.instances.keys()].flatMap((agent) => urgentOf(state, agent));
  for (const [agent, { closing, open }] of state.behavior.instances) {
    for (const { from, closed } of closing) if (closed !== "severity") windows.push({ agent, from });
    if (open === null) continue;
    const due = dueAt(state, open);
    if (due !== null && due <= nowS) windows.push({ agent, from: open.from });
  }
  const stale = [...staleTimes(state)].filter(([, at]) => at <= nowS).map(([agent]) => agent);
  return { windows, stale };
}

/** Windows of an agent that were closed for what was done in them. */
export const urgentOf = (state: State, agent: string): Due[] =>
  (state.behavior.instances.get(agent)?.closing ?? [])
    .filter(({ closed }) => closed === "severity")
    .map(({ from }) => ({ agent, from, urgent: true }));

/** The open window of an agent up to now, where its profile has a rule that calls for somebody at once. */
export function openSoFar(agent: string, nowS: number): Look {
  return (state) => {
    const open = state.behavior.instances.get(agent)?.open ?? null;
    const profile = profileFor(state, agent);
    if (open === null || profile === null || !hasDecisiveRules(profile)) return null;
    return { window: { ...open, to: Math.max(nowS, open.from) + 1 }, profile };
  };
}

function* staleTimes(state: State): Generator<[agent: string, atS: number]> {
  for (const of of state.behavior.agents.values()) {
    const profile = profileOf(state, of);
    const at = profile === null ? null : staleAtS(of.now, profile.profile.window_s);
    if (at !== null) yield [of.agent, at];
  }
}

/** When something is due next, epoch seconds. What is due and is not for the clock to go on with is not waited for. */
export function nextDueS(state: State, isLeft: (key: string) => boolean, nowS: number): number | null {
  let next: number | null = null;
  const note = (at: number | null): void => {
    if (at !== null && (next === null || at < next)) next = at;
  };
  for (const [agent, { open }] of state.behavior.instances)
    if (open !== null && !isLeft(keyOf({ agent, from: open.from }))) note(dueAt(state, open));
  for (const [, at] of staleTimes(state)) note(Math.max(at, nowS + 1));
  return next;
}

/** Whose evidence was taken, and about whom: what was refused answers nothing. */
export function evidenceAbout(fact: LoggedFact["fact"]): { readonly iss: string; readonly agent: string } | null {
  return fact.typ === "bet+jwt" ? { iss: fact.claims.iss, agent: fact.claims.subject } : null;
}

/** What opens or closes windows, or says what to expect. */
export function bearsOnConduct({ fact }: LoggedFact): boolean {
  return fact.typ === "record+jwt" ? CLOSES.has(fact.claims.kind) : OPENS.has(fact.typ);
}

const OPENS: ReadonlySet<string> = new Set([
  "intent+jwt",
  "override+jwt",
  "behavior-profile+jwt",
  "behavior-order+jwt",
]);
const CLOSES: ReadonlySet<string> = new Set([
  "run_finished",
  "link_lost",
  "override_escalated",
  "behavior_appraised",
  "behavior_state",
]);
