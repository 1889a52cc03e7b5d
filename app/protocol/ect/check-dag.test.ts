import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MAX_ANCESTORS } from "./ancestry.ts";
import { type DagPolicy, type DagProgress, dagSteps, type Placement, placeAgain, placementOf } from "./check-dag.ts";
import { OTHER_WID, PLANNER, taskId, WID } from "./ect.fixture.ts";
import { createEctMemory, type EctMemory, type KnownEct } from "./known-ects.ts";

const IAT = 1_772_064_000;

function task(jti: string, pred: readonly string[] = [], change: Partial<KnownEct> = {}): KnownEct {
  return { jti, wid: WID, iss: PLANNER, iat: IAT, pred, execAct: "work", ext: {}, level: 2, ...change };
}

/** D4 alone: the code of the first row that refuses, with its tasks, or the place. */
function judge(ect: KnownEct, known: EctMemory, policy: DagPolicy = {}): Placement | [string, readonly string[]] {
  const progress: DagProgress = {};
  for (const step of dagSteps(() => ect, known, policy, progress)) {
    const outcome = step.run();
    if (outcome instanceof Promise) throw new Error("DAG rows answer at once");
    if (!outcome.ok) return [outcome.error.code, outcome.error.tasks ?? []];
  }
  return placementOf(ect, progress);
}

function codeOf(ect: KnownEct, known: EctMemory, policy: DagPolicy = {}): string {
  const answer = judge(ect, known, policy);
  return "position" in answer ? answer.position : answer[0];
}

function memory(...ects: KnownEct[]): EctMemory {
  const known = createEctMemory();
  for (const ect of ects) known.add(ect);
  return known;
}

const [A, B, C, D] = ["a", "b", "c", "d"] as const;

