import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesPattern } from "../acp/match.ts";
import { AGENT, compiled, FROM_S, id, PEER, profileOf, task } from "./behavior.fixture.ts";
import type { Violation } from "./evidence.ts";
import type { ObservedTask } from "./observed.ts";
import type { ActionMatch, ProfileBody, SequenceRule } from "./profile.ts";
import { createReplay, type ReplayOptions, replayTasks, type Unjudged } from "./replay-rules.ts";

const FOREVER_MS = (FROM_S + 10_000_000) * 1000;

/** Findings as "rule task second", the second counted from the beginning of the window. */
const told = (findings: readonly Violation[]): string[] =>
  findings.map(({ rule_id, jti, at }) => `${rule_id} ${Number.parseInt(jti.slice(-6), 16)} ${at - FROM_S}`);

const found = (
  members: Partial<ProfileBody>,
  tasks: readonly ObservedTask[],
  options: Partial<ReplayOptions & { untilMs: number; ended: boolean }> = {},
): string[] =>
  told(replayTasks(compiled({ sequences: [], ...members }), tasks, { untilMs: FOREVER_MS, ended: false, ...options }));

const rule = (members: Partial<SequenceRule>): Partial<ProfileBody> => ({
  allowed_actions: ["*"],
  forbidden_actions: [],
  sequences: [{ id: "rule", kind: "never_after", a: "read_secret", b: "egress", severity: 4, ...members }],
});

describe("allowed and forbidden actions", () => {
  it("[BEH-7] [BEH-S6] finds a forbidden action whoever may sign it and whatever else allows it", () => {
    const tasks = [task(1), task(2, { action: "tool_delete_all" }), task(3, { action: "tool_list" })];
    expect(found({}, tasks)).toEqual(["action-forbidden 2 2"]);
    expect(replayTasks(compiled(), tasks, { untilMs: FOREVER_MS, ended: false })[0]?.severity).toBe(5);
  });

  it("[BEH-30] finds an action that nothing allows, and an attempt that was refused", () => {
    const tasks = [task(1, { action: "transfer" }), task(2, { action: "tool_delete", outcome: "refused" })];
    expect(found({}, tasks)).toEqual(["action-not-allowed 1 1", "action-forbidden 2 2"]);
  });

  it("[BEH-31] [BEH-62] takes nothing for what comes before that waits for leave or is under way", () => {
    const ordered = rule({ kind: "must_precede", a: "ask_first", b: "egress" });
    const asked = task(1, { action: "ask_first", outcome: null, endedMs: null });
    const after = task(2, { action: "egress" });
    expect(found(ordered, [{ ...asked, waits: true }, after])).toEqual(["rule 2 2"]);
    expect(found(ordered, [asked, after])).toEqual(["rule 2 2"]);
    // That something has to follow is kept by who asked for it in time: how long people take is not theirs.
    const followed = rule({ kind: "must_follow", a: "egress", b: "tell", within_s: 5 });
    const told = task(3, { action: "tell", outcome: null, endedMs: null, waits: true });
    expect(found(followed, [after, told])).toEqual([]);
  });

  it("[BEH-16] leaves out what is part of a benchmark", () => {
    expect(found({}, [task(1, { action: "tool_delete", bench: "b1" })])).toEqual([]);
  });

  it("[BEH-31] holds nothing against an agent that others did", () => {
    expect(found({}, [task(1, { action: "tool_delete", agent: PEER })], { subject: AGENT })).toEqual([]);
  });
});

describe("must_precede", () => {
  const members = rule({ kind: "must_precede", a: "checkpoint", b: "apply*" });

  it("[BEH-1] finds what was done before what had to come first", () => {
    const tasks = [
      task(1, { action: "apply_change" }),
      task(2, { action: "checkpoint" }),
      task(3, { action: "apply" }),
    ];
    expect(found(members, tasks)).toEqual(["rule 1 1"]);
  });

  it("[BEH-31] is made good in its own workflow only, there by anyone, and by nothing that was refused", () => {
    const elsewhere = task(1, { action: "checkpoint", wid: id(99) });
    const refused = task(1, { action: "checkpoint", outcome: "refused" });
    const peers = task(1, { action: "checkpoint", agent: PEER });
    const apply = task(2, { action: "apply" });
    expect(found(members, [elsewhere, apply], { subject: AGENT })).toEqual(["rule 2 2"]);
    expect(found(members, [refused, apply], { subject: AGENT })).toEqual(["rule 2 2"]);
    expect(found(members, [peers, apply], { subject: AGENT })).toEqual([]);
  });

  it("[BEH-31] takes nothing that was not stated for what had to come before", () => {
    const stated = rule({ kind: "must_precede", a: { act: "checkpoint", to: "https://store/*" }, b: "apply" });
    const apply = task(2, { action: "apply" });
    expect(found(stated, [task(1, { action: "checkpoint" }), apply])).toEqual(["rule 2 2"]);
    expect(found(stated, [task(1, { action: "checkpoint", targets: ["https://store/a"] }), apply])).toEqual([]);
  });
});

