import fc from "fast-check";
import { expect, test } from "vitest";
import { must } from "../../base/assert.ts";
import { compileProfile } from "./compile-profile.ts";
import { learnProfile, profilePart } from "./learn.ts";
import type { Suggestion } from "./learn-suggestion.ts";
import type { ObservedTask } from "./observed.ts";
import { type Baseline, type ProfileBody, profileBodySchema } from "./profile.ts";
import { drawn, seeded } from "./random.fixture.ts";
import { replayTasks } from "./replay-rules.ts";
import { observeActions, sequentialTest, startTest, testStanding } from "./sequential.ts";

let made = 0;

interface Told {
  readonly agent?: string;
  readonly atS?: number;
  readonly outcome?: ObservedTask["outcome"];
  readonly data?: readonly string[] | null;
  readonly targets?: readonly string[] | null;
  readonly bench?: string;
}

function task(wid: string, action: string, told: Told = {}): ObservedTask {
  made += 1;
  const atMs = (told.atS ?? made) * 1000;
  return {
    jti: `task-${made}`,
    wid,
    agent: `spiffe://ops.example/agent/00000000-0000-7000-8000-${wid.padStart(12, "0")}/${told.agent ?? "executor"}`,
    action,
    atMs,
    endedMs: atMs + 500,
    outcome: told.outcome ?? "success",
    data: told.data === undefined ? [] : told.data,
    targets: told.targets === undefined ? [] : told.targets,
    gate: null,
    tokens: null,
    cost: null,
    bench: told.bench ?? null,
  };
}

/** Workflows that log in first, read a few times, and confirm every write within ten seconds. */
function orderly(workflows: number, random = seeded(1)): ObservedTask[] {
  const tasks: ObservedTask[] = [];
  for (let at = 0; at < workflows; at += 1) {
    let atS = at * 10_000;
    const add = (action: string, told: Told = {}): void => {
      atS += 2 + Math.floor(random() * 3);
      tasks.push(task(String(at), action, { ...told, atS }));
    };
    add("log_in");
    for (let round = 0; round < 6; round += 1)
      if (drawn([2, 1], random) === 0) add("read_state");
      else {
        add("apply_change");
        add("confirm");
      }
  }
  return tasks;
}

const suggestionOf = (suggestions: readonly Suggestion[], kind: string, a: string, b: string) =>
  suggestions.find(
    ({ adds }) => adds.kind === "sequence" && adds.rule.kind === kind && adds.rule.a === a && adds.rule.b === b,
  );

const bodyOf = (part: Partial<ProfileBody>): ProfileBody => ({
  profile_id: "learned",
  version: 1,
  owner: "spiffe://ops.example/person/1",
  applies_to: ["*agent*"],
  window_s: 3600,
  min_samples: 10,
  thresholds: { warn: 0.02, fail: 0.1, drift_warn: 0.2, drift_fail: 0.4 },
  assurance: "standard",
  allowed_actions: ["*"],
  ...part,
});

test("[BEH-39] orders that hold in a span are suggested with what speaks for them, and nothing is chosen by itself", () => {
  const learned = learnProfile(orderly(12));
  const first = suggestionOf(learned.suggestions, "must_precede", "log_in", "apply_change");
  expect(first).toMatchObject({ agents: 1, rests: "many", counterExamples: [] });
  // One of the twelve, by its draws, changes nothing and could not have broken it.
  expect(first?.workflows).toBe(11);
  expect(first?.held).toBe(first?.cases);
  expect(first?.chance).toBeLessThan(0.001);
  const follow = suggestionOf(learned.suggestions, "must_follow", "apply_change", "confirm");
  // Three to four seconds in the span, twice that on the ladder.
  expect(follow?.adds).toMatchObject({ rule: { within_s: 10 } });
  // Once only: no other log_in after one.
  expect(suggestionOf(learned.suggestions, "never_after", "log_in", "log_in")).toBeDefined();
  expect(profilePart(learned, new Set())).toEqual({ allowed_actions: [], sequences: [], limits: [] });
  const chosen = profilePart(learned, new Set(learned.suggestions.map(({ id }) => id)));
  expect(profileBodySchema.safeParse(bodyOf(chosen)).error).toBeUndefined();
  expect(Object.keys(chosen.baseline?.action_freq ?? {}).sort()).toEqual([
    "apply_change",
    "confirm",
    "log_in",
    "read_state",
  ]);
  // The same tasks, the same suggestions.
  expect(learnProfile(orderly(12)).suggestions.map(({ id }) => id)).toEqual(learned.suggestions.map(({ id }) => id));
});

test("[BEH-39] actions that come in any order give no rule about them", () => {
  const random = seeded(5);
  const tasks = Array.from({ length: 600 }, (_, at) =>
    task(String(Math.floor(at / 30)), ["read", "write", "send", "wait"][drawn([4, 3, 2, 1], random)] ?? "read"),
  );
  expect(learnProfile(tasks).suggestions.filter(({ adds }) => adds.kind === "sequence")).toEqual([]);
});

