import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { overrideClaimsSchema } from "../protocol/override/claims.ts";
import { overrideCosignClaimsSchema, signalDigest } from "../protocol/override/cosign.ts";
import { OVERRIDE_TYPE } from "../protocol/override/override-token.ts";
import {
  adviseParamsSchema,
  carriesOut,
  endedSignal,
  graceMs,
  modifyParamsSchema,
  pauseParamsSchema,
} from "../protocol/override/params.ts";
import { slugOf } from "./claims.ts";
import {
  adviseClaims,
  carryOutClaims,
  cosignClaims,
  modifyClaims,
  orderlyStopClaims,
  pauseClaims,
  releaseClaims,
  resumeClaims,
  takeoverClaims,
} from "./order-claims.ts";
import { stopClaims } from "./override-signal.ts";

const operator = {
  subject: "spiffe://console.local/human/ada",
  name: "Ada",
  kid: "k",
  domain: "console.local",
  logId: "spiffe://console.local/log",
  pepId: "spiffe://console.local/pep",
  roles: ["approver", "duty_manager"],
};
const input = {
  operator,
  scope: { kind: "domain", id: "console.local" },
  reason: "stop everything",
  authTime: 1_772_064_000,
  nowMs: 1_772_064_050_500,
} as const;

describe("override signals of the operator", () => {
  it("[OVR-2] [OVR-13] makes a stop that the schema takes, within the limits of an emergency", () => {
    const claims = overrideClaimsSchema.parse(stopClaims(input));
    expect(claims).toMatchObject({
      level: "emergency",
      action: "stop",
      params: { mode: "immediate" },
      deadline_ms: 1000,
    });
    expect(claims.aud).toEqual(["*@console.local", operator.pepId]);
    expect(claims.exp - claims.iat).toBeLessThanOrEqual(OVERRIDE_TYPE.maxLifetimeS(claims) ?? 0);
  });

  it("[OVR-34] [S10] makes an orderly stop a mandatory one that says how long it waits", () => {
    const claims = overrideClaimsSchema.parse(orderlyStopClaims({ ...input, graceMs: 60_000 }));
    expect(claims).toMatchObject({ level: "mandatory", action: "stop", deadline_ms: 10_000, on_no_ack: "escalate" });
    expect([graceMs(claims), graceMs(overrideClaimsSchema.parse(stopClaims(input)))]).toEqual([60_000, null]);
  });

  it("[OVR-S5] carries when the operator last confirmed to be there", () => {
    expect(stopClaims(input).auth_time).toBe(1_772_064_000);
  });

  it("addresses one agent by name", () => {
    const agent = "spiffe://console.local/agent/a";
    expect(stopClaims({ ...input, scope: { kind: "agent", id: agent } }).aud).toEqual([agent, operator.pepId]);
  });

  it("[OVR-18] makes a release mandatory, with the stop it is of", () => {
    const of = "0195400c-0000-7000-8000-0000000000a1";
    const claims = overrideClaimsSchema.parse(releaseClaims({ ...input, of, reason: "checked" }));
    expect(claims).toMatchObject({ level: "mandatory", action: "release", params: { of }, deadline_ms: 10_000 });
    expect(claims.exp - claims.iat).toBeLessThanOrEqual(OVERRIDE_TYPE.maxLifetimeS(claims) ?? 0);
  });

  it("[OVR-6] makes a pause, with its end where it has one, and the resume of it", () => {
    const pause = overrideClaimsSchema.parse(
      pauseClaims({ ...input, mode: "after_task", effectUntil: 1_772_064_650, priority: 6 }),
    );
    expect(pauseParamsSchema.parse(pause.params)).toEqual({ mode: "after_task", keep_state: true });
    expect(pause).toMatchObject({ action: "pause", level: "mandatory", effect_until: 1_772_064_650, priority: 6 });
    const resume = overrideClaimsSchema.parse(resumeClaims({ ...input, of: pause.jti }));
    expect([resume.action, endedSignal(resume), resume.priority]).toEqual(["resume", pause.jti, 5]);
    for (const claims of [pause, resume])
      expect(claims.exp - claims.iat).toBeLessThanOrEqual(OVERRIDE_TYPE.maxLifetimeS(claims) ?? 0);
  });

  it("[OVR-S4] [D4] makes a takeover, a widening and the second signature over exactly what is ordered", () => {
    const until = 1_772_064_050 + 3600;
    const takeover = takeoverClaims({ ...input, scope: { kind: "workflow", id: "w" }, effectUntil: until });
    expect(overrideClaimsSchema.parse(takeover)).toMatchObject({ action: "takeover", effect_until: until });
    const modify = modifyClaims({ ...input, set: { max_calls: 4 }, onlyNarrow: false });
    expect(modifyParamsSchema.parse(modify.params)).toEqual({ set: { max_calls: 4 }, only_narrow: false });
    // What is signed carries the evidence of whoever signs; the order is the same.
    const digest = (claims: object) => signalDigest({ ...claims }, sha256);
    const signed = { ...modify, auth_time: 1_772_064_049, amr: ["hwk", "user"], cosign: ["x.y.z"] };
    expect(digest(signed)).toEqual(digest(modify));
    expect(digest({ ...signed, params: { set: { max_calls: 5 }, only_narrow: false } })).not.toEqual(digest(modify));
    const cosign = cosignClaims({ ...input, signal: { jti: modify.jti, digest: "A".repeat(43) } });
    expect(overrideCosignClaimsSchema.parse(cosign).signal).toEqual({ jti: modify.jti, hash: "A".repeat(43) });
  });

  it("[OVR-1] makes advice advisory, with a deadline of its level", () => {
    const claims = overrideClaimsSchema.parse(adviseClaims({ ...input, text: "Take the smaller region first." }));
    expect(claims).toMatchObject({ level: "advisory", action: "advise", deadline_ms: 60_000 });
    expect(adviseParamsSchema.safeParse(claims.params).success).toBe(true);
  });

  it("[OVR-30] carries out a task of a takeover by resuming that task alone", () => {
    const claims = overrideClaimsSchema.parse(
      carryOutClaims({
        ...input,
        task: "0195400c-0000-7000-8000-0000000000b1",
        of: "0195400c-0000-7000-8000-0000000000b2",
      }),
    );
    expect(claims.scope).toEqual({ kind: "task", id: "0195400c-0000-7000-8000-0000000000b1" });
    expect(carriesOut(claims, { action: "takeover" })).toBe(true);
  });

  it("numbers signals upwards within one millisecond", () => {
    const [first, second] = [stopClaims(input), stopClaims(input)];
    expect(second.seq).toBeGreaterThan(first.seq);
    expect(second.jti).not.toBe(first.jti);
  });

  it("makes an id from any name", () => {
    expect(["Ada Lovelace", "  Žofie—Nováková ", "東京", "a".repeat(80)].map(slugOf)).toEqual([
      "ada-lovelace",
      "zofie-novakova",
      "operator",
      "a".repeat(48),
    ]);
  });
});