describe("what makes good", () => {
  const before = rule({ kind: "must_precede", a: "checkpoint", b: "apply" });
  const after = rule({ kind: "must_follow", a: "apply", b: "verify", within_s: 10 });

  it("[BEH-62] is no task that failed, was stopped or refused, neither before nor after", () => {
    for (const outcome of ["failure", "stopped", "refused"] as const) {
      expect(found(before, [task(1, { action: "checkpoint", outcome }), task(2, { action: "apply" })])).toEqual([
        "rule 2 2",
      ]);
      expect(found(after, [task(1, { action: "apply" }), task(2, { action: "verify", outcome })])).toEqual([
        "rule 1 11",
      ]);
    }
    // A later one that was done does.
    const tried = task(1, { action: "checkpoint", outcome: "failure" });
    expect(found(before, [tried, task(2, { action: "checkpoint" }), task(3, { action: "apply" })])).toEqual([]);
  });

  it("[BEH-62] is nothing that was done only after what it had to come before", () => {
    const late = task(1, { action: "checkpoint", endedMs: (FROM_S + 90) * 1000 });
    expect(found(before, [late, task(2, { action: "apply" })])).toEqual(["rule 2 2"]);
    // One that waited for it, asked for before or not, is in order; so is one of which another was done in time.
    const waited = task(2, { action: "apply", endedMs: (FROM_S + 95) * 1000 });
    expect(found(before, [late, waited])).toEqual([]);
    expect(found(before, [late, task(2, { action: "checkpoint" }), task(3, { action: "apply" })])).toEqual([]);
  });

  it("[BEH-62] is held against whoever tried it all the same: what failed may have been done in part", () => {
    const never = rule({ kind: "never_after", a: "read_secret", b: "egress" });
    const tried = task(1, { action: "read_secret", outcome: "failure" });
    expect(found(never, [tried, task(2, { action: "egress", outcome: "failure" })])).toEqual(["rule 2 2"]);
  });
});

describe("about the same thing", () => {
  const same = { a: "/order_id", b: "/order" };
  const order = (n: number, action: string, value?: string): ObservedTask =>
    task(n, {
      action,
      ...(value === undefined ? {} : { named: { [action === "b" ? "/order" : "/order_id"]: value } }),
    });
  const all = (kind: SequenceRule["kind"], tasks: readonly ObservedTask[]): string[] => {
    const within = kind === "must_follow" ? { within_s: 10 } : {};
    const unjudged: string[] = [];
    const findings = found(rule({ kind, a: "a", b: "b", same, ...within }), tasks, {
      unjudged: ({ jti, at }) => void unjudged.push(`? ${Number.parseInt(jti.slice(-6), 16)} ${at - FROM_S}`),
    });
    return [...findings, ...unjudged];
  };

  it("[BEH-63] finds what is about one thing, and not what is about two", () => {
    expect(all("never_after", [order(1, "a", "x"), order(2, "b", "y")])).toEqual([]);
    expect(all("never_after", [order(1, "a", "x"), order(2, "a", "y"), order(3, "b", "x")])).toEqual(["rule 3 3"]);
    expect(all("must_precede", [order(1, "a", "x"), order(2, "b", "x"), order(3, "b", "y")])).toEqual(["rule 3 3"]);
    const followed = [order(1, "a", "x"), order(2, "a", "y"), order(3, "b", "y"), order(4, "a", "y")];
    expect(all("must_follow", followed)).toEqual(["rule 1 11", "rule 4 14"]);
  });

  it("[BEH-63] says what it cannot judge, and takes it neither for kept nor for broken", () => {
    expect(all("never_after", [order(1, "a", "x"), order(2, "b")])).toEqual(["? 2 2"]);
    expect(all("never_after", [order(1, "a"), order(2, "b", "x")])).toEqual(["? 2 2"]);
    expect(all("never_after", [order(1, "a"), order(2, "a", "x"), order(3, "b", "x")])).toEqual(["rule 3 3"]);
    expect(all("never_after", [order(1, "b")])).toEqual([]);
    expect(all("must_precede", [order(1, "a", "x"), order(2, "b")])).toEqual(["? 2 2"]);
    expect(all("must_precede", [order(1, "a"), order(2, "b", "x")])).toEqual(["? 2 2"]);
    // Whatever it was about, nothing came before it.
    expect(all("must_precede", [order(1, "b")])).toEqual(["rule 1 1"]);
    expect(all("must_follow", [order(1, "a"), order(2, "b", "x")])).toEqual(["? 1 11"]);
    expect(all("must_follow", [order(1, "a", "x"), order(2, "b")])).toEqual(["? 1 11"]);
    expect(all("must_follow", [order(1, "a"), order(20, "b", "x")])).toEqual(["rule 1 11"]);
    expect(all("must_follow", [order(1, "a", "x"), order(2, "b"), order(3, "b", "x")])).toEqual([]);
  });
});

