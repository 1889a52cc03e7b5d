import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fromPairs, type Pair } from "../measurement.ts";
import type { Row } from "../row.ts";

const DRILLS = "app/host/drill-stops.test.ts";
/** Seeds from here on: other drills than those `npm test` plays. */
const FIRST_SEED = 1000;

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly duration?: number;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

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
function drillMs(runs: number, seed: number, faults: "any" | "none"): number {
  const vitest = [
    join("node_modules", "vitest", "vitest.mjs"),
    "run",
    "--project",
    "unit",
    DRILLS,
    "--reporter",
    "json",
  ];
  const run = spawnSync(process.execPath, vitest, {
    encoding: "utf8",
    env: {
      ...process.env,
      SIGNALBOX_DRILL_RUNS: String(runs),
      SIGNALBOX_DRILL_SEED: String(seed),
      SIGNALBOX_DRILL_FAULTS: faults,
    },
  });
  const at = run.stdout.indexOf('{"numTotalTestSuites"');
  if (at < 0) throw new Error(`the drills were not played: ${run.stderr.trim().slice(-2000)}`);
  const [file] = (JSON.parse(run.stdout.slice(at)) as Report).testResults;
  const [played] = file?.assertionResults ?? [];
  if (file === undefined || played?.duration === undefined)
    throw new Error(`the drills were not played: ${file?.message ?? ""}`);
  const failed = file.assertionResults.find(({ status }) => status === "failed");
  if (failed !== undefined)
    throw new Error(`a drill found a fault: ${failed.failureMessages.join("\n").slice(0, 4000)}`);
  return played.duration;
}
