import { isFinished, type RollbackPhase } from "../../protocol/cascade/rollback-state.ts";

/** Whether a rollback may still change something, or is waiting for a person to confirm what is left. */
export const isUnderWay = (phase: RollbackPhase): boolean => !isFinished(phase);
