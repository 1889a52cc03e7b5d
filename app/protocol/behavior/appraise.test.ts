import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { type Appraised, appraise, newStanding, type Standing } from "./appraise.ts";
import { AGENT, compiled, exampleBet, FROM_S, id, sha256, task, usual, WINDOW } from "./behavior.fixture.ts";
import { betMembers, CUT_EXT, EXTERNAL_EXT } from "./bet-members.ts";
import { complianceOf, tallyOf } from "./compliance.ts";
import type { Observer, Violation } from "./evidence.ts";
import type { JudgedFinding } from "./hidden-violations.ts";
import { type Observation, observeWindow } from "./observe-window.ts";
import type { ObservedTask, Window } from "./observed.ts";
import type { ProfileBody } from "./profile.ts";
import { earClaimsSchema, VERDICT_STATUS, type Verdict } from "./result.ts";
import type { VerifiedBet } from "./verify-bet.ts";

type Evidence = Result<VerifiedBet, Refusal>;

const observe = (tasks: readonly ObservedTask[], members: Partial<ProfileBody> = {}, window = WINDOW): Observation =>
  observeWindow(compiled(members), tasks, window, { subject: AGENT, ended: false, sha256 });

/** Accepted evidence of what an observer says it saw. */
function seen(observation: Observation, observer: Observer = "gateway", members: Partial<Observation> = {}): Evidence {
  const told = { ...observation, ...members };
  const claims = { ...exampleBet({ jti: id(0xe000 + observer.length), observer }), ...betMembers(told, undefined) };
  const drift = told.drift?.overall ?? null;
  const ref = { jti: claims.jti, hash: "y9i8oDg3l7qgzMdecuhNeDChKV_T4XhO3YyS2v7CnuE" };
  return ok({ claims, ref, observer, level: 2, compliance: told.compliance, drift });
}

interface Given {
  readonly tasks: readonly ObservedTask[];
  readonly profile?: Partial<ProfileBody>;
  readonly evidence?: (own: Observation) => readonly Evidence[];
  readonly standing?: Standing;
  readonly window?: Window;
  readonly log?: boolean;
}

function judge({ tasks, profile = {}, evidence, standing, window = WINDOW, log = true }: Given): Appraised {
  const own = observe(tasks, profile, window);
  return appraise({
    compiled: compiled(profile),
    profile: exampleBet().profile,
    subject: AGENT,
    window,
    observation: log ? own : null,
    evidence: evidence?.(own) ?? [seen(own)],
    standing: standing ?? newStanding(FROM_S),
    nowS: window.to,
  });
}

/** So many unordered changes, as in the example of the text: each a finding of severity 3. */
const unordered = (count: number, offences: number): readonly ObservedTask[] => [
  ...Array.from({ length: offences }, (_, n) => task(n + 1, { action: "apply_change" })),
  task(offences + 1, { action: "checkpoint" }),
  ...Array.from({ length: count - offences - 1 }, (_, n) => task(n + offences + 2, { action: "read_state" })),
];
const noBaseline = { baseline: undefined } as unknown as Partial<ProfileBody>; // absent, as the parser takes it

