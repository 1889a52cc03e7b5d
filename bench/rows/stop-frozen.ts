import { randomUUID } from "node:crypto";
import { callPage } from "../browser.ts";
import { fromDistributions, type Measurement } from "../measurement.ts";
import type { FollowerPress } from "../page/stop-tabs.ts";
import type { RowContext } from "../row.ts";

/** Half of them while the leading tab's page is frozen. */
const PRESSES = 100;
const PRESSES_A_PROFILE = 20;
/** How long that page is frozen, and how long it has been when the press comes, ms. */
const FROZEN_MS = 1000;
const BEFORE_PRESS_MS = 100;

interface Sample extends FollowerPress {
  readonly frozen: boolean;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/**
 * The page whose worker leads is blocked by a long task, so that nobody can press in it: somebody presses in another tab.
 * Until the answer, recording included, since two tabs have no clock in common.
 */
export async function frozenFigures(context: RowContext): Promise<Measurement[]> {
  const samples: Sample[] = [];
  const presses = context.quick ? 10 : PRESSES;
  let thawed = 0;
  while (samples.length < presses) {
    const profile = `bench-tabs-${randomUUID()}`;
    const leader = await context.openBenchPage();
    await callPage(leader, "openLeader", profile);
    const follower = await context.openBenchPage();
    await callPage(follower, "openFollower", profile);
    for (let press = 0; press < Math.min(PRESSES_A_PROFILE, presses); press += 1) {
      await callPage(leader, "startBusy", null);
      const frozen = press % 2 === 0;
      const freezing = frozen
        ? callPage<number>(leader, "freeze", FROZEN_MS)
        : Promise.resolve(Number.POSITIVE_INFINITY);
      await pause(BEFORE_PRESS_MS + Math.random() * 50);
      const sample = await callPage<FollowerPress>(follower, "pressHere", { thawMs: FROZEN_MS });
      // A press that was answered when the page was free again says nothing.
      if (sample.answeredAtMs > (await freezing)) thawed += 1;
      if (thawed > presses)
        throw new Error("the page was free again before the stops were answered: the machine is too busy");
      if (sample.answeredAtMs <= (await freezing)) samples.push({ ...sample, frozen });
    }
    await callPage(follower, "closeTab", { last: false });
    await follower.close();
    await callPage(leader, "closeTab", { last: true });
    await leader.close();
  }
  const during = samples.filter(({ frozen }) => frozen).map(({ answeredMs }) => answeredMs);
  const without = samples.filter(({ frozen }) => !frozen).map(({ answeredMs }) => answeredMs);
  const details = {
    "presses in a frozen page's other tab": during.length,
    "left out, answered after the page was free": thawed,
  };
  return [0.5, 0.99].map((share) =>
    fromDistributions({
      ...{ row: "stop", where: "chromium", unit: "ms", floorLabel: "the same without", share },
      label: `leading tab's page frozen: press in another tab to the answer that it is in force and recorded, ${share === 0.5 ? "p50" : "p99"}`,
      value: during,
      floor: without,
      ...(share === 0.5 ? { details } : {}),
    }),
  );
}
