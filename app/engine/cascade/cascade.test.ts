import { describe, expect, it } from "vitest";
import { actionGroup } from "../../protocol/cascade/action-group.ts";
import { breakerConfigSchema } from "../../protocol/cascade/claims.ts";
import { dueMs, REENACTED } from "./breakers.ts";
import { agent, CascadeWorld, codeOf, OPERATOR, START_S, taskId } from "./cascade-world.fixture.ts";

/** Tasks of `to` that take up what `from` has made, one after another, each ending so. */
function calls(world: CascadeWorld, count: number, outcome: "success" | "failure", name = "call", act?: string): void {
  for (let at = 0; at < count; at += 1)
    expect(codeOf(world.run("to", `${name}-${at}`, outcome, ["source"], act))).toBe("accepted");
}

function pair(): CascadeWorld {
  const world = new CascadeWorld(["from", "to"]);
  world.run("from", "source");
  return world;
}

const tripped = (): CascadeWorld => {
  const world = pair();
  calls(world, 5, "failure");
  return world;
};

describe("a call from agent to agent", () => {
  it("[CAS-1] is every task that takes up another agent's result, by the kind of its action", () => {
    const world = new CascadeWorld(["one", "two", "to"]);
    world.run("one", "a");
    world.run("two", "b");
    world.run("to", "own");
    world.run("to", "late", "success", ["own"]);
    expect([...world.state.breakers.keys()]).toEqual([]);
    world.run("to", "both", "success", ["a", "b"], "write.report");
    const found = [...world.state.breakers.values()].map(({ caller, callee, group }) => [caller, callee, group]);
    expect(found.sort()).toEqual([
      [agent("one"), agent("to"), "write"],
      [agent("two"), agent("to"), "write"],
    ]);
    expect(["build_site", "write.report", "plan", "_odd"].map(actionGroup)).toEqual(["build", "write", "plan", "_odd"]);
  });

  it("[CAS-3] [CAS-5] [CAS-27] fails at once while the breaker is open, with nothing recorded, and says when to ask again", () => {
    const world = tripped();
    expect(world.story).toEqual(["open consecutive"]);
    const [ect, stated] = world.log.slice(-2);
    expect([ect?.fact.typ, stated?.fact.typ, stated?.receivedAt]).toEqual([
      "exec+jwt",
      "circuit-state+jwt",
      ect?.receivedAt,
    ]);
    world.pass(10);
    const before = world.log.length;
    const answer = world.ask("to", "next", "build_site", ["source"]);
    const until = dueMs(world.breaker("from", "to")) ?? 0;
    expect(answer).toMatchObject({
      refused: { code: "circuit_open", status: 503, retryAfterMs: until - (START_S + 10) * 1000 },
    });
    expect(until).toBeGreaterThanOrEqual((START_S + 30) * 1000);
    expect(world.log).toHaveLength(before);
    expect(codeOf(world.ask("from", "elsewhere", "build_site", ["source"]))).toBe("accepted");
    expect(codeOf(world.ask("to", "other", "write_site", ["source"]))).toBe("accepted");
  });

  it("[CAS-1] with several callers is refused by one open breaker", () => {
    const world = new CascadeWorld(["from", "third", "to"]);
    world.run("from", "source");
    world.run("third", "other");
    calls(world, 5, "failure");
    expect(codeOf(world.ask("to", "both", "build_site", ["other", "source"]))).toBe("circuit_open");
    expect(codeOf(world.ask("to", "one", "build_site", ["other"]))).toBe("accepted");
  });

  it("[CAS-2] [CAS-4] after its time three probes go through and no more; three successes close it", () => {
    const world = tripped().pass(34);
    for (const name of ["p1", "p2", "p3"])
      expect(codeOf(world.ask("to", name, "build_site", ["source"]))).toBe("accepted");
    expect(world.ask("to", "p4", "build_site", ["source"])).toMatchObject({
      refused: { code: "circuit_open", detail: expect.stringContaining("half open") },
    });
    for (const name of ["p1", "p2", "p3"]) world.end(name);
    expect(world.story).toEqual(["open consecutive", "half_open timer", "closed probe_ok"]);
    expect(codeOf(world.ask("to", "p4", "build_site", ["source"]))).toBe("accepted");
  });

  it("[CAS-2] a failed probe opens it for twice as long", () => {
    const world = tripped().pass(34);
    world.run("to", "probe", "failure", ["source"]);
    expect(world.story).toEqual(["open consecutive", "half_open timer", "open probe_failed"]);
    const { untilMs, sinceMs } = world.breaker("from", "to").breaker;
    expect((untilMs ?? 0) - sinceMs).toBeGreaterThanOrEqual(60_000);
    expect((untilMs ?? 0) - sinceMs).toBeLessThanOrEqual(66_000);
  });

  it("[CAS-4] a stopped probe gives its place back: it was no call", () => {
    const world = tripped().pass(34);
    world.ask("to", "p1", "build_site", ["source"]);
    world.submit({ kind: "effect", wid: world.policy.wid, task: taskId("p1"), latch: taskId("latch") });
    expect(world.breaker("from", "to").breaker.probesOut).toEqual([]);
    expect(world.state.openCalls.size).toBe(0);
  });

  it("[CAS-5] a timer's transition is stated when the host's timer says so, and numbers rise by one", () => {
    const world = tripped();
    world.pass(20).timers();
    expect(world.stateOf("from", "to")).toBe("open");
    world.pass(14).timers();
    expect(world.stateOf("from", "to")).toBe("half_open");
    expect(world.published.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(world.published[1]?.since).toBeLessThan(world.nowS);
    expect(world.breaker("from", "to").entry).toBe(world.log.length - 1);
    expect(world.state.unstated).toEqual([]);
  });

  it("[CAS-22] counts by the defaults, but that a recording's durations say nothing", () => {
    const defaults = breakerConfigSchema.parse({});
    expect(REENACTED).toMatchObject({
      windowMs: defaults.window_s * 1000,
      minCalls: 10,
      failureRate: 0.5,
      consecutive: 5,
      openMs: 30_000,
      backoff: 2,
      openMaxMs: 900_000,
      probes: 3,
      probeSuccess: 3,
      countClasses: defaults.count_classes,
    });
    const world = pair();
    for (let at = 0; at < 12; at += 1) {
      world.ask("to", `slow-${at}`, "build_site", ["source"]);
      world.pass(6).end(`slow-${at}`);
    }
    expect(world.story).toEqual([]);
    expect(world.breaker("from", "to").breaker.window.sum.slow).toBe(0);
    const half = pair();
    for (let at = 0; at < 9; at += 1) half.run("to", `mixed-${at}`, at % 2 === 0 ? "success" : "failure", ["source"]);
    expect(half.story).toEqual([]);
    half.run("to", "tenth", "failure", ["source"]);
    expect(half.story).toEqual(["open failure_rate"]);
  });

  it("[CAS-S6] breakers that trip in one entry do not reopen together", () => {
    const names = ["b", "c", "d", "e", "f"];
    const world = new CascadeWorld(["to", ...names]);
    for (const name of names) world.run(name, name);
    for (let at = 0; at < 5; at += 1) world.run("to", `call-${at}`, "failure", names);
    const ends = new Set([...world.state.breakers.values()].map(({ breaker }) => breaker.untilMs));
    expect(ends.size).toBeGreaterThan(3);
  });

  it("[CAS-S7] flapping more than ten times in ten minutes forces it open, which only an operator ends", () => {
    const world = tripped();
    // Each round closes it and trips it again: three transitions.
    for (let round = 0; round < 4 && world.stateOf("from", "to") !== "forced_open"; round += 1) {
      world.pass(34).timers();
      for (const probe of [1, 2, 3]) world.run("to", `good-${round}-${probe}`, "success", ["source"]);
      for (let at = 0; at < 5 && world.stateOf("from", "to") === "closed"; at += 1)
        world.run("to", `bad-${round}-${at}`, "failure", ["source"]);
    }
    expect(world.story.slice(-2)).toEqual(["half_open timer", "forced_open flapping"]);
    world.pass(3600).timers();
    expect(world.stateOf("from", "to")).toBe("forced_open");
    expect(codeOf(world.order("release", ["from", "to", "build"]))).toBe("accepted");
    expect(world.story.at(-1)).toBe("half_open operator");
  });

  it("[CAS-S8] [OVR-12] a stop asks no breaker", () => {
    const world = tripped();
    expect(codeOf(world.order("trip", ["from", "to", "*"]))).toBe("accepted");
    expect(codeOf(world.stop())).toBe("accepted");
    expect([...world.state.overrides.values()].map(({ latched }) => latched)).toEqual([true]);
  });

  it("is forgotten with its workflow", () => {
    const world = tripped();
    world.submit({ kind: "finish", wid: world.policy.wid, cause: world.policy.jti, summary: {} });
    expect(world.state.breakers.size).toBe(0);
    expect(codeOf(world.order("trip", ["from", "to", "*"]))).toBe("breaker_unknown");
  });
});

describe("an operator's order", () => {
  it("[CAS-19] [CAS-5] forces an edge open for every kind of action, also those to come, until it is released", () => {
    const world = pair();
    calls(world, 1, "success");
    world.order("trip", ["from", "to", "*"]);
    expect(world.story).toEqual(["forced_open operator"]);
    expect(world.breaker("from", "to").by).toBe(OPERATOR);
    world.pass(10_000).timers();
    for (const act of ["build_site", "write_report"])
      expect(world.ask("to", act, act, ["source"])).toMatchObject({
        refused: { code: "circuit_open", detail: expect.stringContaining("until an operator releases it") },
      });
    expect(codeOf(world.order("release", ["from", "to", "build"]))).toBe("breaker_state_invalid");
    expect(codeOf(world.order("release", ["from", "to", "*"]))).toBe("accepted");
    expect(world.story.at(-1)).toBe("half_open operator");
    for (const act of ["build_site", "write_report"])
      expect(codeOf(world.ask("to", act, act, ["source"]))).toBe("accepted");
  });

  it.each([
    ["an agent", { iss: agent("from") }, "breaker_unauthorized"],
    ["an old authentication", { auth_time: START_S - 3601 }, "breaker_unauthorized"],
    ["one from the future", { auth_time: START_S + 31 }, "breaker_unauthorized"],
    ["an unknown edge", { breaker: { caller: agent("to"), callee: agent("from"), group: "*" } }, "breaker_unknown"],
  ])("[CAS-19] of %s is refused", (_who, change, code) => {
    const world = pair();
    calls(world, 1, "success");
    expect(codeOf(world.order("trip", ["from", "to", "*"], change))).toBe(code);
    expect(world.story).toEqual([]);
  });

  it("[CAS-19] to release rests on a younger authentication, and ends nothing that no one holds", () => {
    const world = tripped();
    expect(codeOf(world.order("release", ["from", "to", "build"]))).toBe("breaker_state_invalid");
    world.order("trip", ["from", "to", "build"]);
    expect(codeOf(world.order("trip", ["from", "to", "build"]))).toBe("breaker_state_invalid");
    expect(codeOf(world.order("release", ["from", "to", "build"], { auth_time: START_S - 901 }))).toBe(
      "breaker_unauthorized",
    );
    expect(codeOf(world.order("release", ["from", "to", "build"], { auth_time: START_S - 899 }))).toBe("accepted");
  });
});

/** A chain of agents that all have work under way when one after another fails. */
function cascade(failing: number): CascadeWorld {
  const names = Array.from({ length: failing + 1 }, (_, at) => `a${at}`);
  const world = new CascadeWorld(names);
  for (const [at, name] of names.entries()) world.run(name, `ok-${name}`, "success", at === 0 ? [] : [`ok-a${at - 1}`]);
  for (let at = 0; at < failing; at += 1)
    expect(codeOf(world.ask(`a${at}`, `bad-a${at}`, "build_site", at === 0 ? [] : [`ok-a${at - 1}`]))).toBe("accepted");
  for (let at = 0; at < failing; at += 1) world.pass(2).end(`bad-a${at}`, "failure");
  return world;
}

const alertsOf = (world: CascadeWorld) =>
  world.log.flatMap(({ fact }) =>
    fact.typ === "record+jwt" && fact.claims.kind === "cascade_alert" ? [fact.claims] : [],
  );

describe("a cascade", () => {
  it("[CAS-8] [CAS-9] is stated with its suspected root and why, in the frame of the failure that made it one", () => {
    const world = cascade(3);
    const [alert, ...more] = alertsOf(world);
    expect(more).toEqual([]);
    expect(alert?.cause).toEqual({ jti: taskId("bad-a2") });
    expect(alert?.data).toMatchObject({
      root: {
        agent: agent("a0"),
        jti: taskId("bad-a0"),
        why: { without_cause: true, failed_at: START_S + 2, descendants: 2 },
      },
      agents: ["a0", "a1", "a2"].map(agent),
      front: [agent("a2")],
      action: "contain",
      confidence: 0,
      rule: null,
    });
  });

  it("[CAS-2] contained, the breakers on its frontier trip, and reopen by themselves", () => {
    const world = cascade(3);
    expect(world.story).toEqual(["open cascade"]);
    expect(world.stateOf("a2", "a3")).toBe("open");
    expect(codeOf(world.ask("a3", "next", "build_site", ["ok-a2"]))).toBe("circuit_open");
    world.pass(34).timers();
    expect(world.stateOf("a2", "a3")).toBe("half_open");
  });

  it("[CAS-19] from six agents on its frontier is isolated, until 300 s later or an operator's release", () => {
    const world = cascade(6);
    expect(alertsOf(world).map(({ data }) => data.action)).toEqual(["contain", "contain", "contain", "isolate_domain"]);
    expect(new Set(alertsOf(world).map(({ data }) => data.cascade_id)).size).toBe(1);
    expect(world.stateOf("a5", "a6")).toBe("isolated");
    world.pass(299).timers();
    expect(world.stateOf("a5", "a6")).toBe("isolated");
    world.pass(1).timers();
    expect(world.story.at(-1)).toBe("half_open timer");
    const other = cascade(6);
    expect(codeOf(other.order("release", ["a5", "a6", "*"]))).toBe("accepted");
    expect(other.stateOf("a5", "a6")).toBe("half_open");
  });

  it("[CAS-23] isolated and tripped, it takes the release of both", () => {
    const world = cascade(6);
    world.order("trip", ["a5", "a6", "build"]);
    expect(world.stateOf("a5", "a6")).toBe("forced_open");
    world.order("release", ["a5", "a6", "build"]);
    expect(world.stateOf("a5", "a6")).toBe("isolated");
    world.order("release", ["a5", "a6", "build"]);
    expect(world.stateOf("a5", "a6")).toBe("half_open");
  });

  it("[CAS-9] of more than ten agents raises the rule and stops nothing by itself", () => {
    const world = cascade(11);
    expect(alertsOf(world).at(-1)?.data).toMatchObject({ action: "halt_workflow", rule: "cascade", breakers: [] });
    expect(world.state.workflows.get(world.policy.wid)?.status).toBe("running");
  });
});

describe("a policy", () => {
  it("[CAS-1] is told the state of the breakers on the way: a rule for them asks a human before a probe", () => {
    const world = new CascadeWorld(["from", "to"], (policy) => ({
      ...policy,
      hitl: {
        default_on_timeout: "deny",
        rules: [
          {
            id: "c",
            trigger: { kind: "cascade", state_in: ["half_open"] },
            role: "operator",
            action: "approve",
            timeout_s: 60,
          },
        ],
      },
    }));
    world.run("from", "source");
    calls(world, 5, "failure");
    world.pass(34);
    const answer = world.ask("to", "probe", "build_site", ["source"]);
    const kinds =
      "logged" in answer
        ? answer.logged.map(({ fact }) => (fact.typ === "record+jwt" ? fact.claims.kind : fact.typ))
        : [];
    expect(kinds).toEqual(["intent+jwt", "gate_required"]);
  });
});

describe("an approval", () => {
  /** A writer whose writing needs a human, behind a breaker that has tripped. */
  function gated(rule: object): CascadeWorld {
    const world = new CascadeWorld(["from", "to"], (policy) => ({
      ...policy,
      hitl: {
        default_on_timeout: "deny",
        rules: [
          {
            id: "w",
            trigger: { kind: "action", patterns: ["build_gated"] },
            role: "operator",
            action: "approve",
            timeout_s: 60,
            ...rule,
          },
        ],
      },
    }));
    world.run("from", "source");
    calls(world, 5, "failure");
    return world;
  }

  it("[CAS-27] [CAS-3] that would permit a call is refused while the breaker is open, and taken when it lets through", () => {
    const world = gated({});
    expect(codeOf(world.ask("to", "asked", "build_gated", ["source"]))).toBe("accepted");
    const request = world.request("asked", "w");
    const before = world.log.length;
    expect(world.approve("asked", request)).toMatchObject({
      refused: { code: "circuit_open", status: 503, detail: expect.stringMatching(/ask again in 3\d s/) },
    });
    expect(world.log).toHaveLength(before);
    expect(world.state.gates.get(request)?.status).toBe("pending");
    world.pass(34);
    expect(codeOf(world.approve("asked", request))).toBe("accepted");
    expect(world.state.gates.get(request)?.status).toBe("approved");
    expect(world.breaker("from", "to").breaker.probesOut).toHaveLength(1);
    expect(codeOf(world.submit({ kind: "effect", wid: world.policy.wid, task: taskId("asked"), latch: null }))).toBe(
      "accepted",
    );
  });

  it("[CAS-3] by silence is none while the breaker is open: the task is refused, and the log says why", () => {
    const world = gated({ on_timeout: "allow" });
    world.ask("to", "asked", "build_gated", ["source"]);
    const request = world.request("asked", "w");
    world.submit({ kind: "gate_deadline", request });
    const task = world.state.workflows.get(world.policy.wid)?.tasks.get(taskId("asked"));
    expect([task?.status, task?.code]).toEqual(["refused", "circuit_open"]);
  });
});
