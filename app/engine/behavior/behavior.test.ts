import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { benchProfile, benchResult } from "../../protocol/behavior/bench.fixture.ts";
import { observeActions, sequentialTest, startTest, testStanding } from "../../protocol/behavior/sequential.ts";
import { agent, codeOf, taskId, WID } from "../cascade/cascade-world.fixture.ts";
import { alarmOf } from "./alarm.ts";
import { BehaviorWorld, CLEAN, DRIFTING, IDS, LEAK, standing, WRONG } from "./behavior-world.fixture.ts";
import { profileFor } from "./conduct.ts";
import { conductKnown } from "./effects.ts";

const RULE = {
  id: "ask-first",
  trigger: { kind: "action" as const, patterns: ["build_site"] },
  role: "operator",
  action: "approve" as const,
  timeout_s: 600,
};

const begun = (agents: readonly string[] = ["worker", "other"]): BehaviorWorld => {
  const world = new BehaviorWorld(agents);
  world.putProfile();
  return world;
};

describe("where an agent stands", () => {
  it("[BEH-12] [BEH-20] [BEH-22] [BEH-S8] follows the table, one change a window at most, each with its entry", () => {
    const world = begun();
    expect(world.state.behavior.agents.size).toBe(0);
    world.window("worker", CLEAN);
    expect(world.of("worker").trust.score).toBe(0.52);
    world.window("worker", DRIFTING);
    expect(world.of("worker").trust.score).toBe(0.468);
    for (let at = 0; at < 2; at += 1) world.window("worker", CLEAN);
    world.window("worker", WRONG);
    world.window("worker", CLEAN);
    for (let at = 0; at < 30; at += 1) world.window("worker", CLEAN);
    world.window("worker", WRONG);
    world.window("worker", WRONG);
    expect(world.conductStory("worker")).toEqual([
      "conformant verdict",
      "drifting verdict",
      "conformant verdict",
      "nonconformant verdict",
      "drifting verdict",
      "conformant verdict",
      "nonconformant verdict",
      "quarantined repeated",
    ]);
    const { changes, windows, quarantine, seq } = world.of("worker");
    expect(quarantine).toMatchObject({ cause: "second_window", seq });
    expect(new Set(changes.map((change) => change.seq)).size).toBe(changes.length);
    for (const change of changes) expect(world.log[change.seq]?.fact.typ).toBe("record+jwt");
    expect(windows.at(-1)?.reasons.filter(({ severity }) => severity !== null)).toMatchObject([
      { rule: "action-not-allowed", severity: 4, hidden: false },
    ]);
    expect(world.refolded()).toEqual(world.state);
  });

  it("[BEH-10] [BEH-26] silence makes it stale, never kept as conformant, and evidence leads on from where it was", () => {
    const world = begun();
    world.window("worker", CLEAN);
    const stale = () => world.submit({ kind: "behavior_stale", agent: standing("worker") });
    world.pass(119);
    expect(codeOf(stale())).toBe("behavior_state_invalid");
    world.pass(1);
    expect(codeOf(stale())).toBe("accepted");
    expect(world.of("worker").now.state).toBe("stale");
    // Counts as drifting for what is decided meanwhile.
    expect(conductKnown(world.state, agent("worker"), world.nowS)).toEqual({ verdict: "drifting", trust: 0.52 });
    expect(codeOf(stale())).toBe("behavior_state_invalid");
    world.window("worker", CLEAN);
    expect(world.of("worker").now.state).toBe("conformant");
  });

  it("[BEH-1] [BEH-26] [BEH-28] without a profile nothing is said, and who is not under one is not judged", () => {
    const world = new BehaviorWorld(["worker"]);
    expect(world.window("worker", LEAK)).toBeNull();
    expect(world.state.behavior.instances.size).toBe(0);
    expect(conductKnown(world.state, agent("worker"), world.nowS)).toEqual({ verdict: null, trust: null });
    world.putProfile({ applies_to: [standing("other")] });
    expect(world.window("worker", LEAK)).toBeNull();
  });

  it("[BEH-16] [BEH-29] what is part of a benchmark or a drill is no conduct", () => {
    const world = begun();
    const workflow = world.state.workflows.get(WID);
    Object.assign(workflow ?? {}, { bench: "b1" });
    expect(world.window("worker", LEAK)).toBeNull();
    expect(world.state.behavior.agents.size).toBe(0);
  });

  it("[BEH-11] [BEH-22] a nonconformant window is a failure signal by the verifier, and trips what hands on to the agent", () => {
    const world = begun();
    world.run("other", "first");
    world.run("worker", "second", "success", ["first"]);
    expect(world.stateOf("other", "worker")).toBe("closed");
    world.window("worker", WRONG);
    expect(world.stateOf("other", "worker")).toBe("open");
    expect(world.breaker("other", "worker").reason).toBe("behavior");
    const signal = world.log.findLast(({ fact }) => fact.typ === "failure-signal+jwt")?.fact;
    expect(signal?.claims).toMatchObject({
      ...{ iss: "spiffe://world.test/verifier", subject: agent("worker"), class: "behavior", origin: true },
      evidence: [{ typ: "bet+jwt" }],
    });
  });

  it("[BEH-21] [BEH-24] a stop does not wait for any of it, and ends the windows that are open", () => {
    const world = begun();
    world.does("worker", CLEAN);
    expect(codeOf(world.stop())).toBe("accepted");
    expect(world.state.behavior.instances.get(agent("worker"))).toMatchObject({
      open: null,
      closing: [{ closed: "over" }],
    });
    expect(codeOf(world.judge("worker") ?? { logged: [] })).toBe("accepted");
    expect(world.of("worker").windows).toMatchObject([{ verdict: "conformant", closed: "over" }]);
  });
});

