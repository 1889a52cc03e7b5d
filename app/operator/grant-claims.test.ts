import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_GRANT_LIFETIME_S, STANDING_GRANT_TYPE, standingGrantClaimsSchema } from "../protocol/acp/grant.ts";
import { type GrantLimits, type GrantSubject, grantClaims, grantMistakes, LIFETIMES_S } from "./grant-claims.ts";

const SUBJECT: GrantSubject = {
  wid: "0195400c-0000-7000-8000-00000000000a",
  acp: { jti: "0195400c-0000-7000-8000-0000000000b1", hash: "H".repeat(43) },
  agent: "spiffe://console.local/agent/x/builder",
  execAct: "build_site",
  ruleIds: ["r1"],
  role: "operator",
  target: null,
};
const LIMITS: GrantLimits = { uses: "10", lifetimeS: 3600, resources: "", reason: " nightly build " };
const BY = { subject: "spiffe://console.local/human/alice", pepId: "spiffe://console.local/pep" };
const WHEN = { authTime: 1_772_064_000, nowMs: 1_772_064_010_000 };

describe("the claims of a standing grant", () => {
  it("[ACP-40] name one agent, one action, one policy, the rules, so many uses and an end", () => {
    const claims = grantClaims(SUBJECT, LIMITS, BY, WHEN);
    expect(standingGrantClaimsSchema.parse(claims)).toMatchObject({
      ...{ iss: BY.subject, agent: SUBJECT.agent, exec_act: "build_site", rule_ids: ["r1"], max_uses: 10 },
      ...{ exp: 1_772_067_610, reason: "nightly build", role: "operator", acp: SUBJECT.acp },
    });
    expect(claims).not.toHaveProperty("resources");
    expect(LIFETIMES_S.every((life) => life <= MAX_GRANT_LIFETIME_S)).toBe(true);
    expect(STANDING_GRANT_TYPE.maxLifetimeS?.(claims)).toBe(MAX_GRANT_LIFETIME_S);
  });

  it("[ACP-40] are well-formed wherever no mistake is told", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.constantFrom("https://a.example/*", "a* b", "a*b", "*", "1", "100", "101", "0"),
    );
    fc.assert(
      fc.property(texts, texts, (uses, resources) => {
        const limits = { ...LIMITS, uses, resources };
        const hasMistake = Object.keys(grantMistakes(limits)).length > 0;
        const isFormed = standingGrantClaimsSchema.safeParse(grantClaims(SUBJECT, limits, BY, WHEN)).success;
        if (!hasMistake) expect(isFormed).toBe(true);
      }),
    );
    expect(grantMistakes({ ...LIMITS, uses: "101" })).toHaveProperty("uses");
    expect(grantMistakes({ ...LIMITS, uses: "0" })).toHaveProperty("uses");
    expect(grantMistakes({ ...LIMITS, resources: "a*b" })).toHaveProperty("resources");
    expect(grantMistakes(LIMITS)).toEqual({});
  });
});
