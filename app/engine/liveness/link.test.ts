import { describe, expect, it } from "vitest";
import type { LinkLossPlan } from "../../protocol/liveness/terms.ts";
import { startedWorkflow } from "../engine.fixture.ts";
import type { LinkStage } from "./liveness-state.ts";

async function linked(plan: LinkLossPlan) {
  const bench = await startedWorkflow(undefined, undefined, { "org.signalbox.liveness": { plan } });
  const link = (stage: LinkStage | "returned") => {
    const heardAt = Math.floor(bench.clock.nowMs() / 1000) - 30;
    return bench.engine.submit({ kind: "link", agent: bench.agentId, wid: bench.wid, stage, heardAt });
  };
  const ask = async (name: string, act: string) => {
    const answer = await bench.submit(await bench.intent(bench.task(name), act));
    const last = answer.ok ? answer.value.logged.at(-1)?.fact : undefined;
    return answer.ok ? (last?.typ === "record+jwt" ? last.claims.kind : "") : answer.error.code;
  };
  const effect = async (name: string) => {
    const answer = await bench.engine.submit({ kind: "effect", wid: bench.wid, task: bench.task(name), latch: null });
    const last = answer.ok ? answer.value.logged.at(-1)?.fact : undefined;
    return answer.ok ? (last?.typ === "record+jwt" ? last.claims.kind : "") : answer.error.code;
  };
  /** What cannot be undone is asked for, and a human allows it. */
  const allow = async (name: string): Promise<void> => {
    const task = bench.task(name);
    await bench.submit(await bench.request(task, "deploy_site"));
    const request = await bench.engine.read(
      (state) => [...state.gates.values()].find((gate) => gate.task === task)?.request,
    );
    const allowed = await bench.submit(await bench.decision(request ?? "", "approve"));
    expect(allowed.ok).toBe(true);
  };
  return { bench, link, ask, effect, allow };
}

const HOLD: LinkLossPlan = { do: "hold", after_s: 45 };

describe("at the enforcement point, an agent whose link is lost", () => {
  it("[OVR-23] does nothing irreversible once it is degraded, not even what was permitted before", async () => {
    const { link, ask, effect, allow } = await linked(HOLD);
    expect(await ask("before", "deploy_site")).toBe("gate_required");
    await allow("before");
    await link("degraded");
    expect(await ask("deploy", "deploy_site")).toBe("agent_degraded");
    expect(await effect("before")).toBe("agent_degraded");
    expect(await ask("build", "build_site")).toBe("permitted");
    await link("returned");
    expect(await effect("before")).toBe("effect_started");
    expect(await ask("deploy", "deploy_site")).toBe("gate_required");
  });

  it("[OVR-23] does nothing that has a consequence once it is restricted", async () => {
    const { link, ask } = await linked(HOLD);
    await link("restricted");
    expect(await ask("build", "build_site")).toBe("agent_degraded");
  });

  it("[L3] [N9] is held by its plan: what was under way ends, nothing begins, and it goes on when it is back", async () => {
    const { link, ask, effect } = await linked(HOLD);
    await ask("begun", "build_site");
    await link("planned");
    expect(await ask("next", "build_site")).toBe("agent_link_lost");
    expect(await effect("begun")).toBe("effect_started");
    await link("returned");
    expect(await ask("next", "build_site")).toBe("permitted");
  });

  it("[L3] [OVR-14] is stopped by its plan, and stays stopped when it is back", async () => {
    const { bench, link, ask, effect } = await linked({ do: "safe_stop", after_s: 300 });
    await ask("begun", "build_site");
    await link("planned");
    expect(await effect("begun")).toBe("task_not_permitted");
    await link("returned");
    const [workflow, found] = await bench.engine.read((state) => [
      state.workflows.get(bench.wid)?.status,
      structuredClone(state.liveness.get(bench.agentId)),
    ]);
    expect(workflow).toBe("stopped");
    expect(found).toMatchObject({ link: null, returned: { stage: "planned" } });
    expect(await ask("next", "build_site")).toBe("refused");
  });

  it("[L3] asked for a rollback by its plan, it is held: nothing is undone without a person", async () => {
    const { link, ask, effect } = await linked({ do: "roll_back", after_s: 60 });
    await ask("begun", "build_site");
    await link("planned");
    expect(await ask("next", "build_site")).toBe("agent_link_lost");
    expect(await effect("begun")).toBe("effect_started");
  });

  it("[OVR-23] goes down one way only until it is heard of, and reads the same from the log", async () => {
    const { bench, link } = await linked(HOLD);
    expect((await link("returned")).ok).toBe(false);
    expect((await link("restricted")).ok).toBe(true);
    expect((await link("degraded")).ok).toBe(false);
    expect((await link("planned")).ok).toBe(true);
    const known = await bench.engine.read((state) => structuredClone(state.liveness));
    const again = await bench.reopen();
    expect(await again.read((state) => structuredClone(state.liveness))).toEqual(known);
  });
});
