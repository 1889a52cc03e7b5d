import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { statesOnPath } from "../cascade/breakers.ts";
import { agent, codeOf, taskId, WID } from "../cascade/cascade-world.fixture.ts";
import { decodeState, encodeState } from "../snapshot-codec.ts";
import { BehaviorWorld, CLEAN, DRIFTING, LEAK, standing } from "./behavior-world.fixture.ts";
import { conductKnown } from "./effects.ts";

const begun = (agents: readonly string[] = ["worker", "other"]): BehaviorWorld => {
  const world = new BehaviorWorld(agents);
  world.putProfile();
  return world;
};

describe("slipping by", () => {
  it("[BEH-S8] [BEH-21] a flood of what is forbidden is one window, which ends no later than now", () => {
    const world = begun();
    for (let at = 0; at < 50; at += 1) world.ask("worker", `leak-${at}`, "leak_data");
    const instance = world.state.behavior.instances.get(agent("worker"));
    expect(instance?.closing).toMatchObject([{ closed: "severity", to: world.nowS + 1 }]);
    world.judge("worker");
    expect(world.of("worker")).toMatchObject({ now: { state: "quarantined" }, windows: [{ worst: 5 }] });
    // Nothing of the flood is left to be appraised one by one.
    expect(world.firstWindow("worker")).toBeNull();
    expect(world.refolded()).toEqual(world.state);
  });

  it("[BEH-21] [BEH-31] what never followed is found, also where the workflow ends while its last window is being judged", () => {
    const world = new BehaviorWorld(["worker"]);
    const follow = { id: "follow", kind: "must_follow", a: "build_site", b: "test_site", within_s: 900, severity: 3 };
    world.putProfile({ sequences: [follow as never], min_samples: 1 });
    world.does("worker", ["build_site"]);
    world.pass(60);
    world.witness("worker", world.firstWindow("worker") ?? 0);
    world.submit({ kind: "finish", wid: WID, cause: WID, summary: {} });
    while (world.judge("worker") !== null);
    // In a window of its own, of which the enforcement point tells: nobody has hidden it, and it weighs what it weighs.
    const { windows } = world.of("worker");
    expect(windows.map(({ closed }) => closed)).toEqual(["time", "over"]);
    expect(
      windows.map(({ reasons }) =>
        reasons.flatMap(({ rule, severity, hidden }) => (rule === "follow" ? [severity, hidden] : [])),
      ),
    ).toEqual([[], [3, false]]);
    expect(world.state.behavior.instances.size).toBe(0);
  });

  it("[BEH-24] leave that was saved up is not used any more", () => {
    const world = begun();
    world.ask("worker", "saved-up");
    world.ask("worker", "begun");
    world.submit({ kind: "effect", wid: WID, task: taskId("begun"), latch: null });
    world.orderAgent("quarantine", "worker");
    expect(world.submit({ kind: "effect", wid: WID, task: taskId("saved-up"), latch: null })).toMatchObject({
      logged: [{ fact: { claims: { kind: "effect_refused", data: { code: "behavior_quarantined" } } } }],
    });
    // What has begun ends as it ends.
    expect(codeOf(world.report("begun"))).toBe("accepted");
  });
});

describe("breakers toward who is in quarantine", () => {
  const handedOn = () => {
    const world = begun(["worker", "other", "third"]);
    world.run("other", "first");
    world.run("worker", "second", "success", ["first"]);
    world.run("third", "third");
    return world;
  };
  const release = (world: BehaviorWorld) => codeOf(world.orderAgent("release", "worker", { basis: { build: "2" } }));

  it("[BEH-24] also that of whoever hands on to it for the first time is shut", () => {
    const world = handedOn();
    world.orderAgent("quarantine", "worker");
    const toward = (after: string) =>
      statesOnPath(
        world.state,
        must(world.state.workflows.get(WID), "it runs"),
        { agent: agent("worker"), execAct: "build_site", pred: [taskId(after)] },
        world.nowS,
      );
    expect(toward("third")).toEqual(["forced_open"]);
    expect(release(world)).toBe("accepted");
    expect(toward("third")).toEqual(["closed"]);
  });

  it("[BEH-24] [CAS-19] what an operator trips meanwhile stays shut, and no order of theirs opens what quarantine shut", () => {
    const world = handedOn();
    world.orderAgent("quarantine", "worker");
    expect(codeOf(world.order("release", ["other", "worker", "build"]))).toBe("behavior_quarantined");
    expect(world.stateOf("other", "worker")).toBe("forced_open");
    world.order("trip", ["other", "worker", "*"]);
    release(world);
    expect(world.stateOf("other", "worker")).toBe("forced_open");
    expect(codeOf(world.order("release", ["other", "worker", "*"]))).toBe("accepted");
    expect(world.stateOf("other", "worker")).toBe("half_open");
    expect(world.refolded()).toEqual(world.state);
  });
});

describe("what is too old", () => {
  it("[BEH-10] [BEH-26] counts as drifting before any timer has said so", () => {
    const world = begun();
    world.window("worker", CLEAN);
    expect(conductKnown(world.state, agent("worker"), world.nowS).verdict).toBe("conformant");
    world.pass(120);
    expect(conductKnown(world.state, agent("worker"), world.nowS).verdict).toBe("drifting");
  });

  it("[BEH-10] of an agent whose profile names it in one workflow only it becomes stale as well", () => {
    const world = new BehaviorWorld(["worker"]);
    world.putProfile({ applies_to: [agent("worker")] });
    world.window("worker", CLEAN);
    world.pass(120);
    expect(codeOf(world.submit({ kind: "behavior_stale", agent: standing("worker") }))).toBe("accepted");
    expect(world.of("worker").now.state).toBe("stale");
  });
});

describe("what is kept", () => {
  it("[BEH-24] quarantine and all else is the same from a snapshot, and goes on alike", () => {
    const world = begun();
    world.putProfile({
      version: 2,
      sequences: [{ id: "s", kind: "must_precede", a: "x", b: "ask_model", severity: 1 }],
    });
    for (let at = 0; at < 12; at += 1)
      world.window("worker", [...Array.from({ length: 40 }, () => CLEAN).flat(), "ask_model"]);
    world.does("other", LEAK);
    world.judge("other");
    const bytes = Buffer.concat([...encodeState(world.state.behavior)]);
    const restored = decodeState(bytes);
    expect(restored).toEqual(world.state.behavior);
    const kept = world.state;
    world.state = { ...kept, behavior: restored as typeof kept.behavior };
    for (let at = 0; at < 10; at += 1) world.window("worker", DRIFTING);
    expect(world.ask("other", "again")).toMatchObject({
      logged: [{}, { fact: { claims: { kind: "refused", data: { code: "behavior_quarantined" } } } }],
    });
    expect(world.refolded().behavior).toEqual(world.state.behavior);
  });
});
