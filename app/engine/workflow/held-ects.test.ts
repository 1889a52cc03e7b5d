import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DagProgress, dagSteps, placementOf } from "../../protocol/ect/check-dag.ts";
import { createEctMemory, type KnownEct, type KnownEcts } from "../../protocol/ect/known-ects.ts";
import type { HeldEct } from "../state.ts";
import { heldEcts, withoutJoins } from "./held-ects.ts";

const IAT = 1_772_064_000;
const WIDS = ["w1", "w2"] as const;
type Ects = Map<string, HeldEct>;

function held(seq: number, pred: readonly string[], change: Partial<HeldEct> = {}): HeldEct {
  return { seq, digest: `d${seq}`, iss: "spiffe://a", iat: IAT, execAct: "work", pred, ext: {}, ...change };
}

/** D4 alone: the code of the first row that refuses, or the place. */
function placeOf(ect: KnownEct, known: KnownEcts) {
  const progress: DagProgress = {};
  for (const { run } of dagSteps(() => ect, known, {}, progress)) {
    const outcome = run();
    if (!outcome.ok) return outcome.error.code;
  }
  return placementOf(ect, progress);
}

/** A log of two workflows in order: each task names earlier ones of its own. */
const log = fc
  .array(
    fc.record({
      wid: fc.constantFrom(...WIDS),
      name: fc.nat(12),
      picks: fc.array(fc.nat(), { maxLength: 3 }),
      later: fc.nat(60),
      decision: fc.constantFrom("approved", "rejected", undefined),
    }),
    { maxLength: 25 },
  )
  .map((entries) => {
    const workflows = new Map<string, { ects: Ects }>(WIDS.map((wid) => [wid, { ects: new Map() }]));
    entries.forEach(({ wid, name, picks, later, decision }, seq) => {
      const ects = workflows.get(wid)?.ects ?? new Map<string, HeldEct>();
      const before = [...ects.keys()];
      const pred = before.length === 0 ? [] : [...new Set(picks.map((pick) => before[pick % before.length] ?? ""))];
      const ext = decision === undefined ? {} : { pol_decision: decision };
      if (!ects.has(`t${name}`)) ects.set(`t${name}`, held(seq, pred, { iat: IAT + later, ext }));
    });
    return workflows;
  });

describe("the ECTs a log holds", () => {
  it("[ECT-12] [ECT-16] [ECT-29] place a task as a memory of the same ECTs does, at any entry and without walking", () => {
    fc.assert(
      fc.property(
        log,
        fc.nat(25),
        fc.nat(25),
        fc.nat(13),
        fc.array(fc.nat(13), { maxLength: 3 }),
        (workflows, before, head, name, picks) => {
          const covered = Math.min(before, head);
          const memory = createEctMemory();
          for (const [wid, { ects }] of workflows)
            for (const [jti, { seq, digest: _digest, ...ect }] of ects)
              if (seq < before) memory.add({ ...ect, jti, wid, level: seq < covered ? 3 : 2 });
          const known = heldEcts(workflows, { before, covered });
          const pred = [...new Set(picks.map((pick) => `t${pick}`))].filter((jti) => jti !== `t${name}`);
          for (const execAct of ["work", "compensate"])
            for (const wid of ["w1", "w3"]) {
              const task: KnownEct = {
                jti: `t${name}`,
                wid,
                iss: null,
                iat: IAT + 20,
                pred,
                execAct,
                ext: {},
                level: 2,
              };
              expect(placeOf(task, known)).toEqual(placeOf(task, memory));
            }
          expect(known.successors("t1", "w1")).toEqual(memory.successors("t1", "w1"));
        },
      ),
    );
  });

  it("place the last of 100,000 tasks in a row: nothing is walked where nothing can lead back", () => {
    const ects: Ects = new Map();
    for (let at = 0; at < 100_000; at += 1) ects.set(`t${at}`, held(at, at === 0 ? [] : [`t${at - 1}`]));
    const known = heldEcts(new Map([["w1", { ects }]]));
    const task: KnownEct = {
      jti: "last",
      wid: "w1",
      iss: null,
      iat: IAT,
      pred: ["t99999"],
      execAct: "work",
      ext: {},
      level: 2,
    };
    expect(placeOf(task, known)).toMatchObject({ position: "linked" });
  });

  it("[ECT-53] joins stand for what they join, in layers, each once", () => {
    const ects: Ects = new Map([
      ["a", held(0, [])],
      ["b", held(1, ["a"])],
      ["j1", held(2, ["a", "b"], { execAct: "join" })],
      ["j2", held(3, ["j1", "b"], { execAct: "join" })],
    ]);
    expect([...withoutJoins(ects, ["j2", "a", "unheld"])].sort()).toEqual(["a", "b", "unheld"]);
    expect([...withoutJoins(ects, [])]).toEqual([]);
  });
});
