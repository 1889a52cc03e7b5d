import { describe, expect, it } from "vitest";
import { enrolledOperator, until } from "../../api/dispatch/operator.fixture.ts";
import { acted } from "../acting.fixture.ts";
import { besideOthers, trailOf } from "./domains.fixture.ts";
import { runAcross } from "./run-across.fixture.ts";

const two = () =>
  runAcross([
    ["plan", "core.example", []],
    ["carry", "metro.example", ["plan"]],
  ]);

/** Everything there is to be kept of the workflow, once it is. */
async function keptOf(open: Awaited<ReturnType<typeof besideOthers>>, wid: string) {
  await until(open.client, async () =>
    (await open.client.workflow.get({ wid })).workflow.status === "finished" ? true : null,
  );
  return until(open.client, async () => {
    const found = await trailOf(open, wid);
    return found.order.length < 4 ? null : found;
  });
}

/** Crosses until the border's appends are refused after so many, and goes on over what was kept. */
async function crashedAfter(last: number): Promise<void> {
  let left = last;
  let reached = (): void => undefined;
  const stuck = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const first = await besideOthers((log) => {
    if (log === "console.local") return false;
    left -= 1;
    if (left < 0) reached();
    return left < 0;
  });
  const alice = await enrolledOperator(first.client);
  const { wid } = await alice.start(two(), { speed: 1000 });
  // How often a head is signed is a matter of time as well: a run may be through with fewer appends than were counted.
  const through = keptOf(first, wid).catch(() => stuck);
  await Promise.race([stuck, through]);
  first.host.close();
  const again = await besideOthers(undefined, {}, first.storage);
  const trail = await keptOf(again, wid);
  expect([last, trail.problems, trail.gaps, trail.crossings.map(({ state }) => state)]).toEqual([
    last,
    [],
    [],
    ["verified"],
  ]);
  expect(trail.order.map(({ execAct }) => execAct)).toEqual([
    "build_site",
    "trail_hand_off",
    "trail_take_over",
    "build_site",
  ]);
  again.host.close();
}

describe("a border", () => {
  it("[XDA-10] [XDA-31] goes on after a crash at any of its steps, and makes none of them twice", {
    timeout: 60_000,
  }, async () => {
    const sizes = { all: 0 };
    const counting = await besideOthers((log) => {
      if (log !== "console.local") sizes.all += 1;
      return false;
    });
    await acted(counting.client, two(), false);
    await (await counting.desk()).settled();
    counting.host.close();
    expect(sizes.all).toBeGreaterThan(8);
    const points = Array.from({ length: sizes.all - 1 }, (_, at) => at + 1);
    // A host mostly waits: three at a time take little more than one.
    while (points.length > 0) await Promise.all(points.splice(0, 3).map(crashedAfter));
  });
});
