import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agent, CascadeWorld, codeOf, OPERATOR, START_S } from "./cascade-world.fixture.ts";

/** Domains by name, with the names of their agents. */
const setup = (domains: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(domains).map(([domain_id, members]) => ({ domain_id, members: members.map(agent) }));

function worldOf(domains: Readonly<Record<string, readonly string[]>>, agents = Object.values(domains).flat()) {
  return new CascadeWorld(agents, (policy) => ({ ...policy, failure_domains: setup(domains) }));
}

/** `source` hands on to `bad`, whose results `next` takes up; `far` works with `next` only. */
function chain(): CascadeWorld {
  const world = worldOf({ left: ["source"], middle: ["bad"], right: ["next", "far"] });
  world.run("source", "start");
  world.run("bad", "made", "success", ["start"]);
  world.run("next", "used", "success", ["made"]);
  return world;
}

function failing(world: CascadeWorld, name = "fail"): CascadeWorld {
  for (let at = 0; at < 5; at += 1) world.run("bad", `${name}-${at}`, "failure", ["start"]);
  return world;
}

describe("a failure domain", () => {
  it("[CAS-2] is degraded while a breaker at its border is shut, and on both sides of it", () => {
    const world = chain();
    world.order("trip", ["bad", "next", "build"]);
    expect(world.domainStory).toEqual(["middle degraded border", "right degraded border"]);
    expect(world.domain("left").health.state).toBe("normal");
    world.order("release", ["bad", "next", "build"]);
    expect(world.stateOf("bad", "next")).toBe("half_open");
    expect(world.domainStory.slice(2)).toEqual(["middle normal border", "right normal border"]);
    expect(world.refolded()).toEqual(world.state);
  });

  it("[CAS-2] [CAS-5] is isolated when more than half of its members fail: every breaker at its border, in one frame", () => {
    const world = failing(chain());
    const [isolated] = world.domainStory.filter((line) => line.startsWith("middle isolated"));
    expect(isolated).toBe("middle isolated members_failing");
    expect([world.stateOf("source", "bad"), world.stateOf("bad", "next")]).toEqual(["isolated", "isolated"]);
    expect(world.state.unstated).toEqual([]);
    expect(codeOf(world.ask("bad", "again", "build_site", ["start"]))).toBe("circuit_open");
    expect(world.ask("next", "more", "build_site", ["made"])).toMatchObject({
      refused: { code: "circuit_open", retryAfterMs: 300_000 },
    });
    // Also a kind of action that no call has named yet.
    expect(codeOf(world.ask("next", "other", "write_site", ["made"]))).toBe("circuit_open");
    expect(codeOf(world.ask("far", "beside", "build_site", ["used"]))).toBe("accepted");
    expect(world.refolded()).toEqual(world.state);
  });

  it("[CAS-2] is not isolated while half of its members work", () => {
    const world = worldOf({ left: ["source"], pair: ["bad", "good"] });
    world.run("source", "start");
    failing(world);
    expect(world.domainStory).toEqual(["left degraded border", "pair degraded border"]);
  });

  it("[CAS-19] recovers by itself after 300 s, its border half open, and is normal when that has closed", () => {
    const world = failing(chain()).pass(299);
    world.timers();
    expect(world.domain("middle").health.state).toBe("isolated");
    world.pass(1).timers();
    expect(world.domain("middle").health.state).toBe("recovering");
    expect(world.domainStory).toContain("middle recovering timer");
    expect([world.stateOf("source", "bad"), world.stateOf("bad", "next")]).toEqual(["half_open", "half_open"]);
    for (const name of ["p1", "p2", "p3"]) world.run("bad", name, "success", ["start"]);
    expect(world.domain("middle").health.state).toBe("recovering");
    for (const name of ["q1", "q2", "q3"]) world.run("next", name, "success", ["made"]);
    expect(world.domain("middle").health.state).toBe("normal");
    expect(world.refolded()).toEqual(world.state);
  });

  it("[CAS-19] is isolated and released by an operator's order, which names who it was", () => {
    const world = chain();
    expect(codeOf(world.orderDomain("release", "middle"))).toBe("domain_state_invalid");
    expect(codeOf(world.orderDomain("trip", "nowhere"))).toBe("domain_unknown");
    expect(codeOf(world.orderDomain("trip", "middle", { iss: agent("bad") }))).toBe("breaker_unauthorized");
    expect(codeOf(world.orderDomain("trip", "middle"))).toBe("accepted");
    expect(world.domain("middle")).toMatchObject({ health: { state: "isolated" }, by: OPERATOR, reason: "operator" });
    expect(world.breaker("bad", "next")).toMatchObject({ breaker: { state: "isolated" }, by: OPERATOR });
    expect(codeOf(world.orderDomain("trip", "middle"))).toBe("domain_state_invalid");
    expect(codeOf(world.orderDomain("release", "middle"))).toBe("accepted");
    expect(world.domain("middle").health.state).toBe("recovering");
    expect(world.stateOf("bad", "next")).toBe("half_open");
    expect(world.refolded()).toEqual(world.state);
  });

  it("[CAS-19] released early it is not isolated again for failures from before", () => {
    const world = failing(chain());
    world.orderDomain("release", "middle");
    expect(world.domain("middle").health.state).toBe("recovering");
    world.run("bad", "probe", "failure", ["start"]);
    expect(world.domain("middle").health.state).toBe("recovering");
  });

  it("[CAS-23] releases nothing that an operator forced, and nothing that the domain beside it isolates", () => {
    const world = chain();
    world.order("trip", ["source", "bad", "*"]);
    world.orderDomain("trip", "middle");
    world.pass(100);
    world.orderDomain("trip", "right");
    world.orderDomain("release", "middle");
    expect(world.breaker("source", "bad").breaker).toMatchObject({ state: "forced_open", isolated: false });
    expect(world.breaker("bad", "next")).toMatchObject({
      breaker: { state: "isolated" },
      isolatedUntilMs: (START_S + 400) * 1000,
    });
    world.orderDomain("release", "right");
    expect(world.stateOf("bad", "next")).toBe("half_open");
    expect(world.refolded()).toEqual(world.state);
  });

  it("[CAS-23] [S13] releases no breaker that a cascade has isolated by itself, until that is over too", () => {
    const failing = ["a", "b", "c", "d", "e", "f"];
    const world = worldOf({ healthy: ["g"] }, [...failing, "g"]);
    const chained = [...failing, "g"];
    for (const [at, name] of chained.entries())
      world.run(name, `${name}1`, "success", at === 0 ? [] : [`${chained[at - 1]}1`]);
    for (const [at, name] of failing.entries())
      world.ask(name, `${name}2`, "build_site", at === 0 ? [] : [`${failing[at - 1]}1`]);
    world.orderDomain("trip", "healthy");
    world.pass(100);
    for (const name of failing) {
      world.end(`${name}2`, "failure");
      world.pass(1);
    }
    expect([...world.state.cascades.values()].at(-1)?.alert.action).toBe("isolate_domain");
    const { cutUntilMs } = world.breaker("f", "g");
    world.orderDomain("release", "healthy");
    expect(world.breaker("f", "g")).toMatchObject({ breaker: { state: "isolated" }, isolatedUntilMs: cutUntilMs });
    expect(world.refolded()).toEqual(world.state);
    world.pass(300).timers();
    expect(world.stateOf("f", "g")).toBe("half_open");
  });

  it("[CAS-9] is what `isolate_domain` isolates: those the failing agents are in, the others go on", () => {
    const world = worldOf({ one: ["a"], two: ["b"], three: ["c"], four: ["d"], five: ["e"] });
    world.run("a", "a1");
    world.run("b", "b1", "success", ["a1"]);
    world.run("c", "c1", "success", ["b1"]);
    world.run("d", "d1", "success", ["c1"]);
    world.run("e", "e1", "success", ["d1"]);
    world.run("a", "a2", "failure");
    world.pass(1);
    world.run("b", "b2", "failure", ["a1"]);
    world.pass(1);
    world.run("c", "c2", "failure", ["b1"]);
    const [cascade] = [...world.state.cascades.values()];
    expect(cascade?.alert.action).toBe("isolate_domain");
    expect(world.domainStory.filter((line) => line.includes("isolated"))).toEqual([
      "one isolated cascade",
      "two isolated cascade",
      "three isolated cascade",
    ]);
    expect([world.stateOf("c", "d"), world.stateOf("d", "e")]).toEqual(["isolated", "closed"]);
    expect(world.refolded()).toEqual(world.state);
  });

  it("[CAS-8] is said to fail more than it did, against the hour before, once in 300 s", () => {
    const world = worldOf({ work: ["a"], other: ["b"] });
    let made = 0;
    const tenSeconds = (failures: number) => {
      for (let at = 0; at < 10; at += 1) {
        world.run("a", `a-${made}`, at < failures ? "failure" : "success");
        world.run("b", `b-${made}`);
        made += 1;
      }
      world.pass(10);
    };
    const alerts = () =>
      world.log.flatMap(({ fact }) =>
        fact.typ === "record+jwt" && fact.claims.kind === "domain_alert" ? [fact.claims.data] : [],
      );
    for (let step = 0; step < 31; step += 1) tenSeconds(step % 10 === 5 ? 1 : 0);
    expect(alerts()).toEqual([]);
    tenSeconds(4);
    tenSeconds(4);
    tenSeconds(4);
    expect(alerts()).toMatchObject([{ domain: "work", kind: "error_rate", value: 0.4 }]);
    expect(world.domain("work").alert?.mean).toBeLessThan(0.02);
    expect(world.domain("other").alert).toBeNull();
    expect(world.refolded()).toEqual(world.state);
  });

  it("[CAS-8] takes longer than it did, by what its recording says, whatever its playback takes; without that nobody knows", () => {
    const alertsWith = (usualS: number | null, laterS: number | null) => {
      const world = worldOf({ work: ["a"] });
      let made = 0;
      const tenSeconds = () => {
        for (let at = 0; at < 10; at += 1) {
          world.run("a", `a-${made}`);
          made += 1;
        }
        world.pass(10);
      };
      world.statedS = usualS;
      for (let step = 0; step < 31; step += 1) tenSeconds();
      world.statedS = laterS;
      for (let step = 0; step < 4; step += 1) tenSeconds();
      return world.log.flatMap(({ fact }) =>
        fact.typ === "record+jwt" && fact.claims.kind === "domain_alert" ? [fact.claims.data] : [],
      );
    };
    const [alert, ...more] = alertsWith(2, 20);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ domain: "work", kind: "latency" });
    expect(alert?.value).toBeGreaterThanOrEqual(20_000);
    expect(alert?.mean).toBeGreaterThanOrEqual(2000);
    // What is not known is no short time that a known one could be long against.
    expect(alertsWith(null, 20)).toEqual([]);
    expect(alertsWith(0, 20)).toEqual([]);
  });

  it("[CAS-8] [CAS-S2] what an agent states of how long it takes hides no error rate: that is said beside it", () => {
    const world = worldOf({ work: ["a", "b"] });
    let made = 0;
    const tenSeconds = (failures: number) => {
      for (let at = 0; at < 10; at += 1) {
        world.run("a", `a-${made}`);
        world.run("b", `b-${made}`, at < failures ? "failure" : "success");
        made += 1;
      }
      world.pass(10);
    };
    world.statedS = 2;
    for (let step = 0; step < 31; step += 1) tenSeconds(0);
    world.statedS = 20_000;
    for (let step = 0; step < 4; step += 1) tenSeconds(0);
    for (let step = 0; step < 4; step += 1) tenSeconds(8);
    const kinds = world.log.flatMap(({ fact }) =>
      fact.typ === "record+jwt" && fact.claims.kind === "domain_alert" ? [fact.claims.data.kind] : [],
    );
    expect(kinds).toEqual(["latency", "error_rate"]);
    expect(world.domain("work").alert?.kind).toBe("error_rate");
    expect(world.refolded()).toEqual(world.state);
  });

  it("[CAS-S2] a compromised agent disrupts nobody whose work does not pass through its domain", () => {
    const move = fc.record({
      act: fc.constantFrom("build_site", "write_site"),
      fails: fc.boolean(),
      after: fc.constantFrom("start", "made", "used"),
      seconds: fc.nat({ max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 25 }), (moves) => {
        const world = chain();
        for (const [at, { act, fails, after, seconds }] of moves.entries()) {
          world.run("bad", `bad-${at}`, fails ? "failure" : "success", [after], act);
          world.pass(seconds).timers();
          for (const [by, from] of [
            ["far", "used"],
            ["next", "start"],
          ] as const)
            expect(codeOf(world.run(by, `${by}-${at}`, "success", [from]))).toBe("accepted");
        }
        expect(world.domain("left").health.state).not.toBe("isolated");
        expect(world.domain("right").health.state).not.toBe("isolated");
      }),
      { numRuns: 40 },
    );
  });
});