describe("must_follow", () => {
  const members = rule({ kind: "must_follow", a: "open", b: "close", within_s: 10 });
  const open = (n: number): ObservedTask => task(n, { action: "open" });

  it("[BEH-1] finds what was not followed in time, at the time when it was due", () => {
    expect(found(members, [open(1), task(11, { action: "close" })])).toEqual([]);
    expect(found(members, [open(1), task(12, { action: "close" })])).toEqual(["rule 1 11"]);
    expect(found(members, [open(1), open(5), task(12, { action: "close" })])).toEqual(["rule 1 11"]);
  });

  it("[BEH-31] waits while there is time, and no longer than the workflow lasts", () => {
    const untilMs = (FROM_S + 6) * 1000;
    expect(found(members, [open(1)], { untilMs })).toEqual([]);
    expect(found(members, [open(1)], { untilMs, ended: true })).toEqual(["rule 1 5"]);
  });

  it("[BEH-31] tells when the next is due, for whoever waits", () => {
    const replay = createReplay(compiled(members));
    expect(replay.nextDueMs()).toBeNull();
    replay.observe(open(1));
    replay.observe(open(3));
    expect(replay.nextDueMs()).toBe((FROM_S + 11) * 1000);
    expect(told(replay.due((FROM_S + 12) * 1000))).toEqual(["rule 1 11"]);
    expect(replay.nextDueMs()).toBe((FROM_S + 13) * 1000);
    replay.observe(task(12, { action: "close" }));
    expect(replay.nextDueMs()).toBeNull();
  });

  it("[BEH-31] keeps up with a flood of what is never followed", () => {
    const flood = Array.from({ length: 5000 }, (_, n) => open(n));
    expect(found(members, flood)).toHaveLength(5000);
  });
});

describe("never_after", () => {
  it("[BEH-1] finds an egress after a secret was read, within the time or for good", () => {
    const tasks = [task(0, { action: "egress" }), task(1, { action: "read_secret" }), task(40, { action: "egress" })];
    expect(found(rule({}), tasks)).toEqual(["rule 40 40"]);
    expect(found(rule({ within_s: 39 }), tasks)).toEqual(["rule 40 40"]);
    expect(found(rule({ within_s: 38 }), tasks)).toEqual([]);
  });

  it("[BEH-31] takes what was not stated for what it might have been", () => {
    const members = rule({ a: { data: "pii" }, b: { act: "send*", to: "https://*" }, within_s: 60 });
    const open = { data: ["public"], targets: ["file:/tmp"] };
    expect(found(members, [task(1, { data: ["pii"] }), task(2, { action: "send", targets: ["https://x"] })])).toEqual([
      "rule 2 2",
    ]);
    expect(found(members, [task(1, open), task(2, { action: "send", targets: ["https://x"] })])).toEqual([]);
    expect(found(members, [task(1, { data: ["pii"] }), task(2, { action: "send", ...open })])).toEqual([]);
    expect(found(members, [task(1), task(2, { action: "send" })])).toEqual(["rule 2 2"]);
  });

  it("[BEH-31] is outrun by no clock: a time that runs backwards is taken for the latest before it", () => {
    const secret = task(50, { action: "read_secret" });
    const dated = task(51, { action: "egress", atMs: (FROM_S - 9000) * 1000 });
    expect(found(rule({ within_s: 5 }), [secret, dated])).toEqual(["rule 51 50"]);
    const backdated = task(52, { action: "read_secret", atMs: (FROM_S - 9000) * 1000 });
    expect(found(rule({ within_s: 5 }), [task(50), backdated, task(54, { action: "egress" })])).toEqual(["rule 54 54"]);
  });

  it("[BEH-30] does not let what was refused begin anything", () => {
    expect(
      found(rule({}), [task(1, { action: "read_secret", outcome: "refused" }), task(2, { action: "egress" })]),
    ).toEqual([]);
  });
});

