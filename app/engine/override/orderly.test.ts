import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { type Bench, startedWorkflow } from "../engine.fixture.ts";
import { codeOf, orders } from "./orders.fixture.ts";

const GRACE = { mode: "orderly", grace_ms: 5000 };
const due = async (bench: Bench, signal: string, reached: boolean): Promise<string> =>
  codeOf(await bench.engine.submit({ kind: "stop_due", signal, reached }));

/** One task under way, one that waits for a human, and a stop to a safe point. */
async function stopping() {
  const bench = await startedWorkflow();
  const by = orders(bench);
  await by.ask("build");
  const gated = bench.task("deploy");
  await bench.submit(await bench.intent(gated, "deploy_site"));
  await bench.submit(await bench.request(gated, "deploy_site"));
  const { jti, code } = await by.give("stop", { params: GRACE });
  const statusOf = (name: string) =>
    bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(bench.task(name))?.status);
  return { bench, by, jti, code, statusOf };
}

describe("an orderly stop in the log", () => {
  it("[OVR-34] [OVR-16] [S10] lets what is under way end, refuses what is new and aborts what waits for a human", async () => {
    const { bench, by, jti, code, statusOf } = await stopping();
    expect([code, await by.state()]).toEqual(["accepted", "stopping"]);
    expect([await statusOf("build"), await statusOf("deploy")]).toEqual(["running", "stopped"]);
    expect(await bench.engine.read((state) => [...state.gates.values()].map((gate) => gate.status))).toEqual([
      "aborted",
    ]);
    await by.ask("late");
    expect(await statusOf("late")).toBe("stopped");
    // Not before what it let end has ended.
    expect(await due(bench, jti, true)).toBe("override_state_invalid");
    expect(await by.effect("build")).toBe("effect_started");
    expect(codeOf(await bench.submit(await bench.ect(bench.task("build"), "build_site")))).toBe("accepted");
    expect([await statusOf("build"), await by.state()]).toEqual(["done", "stopped"]);
    expect([await due(bench, jti, true), await due(bench, jti, false)]).toEqual(["accepted", "override_not_in_force"]);
  });

  it("[OVR-34] [S10] stops what still goes on when its time is over, and is the same when the log is opened again", async () => {
    const { bench, by, jti, statusOf } = await stopping();
    expect(await due(bench, jti, false)).toBe("accepted");
    expect([await statusOf("build"), await by.state()]).toEqual(["stopped", "stopped"]);
    expect(await by.effect("build")).toBe("task_not_permitted");
    const read = (engine: Bench["engine"]) =>
      engine.read((state) => {
        const { stopping, latched, finishing } = must(state.overrides.get(jti), "the stop");
        const workflow = must(state.workflows.get(bench.wid), "the workflow");
        return { stopping, latched, finishing: [...finishing], halted: [...workflow.halted], status: workflow.status };
      });
    expect(await read(bench.engine)).toEqual({
      stopping: false,
      latched: true,
      finishing: [],
      halted: [bench.agentId],
      status: "stopped",
    });
    expect(await read(await bench.reopen())).toEqual(await read(bench.engine));
  });

  it("[OVR-34] lets no task end that a pause held when it came", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    await by.ask("build");
    await by.pause("now");
    await by.give("stop", { params: GRACE });
    expect(await by.state()).toBe("stopped");
    expect(await by.effect("build")).toBe("task_not_permitted");
  });

  it("[S4] [OVR-34] is released once it has stopped, and starts nothing", async () => {
    const { bench, by, jti } = await stopping();
    const end = { params: { of: jti }, scope: { kind: "agent", id: bench.agentId } };
    expect((await by.give("release", end)).code).toBe("override_state_invalid");
    await due(bench, jti, false);
    expect((await by.give("release", end)).code).toBe("accepted");
    expect(await by.state()).toBe("stopped");
  });
});
