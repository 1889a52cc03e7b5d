import fc from "fast-check";
import { expect, it } from "vitest";
import {
  AGENT,
  compiled,
  contextOf,
  exampleBet,
  FROM_S,
  profileOf,
  sha256,
  task,
  usual,
  WINDOW,
} from "./behavior.fixture.ts";
import { betMembers, CUT_EXT, OTHER_ACTIONS } from "./bet-members.ts";
import { compileProfile } from "./compile-profile.ts";
import { complianceOf, tallyOf } from "./compliance.ts";
import { BET_TYPE, betClaimsSchema } from "./evidence.ts";
import { figuresOf, type Observation, observeSteps, observeWindow } from "./observe-window.ts";
import type { ObservedTask, Window } from "./observed.ts";
import { type ProfileBody, profileHash } from "./profile.ts";
import { replayTasks } from "./replay-rules.ts";
import { verdictFor } from "./verdict-for.ts";
import { verifyBet } from "./verify-bet.ts";

const observe = (
  tasks: readonly ObservedTask[],
  members: Partial<ProfileBody> = {},
  window: Window = WINDOW,
): Observation => observeWindow(compiled(members), tasks, window, { subject: AGENT, ended: false, sha256 });

const half = (at: number): readonly Window[] => [
  { from: FROM_S, to: FROM_S + at },
  { from: FROM_S + at, to: FROM_S + 3600 },
];

it("[BEH-1] sees the window's tasks only, and what came before them", () => {
  const { samples, counts, compliance, drift, findings } = observe(usual(200));
  expect({ samples, compliance, findings }).toEqual({ samples: 200, compliance: 1, findings: [] });
  expect(Object.fromEntries(counts)).toEqual({ apply_change: 120, read_state: 80 });
  expect(drift?.overall).toBeCloseTo(0, 12);
  expect(observe(usual(200).slice(1)).compliance).toBe(0);
});

it("[BEH-31] is not blinded by a border between windows, and finds each offence in one of them", () => {
  const sequences: ProfileBody["sequences"] = [
    { id: "no-egress", kind: "never_after", a: "read_state", b: "tool_egress", within_s: 60, severity: 4 },
    { id: "closed", kind: "must_follow", a: "tool_open", b: "tool_close", within_s: 30, severity: 2 },
  ];
  const tasks = [
    task(20, { action: "tool_open" }),
    task(40, { action: "read_state" }),
    task(70, { action: "tool_egress" }),
    task(90, { action: "tool_close" }),
  ];
  for (const at of [30, 45, 50, 69, 70, 71, 100]) {
    const found = half(at).flatMap((window) => observe(tasks, { sequences }, window).findings);
    expect(found.map(({ rule_id, at: s }) => `${rule_id} ${s - FROM_S}`)).toEqual(["closed 50", "no-egress 70"]);
  }
});

it("[BEH-31] finds in two windows together what it finds in one, wherever the border is", () => {
  const action = fc.constantFrom("checkpoint", "apply_change", "tool_open", "tool_close", "tool_delete", "other");
  const sequences: ProfileBody["sequences"] = [
    { id: "first", kind: "must_precede", a: "checkpoint", b: "apply_change", severity: 3 },
    { id: "closed", kind: "must_follow", a: "tool_open", b: "tool_close", within_s: 90, severity: 2 },
    { id: "never", kind: "never_after", a: "tool_close", b: "apply_change", severity: 4 },
  ];
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), fc.integer({ min: 1, max: 3599 }), (actions, border) => {
      const tasks = actions.map((name, n) => task(n * 30, { action: name }));
      const whole = observe(tasks, { sequences });
      const parts = half(border).map((window) => observe(tasks, { sequences }, window));
      expect(parts.flatMap(({ findings }) => findings)).toEqual(whole.findings);
      expect(parts.reduce((sum, { samples }) => sum + samples, 0)).toBe(whole.samples);
    }),
    { numRuns: 40 },
  );
});

