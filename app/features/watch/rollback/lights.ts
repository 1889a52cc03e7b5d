import type { RollbackPlanView, RollbackStep, RollbackStepState } from "../../../api/contract/rollback.ts";
import {
  ASKED,
  BY_PERSON,
  COMPENSATED,
  IRREVERSIBLE,
  LEFT,
  PLANNED,
  SKIPPED,
  STAYS,
  TO_COME,
  UNDONE,
} from "../halo/reach.ts";

const BITS: Record<RollbackStep["list"], number> = {
  undone: UNDONE,
  compensated: COMPENSATED,
  manual: BY_PERSON,
  skipped: SKIPPED,
  impossible: IRREVERSIBLE,
};

/** What a plan would do to each task of the drawn run, and where its cut runs; what it leaves alone is 0 and steps back. */
export function planLights({ steps, cut }: Pick<RollbackPlanView, "steps" | "cut">, tasks: number): Uint16Array {
  const { lights, light } = dark(tasks);
  for (const { index } of cut.frontier) light(index, STAYS);
  for (const { index, list } of steps) light(index, BITS[list] | PLANNED);
  return lights;
}

/** What has come of each step so far: what was only asked for is never shown as undone. */
export function stepLights(steps: readonly RollbackStepState[], tasks: number): Uint16Array {
  const { lights, light } = dark(tasks);
  const restores = new Map(
    steps.flatMap((step) => (step.method === "restore" && step.ckptId !== null ? [[step.ckptId, step] as const] : [])),
  );
  for (const step of steps) {
    // What comes back with another step's restore has come back when that has.
    const other = step.method === "skip" && step.ckptId !== null ? restores.get(step.ckptId) : undefined;
    light(step.index, bitsOf(other ?? step));
  }
  return lights;
}

function bitsOf({ status, list, residue }: RollbackStepState): number {
  if (status === "waiting") return TO_COME;
  if (status === "open") return ASKED;
  if (status === "skipped" || (status === "done" && residue.length === 0)) return BITS[list];
  return status === "irreversible" ? IRREVERSIBLE : LEFT;
}

function dark(tasks: number) {
  const lights = new Uint16Array(tasks);
  const light = (index: number | null, bits: number): void => {
    if (index !== null && index < tasks) lights[index] = (lights[index] ?? 0) | bits;
  };
  return { lights, light };
}
