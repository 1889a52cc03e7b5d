import type { Sha256 } from "../../base/ports.ts";
import { drained } from "../../base/steps.ts";
import { type CompiledProfile, compileProfile } from "../../protocol/behavior/compile-profile.ts";
import { type Observation, observeSteps } from "../../protocol/behavior/observe-window.ts";
import type { ObservedTask, Window } from "../../protocol/behavior/observed.ts";
import { DECISIVE } from "../../protocol/behavior/verdict-for.ts";
import type { State, WorkflowState } from "../state.ts";
import type { ConductWindow, SignedProfile } from "./behavior-state.ts";
import { conductOf } from "./conduct-tasks.ts";

/** What the log shows of a window. */
export interface Watched {
  readonly compiled: CompiledProfile;
  readonly observation: Observation;
  /** Under which text of a profile, and how much of the log was there. */
  readonly of: WatchedAt;
}

export interface WatchedAt {
  readonly hash: string;
  readonly agent: string;
  readonly size: number;
}

/**
 * What the enforcement point has seen of a window, the same for its evidence and for the verifier's own replay. What became
 * due between two windows, when nothing was asked for, is of the second of them: nobody escapes by keeping still.
 */
export function watchWindow(
  state: State,
  window: ConductWindow & Window,
  profile: SignedProfile,
  sha256: Sha256,
): Watched {
  const compiled = compileProfile(profile.profile);
  const tasks = conductOf(state, window, compiled);
  const isOver = isEnded(window, state.workflows.get(window.wid));
  return drained(watchSteps(compiled, tasks, { window, profile, isOver, sha256, size: Infinity }));
}

/** The same of tasks that were read before, in steps of bounded work (BEH-64). */
export function* watchSteps(
  compiled: CompiledProfile,
  tasks: readonly ObservedTask[],
  {
    window,
    profile,
    isOver,
    sha256,
    size,
  }: {
    readonly window: ConductWindow & Window;
    readonly profile: SignedProfile;
    readonly isOver: boolean;
    readonly sha256: Sha256;
    readonly size: number;
  },
): Generator<void, Watched> {
  const { agent: subject, from, to, after } = window;
  const options = { subject, ended: isOver, sha256 };
  const observation = yield* observeSteps(compiled, tasks, { from, to }, options, Math.min(from, after));
  return { compiled, observation, of: { hash: profile.hash, agent: subject, size } };
}

/** Only of a window that the end has closed: whoever looks, and when, finds the same in the others. */
export const isEnded = ({ closed }: ConductWindow, workflow: WorkflowState | undefined): boolean =>
  closed === "over" && workflow?.status === "finished";

/** Whether what was seen is all that there is of this window, under the profile that is in force: nothing was asked for since. */
export function isOfWindow(
  { observation, of }: Watched,
  state: Pick<State, "workflows">,
  { from, to, wid, agent, endSeq }: ConductWindow & Window,
  { hash }: SignedProfile,
): boolean {
  const { window } = observation;
  if (window.from !== from || window.to !== to || of.hash !== hash || of.agent !== agent) return false;
  const end = endSeq ?? Infinity;
  if (end <= of.size) return true;
  for (const { intent } of state.workflows.get(wid)?.tasks.values() ?? [])
    if (intent !== null && intent.seq >= of.size && intent.seq < end) return false;
  return true;
}

/** Whether a rule about the order of things, or a limit, could call for somebody at once. */
export const hasDecisiveRules = ({ profile: { sequences = [], limits = [] } }: SignedProfile): boolean =>
  [...sequences, ...limits].some(({ severity }) => severity >= DECISIVE);