it("[BEH-16] has neither samples nor findings of benchmarks", () => {
  const tasks = [...usual(20), task(50, { action: "tool_delete", bench: "b" })];
  expect(observe(tasks)).toMatchObject({ samples: 20, findings: [] });
});

it("[BEH-6] holds broken limits against the window like other findings", () => {
  const limits: ProfileBody["limits"] = [{ id: "calls", metric: "max_calls", op: "<=", value: 10, severity: 3 }];
  const { compliance, findings, metrics } = observe(usual(100), { limits });
  expect(findings.map(({ rule_id }) => rule_id)).toEqual(["calls"]);
  expect(compliance).toBe(0.975);
  expect(metrics.safety_compliance).toBe(0.975);
});

/** A BET of the window as an observer would issue it. */
function betOf(observation: Observation, profile: ProfileBody): ReturnType<typeof exampleBet> {
  const { drift: _drift, metrics: _metrics, ...example } = exampleBet();
  return {
    ...example,
    profile: { profile_id: profile.profile_id, version: profile.version, hash: profileHash(profile, sha256) },
    ...betMembers(observation, profile.baseline),
  };
}

it("[BEH-6] [BEH-32] makes evidence of any conduct that fits into a token, and that a verifier works out the same", () => {
  const name = fc.oneof(
    fc.constantFrom("apply_change", "read_state", "checkpoint", "__proto__", "tool_x", "tool_delete"),
    fc.string({ minLength: 1, maxLength: 300 }),
  );
  const profile = profileOf({
    baseline: { action_freq: { apply_change: 0.6, "tool_*": 0.4 }, numeric: { task_completion: { mean: 1, sd: 0.1 } } },
  });
  const outcomes = fc.constantFrom("success" as const, "failure" as const, "refused" as const);
  fc.assert(
    fc.property(fc.array(fc.tuple(name, outcomes), { maxLength: 300, size: "max" }), (drawn) => {
      const tasks = drawn.map(([action, outcome], n) => task(n, { action, outcome }));
      const observation = observeWindow(compileProfile(profile), tasks, WINDOW, { ended: false, sha256 });
      const claims = betOf(observation, profile);
      const parsed = betClaimsSchema.parse(JSON.parse(JSON.stringify(claims)));
      expect(Buffer.from(JSON.stringify(claims)).toString("base64url").length).toBeLessThan(15_500);
      const verified = verifyBet(
        { claims: parsed, hash: profileHash(profile, sha256), level: 2 },
        contextOf({}, profile),
      );
      expect(verified).toMatchObject({ ok: true, value: { compliance: observation.compliance } });
      if (verified.ok && observation.samples > 0)
        expect(verified.value.drift).toBeCloseTo(observation.drift?.overall ?? Number.NaN, 6);
    }),
    { numRuns: 20 },
  );
});

it("[BEH-32] lists the gravest of a flood of offences and counts the rest, which weigh as much", () => {
  const tasks = [
    ...Array.from({ length: 900 }, (_, n) => task(n + 1, { action: "apply_change" })),
    task(3000, { action: "tool_delete" }),
  ];
  const profile = profileOf();
  const observation = observe(tasks);
  const { violations, ect_ext } = betMembers(observation, profile.baseline);
  expect(observation.tally).toEqual([0, 0, 900, 0, 1]);
  expect(violations.map(({ severity }) => severity)).toContain(5);
  expect(violations.length).toBeGreaterThan(32);
  expect(ect_ext?.[CUT_EXT]).toEqual([0, 0, 901 - violations.length, 0, 0]);
});

it("[BEH-32] puts made-up names together once there are too many, and drifts as far", () => {
  const tasks = Array.from({ length: 500 }, (_, n) => task(n, { action: `made-up-${"x".repeat(100)}-${n}` }));
  const observation = observe(tasks);
  const { counts, drift } = betMembers(observation, profileOf().baseline);
  expect(Object.keys(counts).length).toBeLessThan(40);
  expect(counts[OTHER_ACTIONS]).toBeGreaterThan(400);
  expect(drift).toBe(1);
});

