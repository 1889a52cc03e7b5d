import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../base/bytes.ts";
import { createVerifier, EXAMPLE, EXECUTOR, exampleKey, identityOf, NOW, PLANNER, sha256 } from "../ect/ect.fixture.ts";
import { ECT_TYPE } from "../ect/ect-token.ts";
import { OVERRIDE_TYPE } from "../override/override-token.ts";
import type { Algorithm } from "./keys.ts";
import { signToken } from "./sign-token.ts";
import type { TokenType } from "./token-type.ts";
import { verifyToken } from "./verify-token.ts";

/** A token, and the code with which it or a changed one is answered. */
interface Subject {
  readonly token: string;
  codeOf(token: string): Promise<string>;
}

const BOTH = ["ES256", "EdDSA"] as const;
const ECT_CLAIMS = {
  iss: PLANNER,
  aud: EXECUTOR,
  iat: NOW - 10,
  exp: NOW + 500,
  jti: "0195400c-0000-7000-8000-000000000009",
  exec_act: "plan",
  pred: [],
};
const STOP_CLAIMS = {
  iss: PLANNER,
  aud: [EXECUTOR],
  iat: NOW - 10,
  exp: NOW + 290,
  jti: "0195400c-0000-7000-8000-000000000010",
  ovr_ver: 1,
  level: "emergency",
  action: "stop",
  scope: { kind: "domain", id: "ops.example" },
  params: { mode: "immediate" },
  seq: 1,
  deadline_ms: 1000,
  reason: "test",
  auth_time: NOW - 20,
  amr: ["swk", "user"],
  role: "operator",
};

/** Common token verification of a token signed here. */
async function common<C>(type: TokenType<C>, claims: object, alg: Algorithm): Promise<Subject> {
  const { signer, key } = await identityOf(PLANNER, alg);
  const context = {
    nowS: NOW,
    ownIds: [EXECUTOR],
    resolveKey: (kid: string) => (kid === key.kid ? key : undefined),
    seen: () => false,
    algorithms: BOTH,
    sha256,
  };
  return {
    token: await signToken(type.typ[0] ?? "", claims, signer),
    codeOf: async (token) => {
      const result = await verifyToken(type, token, context);
      return result.ok ? "accepted" : result.error.code;
    },
  };
}

/** The whole procedure of an ECT: its level, its own steps, its place in the graph. */
async function ect(alg: Algorithm): Promise<Subject> {
  const { signer, key } = await identityOf(PLANNER, alg);
  const { code } = createVerifier([key], { algorithms: BOTH });
  return { token: await signToken("exec+jwt", ECT_CLAIMS, signer), codeOf: (token) => code(token) };
}

async function publishedEct(): Promise<Subject> {
  const { code } = createVerifier([await exampleKey()]);
  return { token: EXAMPLE, codeOf: (token) => code(token) };
}

const subjects: readonly (readonly [string, () => Promise<Subject>])[] = [
  ["[ECT-S1] the published ECT, ES256", publishedEct],
  ["[ECT-S1] an ECT, ES256", () => ect("ES256")],
  ["[ECT-S1] an ECT, EdDSA", () => ect("EdDSA")],
  ["[ECT-S1] a token of common verification, ES256", () => common(ECT_TYPE, ECT_CLAIMS, "ES256")],
  ["[ECT-S1] a token of common verification, EdDSA", () => common(ECT_TYPE, ECT_CLAIMS, "EdDSA")],
  ["[OVR-S1] a stop, EdDSA", () => common(OVERRIDE_TYPE, STOP_CLAIMS, "EdDSA")],
];

/** The steps in which a changed token may fail: nothing of it is believed before its signature (ECT-S1). */
const UP_TO_THE_SIGNATURE = ["alg_forbidden", "key_unknown", "malformed", "signature_invalid", "wrong_type"];
const stepOf = (code: string): string => code.replace(/^(ect|token)_/, "");

/** As a reader has it that takes each byte for a character: no change is hidden by decoding. */
function withByte(token: string, at: number, change: (byte: number) => number): string {
  const bytes = utf8(token);
  bytes[at] = change(bytes[at] ?? 0);
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

describe("a token of which one byte was changed", () => {
  it.each(subjects)("%s is refused, whatever byte and to whatever value", { timeout: 60_000 }, async (_what, make) => {
    const { token, codeOf } = await make();
    expect(await codeOf(token)).toBe("accepted");
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        expect(UP_TO_THE_SIGNATURE).toContain(stepOf(await codeOf(withByte(token, at, (byte) => byte ^ mask))));
      }),
      { numRuns: 1000 },
    );
  });

  it.each(subjects)("%s is refused with any one bit flipped", { timeout: 60_000 }, async (_what, make) => {
    const { token, codeOf } = await make();
    const codes = new Set<string>();
    for (let bit = 0; bit < token.length * 8; bit += 1)
      codes.add(stepOf(await codeOf(withByte(token, bit >> 3, (byte) => byte ^ (1 << (bit & 7))))));
    expect([...codes].sort()).toEqual(UP_TO_THE_SIGNATURE);
  });

  it.each(subjects)("%s is refused with any other end of its signature", async (_what, make) => {
    const { token, codeOf } = await make();
    const last = token.at(-1);
    const others = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="].filter((c) => c !== last);
    for (const other of [...others, "", `${last}A`, `${last}=`, `${last} `, `${last}\n`])
      expect(UP_TO_THE_SIGNATURE).toContain(stepOf(await codeOf(token.slice(0, -1) + other)));
  });
});