describe("the verdict", () => {
  it("[BEH-9] is drifting in the example of the text, with trust from 0.56 to 0.504 and a warning", () => {
    const standing = { ...newStanding(FROM_S), trust: { score: 0.56, floor: 0.2, updatedAtS: FROM_S } };
    const { verdict, compliance, status, extension } = judge({
      tasks: unordered(200, 2),
      profile: noBaseline,
      standing,
    });
    expect({ verdict, compliance, status, trust: extension.trust }).toEqual({
      verdict: "drifting",
      compliance: 0.975,
      status: "warning",
      trust: 0.504,
    });
  });

  it.each<[number, Verdict]>([
    [0, "conformant"],
    [1, "conformant"],
    [2, "drifting"],
    [7, "drifting"],
    [8, "nonconformant"],
  ])(
    "[BEH-20] is by the thresholds: %i offences of severity 3 among 200 tasks are %s, each named",
    (offences, verdict) => {
      const appraised = judge({ tasks: unordered(200, offences), profile: noBaseline });
      expect(appraised.verdict).toBe(verdict);
      expect(appraised.reasons).toEqual(
        Array.from({ length: offences }, (_, n) => ({ rule_id: "seq-ckpt-before-apply", severity: 3, jti: id(n + 1) })),
      );
    },
  );

  it("[BEH-20] is by drift as well, with the most telling actions and a task of each", () => {
    const tasks = [...usual(60), ...Array.from({ length: 60 }, (_, n) => task(n + 100, { action: "tool_mail" }))];
    const appraised = judge({ tasks });
    expect(appraised.verdict).toBe("nonconformant");
    expect(appraised.telling.map(({ action }) => action)).toEqual(["tool_mail", "apply_change", "read_state"]);
    expect(appraised.reasons[0]).toEqual({ rule_id: "drift", jti: id(159) });
  });

  it("[BEH-20] is insufficient below the least number of samples", () => {
    const appraised = judge({ tasks: unordered(9, 1), profile: noBaseline });
    expect(appraised).toMatchObject({ verdict: "insufficient", status: "none", change: null });
    expect(appraised.reasons[0]).toEqual({ rule_id: "samples_below_minimum" });
  });

  it("[BEH-S6] [BEH-34] is nonconformant by one forbidden action, validly signed, however little else there was", () => {
    const appraised = judge({ tasks: [task(1), task(2, { action: "tool_delete" })], profile: noBaseline });
    expect(appraised).toMatchObject({
      verdict: "nonconformant",
      compliance: 0,
      status: "contraindicated",
      reasons: [{ rule_id: "action-forbidden", severity: 5, jti: id(2) }],
      change: { from: "unverified", to: "quarantined", cause: "trust_floor" },
    });
    expect(appraised.standing.trust.score).toBeLessThan(0.2);
  });

  it("[BEH-10] is never conformant without evidence, and the state is not kept by that", () => {
    const standing = judge({ tasks: usual(100) }).standing;
    const later = { from: WINDOW.to, to: WINDOW.to + 3600 };
    const tasks = usual(100).map((one) => ({ ...one, atMs: one.atMs + 3_600_000 }));
    const bad = err({ ...refusal("bet_stale", "it does not answer the challenge"), jti: id(0xbad) });
    const appraised = judge({ tasks, standing, window: later, evidence: () => [bad] });
    expect(appraised).toMatchObject({ verdict: "unverifiable", status: "none", change: null });
    expect(appraised.reasons).toEqual([{ rule_id: "evidence_missing" }, { rule_id: "bet_stale", jti: id(0xbad) }]);
    expect(appraised.standing.verdict).toEqual(standing.verdict);
    expect(appraised.standing.trust).toEqual(standing.trust);
  });

  it("[BEH-S1] [BEH-34] needs no evidence for what the log shows", () => {
    const appraised = judge({ tasks: unordered(200, 8), profile: noBaseline, evidence: () => [] });
    expect(appraised).toMatchObject({ verdict: "nonconformant", status: "contraindicated" });
  });

  it("[BEH-2] goes by the evidence alone where the log is not at hand, and by nothing where there is neither", () => {
    const told = judge({ tasks: unordered(200, 2), profile: noBaseline, log: false });
    expect(told).toMatchObject({ verdict: "drifting", compliance: 0.975 });
    expect(told.reasons).toHaveLength(2);
    expect(judge({ tasks: [], log: false, evidence: () => [] })).toMatchObject({
      verdict: "unverifiable",
      drift: null,
    });
  });
});

