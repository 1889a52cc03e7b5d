import { describe, expect, it } from "vitest";
import { smallRun } from "../../api/dispatch/operator.fixture.ts";
import type { Fact, LoggedFact } from "../../engine/fact.ts";
import { planRun } from "../../engine/workflow/plan.ts";
import { RUN, sha256 } from "../../protocol/behavior/bench.fixture.ts";
import { agentTask } from "../agent-task.ts";
import { createRunStore } from "../run-store.ts";
import { watchRun } from "./run-watch.ts";

const WID = "0195400c-0000-4000-8000-00000000000a";
const plan = planRun(RUN, smallRun("Small run", 2));
const ids = createRunStore({} as never, sha256).jtis(WID, plan); // asked for ids alone
const OUT = plan.tasks.map((task) =>
  agentTask(task, sha256, { wid: WID, jti: "", pred: [], acp: { jti: "", hash: "" } }),
);

/** Entries as far as they are read. */
const logged = (typ: Fact["typ"], claims: object): LoggedFact =>
  ({ seq: 1, receivedAt: 1, digest: "d", fact: { typ, claims: { wid: WID, ...claims } } }) as LoggedFact;
const record = (kind: string, index?: number) =>
  logged("record+jwt", { kind, data: index === undefined ? {} : { task: ids.jtis[index] } });
const asked = (index: number) => logged("intent+jwt", { task: ids.jtis[index] });
const ended = (index: number, outcome: string, outHash = OUT[index]?.outHash) =>
  logged("exec+jwt", {
    ...{ jti: ids.jtis[index], exec_act: "build_site", out_hash: outHash },
    ect_ext: { "org.signalbox.outcome": outcome },
  });

describe("a run of a benchmark as its entries come", () => {
  it("[BEH-47] holds each task against what is recorded, by the instants its entries came, and of one agent alone where that is measured", () => {
    const watch = watchRun(WID, plan, ids, sha256);
    const entries: [LoggedFact, number][] = [
      [logged("exec+jwt", { jti: WID, exec_act: "run_start" }), 100],
      [asked(0), 100],
      [record("gate_required", 0), 101],
      [record("permitted", 0), 140],
      [record("effect_started", 0), 141],
      [ended(0, "success"), 150.5],
      [asked(1), 150],
      [ended(1, "success", "another output"), 160],
      [asked(2), 160],
      [record("gate_required", 2), 161],
      [record("effect_started", 2), 162],
      [ended(2, "failure"), 170],
      // Of another workflow.
      [logged("record+jwt", { wid: RUN, kind: "run_finished", data: {} }), 171],
    ];
    for (const [entry, atMs] of entries) watch.take(entry, atMs);
    expect(watch.isOver).toBe(false);
    watch.take(record("run_finished"), 200);
    expect(watch.isOver).toBe(true);
    expect(watch.started).toEqual({ jti: WID, hash: "d" });
    const { wallMs, tasks } = watch.seen(0, null);
    expect(wallMs).toBe(100);
    expect(tasks).toMatchObject([
      { key: "0/build-0", completed: true, correct: true, latencyMs: 50.5, gate: { waited: true } },
      { key: "0/build-1", completed: true, correct: false, latencyMs: 10, gate: null },
      // It began before anybody had answered.
      { key: "0/deploy", completed: true, correct: false, latencyMs: 10, gate: { waited: false } },
    ]);
    expect([...watch.gated]).toEqual(["build_site", "deploy_site"]);
    expect(watch.seen(0, "deployer").tasks.map(({ key }) => key)).toEqual(["0/deploy"]);
  });

  it("[BEH-47] what has no end has no duration and no result", () => {
    const watch = watchRun(WID, plan, ids, sha256);
    watch.take(asked(0), 1);
    watch.take(record("run_finished"), 2);
    expect(watch.seen(0, null).tasks).toMatchObject([
      { completed: false, correct: false, result: null, latencyMs: null },
      { completed: false },
      { completed: false },
    ]);
  });
});