it("[BEH-20] keeps the names that agents make up short and quoted in what it tells", () => {
  const [finding] = replayTasks(compiled(), [task(1, { action: `${"x".repeat(400)}"` })], {
    untilMs: FOREVER_MS,
    ended: false,
  });
  expect(finding?.detail).toBe(`"${"x".repeat(79)}…" is not among the allowed actions`);
});

const ACTIONS = ["a", "b", "ab", "c", "__proto__", "made-up"];
const DATA = fc.option(fc.subarray(["pii", "public"]), { freq: 2 });
const match: fc.Arbitrary<ActionMatch> = fc.oneof(
  fc.constantFrom("a", "b", "a*", "*", "c"),
  fc.record(
    { act: fc.constantFrom("a", "b*", "*"), data: fc.constantFrom("pii", "public"), to: fc.constantFrom("x", "x*") },
    { requiredKeys: [] },
  ),
);
const sequence = fc.record({
  kind: fc.constantFrom("must_precede", "must_follow", "never_after"),
  a: match,
  b: match,
  within: fc.integer({ min: 1, max: 12 }),
  forGood: fc.boolean(),
  same: fc.constantFrom(undefined, { a: "/o", b: "/o" }, { a: "/o", b: "/p" }),
});
const profiles = fc.array(sequence, { maxLength: 6 }).map((drawn) =>
  profileOf({
    allowed_actions: ["a*", "b", "c"],
    forbidden_actions: ["ab"],
    sequences: drawn.map(({ kind, a, b, within, forGood, same }, at) => ({
      ...{ id: `r${at}`, kind, a, b, severity: 3 },
      ...(same === undefined ? {} : { same }),
      ...(kind === "must_precede" || (kind === "never_after" && forGood) ? {} : { within_s: within }),
    })),
  }),
);
const tasksOf = fc
  .array(
    fc.record({
      action: fc.constantFrom(...ACTIONS),
      stepS: fc.integer({ min: -3, max: 8 }),
      wid: fc.constantFrom(id(0xa), id(0xb)),
      agent: fc.constantFrom(AGENT, AGENT, PEER),
      outcome: fc.constantFrom<ObservedTask["outcome"]>("success", "success", "success", "failure", "refused", null),
      took: fc.constantFrom(0, 1, 9),
      named: fc.constantFrom({}, { "/o": "1" }, { "/o": "2" }, { "/o": "1", "/p": "2" }),
      data: DATA,
      targets: fc.option(fc.subarray(["x", "xy", "z"]), { freq: 2 }),
      bench: fc.constantFrom(null, null, null, "b"),
    }),
    { maxLength: 30 },
  )
  .map((drawn) => {
    let s = 100;
    return drawn.map(({ stepS, took, ...members }, n) => {
      s += stepS;
      const atMs = (FROM_S + s) * 1000;
      return task(n, { ...members, atMs, endedMs: members.outcome === null ? null : atMs + took * 1000 });
    });
  });

it("[BEH-1] finds one task at a time what the rules as written find in the whole", () => {
  fc.assert(
    fc.property(profiles, tasksOf, fc.boolean(), fc.integer({ min: 90, max: 260 }), (profile, tasks, ended, untilS) => {
      const untilMs = Math.max((FROM_S + untilS) * 1000, ...tasks.map(({ atMs }) => atMs + 1));
      const doubts: Violation[] = [];
      const unjudged = (one: Unjudged): void => void doubts.push({ ...one, rule_id: `?${one.rule_id}`, severity: 1 });
      const replay = createReplay(compiled(profile), { subject: AGENT, unjudged });
      const findings = tasks.flatMap((one) => replay.observe(one));
      findings.push(...replay.due(untilMs), ...(ended ? replay.end(untilMs) : []));
      expect(told([...findings, ...doubts]).toSorted()).toEqual(asWritten(profile, tasks, untilMs, ended).toSorted());
      expect(told(replayTasks(compiled(profile), tasks, { subject: AGENT, untilMs, ended }))).toEqual(told(findings));
      // Of others only what can make something good is needed, where time does not run backwards.
      const inTime = tasks.toSorted((one, other) => one.atMs - other.atMs);
      const needed = inTime.filter(
        ({ agent, action }) => agent === AGENT || compiled(profile).planFor(action).makesGood,
      );
      const all = (given: readonly ObservedTask[]) =>
        told(replayTasks(compiled(profile), given, { subject: AGENT, untilMs, ended })).toSorted();
      expect(all(needed)).toEqual(all(inTime));
    }),
    { numRuns: 300 },
  );
});

