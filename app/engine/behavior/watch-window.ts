import type { Sha256 } from "../../base/ports.ts";
import { type CompiledProfile, compileProfile } from "../../protocol/behavior/compile-profile.ts";
import { isOf, type Observation, observationOf } from "../../protocol/behavior/observe-window.ts";
import type { Window } from "../../protocol/behavior/observed.ts";
import { replayTasks } from "../../protocol/behavior/replay-rules.ts";
import { DECISIVE } from "../../protocol/behavior/verdict-for.ts";
import type { State } from "../state.ts";
import type { ConductWindow, SignedProfile } from "./behavior-state.ts";
import { conductOf } from "./conduct-tasks.ts";

/** What the log shows of a window. */
export interface Watched {
  readonly compiled: CompiledProfile;
  readonly observation: Observation;
}

/**
 * What the enforcement point has seen of a window, the same for its evidence and for the verifier's own replay. What became
 * due between two windows, when nothing was asked for, is of the second of them: nobody escapes by keeping still.
 */
export function watchWindow(
  state: State,
  window: ConductWindow & Window,
  { profile }: SignedProfile,
  sha256: Sha256,
): Watched {
  const { agent: subject, wid, from, to, after } = window;
  const compiled = compileProfile(profile);
  const tasks = conductOf(state, window, compiled);
  const untilMs = to * 1000;
  // Only of a window that the end has closed: whoever looks, and when, finds the same in the others.
  const ended = window.closed === "over" && state.workflows.get(wid)?.status === "finished";
  const findings = replayTasks(
    compiled,
    tasks.filter(({ atMs }) => atMs < untilMs),
    { subject, untilMs, ended },
  );
  const span: Window = { from, to };
  const observation = observationOf(compiled, {
    window: span,
    tasks: tasks.filter((task) => isOf(task, span, subject)),
    findings: findings.filter(({ at }) => at >= Math.min(from, after) && at < to),
    sha256,
  });
  return { compiled, observation };
}

/** Whether a rule about the order of things, or a limit, could call for somebody at once. */
export const hasDecisiveRules = ({ profile: { sequences = [], limits = [] } }: SignedProfile): boolean =>
  [...sequences, ...limits].some(({ severity }) => severity >= DECISIVE);
