import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agent, CascadeWorld, codeOf, OPERATOR, taskId } from "./cascade-world.fixture.ts";

/** `one` and `two` both hand on to `sub`, whose results `next` takes up; `far` stands apart. */
function world(): CascadeWorld {
  const made = new CascadeWorld(["one", "two", "sub", "next", "far"]);
  made.run("one", "from-one");
  made.run("two", "from-two");
  made.run("sub", "made", "success", ["from-one", "from-two"]);
  made.run("next", "used", "success", ["made"]);
  return made;
}

const states = (of: CascadeWorld) => ({
  one: of.stateOf("one", "sub"),
  two: of.stateOf("two", "sub"),
  next: of.stateOf("sub", "next"),
});
const ALL_CLOSED = { one: "closed", two: "closed", next: "closed" };

describe("a failure signal", () => {
  it("[CAS-2] is by the agent itself, one it works with, or an operator, about an agent of the workflow", () => {
    const made = world();
    expect(codeOf(made.signal("far", "sub").answer)).toBe("failure_issuer_denied");
    expect(codeOf(made.signal("one", "one", { subject: "spiffe://elsewhere/agent/x" }).answer)).toBe(
      "failure_issuer_denied",
    );
    expect(codeOf(made.signal("sub", "sub", { task: taskId("used") }).answer)).toBe("failure_issuer_denied");
    expect(codeOf(made.signal("sub", "sub", { wid: taskId("no") }).answer)).toBe("workflow_unknown");
    for (const by of ["sub", "one", "next", OPERATOR])
      expect(codeOf(made.signal(by, "sub", { severity: 2 }).answer)).toBe("accepted");
    expect(states(made)).toEqual(ALL_CLOSED);
    expect(made.refolded()).toEqual(made.state);
  });

  it("[CAS-2] of the agent's own, grave and an origin, opens every breaker toward it, in one frame", () => {
    const made = world();
    const { answer } = made.signal("sub", "sub");
    expect(states(made)).toEqual({ one: "open", two: "open", next: "closed" });
    expect(made.story).toEqual(["open failure_signal", "open failure_signal"]);
    expect("logged" in answer && answer.logged.map(({ fact }) => fact.typ)).toEqual([
      "failure-signal+jwt",
      "failure-signal+jwt",
      "circuit-state+jwt",
      "circuit-state+jwt",
    ]);
    expect(made.refolded()).toEqual(made.state);
  });

  it("[CAS-9] is passed on to whoever depends on its subject, as no origin, which opens nothing", () => {
    const made = world();
    const { jti } = made.signal("sub", "sub", { severity: 3, retry_after_s: 20 });
    const passed = made.log.flatMap(({ fact }) => (fact.typ === "failure-signal+jwt" ? [fact.claims] : [])).slice(1);
    expect(passed).toMatchObject([
      { subject: agent("next"), origin: false, cause: [jti], class: "dependency", retry_after_s: 20 },
    ]);
    expect(states(made)).toEqual(ALL_CLOSED);
    expect(made.state.failing.has(agent("next"))).toBe(false);
  });

  it("[CAS-2] of a class that counts as no failure opens nothing", () => {
    const made = world();
    made.signal("sub", "sub", { class: "policy" });
    expect(states(made)).toEqual(ALL_CLOSED);
  });

  it("[CAS-S1] of one caller opens only what is between the two, and a second source within 30 s the rest", () => {
    const made = world();
    made.signal("one", "sub");
    expect(states(made)).toEqual({ one: "open", two: "closed", next: "closed" });
    expect(made.state.failing.has(agent("sub"))).toBe(false);
    made.pass(31);
    made.signal("two", "sub");
    expect(states(made)).toMatchObject({ two: "open", next: "closed" });
    expect(made.state.failing.has(agent("sub"))).toBe(false);
    made.pass(10);
    made.signal("next", "sub");
    expect(made.state.failing.has(agent("sub"))).toBe(true);
    expect(made.refolded()).toEqual(made.state);
  });

  it("[CAS-2] that is older than the issuer's newest of the same cause leaves nothing in the log", () => {
    const made = world().pass(20);
    made.signal("sub", "sub", { severity: 3 });
    const before = made.log.length;
    expect(codeOf(made.signal("sub", "sub", { iat: made.nowS - 5 }).answer)).toBe("failure_outdated");
    expect(made.log).toHaveLength(before);
    expect(states(made)).toEqual(ALL_CLOSED);
  });

  it("[CAS-9] makes an edge of a cascade explicit by the signal it names as its cause, and counts a failed task once", () => {
    const made = world();
    made.run("one", "bad-one", "failure");
    const { jti } = made.signal("one", "one", { severity: 3, task: taskId("bad-one") });
    expect(made.state.failing.get(agent("one"))?.times).toHaveLength(1);
    made.pass(1);
    const second = made.signal("sub", "sub", { severity: 3, origin: false, cause: [jti] });
    made.pass(1);
    made.signal("next", "next", { severity: 3, origin: false, cause: [second.jti] });
    const [cascade] = [...made.state.cascades.values()];
    expect(cascade?.alert).toMatchObject({
      root: { agent: agent("one"), jti: taskId("bad-one") },
      agents: [agent("one"), agent("sub"), agent("next")],
      edges: [
        [agent("one"), agent("sub")],
        [agent("sub"), agent("next")],
      ],
      confidence: 1,
    });
    expect(made.refolded()).toEqual(made.state);
  });

  it("[CAS-S1] [CAS-S2] whatever one agent signals, no breaker moves that is not its own, and no cascade is found", () => {
    const one = fc.record({
      about: fc.constantFrom("one", "two", "sub", "next", "far"),
      severity: fc.integer({ min: 1, max: 5 }),
      origin: fc.boolean(),
      known: fc.nat({ max: 9 }),
      seconds: fc.nat({ max: 20 }),
    });
    fc.assert(
      fc.property(fc.constantFrom("one", "next", "far"), fc.array(one, { maxLength: 30 }), (liar, signals) => {
        const made = new CascadeWorld(["one", "two", "sub", "next", "far"], (policy) => ({
          ...policy,
          failure_domains: ["one", "two", "sub", "next", "far"].map((name) => ({
            domain_id: name,
            members: [agent(name)],
          })),
        }));
        made.run("one", "from-one");
        made.run("two", "from-two");
        made.run("sub", "made", "success", ["from-one", "from-two"]);
        made.run("next", "used", "success", ["made"]);
        made.run("far", "end", "success", ["used"]);
        const sent: string[] = [];
        for (const { about, severity, origin, known, seconds } of signals) {
          const cause = sent[known] ?? taskId("nothing");
          const { jti } = made.signal(liar, about, { severity, origin, ...(origin ? {} : { cause: [cause] }) });
          sent.push(jti);
          made.pass(seconds).timers();
          for (const { caller, callee, breaker } of made.state.breakers.values())
            if (caller !== agent(liar) && callee !== agent(liar)) expect(breaker.state).toBe("closed");
          for (const { id, health } of made.state.domains.values())
            if (id !== liar) expect(health.state).not.toBe("isolated");
          expect(made.state.cascades.size).toBe(0);
        }
        expect(made.refolded()).toEqual(made.state);
      }),
      { numRuns: 60 },
    );
  });
});
