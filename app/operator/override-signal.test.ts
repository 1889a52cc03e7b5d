import { describe, expect, it } from "vitest";
import { overrideClaimsSchema } from "../protocol/override/claims.ts";
import { OVERRIDE_TYPE } from "../protocol/override/override-token.ts";
import { slugOf } from "./claims.ts";
import { releaseClaims, stopClaims } from "./override-signal.ts";

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
