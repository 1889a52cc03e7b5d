import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import {
  type CascadeGraph,
  type CascadeWorld,
  cascadeAlert,
  type Failure,
  findCascades,
  gradedAction,
  noteFailure,
} from "./cascade-graph.ts";
import { cascadeAlertSchema } from "./claims.ts";

const agent = (name: string | number): string => `spiffe://ops.example/agent/${name}`;

/** Callers and what they depend on: "b a" means that b depends on a. */
function fleet(dependencies: readonly string[], domainOf: CascadeWorld["domainOf"] = () => "ops"): CascadeWorld {
  const pairs = dependencies.map((pair) => pair.split(" ").map(agent));
  return {
    dependenciesOf: (of) => pairs.flatMap(([from = "", to = ""]) => (from === of ? [to] : [])),
    dependantsOf: (of) => pairs.flatMap(([from = "", to = ""]) => (to === of ? [from] : [])),
    domainOf,
  };
}

const failure = (name: string | number, atMs: number, change: Partial<Failure> = {}): Failure => ({
  agent: agent(name),
  atMs,
  severity: 3,
  jti: null,
  causes: [],
  ...change,
});

const graphOf = (failures: readonly Failure[], nowMs: number): CascadeGraph =>
  failures.reduce<CascadeGraph>((graph, one) => noteFailure(graph, one, nowMs), new Map());

const CHAIN = fleet(["b a", "c b", "d c", "e a"]);

