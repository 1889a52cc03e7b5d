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

describe("a border", () => {
  it("[XDA-10] [XDA-31] goes on after a crash at any of its steps, and makes none of them twice", {
    timeout: 20_000,
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
    for (let last = 1; last < sizes.all; last += 1) {
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
      await stuck;
      first.host.close();
      const again = await besideOthers(undefined, {}, first.storage);
      await until(again.client, async () =>
        (await again.client.workflow.get({ wid })).workflow.status === "finished" ? true : null,
      );
      const trail = await until(again.client, async () => {
        const found = await trailOf(again, wid);
        return found.order.length < 4 ? null : found;
      });
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
  });
});