test("[BEH-39] a rule that is broken now and then is suggested with its counter-examples, one that is broken often is not", () => {
  const tasks = orderly(40);
  const late = task("90", "apply_change");
  const broken = learnProfile([...tasks, late, task("90", "confirm"), task("90", "log_in")]);
  expect(suggestionOf(broken.suggestions, "must_precede", "log_in", "apply_change")).toMatchObject({
    workflows: 39,
    counterExamples: [late.jti],
  });
  const often = Array.from({ length: 10 }, (_, at) => task(`8${at}`, "apply_change"));
  expect(
    suggestionOf(learnProfile([...tasks, ...often]).suggestions, "must_precede", "log_in", "apply_change"),
  ).toBeUndefined();
});

test("[BEH-39] [N15] what never leaves after certain data was read is suggested by class and target", () => {
  const random = seeded(8);
  const tasks = Array.from({ length: 30 }, (_, at) => {
    const wid = String(at);
    const out = (to: string) => task(wid, "send", { targets: [to] });
    return [
      ...Array.from({ length: 4 }, () => out(random() < 0.5 ? "domain/partner" : "domain/own")),
      task(wid, "read_rows", { data: ["pii"] }),
      ...Array.from({ length: 4 }, () => out("domain/own")),
    ];
  }).flat();
  const rules = learnProfile(tasks).suggestions.flatMap(({ adds }) => (adds.kind === "sequence" ? [adds.rule] : []));
  expect(rules).toContainEqual(
    expect.objectContaining({ kind: "never_after", a: { data: "pii" }, b: { to: "domain/partner" } }),
  );
});

test("[BEH-S3] a suggestion that rests on one workflow or one agent says so", () => {
  const flood = Array.from({ length: 300 }, () => task("66", "export_all", { agent: "intruder" }));
  const learned = learnProfile([...orderly(12), ...flood]);
  const action = learned.suggestions.find(({ id }) => id === "action:export_all");
  expect(action).toMatchObject({
    workflows: 1,
    agents: 1,
    largestShare: 1,
    largestAgentShare: 1,
    rests: "one-workflow",
  });
  // Nor does who floods the span make its baseline: no more than twice a workflow of middle length.
  const baseline = learned.suggestions.find(({ adds }) => adds.kind === "baseline");
  const shares = baseline?.adds.kind === "baseline" ? baseline.adds.baseline.action_freq : {};
  expect(shares.export_all).toBeLessThan(0.15);
  // What many workflows of one agent alone do, among agents: by agent.
  const many = Array.from({ length: 60 }, (_, at) => task(String(700 + (at % 10)), "patrol", { agent: "guard" }));
  expect(learnProfile([...orderly(12), ...many]).suggestions.find(({ id }) => id === "action:patrol")).toMatchObject({
    workflows: 10,
    rests: "one-agent",
  });
});

test("[BEH-37] [BEH-38] a baseline of several agents in each workflow is tested agent by agent, as it will be: by what each does", () => {
  const random = seeded(7);
  const tasks: ObservedTask[] = [];
  for (let workflow = 0; workflow < 8; workflow += 1)
    for (let at = 0; at < 60; at += 1) {
      const told = { atS: workflow * 1000 + at };
      // Together they do one as often as the other; each by itself does not.
      if (at % 2 === 0) tasks.push(task(String(workflow), "read_state", { ...told, agent: "reader" }));
      else tasks.push(task(String(workflow), drawn([9, 1], random) === 0 ? "apply_change" : "log", told));
    }
  const baseline = baselineIn(tasks);
  expect(baseline.bursts).toBeUndefined();
  const tested = must(sequentialTest(baseline), "no bursts");
  const instances = new Set(tasks.map(({ agent }) => agent));
  expect(instances.size).toBe(16);
  for (const instance of instances) {
    const own = tasks.filter(({ agent }) => agent === instance).map(({ action }) => action);
    expect(testStanding(tested, observeActions(tested, startTest(tested), own)).alarm, instance).toBe(false);
  }
  // Of one of them alone it is as firm as that one is.
  const one = baselineIn(tasks.filter(({ agent }) => agent.endsWith("/executor")));
  expect(one.strength).toBeGreaterThan(5 * (baseline.strength ?? 0));
});

function baselineIn(tasks: readonly ObservedTask[]): Baseline {
  const found = learnProfile(tasks).suggestions.find(({ id }) => id === "baseline");
  return found?.adds.kind === "baseline" ? found.adds.baseline : must<Baseline>(null, "tasks suggest a baseline");
}

test("[BEH-38] a baseline of workflows that go through phases is marked, for the sequential test would alarm them", () => {
  const phases = Array.from({ length: 8 }, (_, wid) =>
    ["load", "map", "reduce", "store"].flatMap((action) => Array.from({ length: 25 }, () => task(String(wid), action))),
  ).flat();
  const found = (tasks: readonly ObservedTask[]) => learnProfile(tasks).suggestions.find(({ id }) => id === "baseline");
  expect(found(phases)).toMatchObject({ alarmed: 8, adds: { baseline: { bursts: true } } });
  expect(found(orderly(12))).toMatchObject({ alarmed: 0, adds: { baseline: { strength: expect.any(Number) } } });
  expect(found(orderly(12))).not.toMatchObject({ adds: { baseline: { bursts: true } } });
});

