import { describe, expect, it } from "vitest";
import { runDrills } from "./drill-runs.fixture.ts";
import { restartedScenario, soundScenario } from "./drill-scenario.fixture.ts";

const RUNS = 1000;
const SOUND_RUNS = 60;

describe("drills in which stops are released and runs started again", () => {
  it("[S3] [S4] [S7] [S8] [S9] [OVR-4] [OVR-20] [OVR-S6] hold all the same", async () => {
    const played = await runDrills(restartedScenario, { seed: 4, runs: RUNS });
    expect(played.findings.slice(0, 3).map((finding) => JSON.stringify(finding))).toEqual([]);
    expect(played.releases).toBeGreaterThan(RUNS);
    expect(played.starts).toBeGreaterThan(RUNS * 1.4);
    expect(played.targets.violated ?? 0).toBeGreaterThan(RUNS / 10);
  }, 600_000);

  it("[S4] agents that obey go on with all their tasks after the new start, and not before", async () => {
    const played = await runDrills(soundScenario, { seed: 7, runs: SOUND_RUNS });
    expect(played.findings).toEqual([]);
    expect([played.starts > SOUND_RUNS, played.undone, played.targets.violated ?? 0]).toEqual([true, 0, 0]);
  }, 600_000);
});