/** The rules as the text has them, all against all: which pairs of tasks there are, and which should be. */
function asWritten(profile: ProfileBody, given: readonly ObservedTask[], untilMs: number, ended: boolean): string[] {
  const out: string[] = [];
  for (const wid of new Set(given.map((one) => one.wid))) {
    const tasks = given.filter((one) => one.wid === wid && one.bench === null);
    const ms = tasks.map((_, at) => Math.max(...tasks.slice(0, at + 1).map(({ atMs }) => atMs)));
    const timeOf = (at: number): number => ms[at] ?? 0;
    const say = (name: string, at: number, whenMs = timeOf(at)): void =>
      void out.push(
        `${name} ${Number.parseInt((tasks[at]?.jti ?? "").slice(-6), 16)} ${Math.floor(whenMs / 1000) - FROM_S}`,
      );
    const own = tasks.flatMap(({ agent }, at) => (agent === AGENT ? [at] : []));
    for (const at of own) {
      const action = tasks[at]?.action ?? "";
      if (profile.forbidden_actions?.some((pattern) => matchesPattern(pattern, action))) say("action-forbidden", at);
      else if (!profile.allowed_actions.some((pattern) => matchesPattern(pattern, action)))
        say("action-not-allowed", at);
    }
    for (const { id: name, kind, a, b, within_s, same } of profile.sequences ?? []) {
      /** Of the pairs there are: whether one is about the same thing, none is, or nobody knows. */
      const one = (pairs: readonly (readonly [number, number])[]): boolean | null => {
        const are = pairs.map(([first, second]) => {
          if (same === undefined) return true;
          const [of, to] = [tasks[first]?.named?.[same.a], tasks[second]?.named?.[same.b]];
          return of === undefined || to === undefined ? null : of === to;
        });
        return are.includes(true) ? true : are.includes(null) ? null : false;
      };
      const sayAs = (found: boolean | null, offends: boolean, at: number, whenMs = timeOf(at)): void => {
        if (found === null) say(`?${name}`, at, whenMs);
        else if (found === offends) say(name, at, whenMs);
      };
      const fits = (side: ActionMatch, at: number, unknown: boolean): boolean => {
        const one = tasks[at];
        const { act, data, to } = typeof side === "string" ? { act: side, data: undefined, to: undefined } : side;
        return (
          one !== undefined &&
          (act === undefined || matchesPattern(act, one.action)) &&
          (data === undefined || (one.data?.includes(data) ?? unknown)) &&
          (to === undefined || (one.targets?.some((target) => matchesPattern(to, target)) ?? unknown))
        );
      };
      const done = tasks.flatMap(({ outcome }, at) => (outcome === "refused" ? [] : [at]));
      if (kind === "must_precede")
        for (const at of own.filter((place) => fits(b, place, true))) {
          const ended = tasks[at]?.endedMs ?? Infinity;
          const first = done.filter(
            (before) => before < at && tasks[before]?.outcome === "success" && (tasks[before].endedMs ?? 0) <= ended,
          );
          sayAs(one(first.filter((before) => fits(a, before, false)).map((before) => [before, at])), false, at);
        }
      if (kind === "never_after")
        for (const at of own.filter((place) => fits(b, place, true))) {
          const armed = done.filter((before) => before < at && own.includes(before) && fits(a, before, true));
          const inTime = armed.filter(
            (before) => within_s === undefined || timeOf(at) - timeOf(before) <= within_s * 1000,
          );
          sayAs(one(inTime.map((before) => [before, at])), true, at);
        }
      if (kind === "must_follow")
        for (const at of own.filter((place) => done.includes(place) && fits(a, place, true))) {
          const dueMs = timeOf(at) + (within_s ?? 0) * 1000;
          const next = done.filter(
            (after) => after > at && timeOf(after) <= dueMs && tasks[after]?.outcome !== "failure",
          );
          const found = one(next.filter((after) => fits(b, after, false)).map((after) => [at, after]));
          if (dueMs < untilMs || ended) sayAs(found, false, at, Math.min(dueMs, untilMs - 1));
        }
    }
  }
  return out;
}