describe("D4", () => {
  it("[ECT-15] [ECT-16] [ECT-S2] tasks are roots or linked to verified ones; a name nobody holds links nothing", () => {
    const known = memory(task(A), task(B, [A]));
    expect(codeOf(task(C), known)).toBe("root");
    expect(codeOf(task(C, [A, B]), known)).toBe("linked");
    expect(judge(task(C, [A, "x", "y"]), known)).toEqual(["dag_pred_missing", ["x", "y"]]);
  });

  it("[ECT-12] a task id is used once in its workflow, and once everywhere when it names none", () => {
    const known = memory(task(A), task(B, [], { wid: undefined }));
    expect(codeOf(task(A), known)).toBe("dag_duplicate_task");
    expect(codeOf(task(A, [], { wid: OTHER_WID }), known)).toBe("root");
    expect(codeOf(task(A, [], { wid: undefined }), known)).toBe("dag_duplicate_task");
    expect(codeOf(task(B), known)).toBe("dag_duplicate_task");
  });

  it("[ECT-31] missing predecessors may make a partial place, which lists them, and what is missing behind", () => {
    const known = memory(task(A, ["gone"]));
    const place = judge(task(B, [A, "x"]), known, { missing: "partial" });
    expect(place).toMatchObject({ position: "partial", missing: ["x"], missingBehind: ["gone"] });
    known.add(task(C, [A]));
    expect(placeAgain(task(C, [A]), known)).toMatchObject({ position: "linked", missing: [], missingBehind: ["gone"] });
    known.add(task("gone"));
    expect(placeAgain(task(C, [A]), known).missingBehind).toEqual([]);
  });

  it("a predecessor is older, give or take half a minute", () => {
    const known = memory(task(A, [], { iat: IAT + 29 }), task(B, [], { iat: IAT + 30 }));
    expect(codeOf(task(C, [A]), known)).toBe("linked");
    expect(judge(task(C, [A, B]), known)).toEqual(["dag_time_order", [B]]);
    expect(codeOf(task(C, [A, B]), known, { toleranceS: 31 })).toBe("linked");
  });

  it("a way back to the task is a cycle, told task by task", () => {
    const known = memory(task(A, [C]), task(B, [A]));
    expect(judge(task(C, [B]), known)).toEqual(["dag_cycle", [C, B, A, C]]);
    expect(codeOf(task(D, [B]), known)).toBe("linked");
  });

  it("a cycle among what is held is found from whatever rests on it", () => {
    const known = memory(task(A, [B]), task(B, [A]), task(C, [A]));
    expect(judge(task(D, [C]), known)).toEqual(["dag_cycle", [A, B, A]]);
  });

  it("[ECT-S9] the walk ends after 10,000 ancestors, and a chain of as many is walked without recursion", () => {
    const chain = (length: number): EctMemory =>
      memory(...Array.from({ length }, (_, index) => task(`t${index}`, index === 0 ? [] : [`t${index - 1}`])));
    expect(codeOf(task(A, [`t${MAX_ANCESTORS - 1}`]), chain(MAX_ANCESTORS))).toBe("linked");
    expect(codeOf(task(A, [`t${MAX_ANCESTORS}`]), chain(MAX_ANCESTORS + 1))).toBe("dag_limit");
  });

  it("predecessors are of the same workflow unless the verifier's own policy names the other", () => {
    const known = memory(task(A, [], { wid: OTHER_WID }), task(B));
    expect(judge(task(C, [A, B]), known)).toEqual(["dag_workflow_mismatch", [A]]);
    const allowed = {
      crossWorkflow: (own: string | undefined, other: string | undefined) => own === WID && other === OTHER_WID,
    };
    expect(codeOf(task(C, [A, B]), known, allowed)).toBe("linked");
    expect(codeOf(task(C, [A], { wid: undefined }), known)).toBe("dag_workflow_mismatch");
    known.add(task(A, [], { wid: taskId(0xf) }));
    expect(codeOf(task(C, [A]), known, { crossWorkflow: () => true })).toBe("dag_workflow_mismatch");
    known.add(task(A));
    expect(codeOf(task(C, [A]), known)).toBe("linked");
  });

  it.each(["rejected", "pending_human_review"])(
    "[ECT-43] after a task decided %s only undoing and asking go on",
    (decision) => {
      const held = task(A, [], { ext: { pol: "p", pol_decision: decision } });
      const known = memory(held, task(B));
      expect(judge(task(C, [A, B]), known)).toEqual(["dag_pred_policy", [A]]);
      for (const execAct of ["compensate", "hitl_request", "hitl_decision", "rollback_prepare", "override_signal"])
        expect(codeOf(task(C, [A, B], { execAct }), known)).toBe("linked");
      for (const execAct of ["rollbacks", "override", "hitl_requests", "xcompensate"])
        expect(codeOf(task(C, [A, B], { execAct }), known)).toBe("dag_pred_policy");
    },
  );

  it("[ECT-43] a human's yes to that very task lets its successor go on", () => {
    const pending = { ext: { pol: "p", pol_decision: "pending_human_review" } };
    const known = memory(
      task(A, [], pending),
      task(B, [], pending),
      task("request", [A], { execAct: "hitl_request" }),
      task("yes", ["request"], { execAct: "hitl_decision", ext: { outcome: "approve" } }),
      task("narrowed", [A], { execAct: "hitl_decision", ext: { outcome: "modify" } }),
      task("no", ["request"], { execAct: "hitl_decision", ext: { outcome: "reject" } }),
      task("plan", [A], { ext: { outcome: "approve" } }),
    );
    expect(codeOf(task(C, [A, "yes"]), known)).toBe("linked");
    expect(codeOf(task(C, [A, "narrowed"]), known)).toBe("linked");
    expect(codeOf(task(C, [A, "no"]), known)).toBe("dag_pred_policy");
    expect(codeOf(task(C, [A, "plan"]), known)).toBe("dag_pred_policy");
    expect(judge(task(C, [A, B, "yes"]), known)).toEqual(["dag_pred_policy", [B]]);
  });

  it("[ECT-45] a task is compensated once", () => {
    const known = memory(task(A), task(B), task("decision", [A], { execAct: "hitl_decision" }));
    const compensation = task(C, [A, "decision"], { execAct: "compensate" });
    expect(codeOf(compensation, known)).toBe("linked");
    known.add(compensation);
    expect(judge(task(D, [A, "decision"], { execAct: "compensate" }), known)).toEqual(["dag_double_compensation", [A]]);
    expect(codeOf(task(D, [B, "decision"], { execAct: "compensate" }), known)).toBe("linked");
    expect(codeOf(task(D, [A]), known)).toBe("linked");
    const crossWorkflow = { crossWorkflow: () => true };
    known.add(task("elsewhere", [B], { wid: OTHER_WID, execAct: "compensate" }));
    expect(codeOf(task(D, [B], { execAct: "compensate" }), known, crossWorkflow)).toBe("dag_double_compensation");
  });
});

