import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { type FailureSignalClaims, failureSignalClaimsSchema } from "./claims.ts";
import { acceptSignal, type SignalDesk, type SignalOutcome, type SignalWorld } from "./failure-signals.ts";

const agent = (name: string): string => `spiffe://ops.example/agent/${name}`;
const CALLERS = ["a", "b", "c"].map(agent);
const SUBJECT = agent("subject");
const MONITOR = agent("monitor");
const PERSON = "spiffe://ops.example/human/kim";

const world: SignalWorld = {
  relationOf: (issuer, subject) => {
    if (issuer === PERSON) return "operator";
    if (issuer === MONITOR) return "monitor";
    return subject === SUBJECT && CALLERS.includes(issuer) ? "caller" : null;
  },
  dependantsOf: (subject) => (subject === SUBJECT ? [...CALLERS, SUBJECT] : []),
};

let number = 0;
function signal(iss: string, change: Partial<FailureSignalClaims> = {}): FailureSignalClaims {
  number += 1;
  return failureSignalClaimsSchema.parse({
    iss,
    aud: MONITOR,
    iat: 1000,
    exp: 1300,
    jti: `0195400c-0000-7000-8000-${String(number).padStart(12, "0")}`,
    wid: "0195400c-0000-7000-8000-00000000000a",
    subject: SUBJECT,
    class: "error",
    code: "no_answer",
    transient: false,
    severity: 4,
    origin: true,
    ...change,
  });
}

/** Takes signals one after another; each is [claims, ms]. */
function taken(...signals: readonly (readonly [FailureSignalClaims, number])[]): (SignalOutcome | string)[] {
  let desk: SignalDesk = new Map();
  return signals.map(([claims, atMs]) => {
    const accepted = acceptSignal(desk, claims, world, atMs);
    if (!accepted.ok) return accepted.error.code;
    desk = accepted.value.desk;
    return accepted.value.outcome;
  });
}

describe("failure signals", () => {
  it("[CAS-S1] a stranger is refused, and what no relation can be", () => {
    expect(taken([signal(agent("stranger")), 0])).toEqual(["failure_issuer_denied"]);
    expect(taken([signal(agent("a"), { subject: agent("other") }), 0])).toEqual(["failure_issuer_denied"]);
  });

  it.each([
    ["self", SUBJECT],
    ["monitor", MONITOR],
    ["operator", PERSON],
  ])("the word of %s is enough to open every caller's breaker", (relation, iss) => {
    expect(taken([signal(iss), 0])).toMatchObject([{ kind: "accepted", relation, opens: "all_callers" }]);
  });

  it("[CAS-S1] a caller alone opens its own breaker and nobody else's; a second caller within 30 s confirms", () => {
    const [a = "", b = ""] = CALLERS;
    const first = signal(a);
    expect(taken([first, 0], [signal(b), 30_000])).toMatchObject([
      { kind: "unconfirmed", code: "failure_unconfirmed", opens: "issuer" },
      { kind: "accepted", opens: "all_callers", confirms: first.jti },
    ]);
    expect(taken([first, 0], [signal(b), 30_001])).toMatchObject([{ kind: "unconfirmed" }, { kind: "unconfirmed" }]);
  });

  it("[CAS-S1] whatever one caller says, and however often, it opens nobody else's breaker", () => {
    const said = fc.record({
      severity: fc.integer({ min: 1, max: 5 }),
      origin: fc.boolean(),
      iat: fc.integer({ min: 1000, max: 1030 }),
      causes: fc.array(fc.uuid(), { minLength: 1, maxLength: 3 }),
      ms: fc.nat(20_000),
    });
    fc.assert(
      fc.property(fc.array(said, { maxLength: 60 }), (all) => {
        let atMs = 0;
        const signals = all.map(({ ms, causes, ...change }) => {
          atMs += ms;
          return [signal(agent("a"), { ...change, cause: causes }), atMs] as const;
        });
        for (const outcome of taken(...signals))
          expect(outcome).not.toMatchObject({ kind: "accepted", opens: "all_callers" });
      }),
      { seed: 1 },
    );
  });

  it("[CAS-S1] a small failure, or one that names a cause, is no second source", () => {
    const [a = "", b = "", c = ""] = CALLERS;
    const cause = [signal(a).jti];
    expect(
      taken([signal(b, { severity: 3 }), 0], [signal(c, { origin: false, cause }), 1], [signal(a), 2]),
    ).toMatchObject([{ opens: "nobody" }, { opens: "nobody" }, { kind: "unconfirmed" }]);
  });

  it("an older signal of the same cause is dropped; another cause, and another issuer, are not", () => {
    const [a = "", b = ""] = CALLERS;
    const cause = [signal(a).jti, signal(b).jti];
    const about = (iss: string, iat: number, causes = cause) =>
      signal(iss, { iat, severity: 2, origin: false, cause: causes });
    expect(
      taken(
        [about(a, 1020), 0],
        [about(a, 1019, cause.toReversed()), 1],
        [about(a, 1020), 2],
        [about(a, 1010, cause.slice(1)), 3],
        [about(b, 1000), 4],
        [about(a, 1019), 300_001],
        [about(a, 1000), 600_100],
      ).map((outcome) => (typeof outcome === "string" ? outcome : outcome.kind)),
    ).toEqual(["accepted", "dropped", "accepted", "accepted", "accepted", "dropped", "accepted"]);
  });

  it("[CAS-S1] nobody is silenced by a signal of somebody else dated ahead", () => {
    const ahead = signal(agent("a"), { iat: 1030, severity: 1 });
    expect(taken([ahead, 0], [signal(SUBJECT), 1])).toMatchObject([{}, { kind: "accepted", opens: "all_callers" }]);
  });

  it("tells the dependants' breakers that it is not their own fault, once accepted and not before", () => {
    const claims = signal(SUBJECT, { retry_after_s: 7 });
    const [accepted] = taken([claims, 0]);
    if (typeof accepted !== "object" || accepted.kind !== "accepted") throw new Error("not accepted");
    const { propagate } = accepted;
    expect(propagate.map(({ subject }) => subject)).toEqual(CALLERS);
    expect(propagate[0]).toMatchObject({ origin: false, cause: [claims.jti], class: "dependency", retry_after_s: 7 });
    for (const one of propagate) expect(signal(MONITOR, one)).toMatchObject(one);
    expect(taken([signal(agent("a")), 0])[0]).not.toHaveProperty("propagate");
    expect(taken([signal(MONITOR, must(propagate[0], "one")), 0])).toMatchObject([{ opens: "nobody", propagate: [] }]);
  });

  it("a flood of one issuer's does not grow without end", () => {
    let desk: SignalDesk = new Map();
    for (let at = 0; at < 500; at += 1) {
      const cause = [signal(SUBJECT).jti];
      const accepted = acceptSignal(desk, signal(agent("a"), { origin: false, cause }), world, at);
      desk = must(accepted.ok ? accepted.value.desk : null, "accepted");
    }
    expect(desk.get(SUBJECT)).toHaveLength(16);
  });

  it("a failure that is not the origin names its cause", () => {
    expect(failureSignalClaimsSchema.safeParse({ ...signal(SUBJECT), origin: false }).success).toBe(false);
  });
});