it("[BEH-3] is the type of an ECT with what was observed: the example of the text is one", () => {
  expect(BET_TYPE.schema.parse(exampleBet())).toEqual(exampleBet());
});

/** Rules that nothing keeps. */
const broken = (count: number): ProfileBody["sequences"] =>
  Array.from({ length: count }, (_, at) => ({
    ...{
      id: `r${at}`,
      kind: "must_follow" as const,
      a: "read_state",
      b: "never",
      within_s: 60,
      severity: (at % 4) + 1,
    },
  }));

it("[BEH-64] of a window with more findings than are listed the verdict is that of all of them", () => {
  const drawn = fc.array(fc.constantFrom("read_state", "apply_change", "checkpoint", "transfer"), {
    maxLength: 300,
    size: "max",
  });
  fc.assert(
    fc.property(drawn, fc.integer({ min: 0, max: 12 }), (actions, rules) => {
      const profile = profileOf({ sequences: broken(rules) });
      const tasks = actions.map((action, n) => task(n * 3, { action }));
      const untilMs = WINDOW.to * 1000;
      const all = replayTasks(compileProfile(profile), tasks, { subject: AGENT, untilMs, ended: false });
      const observation = observe(tasks, { sequences: broken(rules) });
      const tally = tallyOf(all.map(({ severity }) => severity));
      expect(observation.tally).toEqual(tally);
      expect(observation.findings.length).toBe(Math.min(1000, all.length));
      const left = observation.unlisted.all.reduce((sum, count) => sum + count, 0);
      expect(observation.findings.length + left).toBe(all.length);
      // None that is left out is graver than one that is listed.
      const least = Math.min(...observation.findings.map(({ severity }) => severity));
      expect(observation.unlisted.all.findLastIndex((count) => count > 0) + 1).toBeLessThanOrEqual(least);
      const gravest = tally.findLastIndex((count) => count > 0) + 1;
      const figures = { samples: tasks.length, compliance: complianceOf(tasks.length, tally), gravest };
      const drift = observation.drift?.overall ?? null;
      expect(verdictFor(profile, figuresOf(observation))).toBe(verdictFor(profile, { ...figures, drift }));
    }),
    { numRuns: 25 },
  );
});

it("[BEH-64] a window of very many tasks and findings is looked at in pieces, none of which takes much", () => {
  let read = 0;
  const counted = (one: ObservedTask): ObservedTask => ({
    ...one,
    get action() {
      read += 1;
      return one.action;
    },
  });
  const hashes = { made: 0 };
  const counting = (bytes: Uint8Array): Uint8Array => {
    hashes.made += 1;
    return sha256(bytes);
  };
  // All fall due at once: after hours of nothing.
  const many = Array.from({ length: 2000 }, (_, n) => counted(task(0, { jti: task(n).jti })));
  const tasks = [...many, counted(task(3000))];
  const profile = compiled({ sequences: broken(20), allowed_actions: ["*"] });
  const steps = observeSteps(profile, tasks, WINDOW, { subject: AGENT, ended: false, sha256: counting });
  let most = 0;
  let pieces = 0;
  let step = steps.next();
  while (step.done !== true) {
    const [before, made] = [read, hashes.made];
    step = steps.next();
    pieces += 1;
    // Whatever names every task once, as the count by action does, is a piece of its own.
    most = Math.max(most, read - before - tasks.length, hashes.made - made);
  }
  expect(step.value.tally.reduce((sum, count) => sum + count, 0)).toBe(40_020);
  expect(step.value.findings).toHaveLength(1000);
  expect(pieces).toBeGreaterThan(40_000 / 64);
  expect(most).toBeLessThanOrEqual(64 * 20);
});
