import { describe, expect, it } from "vitest";
import { FAULT_KINDS } from "../agents/drill/faults.ts";
import type { Finding } from "./drill-oracle.fixture.ts";
import { type DrillRuns, runDrills } from "./drill-runs.fixture.ts";
import { anyScenario } from "./drill-scenario.fixture.ts";

/** More of them, other ones, or the same without faults: for `npm run bench`. */
const RUNS = Number(process.env.SIGNALBOX_DRILL_RUNS ?? 1000);
const SEED = Number(process.env.SIGNALBOX_DRILL_SEED ?? 20_261_126);
const SOUND = process.env.SIGNALBOX_DRILL_FAULTS === "none";
const scenarios = SOUND
  ? anyScenario.map((scenario) => ({ ...scenario, faults: scenario.faults.map(() => []) }))
  : anyScenario;
let played: DrillRuns;

/** The first few drills in which a rule did not hold, with all that is needed to play one again. */
const against = (rule: Finding["rule"]) =>
  played.findings
    .filter((finding) => finding.rule === rule)
    .map((finding) => JSON.stringify(finding))
    .slice(0, 3);

describe(`${RUNS} drills of agents that hang, lie, evade, flood, crash, are cut off, are late, replay and drift`, () => {
  it("are played", async () => {
    played = await runDrills(scenarios, { seed: SEED, runs: RUNS });
    expect(played.runs).toBe(RUNS);
  }, 600_000);

  it("[S3] [S8] no effect in scope from the instant of a stop until a new start, whatever an agent does", () => {
    expect(against("S3 an effect after the stop")).toEqual([]);
  });

  it("[OVR-11] [S5] a stop holds in the instant it comes, however slow the log and however many calls are before it", () => {
    expect(against("OVR-11 the stop waited")).toEqual([]);
  });

  it("[S9] [OVR-17] whoever is in scope is among the targets, with those an agent delegated to", () => {
    expect(against("S9 a descendant is no target")).toEqual([]);
  });

  it("[S7] [OVR-4] nobody is shown as verified who has called since, or on its word alone", () => {
    expect(against("S7 verified after a call")).toEqual([]);
    expect(against("OVR-4 verified by its word")).toEqual([]);
  });

  it("[OVR-S6] [S7] an agent that goes on is shown as violating within a second of its next call, and nobody else is", () => {
    expect(against("OVR-S6 a violation not shown")).toEqual([]);
    expect(against("S7 violated without a call")).toEqual([]);
  });

  it("[OVR-4] each target has its verdict in the log within twice the deadline", () => {
    expect(against("OVR-4 no verdict")).toEqual([]);
  });

  it("[OVR-20] stops and acknowledgements that come twice change nothing", () => {
    expect(against("OVR-20 a duplicate changed something")).toEqual([]);
  });

  it.skipIf(SOUND)("were ones in which all this could have gone wrong", () => {
    for (const kind of FAULT_KINDS) expect([kind, played.faults[kind] > RUNS / 20]).toEqual([kind, true]);
    for (const status of ["acknowledged", "verified", "violated", "unconfirmed"])
      expect([status, (played.targets[status] ?? 0) > RUNS / 500]).toEqual([status, true]);
    expect(played.effects).toBeGreaterThan(RUNS);
    expect(played.refused).toBeGreaterThan(RUNS / 20);
    expect(played.releases).toBeGreaterThan(RUNS / 5);
    expect(played.starts).toBeGreaterThan(RUNS * 1.1);
  });
});
