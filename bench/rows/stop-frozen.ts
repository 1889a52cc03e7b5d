import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { callPage } from "../browser.ts";
import { fromDistributions, type Measurement } from "../measurement.ts";
import type { FollowerPress, Freeze } from "../page/stop-tabs.ts";
import type { RowContext } from "../row.ts";

/** A third of them each: the leading tab's page free, frozen by waiting, frozen by computing. */
const PRESSES = 150;
const PRESSES_A_PROFILE = 30;
/** How long that page is frozen, and how long it has been when the press comes, ms. */
const FROZEN_MS = 1000;
const BEFORE_PRESS_MS = 100;
/** An address of the page's own origin that is answered after that time. */
const SLOW = "slow-answer";

const CONDITIONS = ["free", "waiting", "computing"] as const;
type Condition = (typeof CONDITIONS)[number];

interface Sample extends FollowerPress {
  readonly condition: Condition;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Until the page is free again, epoch ms. */
function freezing(leader: Page, condition: Condition): Promise<number> {
  if (condition === "free") return Promise.resolve(Number.POSITIVE_INFINITY);
  const how: Freeze = condition === "waiting" ? { by: "waiting", at: SLOW } : { by: "computing", ms: FROZEN_MS };
  return callPage<number>(leader, "freeze", how);
}

/**
 * The page whose worker leads is blocked by a long task, so that nobody can press in it: somebody presses in another tab.
 * Until the answer, recording included, since two tabs have no clock in common.
 */
export async function frozenFigures(context: RowContext): Promise<Measurement[]> {
  const samples: Sample[] = [];
  const presses = context.quick ? 15 : PRESSES;
  let thawed = 0;
  while (samples.length < presses) {
    const profile = `bench-tabs-${randomUUID()}`;
    const leader = await context.openBenchPage();
    await leader.route(`**/${SLOW}`, async (route) => {
      await pause(FROZEN_MS);
      await route.fulfill({ body: "" });
    });
    await callPage(leader, "openLeader", profile);
    const follower = await context.openBenchPage();
    await callPage(follower, "openFollower", profile);
    for (let press = 0; press < Math.min(PRESSES_A_PROFILE, presses); press += 1) {
      await callPage(leader, "startBusy", null);
      const condition = CONDITIONS[press % CONDITIONS.length] ?? "free";
      const free = freezing(leader, condition);
      await pause(BEFORE_PRESS_MS + Math.random() * 50);
      const sample = await callPage<FollowerPress>(follower, "pressHere", { thawMs: FROZEN_MS });
      // A press that was answered when the page was free again says nothing.
      if (sample.answeredAtMs > (await free)) thawed += 1;
      if (thawed > presses)
        throw new Error("the page was free again before the stops were answered: the machine is too busy");
      if (sample.answeredAtMs <= (await free)) samples.push({ ...sample, condition });
    }
    await callPage(follower, "closeTab", { last: false });
    await follower.close();
    await callPage(leader, "closeTab", { last: true });
    await leader.close();
  }
  const answered = (wanted: Condition): number[] =>
    samples.filter(({ condition }) => condition === wanted).map(({ answeredMs }) => answeredMs);
  const frozen = (condition: "waiting" | "computing", how: string): Measurement[] =>
    [0.5, 0.99].map((share) =>
      fromDistributions({
        ...{ row: "stop", where: "chromium", unit: "ms", floorLabel: "the same with that page free", share },
        label: `leading tab's page frozen, ${how}: press in another tab to the answer that it is in force and recorded, ${share === 0.5 ? "p50" : "p99"}`,
        value: answered(condition),
        floor: answered("free"),
        ...(share === 0.5
          ? { details: { presses: answered(condition).length, "left out, answered after the page was free": thawed } }
          : {}),
      }),
    );
  return [
    ...frozen("waiting", "which waits and takes no core"),
    ...frozen("computing", "which computes and takes a core as well"),
  ];
}
