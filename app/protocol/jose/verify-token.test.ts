import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { ECT_TYPE, LEGACY_ECT_TYPE } from "../ect/ect-token.ts";
import { generateSigner, importPublicKey, type Signer, type TrustedKey } from "./keys.ts";
import { signToken } from "./sign-token.ts";
import { explainToken, type VerifyContext, verifyToken } from "./verify-token.ts";

/** The values of ect.md section (g). */
const PLANNER = "spiffe://ops.example/agent/planner";
const EXECUTOR = "spiffe://ops.example/agent/executor";
const EXAMPLE_JWK = {
  kty: "EC",
  crv: "P-256",
  x: "q3ia4Y9KuRkJKgMZR12a7pO52fVeQqkVIGl4tkD8FtQ",
  y: "5tN1RC2cjMHTvmgutCay4Tq-6llAPU0B5DsEGgpHa2k",
} as const;
const EXAMPLE =
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImV4ZWMrand0Iiwia2lkIjoiYWdlbnQtYS0yMDI2In0.eyJpc3MiOiJzcGlmZmU6Ly9vcHMuZXhhbXBsZS9hZ2VudC9wbGFubmVyIiwiYXVkIjpbInNwaWZmZTovL29wcy5leGFtcGxlL2FnZW50L2V4ZWN1dG9yIiwic3BpZmZlOi8vb3BzLmV4YW1wbGUvbGVkZ2VyIl0sImlhdCI6MTc3MjA2NDAwMCwiZXhwIjoxNzcyMDY0NjAwLCJqdGkiOiIwMTk1NDAwYy0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJ3aWQiOiIwMTk1NDAwYy0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMGEiLCJleGVjX2FjdCI6InBsYW5fY2hhbmdlIiwicHJlZCI6W10sImlucF9oYXNoIjoicndvN2FwLUVhNk5wSXRYcF9WQjN6TjNCdW1NMVY5LXRKd2M5UW4tc1lDWSIsIm91dF9oYXNoIjoieTlpOG9EZzNsN3Fnek1kZWN1aE5lRENoS1ZfVDRYaE8zWXlTMnY3Q251RSIsImVjdF9leHQiOnsicG9sIjoiY2hhbmdlLXBvbGljeS12MyIsInBvbF9kZWNpc2lvbiI6ImFwcHJvdmVkIiwicG9sX2VuZm9yY2VyIjoic3BpZmZlOi8vb3BzLmV4YW1wbGUvcGRwIn19.xgMnoVGrS7K8t23wEbxa9z_tyFSqhB03W_IoiA-0yoPU7y5WaTHQXHh-V3n-bCG27V4kSll9_zSucRb3OZ_2iA";

const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);

async function exampleContext(change: Partial<VerifyContext> = {}): Promise<VerifyContext> {
  const imported = await importPublicKey(EXAMPLE_JWK);
  const key = must(imported.ok ? imported.value : null, "the example key imports");
  expect(key.kid).toBe("5wNJc-RNgVo0mCt8pjYTVEac3ALNznJ3IdOj2-qs65Y");
  const trusted: TrustedKey = { kid: "agent-a-2026", subject: PLANNER, alg: key.alg, key: key.key, revokedAt: null };
  return {
    nowS: 1_772_064_010,
    ownIds: [EXECUTOR],
    resolveKey: (kid) => (kid === trusted.kid ? trusted : undefined),
    seen: () => false,
    sha256,
    ...change,
  };
}

async function codeOf(token: string, context: VerifyContext): Promise<string> {
  const result = await verifyToken(ECT_TYPE, token, context);
  return result.ok ? "accepted" : result.error.code;
}