describe("windows", () => {
  it("[BEH-20] [BEH-21] what never followed is found between windows, and when the workflow is over", () => {
    const world = begun();
    const follow = {
      id: "test-after-build",
      kind: "must_follow",
      a: "build_site",
      b: "test_site",
      within_s: 90,
    } as const;
    world.putProfile({ version: 2, sequences: [{ ...follow, severity: 3 }], min_samples: 1 });
    world.window("worker", ["build_site"]);
    expect(world.of("worker").windows.at(-1)?.worst).toBeNull();
    // Due while nothing was asked for; judged in the next window.
    world.pass(600);
    world.window("worker", ["ask_model", "build_site"]);
    const broken = () =>
      world
        .of("worker")
        .windows.at(-1)
        ?.reasons.filter(({ kind }) => kind === "must_follow");
    expect(broken()).toMatchObject([{ rule: "test-after-build", task: taskId("worker-1") }]);
    world.submit({ kind: "finish", wid: WID, cause: WID, summary: {} });
    world.judge("worker");
    expect(broken()).toMatchObject([{ rule: "test-after-build", task: taskId("worker-3") }]);
    expect(world.state.behavior.instances.size).toBe(0);
  });

  it("[BEH-37] the sequential test goes on from window to window as over all at once", () => {
    const world = begun(["worker"]);
    const test = must(
      sequentialTest({ action_freq: { build_site: 0.5, test_site: 0.5 } }),
      "a baseline without bursts",
    );
    const actions: string[] = [];
    for (const conduct of [CLEAN, DRIFTING, ...Array.from({ length: 8 }, () => ["build_site", "build_site"])]) {
      actions.push(...conduct);
      world.window("worker", conduct);
      const { alarm, highest } = testStanding(test, observeActions(test, startTest(test), actions));
      const window = world.of("worker").windows.at(-1);
      expect(window?.alarm).toMatchObject({ raised: alarm, statistic: highest });
      expect(window?.alarm?.at === null).toBe(!alarm);
    }
    expect(world.of("worker").windows.at(-1)?.alarm?.raised).toBe(true);
    // An older window is tested by what was there then, whatever was looked at since.
    const first = must(world.of("worker").windows[0], "a window");
    const profile = must(profileFor(world.state, agent("worker")), "a profile");
    const of = { wid: WID, agent: agent("worker") };
    const now = { ...of, from: world.nowS, endSeq: null };
    const whole = alarmOf(world.state, now, profile);
    const endSeq = world.log.filter(({ fact }) => fact.typ === "intent+jwt")[2]?.seq ?? null;
    expect(alarmOf(world.state, { ...of, from: first.from, endSeq }, profile)).toEqual(first.alarm);
    expect(alarmOf(world.state, now, profile)).toEqual(whole);
    // Nor does it take an alarm back that tasks are asked for again, and so are no longer where they were.
    const workflow = must(world.state.workflows.get(WID), "the workflow");
    const tasks = new Map([...workflow.tasks].slice(0, 2));
    const moved = { ...world.state, workflows: new Map([[WID, { ...workflow, tasks }]]) };
    expect(alarmOf(moved, now, profile)).toEqual(whole);
  });

  it("[BEH-4] under Regulated evidence counts once a signed head of the log covers it, and not before", () => {
    const judged = (covers: (seq: number) => number) => {
      const world = new BehaviorWorld(["worker"]);
      world.putProfile({ assurance: "regulated" });
      world.does("worker", CLEAN);
      world.pass(60);
      const from = world.firstWindow("worker") ?? 0;
      world.witness("worker", from);
      const seq = world.log.findLastIndex(({ fact }) => fact.typ === "bet+jwt");
      world.submit({ kind: "appraise", agent: agent("worker"), from, covered: covers(seq) });
      const [window] = world.of("worker").windows;
      return [window?.verdict, window?.reasons.map(({ rule }) => rule)];
    };
    expect(judged((seq) => seq)).toEqual(["unverifiable", ["evidence_missing", "bet_observer_insufficient"]]);
    expect(judged((seq) => seq + 1)).toEqual(["conformant", []]);
  });

  it("[BEH-21] each is judged once, also one whose end nobody was there to see", () => {
    const world = begun();
    world.does("worker", CLEAN);
    world.pass(600);
    world.does("worker", CLEAN);
    const [first, second] = [
      world.firstWindow("worker"),
      world.state.behavior.instances.get(agent("worker"))?.open?.from,
    ];
    expect(second).toBe((first ?? 0) + 600);
    world.judge("worker");
    expect(codeOf(world.submit({ kind: "appraise", agent: agent("worker"), from: first ?? 0 }))).toBe(
      "behavior_window_unknown",
    );
    world.pass(60);
    world.judge("worker");
    expect(world.of("worker").windows.map(({ from, to, samples }) => [from, to - from, samples])).toEqual([
      [first, 60, 2],
      [second, 60, 2],
    ]);
    expect(world.judge("worker")).toBeNull();
  });

  it("[BEH-S6] [BEH-7] [BEH-13] what is forbidden closes it at once, whatever its agent may otherwise", () => {
    const world = begun();
    world.putProfile({ version: 2, allowed_actions: ["*"] });
    world.does("worker", LEAK);
    world.judge("worker");
    expect(world.of("worker")).toMatchObject({
      now: { state: "quarantined" },
      trust: { score: 0.1 },
      windows: [
        {
          closed: "severity",
          worst: 5,
          compliance: 0,
          reasons: [{ rule: "drift" }, { rule: "action-forbidden", severity: 5 }],
        },
      ],
    });
  });

  it("[BEH-S1] what all evidence leaves out is found in the log, and weighs more", () => {
    const world = begun();
    world.does("worker", WRONG);
    world.pass(60);
    const from = world.firstWindow("worker") ?? 0;
    const told = world.bet("worker", from);
    const { samples, counts } = told;
    // As if the enforcement point had seen nothing wrong.
    const silent = { ...told, violations: [], compliance: 1, counts, samples };
    expect(codeOf(world.token({ typ: "bet+jwt", claims: silent }))).toBe("accepted");
    world.submit({ kind: "appraise", agent: agent("worker"), from });
    expect(world.of("worker").windows[0]?.reasons.find(({ hidden }) => hidden)).toMatchObject({
      ...{ rule: "action-not-allowed", severity: 5, task: taskId("worker-2") },
    });
    expect(world.of("worker").now.state).toBe("quarantined");
  });
});