describe("observers", () => {
  const clean: Partial<Observation> = { findings: [], tally: [0, 0, 0, 0, 0], compliance: 1 };

  const OFFENCE: Violation = { rule_id: "action-not-allowed", severity: 4, jti: id(1), at: FROM_S + 1 };
  /** So many actions that were not allowed. */
  const more = (count: number, own: Observation): Partial<Observation> => {
    const findings = Array.from({ length: count }, (_, n) => ({ ...OFFENCE, jti: id(n + 1) }));
    const tally = tallyOf(findings.map(({ severity }) => severity));
    return { findings, tally, compliance: complianceOf(own.samples, tally) };
  };

  it("[BEH-20] that disagree by more than 0.1 make the worst of what they say the verdict", () => {
    const judged = (count: number): Appraised =>
      judge({
        tasks: usual(200),
        profile: noBaseline,
        evidence: (own) => [seen(own), seen(own, "sidecar", more(count, own))],
      });
    const apart = Array.from({ length: 24 }, (_, n) => n).find((n) => complianceOf(200, [0, 0, 0, n, 0]) < 0.9) ?? 0;
    expect(apart).toBeGreaterThan(1);
    expect(judged(apart)).toMatchObject({ conflict: true, verdict: "nonconformant" });
    expect(judged(apart).reasons[0]).toEqual({ rule_id: "observer_conflict" });
    expect(judged(apart - 1)).toMatchObject({ conflict: false, verdict: "conformant" });
  });

  it("[BEH-57] that see one agent alone are held to its own tasks: what others had to do makes neither conflict nor secret", () => {
    const alone = (own: Observation): readonly Evidence[] => [
      seen(own),
      seen(own, "self", { findings: [], tally: [0, 0, 0, 0, 0], compliance: 1 }),
      seen(own, "sidecar", { findings: [], tally: [0, 0, 0, 0, 0], compliance: 1 }),
    ];
    const precede = judge({ tasks: unordered(100, 30), profile: noBaseline, evidence: alone });
    expect(precede).toMatchObject({ verdict: "nonconformant", conflict: false });
    expect(precede.findings).toHaveLength(30);
    expect(precede.findings.filter(({ hidden }) => hidden)).toEqual([]);
    // What it can know of itself, it has to tell.
    const never = {
      id: "never-after-reading",
      kind: "never_after",
      a: "read_state",
      b: "tool_mail",
      severity: 3,
    } as const;
    const after = [...usual(100), task(150, { action: "tool_mail" })];
    for (const [tasks, rule] of [
      [after, never.id],
      [[...usual(100), task(150, { action: "delete_all" })], "action-not-allowed"],
    ] as const)
      expect(judge({ tasks, profile: { ...noBaseline, sequences: [never] }, evidence: alone }).findings).toMatchObject([
        { rule_id: rule, hidden: true },
      ]);
  });

  it("[BEH-34] that are agents of the same workflow put no other out by their word against the log, which is told", () => {
    const forged: Violation = { rule_id: "action-forbidden", severity: 5, jti: id(1), at: FROM_S + 1 };
    const evidence = (own: Observation): readonly Evidence[] => [
      seen(own),
      seen(own, "peer", { findings: [forged], tally: [0, 0, 0, 0, 1], compliance: 0 }),
    ];
    const appraised = judge({ tasks: usual(100), evidence });
    expect(appraised).toMatchObject({ conflict: true, verdict: "conformant", compliance: 1, findings: [] });
    expect(appraised.reasons).toEqual([{ rule_id: "observer_conflict" }]);
    expect(appraised.standing.trust.score).toBe(0.52);
    expect(judge({ tasks: usual(100), evidence, log: false }).verdict).toBe("nonconformant");
  });

  it("[BEH-S1] [BEH-32] hide what they leave out by no word that there was more, if it is graver than what they list", () => {
    const tasks = [...unordered(400, 30), task(500, { action: "transfer" })];
    const appraised = judge({
      tasks,
      profile: noBaseline,
      evidence: (own) => [
        seen(own),
        ...[seen(own, "self", { findings: own.findings.filter(({ severity }) => severity < 4) })].map((one) =>
          one.ok ? ok({ ...one.value, claims: { ...one.value.claims, ect_ext: { [CUT_EXT]: [0, 0, 0, 0, 0] } } }) : one,
        ),
      ],
    });
    expect(appraised.findings.filter(({ hidden }) => hidden)).toMatchObject([{ rule_id: "action-not-allowed" }]);
  });

  it("[BEH-S1] do not help an agent that leaves its offences out: they are found in the log, and weigh one more", () => {
    const appraised = judge({
      tasks: [...usual(199), task(200, { action: "tool_mail" })],
      profile: {
        ...noBaseline,
        sequences: [{ id: "never-mail", kind: "never_after", a: "read_state", b: "tool_mail", severity: 3 }],
      },
      evidence: (own) => [seen(own), seen(own, "self", clean)],
    });
    expect(appraised).toMatchObject({ verdict: "drifting", compliance: 0.975 });
    expect(appraised.findings).toEqual([expect.objectContaining({ severity: 4, hidden: true, jti: id(200) })]);
    expect(appraised.reasons).toContainEqual({ rule_id: "hidden_violation", severity: 4, jti: id(200) });
  });

  it("[BEH-S1] that all leave something out hide it, and one of severity 4 then decides", () => {
    const tasks = [...usual(100), task(200, { action: "transfer" })];
    const appraised = judge({ tasks, evidence: (own) => [seen(own, "gateway", clean)] });
    expect(appraised).toMatchObject({ verdict: "nonconformant", compliance: 0 });
    expect(appraised.findings[0]).toMatchObject({ rule_id: "action-not-allowed", severity: 5, hidden: true });
  });

  it("[BEH-S1] that saw fewer tasks than there were are named", () => {
    const some = observe(usual(50));
    const appraised = judge({ tasks: usual(100), evidence: (own) => [seen(own), seen(some, "self")] });
    expect(appraised.reasons).toEqual([{ rule_id: "coverage_differs", jti: id(0xe000 + "self".length) }]);
  });

  it("[BEH-34] hide nothing by a limit over numbers they do not have", () => {
    const limits: ProfileBody["limits"] = [{ id: "calls", metric: "max_calls", op: "<=", value: 10, severity: 1 }];
    const appraised = judge({ tasks: usual(100), profile: { limits }, evidence: (own) => [seen(own, "self", clean)] });
    expect(appraised.findings).toEqual([expect.objectContaining({ severity: 1, hidden: false })]);
  });

  it("[BEH-S1] [BEH-32] hide what they leave out beyond what they say they left out, also if it is no graver", () => {
    const own = (count: number, cut: number): readonly JudgedFinding[] =>
      judge({
        tasks: Array.from({ length: 60 }, (_, n) => task(n, { action: "transfer" })),
        profile: noBaseline,
        evidence: (all) => {
          const few = seen(all, "self", { findings: all.findings.slice(0, count), tally: [0, 0, 0, count, 0] });
          if (!few.ok) return [seen(all)];
          const claims = { ...few.value.claims, ect_ext: { [CUT_EXT]: [0, 0, 0, cut, 0] } };
          return [seen(all), ok({ ...few.value, claims })];
        },
      }).findings.filter(({ hidden }) => hidden);
    expect(own(30, 30)).toEqual([]);
    expect(own(30, 0)).toHaveLength(30);
    expect(own(30, 25)).toHaveLength(5);
  });

  it("[BEH-64] [BEH-S1] hide also what is counted and not listed, where they claim to list all", () => {
    // 1,200 findings of severity 1, and three of which the agent tells.
    const tasks = Array.from({ length: 1200 }, (_, n) => task(n, { action: "tool_open" }));
    const sequences: ProfileBody["sequences"] = [
      { id: "quiet", kind: "never_after", a: "tool_open", b: "tool_open", severity: 1 },
    ];
    const told = (own: Observation): Partial<Observation> => {
      const findings = own.findings.slice(0, 3);
      return { findings, tally: [3, 0, 0, 0, 0], compliance: complianceOf(own.samples, [3, 0, 0, 0, 0]) };
    };
    const profile = { ...noBaseline, sequences };
    const honest = judge({ tasks, profile });
    expect(honest).toMatchObject({ compliance: complianceOf(1200, [1199, 0, 0, 0, 0]) });
    expect(honest.findings).toHaveLength(1000);
    const lying = judge({ tasks, profile, evidence: (own) => [seen(own), seen(own, "self", told(own))] });
    expect(lying.compliance).toBe(complianceOf(1200, [3, 1196, 0, 0, 0]));
  });

  it("[BEH-63] say when a rule could not be judged, and no window is conformant that has one", () => {
    const same = { a: "/order", b: "/order" };
    const sequences: ProfileBody["sequences"] = [
      { id: "once", kind: "never_after", a: "tool_pay", b: "tool_mail", same, severity: 3 },
    ];
    const about = (order?: string): readonly ObservedTask[] => [
      ...usual(100),
      task(200, { action: "tool_pay", named: { "/order": "one" } }),
      task(201, { action: "tool_mail", ...(order === undefined ? {} : { named: { "/order": order } }) }),
    ];
    const profile = { ...noBaseline, sequences };
    expect(judge({ tasks: about("two"), profile })).toMatchObject({ verdict: "conformant", findings: [] });
    expect(judge({ tasks: about("one"), profile }).findings).toMatchObject([{ rule_id: "once", jti: id(201) }]);
    for (const log of [true, false]) {
      const unsaid = judge({ tasks: about(), profile, log });
      expect(unsaid).toMatchObject({ verdict: "drifting", compliance: 1, findings: [], status: "warning" });
      expect(unsaid.reasons[0]).toEqual({ rule_id: "order_unknown:once", ...(log ? { jti: id(201) } : {}) });
    }
  });

  it("[BEH-20] [BEH-34] are not taken for proof of a limit nobody can judge: it is told", () => {
    const limits: ProfileBody["limits"] = [{ id: "spend", metric: "max_cost", op: "<=", value: 10, severity: 5 }];
    const appraised = judge({ tasks: usual(100), profile: { limits } });
    expect(appraised).toMatchObject({ verdict: "conformant", reasons: [{ rule_id: "limit_unknown:spend" }] });
  });

  it("[BEH-8] are counted: windows that only the agent itself saw, until somebody else does", () => {
    const first = judge({ tasks: usual(100), evidence: (own) => [seen(own, "self")] });
    const second = judge({ tasks: usual(100), evidence: () => [], standing: first.standing });
    expect([first.standing.selfOnly, second.standing.selfOnly]).toEqual([1, 2]);
    expect(judge({ tasks: usual(100), standing: second.standing }).standing.selfOnly).toBe(0);
  });
});

