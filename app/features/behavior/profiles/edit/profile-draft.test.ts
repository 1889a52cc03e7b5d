import { expect, it } from "vitest";
import type { BehaviorWindow } from "../../../../api/contract/behavior.ts";
import type { Suggestion } from "../../../../api/contract/behavior-profiles.ts";
import { type ProfileBody, profileBodySchema } from "../../../../protocol/behavior/profile.ts";
import { adopted } from "../learn/adopt.ts";
import { entriesOf } from "../learn/span.ts";
import { checkProfile, problemAt } from "./check-profile.ts";
import { dayOf, endOf } from "./day.ts";
import { goodBaseline } from "./good-baseline.ts";
import { profileChanges } from "./profile-diff.ts";
import { newProfile, nextVersion, rebased } from "./profile-document.ts";

const PROFILE: ProfileBody = {
  profile_id: "executor-prod",
  version: 3,
  owner: "spiffe://ops.example/human/alice",
  applies_to: ["spiffe://ops.example/agent/executor"],
  allowed_actions: ["read_*", "apply_change"],
  forbidden_actions: ["delete_all"],
  sequences: [{ id: "ckpt", kind: "must_precede", a: "checkpoint", b: "apply_change", severity: 3 }],
  baseline: { action_freq: { read_state: 0.4, apply_change: 0.6 } },
  window_s: 3600,
  min_samples: 20,
  thresholds: { warn: 0.02, fail: 0.1, drift_warn: 0.2, drift_fail: 0.4 },
  assurance: "standard",
};
const NOW_S = 1_772_067_600;
const problemsOf = (change: object) => {
  const checked = checkProfile(JSON.stringify({ ...PROFILE, version: 4, ...change }), NOW_S, 3);
  return checked.ok ? [] : checked.problems;
};

it("[BEH-5] the next version is the same in all but its number, and only a later number can be signed", () => {
  const checked = checkProfile(nextVersion(PROFILE), NOW_S, PROFILE.version);
  expect(checked).toEqual({ ok: true, profile: { ...PROFILE, version: 4 } });
  expect(checked.ok && profileChanges(PROFILE, checked.profile)).toEqual([]);
  expect(problemAt(problemsOf({ version: 3 }), "version")).toBe("above 3, which is there already");
});

it("[BEH-41] says what is wrong in words, at the place where it is", () => {
  const [warn, order] = [0.5, [{ id: "x", kind: "must_follow", a: "", b: "close", severity: 2 }]];
  const problems = problemsOf({ allowed_actions: [], thresholds: { ...PROFILE.thresholds, warn }, sequences: order });
  expect(problemAt(problems, "allowed_actions")).toBe("expected: at least one action, or a beginning that ends in *");
  expect(problemAt(problems, "thresholds.fail")).toBe("expected: a number from 0 to 1, above the warning");
  expect(problemAt(problems, "sequences.0.a")).toBe("an action, a class of data or a target");
  expect(problemAt(problems, "sequences.0", ["a", "within_s"])).toBeUndefined();
  expect(problemAt(problems, "profile_id")).toBeUndefined();
  expect(problemAt(problemsOf({ not_after: NOW_S }), "not_after")).toBe("in the future");
});

it("[BEH-41] a new profile has its owner and asks for what only a person can say", () => {
  const checked = checkProfile(newProfile("spiffe://ops.example/human/alice"), NOW_S, 0);
  expect(checked.ok ? [] : checked.problems.map(({ place }) => place).sort()).toEqual([
    "allowed_actions",
    "applies_to",
    "profile_id",
  ]);
});

