import type { Clock, Sha256 } from "../../base/ports.ts";
import { inSlices, slices } from "../../base/steps.ts";
import type { ConductWindow, SignedProfile } from "../../engine/behavior/behavior-state.ts";
import { conductPart, inOrder } from "../../engine/behavior/conduct-tasks.ts";
import { isEnded, type Watched, watchSteps } from "../../engine/behavior/watch-window.ts";
import type { Engine } from "../../engine/engine.ts";
import type { State } from "../../engine/state.ts";
import { compileProfile } from "../../protocol/behavior/compile-profile.ts";
import type { Window } from "../../protocol/behavior/observed.ts";

/** Tasks that are read from the state in one go. */
export const READ_AT_ONCE = 500;

export interface WatchPorts {
  readonly engine: Pick<Engine, "read">;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly sha256: Sha256;
}

/** Which window is to be looked at, and under which profile; null where there is none. */
export type Look = (
  state: State,
) => { readonly window: ConductWindow & Window; readonly profile: SignedProfile } | null;

export interface WatchedWindow {
  readonly window: ConductWindow & Window;
  readonly watched: Watched;
}

/**
 * What the log shows of a window, looked at in parts of some milliseconds each (BEH-64): a workflow of ten thousand tasks takes many times
 * as long as a stop may wait. Whatever has arrived is handed out between two parts.
 */
export async function watchInParts({ engine, clock, sha256 }: WatchPorts, look: Look): Promise<WatchedWindow | null> {
  const breathe = slices(clock);
  const begun = await engine.read((state, { size }) => {
    const found = look(state);
    if (found === null) return null;
    const { window, profile } = found;
    const workflow = state.workflows.get(window.wid);
    const isOver = isEnded(window, workflow);
    return { window: { ...window }, profile, size, isOver, jtis: [...(workflow?.tasks.keys() ?? [])] };
  });
  if (begun === null) return null;
  const { window, profile, size, isOver, jtis } = begun;
  const compiled = compileProfile(profile.profile);
  const span = { ...window, endSeq: Math.min(size, window.endSeq ?? Infinity) };
  const asked: ReturnType<typeof conductPart> = [];
  for (let at = 0; at < jtis.length; at += READ_AT_ONCE) {
    await breathe();
    const part = await engine.read((state) => {
      const workflow = state.workflows.get(window.wid);
      if (workflow === undefined) return [];
      const tasks = jtis.slice(at, at + READ_AT_ONCE).flatMap((jti) => workflow.tasks.get(jti) ?? []);
      return conductPart(workflow, tasks, span, compiled);
    });
    asked.push(...part);
  }
  const steps = watchSteps(compiled, inOrder(asked), { window, profile, isOver, sha256, size });
  return { window, watched: await inSlices(steps, breathe) };
}