it("[BEH-5] takes no evidence under another version of the profile than is in force", () => {
  const older = (own: Observation): readonly Evidence[] =>
    [seen(own)].map((one) =>
      one.ok ? ok({ ...one.value, claims: exampleBet({ profile: { ...exampleBet().profile, version: 2 } }) }) : one,
    );
  const appraised = judge({ tasks: usual(100), evidence: older });
  expect(appraised).toMatchObject({ verdict: "unverifiable", refused: [{ code: "bet_profile_mismatch" }] });
});

it("[BEH-34] takes from monitors, and not from the agent itself or another, what happened outside the log", () => {
  const outside: Violation = { rule_id: "action-forbidden", severity: 5, jti: id(0xfff), at: FROM_S + 5 };
  const by =
    (observer: Observer) =>
    (own: Observation): readonly Evidence[] =>
      [seen(own, observer, { findings: [outside], compliance: 0 })].map((one) =>
        one.ok
          ? ok({ ...one.value, claims: { ...one.value.claims, ect_ext: { [EXTERNAL_EXT]: [outside.jti] } } })
          : one,
      );
  expect(judge({ tasks: usual(100), evidence: by("sidecar") })).toMatchObject({
    verdict: "nonconformant",
    findings: [{ ...outside, hidden: false }],
  });
  for (const observer of ["self", "peer"] as const)
    expect(judge({ tasks: usual(100), evidence: by(observer) })).toMatchObject({ verdict: "conformant", findings: [] });
});

