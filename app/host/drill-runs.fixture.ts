import * as fc from "fast-check";
import { FAULT_KINDS, type Fault } from "../agents/drill/faults.ts";
import { withInstantCrypto } from "./drill-crypto.fixture.ts";
import { type Finding, findingsOf } from "./drill-oracle.fixture.ts";
import type { DrillScenario } from "./drill-scenario.fixture.ts";
import { type Drill, drillKeys, playDrill } from "./drill-world.fixture.ts";
import { builds, give, running } from "./orders.fixture.ts";

/** What so many drills have shown; `findings` must be empty, the counts say that it means something. */
export interface DrillRuns {
  readonly runs: number;
  readonly findings: readonly (Finding & { readonly run: number; readonly scenario: DrillScenario })[];
  /** Runs in which an agent had that fault. */
  readonly faults: Readonly<Record<Fault["kind"], number>>;
  readonly effects: number;
  /** Tasks that had no effect. */
  readonly undone: number;
  /** Entries of the enforcement point that say that an effect was refused. */
  readonly refused: number;
  readonly starts: number;
  readonly releases: number;
  /** By status, targets of stops that were seen so. */
  readonly targets: Readonly<Record<string, number>>;
  /** Virtual ms from a stop to the acknowledgement of each target that was seen to have given one. */
  readonly acknowledgedMs: readonly number[];
}

let loaded: Promise<void> | null = null;

/** Parts of a host are loaded when they are first asked for, in time that no drill's clock knows of: another host asks first. */
function allLoaded(): Promise<void> {
  loaded ??= (async () => {
    const { open, alice, scope } = await running(builds(1));
    await give(open, await alice.signal("stop", scope));
    open.host.close();
  })();
  return loaded;
}

/** Plays drills drawn from a seed: the same seed draws the same drills, and each of them goes the same way every time. */
export async function runDrills(
  scenarios: fc.Arbitrary<DrillScenario>,
  options: { readonly seed: number; readonly runs: number },
): Promise<DrillRuns> {
  await allLoaded();
  const keys = await drillKeys();
  const restoreCrypto = withInstantCrypto();
  const findings: DrillRuns["findings"][number][] = [];
  const counts = { effects: 0, undone: 0, refused: 0, starts: 0, releases: 0 };
  const faults = { ...NO_FAULTS };
  const targets: Record<string, number> = {};
  const acknowledgedMs: number[] = [];
  try {
    for (const [run, scenario] of fc.sample(scenarios, { seed: options.seed, numRuns: options.runs }).entries()) {
      const drill = await playDrill(scenario, keys);
      for (const finding of findingsOf(drill)) findings.push({ run, ...finding, scenario });
      for (const kind of FAULT_KINDS)
        if (scenario.faults.some((of) => of.some((fault) => fault.kind === kind))) faults[kind] += 1;
      count(drill, counts, targets, acknowledgedMs);
    }
  } finally {
    restoreCrypto();
  }
  return { runs: options.runs, findings, faults, ...counts, targets, acknowledgedMs };
}

const NO_FAULTS: Record<Fault["kind"], number> = {
  hang: 0,
  lie: 0,
  evade: 0,
  flood: 0,
  partition: 0,
  crash: 0,
  late: 0,
  replay: 0,
  drift: 0,
};

function count(
  { happened, ownerOf }: Drill,
  counts: { effects: number; undone: number; refused: number; starts: number; releases: number },
  targets: Record<string, number>,
  acknowledgedMs: number[],
): void {
  const givenMs = new Map<string, number>();
  counts.undone += ownerOf.size - happened.filter((one) => one.t === "effect").length;
  for (const one of happened) {
    if (one.t === "effect") counts.effects += 1;
    if (one.t === "stop" && !one.again) givenMs.set(one.jti, one.atMs);
    if (one.t !== "logged") continue;
    const { fact } = one.logged;
    if (fact.typ === "record+jwt" && fact.claims.kind === "effect_refused") counts.refused += 1;
    if (fact.typ === "exec+jwt" && fact.claims.exec_act === "run_start") counts.starts += 1;
    if (fact.typ === "override+jwt" && fact.claims.action === "release") counts.releases += 1;
  }
  const seen = new Set<string>();
  for (const one of happened) {
    if (one.t !== "seen") continue;
    for (const { jti, targets: all } of one.signals)
      for (const target of all) {
        const key = `${jti} ${target.agent} ${target.status}`;
        if (seen.has(key)) continue;
        seen.add(key);
        targets[target.status] = (targets[target.status] ?? 0) + 1;
        const since = givenMs.get(jti);
        if (target.status === "acknowledged" && target.acknowledgedAtMs !== null && since !== undefined)
          acknowledgedMs.push(target.acknowledgedAtMs - since);
      }
  }
}