test("[BEH-39] limits are suggested with their quantiles, and one workflow that is far out does not move them", () => {
  const random = seeded(4);
  const usual = Array.from({ length: 20 }, (_, wid) =>
    Array.from({ length: 8 + Math.floor(random() * 5) }, () => task(String(wid), "read_state")),
  ).flat();
  const limitOf = (tasks: readonly ObservedTask[]) =>
    learnProfile(tasks).suggestions.find(({ adds }) => adds.kind === "limit" && adds.rule.metric === "max_calls");
  expect(limitOf(usual)).toMatchObject({ adds: { rule: { op: "<=", value: 12 } }, held: 20, cases: 20 });
  const wild = limitOf([...usual, ...Array.from({ length: 400 }, () => task("77", "read_state"))]);
  expect(wild?.adds.kind === "limit" ? wild.adds.rule.value : 400).toBeLessThan(30);
  expect(wild).toMatchObject({ held: 20, cases: 21 });
  expect(wild?.quantiles?.at(-1)).toEqual({ share: 1, value: 400 });
});

test("[BEH-39] what was refused, and what belongs to a benchmark, is learned as no conduct", () => {
  const tasks = [
    ...orderly(6),
    ...Array.from({ length: 5 }, (_, at) => task(String(at), "delete_all", { outcome: "refused" })),
    ...Array.from({ length: 5 }, (_, at) => task(String(at), "stress", { bench: "b1" })),
  ];
  const ids = learnProfile(tasks).suggestions.map(({ id }) => id);
  expect(ids).not.toContain("action:delete_all");
  expect(ids).not.toContain("action:stress");
});

/** Workflows that mostly begin alike, by two agents, with what is refused or unstated in between. */
const stepArb = fc.record({
  action: fc.constantFrom("b_one", "b_two", "c", "c", "d"),
  outcome: fc.constantFrom<ObservedTask["outcome"]>("success", "success", "success", "refused"),
  stated: fc.boolean(),
  agent: fc.constantFrom("executor", "executor", "planner"),
});
const courseArb = fc.record({
  begins: fc.constantFrom(true, true, true, true, true, true, true, true, true, false),
  steps: fc.array(stepArb, { minLength: 4, maxLength: 9 }),
});
const spanArb = fc.array(courseArb, { minLength: 6, maxLength: 14 }).map((courses) =>
  courses.flatMap(({ begins, steps }, at) => [
    ...(begins ? [task(String(at), "a_one"), task(String(at), "a_two")] : []),
    ...steps.map(({ action, outcome, stated, agent }) =>
      task(String(at), action, {
        ...{ outcome, agent },
        ...{ data: stated ? ["pii"] : null, targets: stated ? ["domain/x"] : null },
      }),
    ),
  ]),
);

test("[BEH-39] what is said against a rule is what the replay finds, for any span", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(spanArb, (tasks) => {
      const learned = learnProfile(tasks);
      for (const { adds, cases, held, counterExamples } of learned.suggestions) {
        expect(held).toBeLessThanOrEqual(cases);
        if (adds.kind !== "sequence") continue;
        seen.add(adds.rule.kind);
        const compiled = compileProfile(bodyOf({ sequences: [adds.rule] }));
        const untilMs = learned.span.to * 1000 + 1000;
        const agents = new Set(tasks.map(({ agent }) => agent));
        const found = [...agents].flatMap((subject) => replayTasks(compiled, tasks, { subject, untilMs, ended: true }));
        const broken = new Set(found.map(({ jti }) => jti));
        expect(cases - held).toBe(broken.size);
        expect(counterExamples.every((jti) => broken.has(jti))).toBe(true);
      }
    }),
    { numRuns: 30, seed: 39 },
  );
  // The spans had rules of each kind.
  expect([...seen]).toEqual(expect.arrayContaining(["must_precede", "must_follow", "never_after"]));
});

test("[BEH-39] a long span with many names is bounded in what is looked at", () => {
  const random = seeded(9);
  const tasks = Array.from({ length: 3000 }, (_, at) =>
    task(String(at % 50), `act_${Math.floor(random() * random() * 300)}`),
  );
  const { suggestions, pruned } = learnProfile(tasks);
  expect(suggestions.filter(({ adds }) => adds.kind === "sequence").length).toBeLessThanOrEqual(40);
  expect(suggestions.filter(({ adds }) => adds.kind === "allowed_action").length).toBeLessThanOrEqual(256);
  expect(pruned.names).toBeGreaterThan(100);
});

test("[BEH-39] [BEH-S3] learns no pattern from an action that is named like one", () => {
  const tasks = Array.from({ length: 6 }, (_, at) =>
    ["log_in", "*", "read*"].map((name) => task(String(at), name)),
  ).flat();
  const { allowed_actions, baseline } = profilePart(
    learnProfile(tasks),
    new Set(learnProfile(tasks).suggestions.map(({ id }) => id)),
  );
  expect(allowed_actions).toEqual(["log_in"]);
  expect(baseline?.action_freq).toEqual({ log_in: 1 });
});
