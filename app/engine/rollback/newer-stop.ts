import type { RollbackState, StepStatus } from "../../protocol/cascade/rollback-state.ts";
import { reaches, type Subject } from "../override/scope.ts";
import type { State } from "../state.ts";
import type { RollbackRecord } from "./rollback-record.ts";

const TO_COME: ReadonlySet<StepStatus> = new Set(["waiting", "open"]);

/**
 * The latched stop that came after a rollback was ordered and reaches one of these actions (OVR-46). One that was there before
 * was known to the two who ordered it: what is stopped is undone, and stays stopped.
 */
export function newerStop(
  state: State,
  { seq }: Pick<RollbackRecord, "seq">,
  subjects: readonly Subject[],
): string | null {
  for (const signal of state.overrides.values())
    if (signal.latched && signal.seq > seq && subjects.some((subject) => reaches(signal, subject))) return signal.jti;
  return null;
}

/** The stop by which nothing more of a rollback is begun, where there is one and it has not ended it yet. */
export function endingStop(state: State, rollback: RollbackRecord, run: RollbackState): string | null {
  const goesOn = run.phase === "preparing" || run.phase === "ready" || run.phase === "executing";
  if (!goesOn || run.stopped !== null) return null;
  const { wid } = rollback;
  return newerStop(
    state,
    rollback,
    run.request.steps.flatMap(({ n, agent, task, method }) =>
      method !== "skip" && TO_COME.has(run.steps[n - 1]?.status ?? "done") ? [{ agent, wid, task }] : [],
    ),
  );
}