describe("the example of ect.md", () => {
  it("[ECT-2] [INV-5] verifies with the published key, digest and claims", async () => {
    const result = await verifyToken(ECT_TYPE, EXAMPLE, await exampleContext());
    expect(result.ok && [result.value.digest, result.value.claims.exec_act, result.value.claims.pred]).toEqual([
      "EgB83pxwvXX9L-Ak62UzRgbtSMdkkyYSMyydl5OSs_4",
      "plan_change",
      [],
    ]);
  });

  it("[COM-2] [COM-3] [ECT-9] [ECT-11] gives one code for a late, a misaddressed and a repeated token", async () => {
    expect(await codeOf(EXAMPLE, await exampleContext({ nowS: 1_772_064_700 }))).toBe("token_expired");
    expect(await codeOf(EXAMPLE, await exampleContext({ nowS: 1_772_064_629 }))).toBe("accepted");
    expect(await codeOf(EXAMPLE, await exampleContext({ ownIds: ["spiffe://other.example/x"] }))).toBe(
      "token_audience_mismatch",
    );
    expect(await codeOf(EXAMPLE, await exampleContext({ seen: () => true }))).toBe("token_replayed");
  });

  it("[ECT-S1] any changed character is refused", async () => {
    const context = await exampleContext();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: EXAMPLE.length - 1 }),
        fc.integer({ min: 32, max: 126 }),
        async (at, code) => {
          const changed = EXAMPLE.slice(0, at) + String.fromCharCode(code) + EXAMPLE.slice(at + 1);
          if (changed !== EXAMPLE) expect(await codeOf(changed, context)).not.toBe("accepted");
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("common token verification", () => {
  const claims = {
    iss: PLANNER,
    aud: EXECUTOR,
    iat: 1_772_064_000,
    exp: 1_772_064_600,
    jti: "0195400c-0000-7000-8000-000000000009",
    exec_act: "plan",
    pred: [],
  };

  async function signedContext(
    alg: "ES256" | "EdDSA" = "ES256",
    change: Partial<VerifyContext> = {},
    key: Partial<TrustedKey> = {},
  ): Promise<{ signer: Signer; context: VerifyContext }> {
    const { signer, jwk } = await generateSigner(alg);
    const imported = await importPublicKey(jwk);
    const trusted: TrustedKey = {
      kid: signer.kid,
      subject: PLANNER,
      alg,
      key: must(imported.ok ? imported.value.key : null, "a key"),
      revokedAt: null,
      ...key,
    };
    return {
      signer,
      context: await exampleContext({ resolveKey: (kid) => (kid === signer.kid ? trusted : undefined), ...change }),
    };
  }

  const bare = (header: object, payload: string): string =>
    `${toBase64url(utf8(JSON.stringify(header)))}.${toBase64url(utf8(payload))}.AAAA`;

  it("[COM-1] each step has its code, and the first failing step decides", async () => {
    const { signer, context } = await signedContext();
    const sign = (change: object, typ = "exec+jwt") => signToken(typ, { ...claims, ...change }, signer);
    const cases: [string, string][] = [
      ["a".repeat(16_385), "token_too_large"],
      ["a.b", "token_malformed"],
      [`${await sign({})}=`, "token_malformed"],
      [bare({ alg: "ES256", typ: "exec+jwt" }, '{"a":1,"a":2}'), "token_malformed"],
      [bare({ alg: "ES256", typ: "exec+jwt", crit: ["x"] }, "{}"), "token_malformed"],
      [await sign({}, "act+jwt"), "token_wrong_type"],
      [bare({ alg: "none", typ: "exec+jwt" }, "{}"), "token_alg_forbidden"],
      [bare({ alg: "HS256", typ: "exec+jwt" }, "{}"), "token_alg_forbidden"],
      [bare({ alg: "ES256", typ: "exec+jwt", kid: "nobody's" }, "{}"), "token_key_unknown"],
      [bare({ alg: "ES256", typ: "exec+jwt", kid: signer.kid }, "{}"), "token_signature_invalid"],
      [await sign({ jti: "not-a-uuid" }), "token_claim_invalid"],
      [await sign({ iss: EXECUTOR }), "token_issuer_mismatch"],
      [await sign({ aud: "spiffe://ops.example/other" }), "token_audience_mismatch"],
      [await sign({ iat: 1_772_064_100 }), "token_not_yet_valid"],
      [await sign({ exp: 1_772_068_000 }), "token_lifetime_invalid"],
      [await sign({}), "accepted"],
    ];
    for (const [token, code] of cases) expect(await codeOf(token, context)).toBe(code);
  });

  it("[COM-4] [ECT-6] accepts ES256 by default and EdDSA only where it is enabled", async () => {
    const { signer, context } = await signedContext("EdDSA");
    const token = await signToken("exec+jwt", claims, signer);
    expect(await codeOf(token, context)).toBe("token_alg_forbidden");
    expect(await codeOf(token, { ...context, algorithms: ["ES256", "EdDSA"] })).toBe("accepted");
  });

  it("[COM-5] refuses an ACT where an ECT is expected, and takes the legacy type of an ECT", async () => {
    const { signer, context } = await signedContext();
    expect(await codeOf(await signToken("act+jwt", claims, signer), context)).toBe("token_wrong_type");
    expect(await codeOf(await signToken("application/Exec+JWT", claims, signer), context)).toBe("accepted");
  });

  it("[COM-6] ignores claims it does not know", async () => {
    const { signer, context } = await signedContext();
    expect(await codeOf(await signToken("exec+jwt", { ...claims, target: "x" }, signer), context)).toBe("accepted");
  });

  it("[ECT-S6] a key counts until the moment it is revoked", async () => {
    for (const [revokedAt, code] of [
      [1_772_064_010, "token_key_revoked"],
      [1_772_064_011, "accepted"],
    ] as const) {
      const { signer, context } = await signedContext("ES256", {}, { revokedAt });
      expect(await codeOf(await signToken("exec+jwt", claims, signer), context)).toBe(code);
    }
  });

  it("[ECT-21] reads the names of -00 under the legacy type only, and refuses a member under both names", async () => {
    const { signer, context } = await signedContext();
    const { pred: _none, ...old } = claims;
    const names = { ...old, par: ["0195400c-0000-7000-8000-000000000001"], ext: { a: 1 } };
    const read = async (typ: string, change: object): Promise<unknown> => {
      const type = typ === "exec+jwt" ? ECT_TYPE : LEGACY_ECT_TYPE;
      const result = await verifyToken(type, await signToken(typ, change, signer), context);
      return result.ok ? [result.value.claims.pred, result.value.claims.ect_ext] : result.error.code;
    };
    expect(await read("wimse-exec+jwt", names)).toEqual([["0195400c-0000-7000-8000-000000000001"], { a: 1 }]);
    expect(await read("wimse-exec+jwt", { ...claims, ect_ext: { a: 1 } })).toEqual([[], { a: 1 }]);
    expect(await read("exec+jwt", names)).toBe("token_claim_invalid");
    expect(await read("exec+jwt", { ...claims, ext: "unknown here" })).toEqual([[], undefined]);
    for (const typ of ["exec+jwt", "wimse-exec+jwt"])
      expect(await read(typ, { ...claims, par: [] })).toBe("token_claim_invalid");
    expect(await read("wimse-exec+jwt", { ...claims, ext: {}, ect_ext: {} })).toBe("token_claim_invalid");
  });

  it.each([
    ["[ECT-10] a jti that is no UUID", { jti: "1" }],
    ["[ECT-13] a wid that is no UUID", { wid: "1" }],
    ["[ECT-14] an empty exec_act", { exec_act: "" }],
    ["[ECT-15] a missing pred", { pred: undefined }],
    ["[ECT-17] a prefixed digest", { inp_hash: "sha-256:rwo7ap-Ea6NpItXp_VB3zN3BumM1V9-tJwc9Qn-sYCY" }],
    ["[ECT-7] an iss that is no URI", { iss: "planner" }],
  ])("%s is refused", async (_what, change) => {
    const { signer, context } = await signedContext();
    expect(await codeOf(await signToken("exec+jwt", { ...claims, ...change }, signer), context)).toBe(
      "token_claim_invalid",
    );
  });

  it("[INV-4] tells its steps one by one: passed, failed, and not reached", async () => {
    const steps = await explainToken(ECT_TYPE, EXAMPLE, await exampleContext({ ownIds: [] }));
    expect(steps.map((step) => step.result)).toEqual([
      ...Array(10).fill("passed"),
      "failed",
      "not_reached",
      "not_reached",
    ]);
    expect(steps[10]?.code).toBe("token_audience_mismatch");
  });
});