it("[BEH-41] tells every difference to the version in force, and which of them let more pass", () => {
  const after: ProfileBody = {
    ...PROFILE,
    version: 4,
    allowed_actions: ["read_*", "write_*"],
    forbidden_actions: [],
    sequences: [{ id: "ckpt", kind: "must_precede", a: "checkpoint", b: "apply_*", severity: 3 }],
    limits: [{ id: "calls", metric: "max_calls", op: "<=", value: 100, severity: 2 }],
    baseline: { action_freq: { read_state: 1 } },
    thresholds: { ...PROFILE.thresholds, fail: 0.2 },
  };
  const changes = profileChanges(PROFILE, after).map(({ part, what, kind, effect }) => [part, what, kind, effect]);
  expect(changes).toEqual([
    ["Allowed actions", "apply_change", "removed", "narrower"],
    ["Allowed actions", "write_*", "added", "wider"],
    ["Forbidden actions", "delete_all", "removed", "wider"],
    ["Sequence rules", "ckpt", "changed", "unclear"],
    ["Limits", "calls", "added", "narrower"],
    ["Baseline", "read_state", "changed", "unclear"],
    ["Baseline", "apply_change", "removed", "unclear"],
    ["Observation", "fail at a loss of", "changed", "wider"],
  ]);
});

it("[BEH-41] what judges less, later or nobody lets more pass, whichever member says so", () => {
  const order = { id: "quiet", kind: "never_after", a: "read", b: "send", within_s: 600, severity: 4 } as const;
  const follow = { id: "close", kind: "must_follow", a: "open", b: "close", within_s: 60, severity: 4 } as const;
  const calls = { id: "calls", metric: "max_calls", op: "<=", value: 100, severity: 4 } as const;
  const before: ProfileBody = { ...PROFILE, sequences: [order, follow], limits: [calls], not_after: NOW_S };
  const effects = (change: Partial<ProfileBody>, from = before): (string | null)[] =>
    profileChanges(from, { ...from, ...change }).map(({ effect }) => effect);
  const { baseline: _baseline, ...without } = before;
  const wider: Partial<ProfileBody>[] = [
    { applies_to: ["spiffe://ops.example/agent/other"] },
    { sequences: [{ ...order, within_s: 60 }, follow] },
    { sequences: [{ ...order, severity: 1 }, follow] },
    { sequences: [{ ...order, same: { a: "/id", b: "/id" } }, follow] },
    { sequences: [order, { ...follow, within_s: 600 }] },
    { limits: [{ ...calls, value: 1000 }] },
    { limits: [{ ...calls, severity: 1 }] },
    { thresholds: { ...PROFILE.thresholds, drift_fail: 1 } },
    { min_samples: 1000 },
    { assurance: "relaxed" },
    { not_after: NOW_S - 60 },
  ];
  for (const change of wider) expect(effects(change), JSON.stringify(change)).toContain("wider");
  expect(profileChanges(before, without).map(({ effect }) => effect)).toEqual(["wider", "wider"]);
  expect(effects({ limits: [{ ...calls, value: 10 }], assurance: "regulated" })).toEqual(["narrower", "narrower"]);
  expect(effects({ limits: [{ ...calls, value: 10, severity: 1 }] })).toEqual(["unclear"]);
  expect(effects({ sequences: [order, { ...follow, same: { a: "/id", b: "/id" } }] })).toEqual(["narrower"]);
  expect(effects({ owner: "spiffe://ops.example/human/bob" })).toEqual([null]);
});

it("[BEH-41] a new profile has no name that another has: its differences to that one would not be told", () => {
  const checked = checkProfile(JSON.stringify({ ...PROFILE, version: 9 }), NOW_S, 0, ["executor-prod"]);
  expect(checked.ok ? [] : checked.problems.map(({ place }) => place)).toEqual(["profile_id"]);
});