describe("evidence from outside", () => {
  const closed = () => {
    const world = begun();
    world.does("worker", CLEAN);
    world.pass(60);
    const from = world.firstWindow("worker") ?? 0;
    const own = world.bet("worker", from);
    world.witness("worker", from);
    return { world, from, self: { ...own, iss: agent("worker"), jti: taskId("self"), observer: "self" as const } };
  };

  it.each([
    ["another window", { window: { from: 1, to: 61 } }, "bet_stale"],
    ["another challenge", { nonce: "another-nonce" }, "bet_stale"],
    ["counts that do not add up", { samples: 3 }, "bet_counts_inconsistent"],
    ["a compliance of its own", { compliance: 0.5 }, "bet_recompute_mismatch"],
    [
      "evidence before it that there is none of",
      { prev_bet: { jti: taskId("x"), hash: "A".repeat(43) } },
      "bet_chain_gap",
    ],
    [
      "a profile nobody knows",
      { profile: { profile_id: "worker", version: 9, hash: "A".repeat(43) } },
      "bet_profile_unknown",
    ],
    [
      "another text of it",
      { profile: { profile_id: "worker", version: 1, hash: "A".repeat(43) } },
      "object_hash_mismatch",
    ],
    ["a standing it does not have", { observer: "sidecar" as const }, "bet_observer_insufficient"],
  ])("[BEH-5] [BEH-6] [BEH-23] [BEH-S2] %s: on record as refused, and nothing else changes", (_what, change, code) => {
    const { world, self } = closed();
    const before = structuredClone(world.state.behavior);
    const fact = { typ: "bet+jwt" as const, claims: { ...self, nonce: "the-challenge", ...change } };
    const given = { kind: "token" as const, fact, evidence: { nonce: "the-challenge" } };
    const verified = { ...world.verifiedOf(fact) };
    const answer = world.submit({ ...given, verified });
    expect("logged" in answer && answer.logged.map((one) => one.fact.claims)).toMatchObject([
      { kind: "behavior_refused", data: { agent: agent("worker"), code } },
    ]);
    const { evidence, ...after } = world.of("worker");
    expect(evidence.at(-1)?.problem?.code).toBe(code);
    const { evidence: _evidence, ...was } = before.agents.get(standing("worker")) ?? { evidence: [] };
    expect(after).toEqual(was);
    expect(codeOf(world.submit({ ...given, verified }))).toBe("token_replayed");
  });

  it("[BEH-8] [BEH-19] [BEH-23] of the agent itself is taken where it was asked for, and counted by who tells of it", () => {
    const { world, from, self } = closed();
    const fact = { typ: "bet+jwt" as const, claims: { ...self, nonce: "the-challenge" } };
    const verified = world.verifiedOf(fact);
    // Evidence that nobody has asked for is none.
    const unasked = world.submit({
      kind: "token",
      fact: { ...fact, claims: { ...fact.claims, jti: taskId("u") } },
      verified,
    });
    expect("logged" in unasked && unasked.logged[0]?.fact.typ).toBe("record+jwt");
    expect(codeOf(world.submit({ kind: "token", fact, verified, evidence: { nonce: "the-challenge" } }))).toBe(
      "accepted",
    );
    world.submit({ kind: "appraise", agent: agent("worker"), from });
    expect(world.of("worker").windows[0]?.observers).toEqual(["self", "gateway"]);
  });

  it("[BEH-18] [BEH-27] [BEH-S4] a result of another verifier is refused, and one of its own that is not in the log", () => {
    const { world } = closed();
    world.judge("worker");
    const ear = world.log.find(({ fact }) => fact.typ === "ear+jwt")?.fact;
    if (ear?.typ !== "ear+jwt") throw new Error("a result");
    expect(ear.claims).toMatchObject({ iss: "spiffe://world.test/verifier", exp: ear.claims.iat + 3600 });
    const of = (iss: string) => ({ typ: "ear+jwt" as const, claims: { ...ear.claims, jti: taskId(iss), iss } });
    expect(codeOf(world.token(of("spiffe://else.test/verifier")))).toBe("ear_verifier_not_pinned");
    expect(codeOf(world.token(of("spiffe://world.test/verifier")))).toBe("ear_unknown");
  });

  it("[BEH-27] [BEH-67] what a pinned verifier asserts ends with the day of its pin, and ends no benchmark that runs here", () => {
    const { world } = closed();
    world.judge("worker");
    const ear = world.log.find(({ fact }) => fact.typ === "ear+jwt")?.fact;
    if (ear?.typ !== "ear+jwt") throw new Error("a result");
    const iss = "spiffe://else.test/verifier";
    const key = { kty: "OKP", crv: "Ed25519", x: "A".repeat(43), kid: iss } as const;
    const { nowS } = world.moment();
    const said = { by: iss, at: nowS, seq: 0, reason: "agreed" };
    const trust = { kind: "verifier", subject: iss, keys: [key], about: ["else.test"], not_after: nowS + 60 } as const;
    world.state.trust.set("pin", {
      jti: "pin",
      trust: { ...trust, keys: [key], about: ["else.test"] },
      ...said,
      ended: null,
    });
    const about = structuredClone(ear.claims.submods);
    for (const one of Object.values(about))
      if (one["agent.behavior"] !== undefined) one["agent.behavior"].subject = "spiffe://else.test/agent/worker";
    const brought = (name: string) =>
      codeOf(world.token({ typ: "ear+jwt", claims: { ...ear.claims, iss, jti: taskId(name), submods: about } }));
    const before = structuredClone({ ...world.state.behavior, asserted: null });
    expect(brought("a")).toBe("accepted");
    expect(world.state.behavior.asserted.get("spiffe://else.test/agent/worker")).toHaveLength(1);
    expect({ ...world.state.behavior, asserted: null }).toEqual(before);

    const claims = benchResult({ iss, subject: "spiffe://else.test/agents", order: taskId("order") });
    const order = { profile: benchProfile(), hash: "", wids: [], iss, subject: claims.subject };
    const running = { jti: claims.order, claims: order as never, seq: 0, at: 0, end: null }; // Only its id is looked at.
    world.state.benchmarks.set(claims.order, running);
    expect(codeOf(world.token({ typ: "bench-result+jwt", claims }))).toBe("accepted");
    expect(world.state.benchmarks.get(claims.order)?.end).toBeNull();

    world.pass(61);
    expect(brought("b")).toBe("ear_verifier_not_pinned");
    expect(world.state.behavior.asserted.get("spiffe://else.test/agent/worker")).toHaveLength(1);
  });
});

