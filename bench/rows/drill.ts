import { fromPairs, type Pair } from "../measurement.ts";
import type { Row } from "../row.ts";
import { testMs } from "../vitest-child.ts";

const DRILLS = "app/host/drill-stops.test.ts";
/** Seeds from here on: other drills than those `npm test` plays. */
const FIRST_SEED = 1000;

/**
 * (h) Drills of faulty agents, more of them than `npm test` has time for. That the screen showed what was not so is no figure:
 * the row fails, and tells the drill. Part after part, each a process with a seed of its own.
 */
export const drillRow: Row = {
  name: "drill",
  repeatable: false,
  measure: async (context) => {
    const parts = context.quick ? 1 : 10;
    const runs = context.quick ? 500 : 1000;
    const pairs: Pair[] = [];
    for (let part = 0; part < parts; part += 1) {
      const seed = FIRST_SEED + part;
      const floorRuns = runs / 10;
      pairs.push({
        value: perSecond(runs, drillMs(runs, seed, "any")),
        floor: perSecond(floorRuns, drillMs(floorRuns, seed, "none")),
      });
    }
    return [
      fromPairs({
        row: "drill",
        where: "node",
        label: "random drills of faulty agents",
        unit: "runs/s",
        floorLabel: "drills of agents without faults",
        kind: "rate",
        pairs,
        details: { runs: parts * runs, "agents a run, at most": 4, faults: 0 },
      }),
    ];
  },
};

const perSecond = (runs: number, ms: number): number => (runs / ms) * 1000;

/** Ms that so many drills take, without the start of their process. Throws with what they found. */
const drillMs = (runs: number, seed: number, faults: "any" | "none"): number =>
  testMs(DRILLS, {
    SIGNALBOX_DRILL_RUNS: String(runs),
    SIGNALBOX_DRILL_SEED: String(seed),
    SIGNALBOX_DRILL_FAULTS: faults,
  });
