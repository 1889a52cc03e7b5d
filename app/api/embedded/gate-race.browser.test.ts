import fc from "fast-check";
import { deleteDB } from "idb";
import { describe, expect, test } from "vitest";
import { must } from "../../base/assert.ts";
import { faults, isEffect, misshown, openLog } from "./gate-race-oracle.fixture.ts";
import { steps } from "./gate-race-steps.fixture.ts";
import { openTabs } from "./gate-race-tabs.fixture.ts";
import {
  clearUp,
  count,
  exported,
  openProfile,
  type Profile,
  type Race,
  seen,
  startRace,
} from "./gate-race-world.fixture.ts";

/** Races at least, and for so long more of them as fit in, ms. */
const LEAST = 24;
const FOR_MS = 30_000;
/** Races in one profile, whose log is read after each. */
const PER_PROFILE = 6;

/** What happens in some races of two dozen, by any luck. */
const OFTEN = [
  ...["ok: approve", "ok: reject", "effect: build_site", "effect: deploy_one", "effect: deploy_two"],
  ...["the same from both", "token_replayed", "hitl_not_pending", "leader killed"],
];
/** After so long a race does not come to rest any more: said with its seed, which the test's own time-out does not tell. */
const A_RACE_MS = 60_000;

/** Everything that must hold after a race, in the log and on both screens. */
async function wrong(race: Race): Promise<string[]> {
  await clearUp(race, "B");
  const log = await openLog(await exported(race, "A"), race.wid);
  const found = faults(log, must(race.people[0], "who started it").subject, race.answers);
  const [inA, inB] = await Promise.all([seen(race, "A"), seen(race, "B")]);
  expect(inA).toEqual(inB);
  found.push(...misshown(log, inA.gates));
  for (const { claims } of log.filter(isEffect)) count(race, `effect: ${claims.data.exec_act}`);
  return found;
}

async function inProfile(use: (profile: Profile) => Promise<void>): Promise<void> {
  const name = `gate-race-${crypto.randomUUID()}`;
  const tabs = await openTabs(name);
  try {
    await use(await openProfile(tabs));
  } finally {
    tabs.close();
    await deleteDB(name);
  }
}

describe("the gate in two tabs of one profile", () => {
  test("[ACP-11] [ACP-12] [ACP-17] [ACP-S3] lets nothing through that was not approved exactly, and loses and doubles no decision, whoever decides what in which tab while workers die", {
    timeout: 300_000,
  }, async () => {
    const happened = new Map<string, number>();
    const began = performance.now();
    let races = 0;
    while (races < LEAST || performance.now() - began < FOR_MS)
      await inProfile((profile) =>
        fc.assert(
          fc.asyncProperty(steps, async (commands) => {
            const race = await startRace(profile, happened);
            await fc.asyncModelRun(() => ({ model: { kills: 0 }, real: race }), commands);
            expect(await wrong(race)).toEqual([]);
            races += 1;
          }),
          // What is found is told at once, with its seed and commands: a smaller example needs the same luck again.
          { numRuns: PER_PROFILE, endOnFailure: true, unbiased: true, timeout: A_RACE_MS },
        ),
      );
    const ms = performance.now() - began;
    // biome-ignore lint/suspicious/noConsole: the figures of the races are wanted in the report
    console.info(
      `${races} races in ${(ms / 1000).toFixed(0)} s; ${[...happened]
        .sort()
        .map(([what, times]) => `${what} ${times}`)
        .join(", ")}`,
    );
    // Races in which nothing of it ever happened would prove nothing.
    expect(OFTEN.filter((what) => !happened.has(what))).toEqual([]);
  });
});