describe("the standing", () => {
  it("[BEH-13] [BEH-14] ends in quarantine by a second nonconformant window, and is no better for a clean one then", () => {
    const tasks = unordered(200, 8);
    const shifted = (by: number): readonly ObservedTask[] =>
      tasks.map((one) => ({ ...one, wid: id(by), atMs: one.atMs + by * 3_600_000 }));
    const at = (by: number): Window => ({ from: WINDOW.from + by * 3600, to: WINDOW.to + by * 3600 });
    const first = judge({ tasks, profile: noBaseline });
    const second = judge({ tasks: shifted(1), profile: noBaseline, window: at(1), standing: first.standing });
    expect([first.change?.to, second.change?.to]).toEqual(["nonconformant", "quarantined"]);
    const third = judge({ tasks: [], window: at(2), standing: second.standing });
    expect(third.status).toBe("contraindicated");
  });

  it("[BEH-33] earns trust once, however many workflows have clean windows at the same time", () => {
    const first = judge({ tasks: usual(100) });
    expect(first.standing.trust.score).toBe(0.52);
    const beside = judge({ tasks: usual(100), standing: first.standing });
    expect(beside.standing.trust.score).toBe(0.52);
    expect(beside.trustChanges).toEqual([]);
  });
});

it("[BEH-9] [BEH-20] makes of any conduct a result that is one, never softer than its verdict, and fits a token", () => {
  const action = fc.constantFrom("apply_change", "read_state", "tool_x", "tool_delete", "transfer", "checkpoint");
  const observers = fc.subarray<Observer>(["self", "sidecar", "peer", "gateway"]);
  const softness = ["contraindicated", "warning", "affirming", "none"];
  fc.assert(
    fc.property(fc.array(action, { maxLength: 400, size: "max" }), observers, fc.boolean(), (actions, by, lies) => {
      const tasks = actions.map((name, n) => task(n, { action: name }));
      const appraised = judge({
        tasks,
        evidence: (own) =>
          by.map((one) =>
            seen(own, one, lies && one === "self" ? { findings: [], tally: [0, 0, 0, 0, 0], compliance: 1 } : {}),
          ),
      });
      const { verdict, status, extension, reasons } = appraised;
      expect(
        earClaimsSchema.safeParse({
          iss: "spiffe://ops.example/verifier",
          aud: ["spiffe://ops.example/console"],
          iat: WINDOW.to,
          exp: WINDOW.to + 3600,
          jti: id(1),
          eat_profile: "tag:github.com,2023:veraison/ear",
          "ear.verifier-id": { developer: "signalbox", build: "1" },
          submods: { executor: { "ear.status": status, "agent.behavior": extension } },
        }).success,
      ).toBe(true);
      expect(JSON.stringify(extension).length).toBeLessThan(9000);
      if (VERDICT_STATUS[verdict] !== "none")
        expect(softness.indexOf(status)).toBeLessThanOrEqual(softness.indexOf(VERDICT_STATUS[verdict]));
      if (verdict !== "conformant") expect(reasons.length).toBeGreaterThan(0);
      if (by.length === 0) expect(verdict).not.toBe("conformant");
      if (actions.includes("tool_delete")) expect(status).toBe("contraindicated");
    }),
    { numRuns: 30 },
  );
});