describe("[BEH-S3] [BEH-5] profiles", () => {
  it.each([
    ["an earlier version", { version: 1 }, {}, "profile_version"],
    ["another digest", { version: 2 }, { hash: "A".repeat(43) }, "object_hash_mismatch"],
    ["an old authentication", { version: 2 }, { auth_time: 1 }, "behavior_unauthorized"],
    ["an agent", { version: 2 }, { iss: agent("worker") }, "behavior_unauthorized"],
    ["one that has expired", { version: 2, not_after: 1 }, {}, "bet_profile_expired"],
    ["a later version", { version: 2 }, {}, "accepted"],
  ])("%s", (_what, change, claims, code) => {
    expect(codeOf(begun().putProfile(change, claims))).toBe(code);
  });
});

it("[BEH-28] the profile that names an agent most closely holds, and of equals the newest", () => {
  const world = new BehaviorWorld(["worker"]);
  const inForce = () => profileFor(world.state, agent("worker"))?.profile.profile_id ?? null;
  expect(inForce()).toBeNull();
  world.putProfile({ profile_id: "named", applies_to: [standing("worker")] });
  world.putProfile({ profile_id: "all", applies_to: ["spiffe://world.test/*"] });
  expect(inForce()).toBe("named");
  world.putProfile({ profile_id: "anew", applies_to: [standing("worker")] });
  expect(inForce()).toBe("anew");
  world.putProfile({ profile_id: "anew", version: 2, applies_to: [standing("other")] });
  expect(inForce()).toBe("named");
});

