import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { walkAncestry } from "./ancestry.ts";
import { type DagPolicy, type DagProgress, dagSteps, type Placement, placementOf } from "./check-dag.ts";
import { PLANNER, taskId, WID } from "./ect.fixture.ts";
import { createEctMemory, type EctMemory, type KnownEct, type Level } from "./known-ects.ts";
import { orderDag } from "./order-dag.ts";

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

const [_A, _B, _C, _D] = ["a", "b", "c", "d"] as const;

/** Random graphs: each task names earlier ones only, so that none of them has a cycle. */
const graph = fc
  .array(
    fc.record({
      picks: fc.array(fc.nat(), { maxLength: 4 }),
      level: fc.constantFrom<Level>(1, 2, 3),
      later: fc.nat(9),
    }),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map((nodes) =>
    nodes.map(({ picks, level, later }, index) => {
      const pred = index === 0 ? [] : [...new Set(picks.map((pick) => taskId((pick % index) + 1)))];
      return task(taskId(index + 1), pred, { level, iat: IAT + later });
    }),
  );

/** The oracle: all ancestors by repeated expansion. */
function ancestorsOf(ect: KnownEct, all: readonly KnownEct[]): KnownEct[] {
  const reached = new Set(ect.pred);
  for (let size = -1; size !== reached.size; ) {
    size = reached.size;
    for (const other of all) if (reached.has(other.jti)) for (const pred of other.pred) reached.add(pred);
  }
  return all.filter((other) => reached.has(other.jti));
}

/** The oracle: of those whose predecessors are placed, the earliest, then the lowest id, one by one. */
function slowOrder(ects: readonly KnownEct[]): KnownEct[] {
  const order: KnownEct[] = [];
  const rank = (ect: KnownEct): string => `${ect.iat} ${ect.jti}`;
  while (order.length < ects.length) {
    const ready = ects.filter(
      (ect) => !order.includes(ect) && ect.pred.every((pred) => order.some(({ jti }) => jti === pred)),
    );
    order.push(must(ready.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))[0], "a graph without cycle goes on"));
  }
  return order;
}

describe("random graphs", () => {
  it("[ECT-16] [ECT-29] every task is accepted in order, with the least level of all its ancestors", () => {
    fc.assert(
      fc.property(graph, (ects) => {
        const known = createEctMemory();
        for (const ect of ects) {
          const levels = [ect, ...ancestorsOf(ect, ects)].map(({ level }) => level);
          expect(judge(ect, known)).toMatchObject({
            position: ect.pred.length === 0 ? "root" : "linked",
            pathLevel: Math.min(...levels),
          });
          known.add(ect);
        }
      }),
    );
  });

  it("[ECT-S2] without one of its ancestors a task is refused, or partial and says what is missing", () => {
    fc.assert(
      fc.property(graph, fc.nat(), (ects, pick) => {
        const ect = must(ects.at(-1), "a task");
        const lost = must(ects[pick % ects.length], "a task");
        const known = memory(...ects.filter((other) => other !== ect && other !== lost));
        const direct = ect.pred.includes(lost.jti) && ect !== lost;
        expect(codeOf(ect, known) === "dag_pred_missing").toBe(direct);
        const behind =
          !direct &&
          ancestorsOf(
            ect,
            ects.filter((other) => other !== lost),
          ).some((other) => other.pred.includes(lost.jti));
        const place = judge(ect, known, { missing: "partial" });
        expect(place).toMatchObject({
          missing: direct ? [lost.jti] : [],
          missingBehind: behind && ect !== lost ? [lost.jti] : [],
        });
      }),
    );
  });

  it("any edge from an ancestor back to the task is found, and the cycle told is one", () => {
    fc.assert(
      fc.property(graph, fc.nat(), (ects, pick) => {
        const ect = must(ects.at(-1), "a task");
        const ancestors = ancestorsOf(ect, ects);
        fc.pre(ancestors.length > 0);
        const bent = must(ancestors[pick % ancestors.length], "an ancestor");
        const known = memory(
          ...ects
            .filter((other) => other !== ect)
            .map((other) => (other === bent ? { ...other, pred: [...other.pred, ect.jti] } : other)),
        );
        const { cycle } = walkAncestry(ect, known);
        expect(cycle?.[0]).toBe(ect.jti);
        expect(cycle?.at(-1)).toBe(ect.jti);
        const named = (jti: string): readonly string[] =>
          jti === ect.jti ? ect.pred : must(known.byJti(jti)[0], "held").pred;
        for (const [index, jti] of (cycle ?? []).slice(0, -1).entries())
          expect(named(jti)).toContain(cycle?.[index + 1]);
        expect(codeOf(ect, known)).toBe("dag_cycle");
      }),
    );
  });

  it("display order puts predecessors first, ties by time and id, whatever order the log brought", () => {
    fc.assert(
      fc.property(graph, fc.infiniteStream(fc.nat()), (ects, random) => {
        const keys = new Map(ects.map((ect) => [ect.jti, random.next().value ?? 0]));
        const shuffled = ects.toSorted((a, b) => (keys.get(a.jti) ?? 0) - (keys.get(b.jti) ?? 0));
        const { order, cycles, duplicates } = orderDag([...shuffled, ...shuffled.slice(0, 1)]);
        expect([order, cycles, duplicates]).toEqual([orderDag(ects).order, [], shuffled.slice(0, 1)]);
        expect(order).toEqual(slowOrder(ects));
      }),
    );
  });
});

describe("display order", () => {
  it("leaves knots out and tells each once, with what can be ordered around them", () => {
    const { order, cycles } = orderDag([
      task("b1", ["b2"]),
      task("b2", ["b1"]),
      task("a2", ["a1"]),
      task("a1", ["a2", "root"]),
      task("after", ["a1"]),
      task("root"),
      task("outside", ["unheld"]),
    ]);
    expect(order.map(({ jti }) => jti)).toEqual(["outside", "root"]);
    expect(cycles).toEqual([
      ["a1", "a2", "a1"],
      ["b1", "b2", "b1"],
    ]);
  });

  it("takes the earliest of those that could be next", () => {
    const at = (jti: string, iat: number, pred: string[] = []): KnownEct => task(jti, pred, { iat });
    const { order } = orderDag([
      at("z", 1),
      at("late", 9),
      at("b", 2, ["z"]),
      at("a", 2, ["z"]),
      at("end", 3, ["late"]),
    ]);
    expect(order.map(({ jti }) => jti)).toEqual(["z", "a", "b", "late", "end"]);
  });

  it("orders twenty thousand tasks that follow one", () => {
    const roots = Array.from({ length: 20_000 }, (_, index) =>
      task(`r${index}`, ["first"], { iat: IAT + (index % 7) }),
    );
    const { order } = orderDag([...roots, task("first")]);
    expect([order.length, order[0]?.jti]).toEqual([20_001, "first"]);
  });
});
