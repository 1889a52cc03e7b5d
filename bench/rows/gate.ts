import fc from "fast-check";
import { fromPairs, type Pair } from "../measurement.ts";
import type { Row } from "../row.ts";
import { testMs } from "../vitest-child.ts";

const MODEL = "app/engine/gate/gate-model.test.ts";

/**
 * (g) The model of the gate, many more random runs of it than `npm test` has time for. A fault is not a figure: the row
 * fails, and says with which seed. Part after part, each a process with seeds of its own and within the model's time limit.
 */
export const gateRow: Row = {
  name: "gate",
  repeatable: false,
  measure: async (context) => {
    const parts = context.quick ? 2 : 10;
    const runs = context.quick ? 1000 : 10_000;
    const pairs: Pair[] = [];
    for (let part = 0; part < parts; part += 1)
      pairs.push({ value: perSecond(runs, modelMs(runs)), floor: perSecond(runs, drawnMs(runs)) });
    return [
      fromPairs({
        row: "gate",
        where: "node",
        label: "random runs of the gate's model",
        unit: "runs/s",
        floorLabel: "drawing as many steps of five members and doing none",
        kind: "rate",
        pairs,
        details: { runs: parts * runs, "steps a run, at most": MOST_STEPS, faults: 0 },
      }),
    ];
  },
};

const perSecond = (runs: number, ms: number): number => (runs / ms) * 1000;

/** Ms that the model takes for so many runs, without the start of its process. Throws with what was found wrong. */
const modelMs = (runs: number): number => testMs(MODEL, { SIGNALBOX_GATE_RUNS: String(runs) });

/** As in the model. */
const MOST_STEPS = 30;

/** Ms for drawing as many runs of as many steps: what a random run costs before anything is done in it. */
function drawnMs(runs: number): number {
  const step = fc.record({
    kind: fc.nat({ max: 20 }),
    task: fc.nat({ max: 6 }),
    by: fc.nat({ max: 4 }),
    outcome: fc.nat({ max: 4 }),
    seconds: fc.nat({ max: 400 }),
  });
  const began = performance.now();
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: MOST_STEPS, size: "max" }), (drawn) => drawn.length > 0),
    { numRuns: runs },
  );
  return performance.now() - began;
}