describe("levels in a graph", () => {
  it("[ECT-29] [ECT-30] the path level is the least of all ancestors, and a weaker predecessor is a weak link", () => {
    const known = memory(task(A, [], { level: 1 }), task(B, [A], { level: 2 }), task("other", [], { level: 3 }));
    const place = judge(task(C, [B, "other"], { level: 3 }), known);
    expect(place).toMatchObject({ position: "linked", pathLevel: 1, weakLinks: [B] });
    known.setLevel(A, WID, 3);
    known.setLevel(B, WID, 3);
    expect(judge(task(C, [B, "other"], { level: 3 }), known)).toMatchObject({ pathLevel: 3, weakLinks: [] });
    expect(judge(task(C, [B]), known)).toMatchObject({ pathLevel: 2, weakLinks: [] });
  });

  it("[ECT-S6] what rests on a rejected task is tainted, however far behind it lies", () => {
    const known = memory(task(A), task(B, [A]), task(C, [B]));
    expect(placeAgain(task(C, [B]), known).tainted).toBe(false);
    known.reject(A, WID);
    expect(placeAgain(task(C, [B]), known).tainted).toBe(true);
    expect(placeAgain(task(A), known).tainted).toBe(true);
    known.reject("x", WID);
    expect(judge(task(D, ["x"]), known, { missing: "partial" })).toMatchObject({ tainted: true });
  });
});

describe("the scenarios of an independent implementation of -00", () => {
  interface Scenario {
    id: string;
    steps: { wid: string; jti: string; iat_offset_s: number; par: string[]; expect: string }[];
    after?: { size?: Record<string, number>; parent_count?: Record<string, number> };
  }
  const file = new URL("../../../e2e/fixtures/vectors/ect/scenarios.json", import.meta.url);
  const { dag } = JSON.parse(readFileSync(file, "utf8")) as { dag: Scenario[] };
  const CODES: Record<string, string> = {
    duplicate_task_id: "dag_duplicate_task",
    parent_not_found: "dag_pred_missing",
  };

  it.each(dag)("[ECT-12] [ECT-16] $id", ({ steps, after }) => {
    const known = createEctMemory();
    for (const { wid, jti, iat_offset_s, par, expect: expected } of steps) {
      const ect = task(jti, par, { wid, iat: IAT + iat_offset_s });
      const code = codeOf(ect, known);
      if (expected === "ok") known.add(ect);
      expect(expected === "ok" ? ["root", "linked"] : [CODES[expected]]).toContain(code);
    }
    for (const [wid, size] of Object.entries(after?.size ?? {}))
      expect(known.all().filter((ect) => ect.wid === wid).length).toBe(size);
    for (const [jti, count] of Object.entries(after?.parent_count ?? {}))
      expect(known.byJti(jti)[0]?.pred.length).toBe(count);
  });

  it("all six are there", () => {
    expect(dag.length).toBe(6);
  });
});