const window = (verdict: BehaviorWindow["verdict"], counts: Record<string, number>): BehaviorWindow => ({
  ...{ wid: "0195400c-0000-7000-8000-00000000000a", agent: "spiffe://ops.example/agent/executor", from: 0, to: 60 },
  ...{ closed: "time", samples: Object.values(counts).reduce((sum, count) => sum + count, 0), verdict, counts },
  ...{ compliance: 1, drift: 0, driftInterval: null, alarm: null, trust: 0.5, state: "conformant", observers: [] },
  ...{ conflict: false, reasons: 0, worst: null, profile: { profile_id: "executor-prod", version: 3, hash: "" } },
  ...{ ear: "0195400c-0000-7000-8000-0000000000e1", seq: 1, at: 60 },
});

it("[J5] [BEH-44] takes a new baseline from the last good windows alone, as shares that a profile may hold", () => {
  const good = goodBaseline([
    window("conformant", { never_again: 90 }),
    ...Array.from({ length: 4 }, () => window("conformant", { read: 1, write: 1, check: 1 })),
    window("nonconformant", { delete_all: 500 }),
    window("conformant", { read: 1, write: 1, check: 1 }),
    window("insufficient", { read: 3 }),
  ]);
  expect(good?.windows).toHaveLength(5);
  expect(Object.keys(good?.baseline.action_freq ?? {})).toEqual(["read", "write", "check"]);
  const sum = Object.values(good?.baseline.action_freq ?? {}).reduce((so, share) => so + share, 0);
  expect(sum).toBeCloseTo(1, 9);
  const next = profileBodySchema.parse(JSON.parse(rebased(PROFILE, good?.baseline ?? { action_freq: {} })));
  expect(profileChanges(PROFILE, next).every(({ part }) => part === "Baseline")).toBe(true);
  expect(goodBaseline([window("drifting", { read: 10 })])).toBeNull();
});

const suggestion = (id: string, adds: Suggestion["adds"]): Suggestion => ({
  ...{ id, adds, cases: 4, held: 4, counterExamples: [], workflows: 4, largestShare: 0.25, agents: 1 },
  ...{ largestAgentShare: 1, chance: null, rests: "many" },
});

it("[BEH-S3] what is learned is in the draft only where it was ticked, and takes the place of nothing else", () => {
  const order = { id: "ckpt", kind: "never_after", a: "read", b: "send", severity: 3 } as const;
  const ticked = [
    suggestion("1", { kind: "allowed_action", pattern: "read_*" }),
    suggestion("2", { kind: "allowed_action", pattern: "check" }),
    suggestion("3", { kind: "sequence", rule: order }),
    suggestion("4", { kind: "sequence", rule: { ...order, id: "again" } }),
  ];
  const draft = profileBodySchema.parse(adopted(PROFILE, ticked));
  expect(draft.allowed_actions).toEqual(["read_*", "apply_change", "check"]);
  expect(draft.sequences?.map(({ id, kind }) => [id, kind])).toEqual([
    ["ckpt", "must_precede"],
    ["ckpt-1", "never_after"],
  ]);
  expect(draft.baseline).toEqual(PROFILE.baseline);
  expect(adopted(PROFILE, [])).toEqual(PROFILE);
});

it("[BEH-42] a span is told with its last entry, and one that is none is refused", () => {
  expect(entriesOf({ by: "all", from: "", to: "" }, 50)).toEqual({ ok: true, from: 0, to: 50 });
  expect(entriesOf({ by: "entries", from: "10", to: "19" }, 50)).toEqual({ ok: true, from: 10, to: 20 });
  expect(entriesOf({ by: "entries", from: "10", to: "900" }, 50)).toEqual({ ok: true, from: 10, to: 50 });
  expect(entriesOf({ by: "entries", from: "20", to: "10" }, 50).ok).toBe(false);
  expect(entriesOf({ by: "entries", from: "-1", to: "" }, 50).ok).toBe(false);
});

it("[BEH-41] an end is the end of a day, and what is no day stays as it is typed", () => {
  expect(dayOf(endOf("2027-06-30"))).toBe("2027-06-30");
  expect(endOf("2027-06")).toBe("2027-06");
  expect(endOf("")).toBeUndefined();
});