describe("cascade", () => {
  it("[CAS-9] names the root, why it is suspected, the way it spread and where it goes next", () => {
    const failures = [
      failure("a", 0, { jti: "0195400c-0000-7000-8000-000000000001" }),
      failure("b", 5000, { causes: [agent("a")] }),
      failure("c", 20_000),
    ];
    const [found, ...more] = findCascades(graphOf(failures, 20_000), CHAIN, 20_000);
    expect(more).toEqual([]);
    const cascade = must(found, "a cascade");
    expect(cascade).toMatchObject({
      root: { agent: agent("a"), why: { withoutCause: true, failedAtMs: 0, descendants: 2 } },
      agents: ["a", "b", "c"].map(agent),
      edges: [
        { from: agent("a"), to: agent("b"), explicit: true },
        { from: agent("b"), to: agent("c"), explicit: false },
      ],
      depth: 2,
      confidence: 0.5,
      ratePerS: 2 / 30,
      front: [agent("a"), agent("c")],
      frontier: [
        { caller: agent("e"), callee: agent("a") },
        { caller: agent("d"), callee: agent("c") },
      ],
      action: "contain",
      rule: null,
    });
    const body = cascadeAlert(cascade, "0195400c-0000-7000-8000-0000000000ca", null);
    expect(cascadeAlertSchema.parse(body)).toEqual(body);
    expect(body.root).toEqual({
      agent: agent("a"),
      jti: "0195400c-0000-7000-8000-000000000001",
      why: { without_cause: true, failed_at: 0, descendants: 2 },
    });
  });

  it("[CAS-9] the same failures in any order of becoming known tell the same", () => {
    const failures = ["a", "b", "c", "d", "e"].map((name, at) => failure(name, at * 4000));
    const told = JSON.stringify(findCascades(graphOf(failures, 16_000), CHAIN, 16_000));
    expect(told).not.toBe("[]");
    fc.assert(
      fc.property(fc.shuffledSubarray(failures, { minLength: failures.length }), (shuffled) => {
        expect(JSON.stringify(findCascades(graphOf(shuffled, 16_000), CHAIN, 16_000))).toBe(told);
      }),
      { seed: 9 },
    );
  });

  it("failures beside one another, too few, too far apart or no longer spreading are no cascade", () => {
    const none = (names: readonly (readonly [string, number])[], world: CascadeWorld, nowMs: number) =>
      expect(
        findCascades(
          graphOf(
            names.map(([name, ms]) => failure(name, ms)),
            nowMs,
          ),
          world,
          nowMs,
        ),
      ).toEqual([]);
    none(
      [
        ["a", 0],
        ["b", 1],
        ["c", 2],
      ],
      fleet([]),
      2,
    );
    none(
      [
        ["a", 0],
        ["b", 1],
      ],
      CHAIN,
      1,
    );
    none(
      [
        ["a", 0],
        ["b", 60_001],
        ["c", 60_002],
      ],
      CHAIN,
      60_002,
    );
    none(
      [
        ["a", 0],
        ["b", 1],
        ["c", 2],
      ],
      CHAIN,
      30_002,
    );
    none(
      [
        ["a", 0],
        ["b", 1],
        ["c", 2],
      ],
      CHAIN,
      300_003,
    );
    expect(
      findCascades(graphOf([failure("a", 0), failure("b", 60_000), failure("c", 60_001)], 60_001), CHAIN, 60_001),
    ).toHaveLength(1);
  });

  it("a dependency that goes on failing is followed from its latest failure on", () => {
    const failures = [failure("a", 0), failure("a", 100_000), failure("b", 101_000), failure("c", 102_000)];
    const [cascade] = findCascades(graphOf(failures, 102_000), CHAIN, 102_000);
    expect(cascade?.root).toMatchObject({ agent: agent("a"), why: { failedAtMs: 0 } });
  });

  it("[CAS-9] a cause that became known late is the root all the same", () => {
    const failures = [
      failure("b", 1000, { causes: [agent("a")] }),
      failure("c", 2000, { causes: [agent("b")] }),
      failure("a", 9000),
    ];
    const [cascade] = findCascades(graphOf(failures, 9000), fleet([]), 9000);
    expect(cascade?.root).toMatchObject({ agent: agent("a"), why: { withoutCause: true, descendants: 2 } });
    expect(cascade).toMatchObject({ depth: 2, confidence: 1 });
  });

  it("[CAS-9] of two that began together the one with more descendants; where all blame one another it says so", () => {
    const two = fleet(["c a", "c b", "d b", "e d"]);
    const failures = [failure("a", 0), failure("b", 0), ...["c", "d", "e"].map((name) => failure(name, 10))];
    expect(findCascades(graphOf(failures, 10), two, 10)[0]?.root.agent).toBe(agent("b"));
    const round = ["a", "b", "c"].map((name, at) => failure(name, at, { causes: [agent(["c", "a", "b"][at] ?? "")] }));
    const [cascade] = findCascades(graphOf(round, 10), fleet([]), 10);
    expect(cascade).toMatchObject({ depth: 2, root: { agent: agent("a"), why: { withoutCause: false } } });
  });

  it("the longest way counts, not the shortest", () => {
    const failures = ["a", "b", "c", "d"].map((name, at) => failure(name, at * 10));
    const [cascade] = findCascades(graphOf(failures, 30), fleet(["b a", "c b", "d c", "d a"]), 30);
    expect(cascade?.depth).toBe(3);
    const twoWays = ["z", "a", "b", "c"].map((name, at) => failure(name, at * 10));
    expect(findCascades(graphOf(twoWays, 30), fleet(["c z", "b a", "c b"]), 30)[0]?.depth).toBe(2);
  });

  it("the answer grows with the cascade", () => {
    const star = fleet(Array.from({ length: 12 }, (_, at) => `${at + 1} 0`));
    const answer = (size: number, world = star, severity = 3) => {
      const failures = Array.from({ length: size }, (_, at) => failure(at, at, { severity }));
      const [cascade] = findCascades(graphOf(failures, 20), world, 20);
      return [cascade?.action, cascade?.rule];
    };
    expect([3, 5, 6, 10, 11].map((size) => answer(size))).toEqual([
      ["contain", null],
      ["contain", null],
      ["isolate_domain", null],
      ["isolate_domain", null],
      ["halt_workflow", "cascade"],
    ]);
    expect(answer(3, { ...star, domainOf: (of) => of })).toEqual(["isolate_domain", null]);
    expect(answer(3, star, 5)).toEqual(["halt_workflow", "cascade"]);
    expect(gradedAction(2, true, 5)).toBe("observe");
  });

  it("a thousand agents in a row, and a thousand that blame each other, are told in time", () => {
    const names = Array.from({ length: 1000 }, (_, at) => at);
    const row = names.map((at) => failure(at, at, { causes: at === 0 ? [] : [agent(at - 1)] }));
    const round = names.map((at) => failure(at, at, { causes: [agent((at + 999) % 1000)] }));
    for (const failures of [row, round]) {
      const graph = new Map(
        failures.map((one) => [one.agent, must(noteFailure(new Map(), one, 999).get(one.agent), "noted")]),
      );
      expect(findCascades(graph, fleet([]), 999)[0]).toMatchObject({ depth: 999, action: "halt_workflow" });
    }
  });
});
