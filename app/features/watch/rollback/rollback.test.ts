import { describe, expect, it } from "vitest";
import { haloMark } from "../halo/halo-words.ts";
import { ASKED, BY_PERSON, COMPENSATED, IRREVERSIBLE, LEFT, PLANNED, STAYS, TO_COME, UNDONE } from "../halo/reach.ts";
import { planLights, stepLights } from "./lights.ts";
import { planDiff } from "./plan-diff.ts";
import { CKPT, PLAN_HASH, planOf, RB, stateOf, step, stepsOf, task } from "./rollback.fixture.ts";
import { planLink, viewOf } from "./rollback-link.ts";
import { stepStanding } from "./rollback-words.ts";
import { typedTarget } from "./typed-target.ts";

describe("the link of the rollback panel", () => {
  it("[CAS-16] carries every cut and every rollback, and opens the list for anything else", () => {
    for (const cut of [{ kind: "task", index: 3 }, { kind: "checkpoint", id: CKPT }, { kind: "workflow" }] as const)
      expect(viewOf(planLink(cut), 5)).toEqual({ kind: "plan", cut });
    expect(viewOf(RB, 5)).toEqual({ kind: "watch", rbId: RB });
    expect(viewOf("list", 5)).toEqual({ kind: "list" });
    expect(viewOf(undefined, 5)).toBeNull();
    for (const other of ["new", "", "t5", "t-1", "t1.5", "c", `x${CKPT}`, "__proto__"])
      expect(viewOf(other, 5)).toEqual({ kind: "list" });
  });
});

describe("a plan on the graph", () => {
  it("[N13] lights each task by how it would be undone, and the last ones that stay", () => {
    expect([...planLights(planOf(stepsOf()), 6)]).toEqual([
      STAYS,
      IRREVERSIBLE | PLANNED,
      UNDONE | PLANNED,
      COMPENSATED | PLANNED,
      BY_PERSON | PLANNED,
      0,
    ]);
  });

  it("[S7] [N13] says of a plan what would be, in other words than of what was done", () => {
    for (const bits of [UNDONE, COMPENSATED, BY_PERSON])
      expect(haloMark(bits | PLANNED)?.label).toBe(`would be ${haloMark(bits)?.label}`);
  });

  it("[S7] [CAS-16] lights of a rollback that goes on what has come of a step, never what was asked for", () => {
    const [merge, third, second, first] = stepsOf();
    if (merge === undefined || third === undefined || second === undefined || first === undefined) throw new Error();
    const residue = ["the mail is out"];
    const steps = [
      stateOf(merge, "open"),
      stateOf(third, "done"),
      stateOf(second, "failed"),
      stateOf(first, "skipped"),
    ];
    expect([...stepLights(steps, 5)]).toEqual([0, IRREVERSIBLE, LEFT, COMPENSATED, ASKED]);
    expect([...stepLights([stateOf(third, "done", { residue }), stateOf(merge, "waiting")], 5)]).toEqual([
      0,
      0,
      0,
      LEFT,
      TO_COME,
    ]);
  });

  it("[S7] a task that comes back with another one's restore is undone when that is, not before", () => {
    const restored = step(1, task(2, "b"), "undone", { ckptId: CKPT });
    const covered = step(2, task(1, "a"), "undone", { ckptId: CKPT, method: "skip" });
    const lit = (status: "open" | "done" | "failed") =>
      stepLights([stateOf(restored, status), stateOf(covered, "skipped")], 3)[1];
    expect([lit("open"), lit("failed"), lit("done")]).toEqual([ASKED, LEFT, UNDONE]);
  });

  it("leaves out what is not of this run", () => {
    const steps = [step(1, { ...task(1, "a"), index: 9 }, "undone"), step(2, task(2, "b"), "undone", { index: null })];
    expect([...planLights(planOf(steps), 3)]).toEqual([STAYS, 0, 0]);
  });
});

describe("a plan that was made again", () => {
  it("[D4] tells what came, what went, and what is undone in another way", () => {
    const [merge, third, second, first] = stepsOf();
    if (merge === undefined || third === undefined || second === undefined || first === undefined) throw new Error();
    const now = [{ ...third, list: "impossible" as const, method: "skip" as const }, second, first];
    const extra = step(5, task(0, "split"), "undone");
    const diff = planDiff({ steps: stepsOf() }, { steps: [...now, extra] });
    expect(diff.gone).toEqual([merge]);
    expect(diff.added).toEqual([extra]);
    expect(diff.changed).toEqual([{ before: third, now: now[0] }]);
    expect(planDiff({ steps: stepsOf() }, { steps: stepsOf() })).toEqual({ added: [], gone: [], changed: [] });
  });
});

describe("what is typed before something stays for good", () => {
  it("[F2] is the target's name where it can be typed as it is shown, else the end of the plan's digest", () => {
    expect(typedTarget("reload router 7", PLAN_HASH).text).toBe("reload router 7");
    for (const name of [null, "merge \u202egnp.exe", " padded", "x".repeat(41), ""])
      expect(typedTarget(name, PLAN_HASH)).toEqual({ what: "end of the plan's digest", text: PLAN_HASH.slice(-8) });
  });
});

describe("a step's state", () => {
  it("[S7] [CAS-16] is never done before there is a result", () => {
    const [manual, compensated] = stepsOf();
    if (manual === undefined || compensated === undefined) throw new Error();
    expect(stepStanding(stateOf(compensated, "open")).label).toBe("asked for, no result yet");
    expect(stepStanding(stateOf(manual, "open")).label).toBe("a person is asked");
    expect(stepStanding(stateOf(compensated, "timeout")).label).toBe("not known: no result in time");
    expect(stepStanding(stateOf(compensated, "done")).label).toBe("compensated");
    const labels = (["waiting", "open", "timeout", "refused", "blocked", "not_run", "failed"] as const).map(
      (status) => stepStanding(stateOf(compensated, status)).tone,
    );
    expect(labels).not.toContain("good");
  });
});
