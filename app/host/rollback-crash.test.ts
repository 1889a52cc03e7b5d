import { describe, expect, it } from "vitest";
import { until } from "../api/dispatch/operator.fixture.ts";
import { orderOfTwo } from "../api/dispatch/rollback.fixture.ts";
import { must } from "../base/assert.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { openedHost } from "./host.fixture.ts";
import { files, mortal, written } from "./rollback.fixture.ts";

describe("a crash of the coordinator", () => {
  it.each([
    [1, "the order and what prepares it"],
    [2, "the participant's readiness, and execute"],
    [3, "the first step's result, and the request for the second"],
    [4, "the last step's result, and confirm"],
    [5, "the last acknowledgement"],
  ])("[CAS-17] [CAS-25] at frame %i, %s: goes on to the same end", async (frames) => {
    const memory = createMemoryStorage();
    const first = mortal(memory);
    const { open, alice, bob, wid, tasks } = await written(2, first.storage);
    const target = { kind: "task" as const, id: must(tasks[0], "the first task") };
    const { token } = await orderOfTwo(open.client, alice, bob, { wid, target, keepTarget: false, bestEffort: false });
    first.arm(frames);
    // Nobody may hear of it any more.
    void open.client.rollback.request({ token }).catch(() => undefined);
    await first.death;
    open.host.close();

    const again = await openedHost({ storage: memory });
    const rbId = must((await again.client.rollback.list({})).rollbacks[0], "the rollback is in the log").rbId;
    const shown = await until(again.client, async () => {
      const view = await again.client.rollback.show({ rbId });
      return view.participants.every(({ acknowledged }) => acknowledged) ? view : null;
    });
    expect([shown.rollback.phase, shown.steps.map(({ status }) => status)]).toEqual(["confirmed", ["done", "done"]]);
    expect(await files(again, wid)).toEqual([]);
    const rows = (await again.client.audit.entries({ wid, limit: 1000 })).rows;
    // However often it was asked, each step has one result and one ECT that says so.
    expect(rows.filter(({ action }) => action === "rollback_result")).toHaveLength(2);
    again.host.close();
  });
});
