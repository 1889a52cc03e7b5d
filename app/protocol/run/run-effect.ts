import type { RecordedRun } from "./recorded-run.ts";

/** Name of the attribute by which a task of a run says what it does to resources [ours]. */
export const EFFECT_ATTRIBUTE = "org.signalbox.effect";

/** Tasks of a run whose agents may act on resources at most [ours]: each that writes is one entry more in the log. */
export const MAX_ACTING_TASKS = 1000;

/** Whether a run was written for agents that act: then acting is what a start suggests. */
export const statesEffects = (run: Pick<RecordedRun, "tasks">): boolean =>
  run.tasks.some(({ attributes }) => attributes[EFFECT_ATTRIBUTE] !== undefined);
