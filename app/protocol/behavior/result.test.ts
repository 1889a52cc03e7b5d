import { expect, it } from "vitest";
import { identityOf } from "../ect/ect.fixture.ts";
import { signToken } from "../jose/sign-token.ts";
import { verifyToken } from "../jose/verify-token.ts";
import { AGENT, FROM_S, id, sha256, WINDOW } from "./behavior.fixture.ts";
import { EAR_TYPE, type EarClaims } from "./result.ts";

const VERIFIER = "spiffe://ops.example/verifier";
const CONSOLE = "spiffe://ops.example/console";

const result = (expS: number): EarClaims => ({
  iss: VERIFIER,
  aud: [CONSOLE],
  iat: FROM_S,
  exp: expS,
  jti: id(1),
  eat_profile: "tag:github.com,2023:veraison/ear",
  "ear.verifier-id": { developer: "Signalbox", build: "1" },
  submods: {
    agent: {
      "ear.status": "affirming",
      "agent.behavior": {
        subject: AGENT,
        profile: { profile_id: "executor-prod", version: 3, hash: "A".repeat(43) },
        verdict: "conformant",
        compliance: 1,
        drift: null,
        trust: 0.52,
        bets: [],
        window: { from: WINDOW.from - 3600, to: WINDOW.from },
        reasons: [],
      },
    },
  },
});

it.each([
  { lifetimeS: 3600, afterS: 0, code: "accepted" },
  { lifetimeS: 3601, afterS: 0, code: "token_lifetime_invalid" },
  { lifetimeS: 3600, afterS: 3631, code: "token_expired" },
])(
  "[BEH-18] takes a result that lives for $lifetimeS s, $afterS s later, as $code",
  async ({ lifetimeS, afterS, code }) => {
    const { signer, key } = await identityOf(VERIFIER);
    const compact = await signToken("ear+jwt", result(FROM_S + lifetimeS), signer);
    const verified = await verifyToken(EAR_TYPE, compact, {
      nowS: FROM_S + afterS,
      ownIds: [CONSOLE],
      resolveKey: (kid) => (kid === key.kid ? key : undefined),
      seen: () => false,
      sha256,
    });
    expect(verified.ok ? "accepted" : verified.error.code).toBe(code);
  },
);
