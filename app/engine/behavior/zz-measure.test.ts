import { it } from "vitest";
import { compileProfile } from "../../protocol/behavior/compile-profile.ts";
import { isOf, observationOf } from "../../protocol/behavior/observe-window.ts";
import { replayTasks } from "../../protocol/behavior/replay-rules.ts";
import { observeActions, sequentialTest, startTest } from "../../protocol/behavior/sequential.ts";
import { agent } from "../cascade/cascade-world.fixture.ts";
import { BehaviorWorld, CLEAN, IDS } from "./behavior-world.fixture.ts";
import { profileFor } from "./conduct.ts";
import { conductOf } from "./conduct-tasks.ts";
import { decideAppraisal } from "./decide.ts";
import { windowAt } from "./decide-evidence.ts";

const cpu = <T>(what: string, run: () => T): T => {
  const a = process.cpuUsage();
  const r = run();
  const b = process.cpuUsage(a);
  console.log(what, ((b.user + b.system) / 1000).toFixed(1), "ms CPU");
  return r;
};

it.each([["benign"], ["adversarial"]])(
  "measures %s",
  (kind) => {
    const world = new BehaviorWorld(["worker", "other"]);
    const rules = Array.from({ length: 64 }, (_, at) => ({
      id: `r${at}`,
      kind: "must_precede" as const,
      a: kind === "benign" ? "build_site" : `act_${at}_*`,
      b: "test_site",
      severity: ((at % 5) + 1) as 1,
    }));
    world.putProfile({ sequences: rules.slice(0, 32) as never, allowed_actions: ["*"], window_s: 3600 });
    world.does("worker", CLEAN);
    const wf = [...world.state.workflows.values()][0]!;
    const task = [...wf.tasks.values()][0]!;
    const n = 10_000;
    for (let at = wf.tasks.size; at < n; at += 1) {
      const jti = `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`;
      wf.tasks.set(jti, {
        ...task,
        jti,
        execAct: at % 2 ? "test_site" : "build_site",
        intent: { ...task.intent!, seq: 100 + at, jti },
      });
    }
    const open = world.state.behavior.instances.get(agent("worker"))!.open!;
    const moment = world.moment();
    const window = windowAt(world.state, agent("worker"), open.from, world.nowS + 3601)!;
    const profile = profileFor(world.state, agent("worker"))!.profile;
    for (let i = 0; i < 3; i++) {
      console.log(kind, i);
      const compiled = cpu("compile", () => compileProfile(profile));
      const tasks = cpu("conductOf", () => conductOf(world.state, window, compiled));
      const findings = cpu("replay", () =>
        replayTasks(compiled, tasks, { subject: agent("worker"), untilMs: window.to * 1000, ended: false }),
      );
      console.log("findings", findings.length);
      const span = { from: window.from, to: window.to };
      cpu("observation", () =>
        observationOf(compiled, {
          window: span,
          tasks: tasks.filter((t) => isOf(t, span, agent("worker"))),
          findings,
          sha256: moment.sha256,
        }),
      );
      const test = sequentialTest(profile.baseline!);
      if (test)
        cpu("sequential", () =>
          observeActions(
            test,
            startTest(test),
            tasks.map(({ action }) => action),
          ),
        );
      cpu(`appraise`, () =>
        decideAppraisal(world.state, { kind: "appraise", agent: agent("worker"), from: open.from } as never, IDS, {
          ...moment,
          nowS: world.nowS + 3601,
          nowMs: (world.nowS + 3601) * 1000,
        }),
      );
    }
  },
  100000,
);