describe("[BEH-13] [BEH-14] [BEH-24] [BEH-25] quarantine", () => {
  it("refuses what is new, holds breakers open, and ends with a person's order that rests on something else", () => {
    const world = begun();
    world.run("other", "first");
    world.run("worker", "second", "success", ["first"]);
    world.ask("worker", "under-way");
    world.submit({ kind: "effect", wid: WID, task: taskId("under-way"), latch: null });
    expect(codeOf(world.orderAgent("quarantine", "worker"))).toBe("accepted");
    expect(world.of("worker")).toMatchObject({ now: { state: "quarantined" }, quarantine: { cause: "order" } });
    expect(world.stateOf("other", "worker")).toBe("forced_open");
    expect(codeOf(world.orderAgent("quarantine", "worker"))).toBe("behavior_state_invalid");
    // What has begun ends as it ends; nothing else begins, and that is on record.
    expect(codeOf(world.report("under-way"))).toBe("accepted");
    expect(world.ask("worker", "third")).toMatchObject({
      logged: [{}, { fact: { claims: { kind: "refused", data: { code: "behavior_quarantined" } } } }],
    });
    expect(codeOf(world.ask("other", "fourth"))).toBe("accepted");
    world.pass(3600).timers();
    expect(world.stateOf("other", "worker")).toBe("forced_open");
    expect(codeOf(world.submit({ kind: "behavior_stale", agent: standing("worker") }))).toBe("behavior_state_invalid");

    const release = (basis: object) => codeOf(world.orderAgent("release", "worker", { basis: basis as never }));
    expect(release({ profile_id: "worker", version: 1 })).toBe("behavior_basis_same");
    expect(release({ profile_id: "worker", version: 2 })).toBe("behavior_basis_missing");
    expect(codeOf(world.orderAgent("release", "worker", { iss: agent("other"), basis: { build: "2" } }))).toBe(
      "behavior_unauthorized",
    );
    expect(release({ build: "2.0.1" })).toBe("accepted");
    expect(world.of("worker")).toMatchObject({ now: { state: "unverified" }, quarantine: null });
    expect(world.stateOf("other", "worker")).toBe("half_open");
    expect(codeOf(world.ask("worker", "fifth"))).toBe("accepted");
    world.orderAgent("quarantine", "worker");
    expect(release({ build: "2.0.1" })).toBe("behavior_basis_same");
    expect(world.refolded()).toEqual(world.state);
  });

  it("ends the leases of its agent, which nobody renews meanwhile, and lets no approval pass", () => {
    const world = new BehaviorWorld(["worker"], (policy) => ({
      ...policy,
      hitl: { default_on_timeout: "deny", rules: [RULE] },
    }));
    world.putProfile();
    expect(codeOf(world.lease("worker"))).toBe("accepted");
    world.ask("worker", "gated");
    const request = world.request("gated", "ask-first");
    const ordered = world.orderAgent("quarantine", "worker");
    expect(
      "logged" in ordered && ordered.logged.map(({ fact }) => fact.typ === "record+jwt" && fact.claims.kind),
    ).toEqual([...[false, "behavior_state", "lease_ended"]]);
    expect(world.state.liveness.get(agent("worker"))?.lease?.lapsed).toBe(true);
    expect(codeOf(world.lease("worker"))).toBe("behavior_quarantined");
    world.approve("gated", request);
    expect(world.state.workflows.get(WID)?.tasks.get(taskId("gated"))).toMatchObject({
      ...{ status: "refused", code: "behavior_quarantined" },
    });
  });

  it("releases no breaker that an operator had tripped by themselves", () => {
    const world = begun();
    world.run("other", "first");
    world.run("worker", "second", "success", ["first"]);
    world.order("trip", ["other", "worker", "build"]);
    world.orderAgent("quarantine", "worker");
    world.orderAgent("release", "worker", { basis: { build: "2" } });
    expect(world.stateOf("other", "worker")).toBe("forced_open");
  });

  it("is about agents of this log, by the name behind their workflows", () => {
    const world = begun();
    expect(codeOf(world.orderAgent("quarantine", "nobody"))).toBe("behavior_agent_unknown");
    expect(codeOf(world.orderAgent("quarantine", "worker", { agent: agent("worker") }))).toBe("behavior_agent_unknown");
    expect(IDS.domain).toBe("world.test");
  });
});
