import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { fromBase64url, toBase64url } from "../../base/bytes.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { generateSigner } from "./keys.ts";
import { readVerificationKey } from "./public-key.ts";
import { signToken } from "./sign-token.ts";
import { allowedAlgorithm } from "./signature.ts";
import { verifyJws } from "./verify-jws.ts";

/** Whole tokens with the key to judge them by, that nobody here wrote: every case is judged and every refusal named. */
const fixtures = new URL("../../../e2e/fixtures/vectors/", import.meta.url);
const read = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, fixtures), "utf8")) as T;

interface JwsFile {
  numberOfTests: number;
  testGroups: {
    comment: string;
    key?: JsonObject;
    keys?: readonly JsonObject[];
    tests: { tcId: number; comment: string; jws: Json; result: "valid" | "invalid" }[];
  }[];
}

const codeOf = async (jws: Json, jwk: Json): Promise<string> => {
  const verified = await verifyJws(jws, jwk);
  return verified.ok ? "accepted" : verified.error.code;
};

/** How often each published result got each answer, by category. */
async function answersOf(path: string): Promise<{ judged: number; answers: Record<string, Record<string, number>> }> {
  const file = read<JwsFile>(path);
  const answers: Record<string, Record<string, number>> = {};
  let judged = 0;
  for (const { comment, key, keys, tests } of file.testGroups) {
    answers[comment] ??= {};
    const counts = must(answers[comment], "the counts of a category");
    for (const { jws, result } of tests) {
      const answer = `${result}: ${await codeOf(jws, must(key ?? keys?.[0], "the key of a group"))}`;
      counts[answer] = (counts[answer] ?? 0) + 1;
      judged += 1;
    }
  }
  expect(judged).toBe(file.numberOfTests);
  return { judged, answers };
}

describe("JWS vectors", () => {
  it("[COM-1] [COM-4] [ECT-2] [ECT-5] [ECT-6] all 188 Wycheproof tokens, by category and code", async () => {
    // A token that is valid under an algorithm of another family is refused for its algorithm, one without a payload
    // before that; of what is ours only the one that is whole and unaltered is accepted.
    expect(await answersOf("wycheproof/json_web_signature_test.json")).toEqual({
      judged: 188,
      answers: {
        hs256: { "invalid: token_malformed": 6, "invalid: token_alg_forbidden": 2 },
        es256: { "valid: accepted": 1, "invalid: token_malformed": 5, "invalid: token_signature_invalid": 2 },
        rs256: {
          "invalid: token_alg_forbidden": 109,
          "invalid: token_malformed": 4,
          "valid: token_alg_forbidden": 2,
        },
        rs384: { "valid: token_malformed": 1, "valid: token_alg_forbidden": 1 },
        rs512: { "valid: token_malformed": 1, "valid: token_alg_forbidden": 1 },
        ps256: {
          "valid: token_malformed": 1,
          "valid: token_alg_forbidden": 2,
          "invalid: token_alg_forbidden": 21,
        },
        ps384: {
          "valid: token_malformed": 1,
          "valid: token_alg_forbidden": 1,
          "invalid: token_alg_forbidden": 1,
        },
        ps512: {
          "valid: token_alg_forbidden": 2,
          "invalid: token_alg_forbidden": 6,
          "invalid: token_malformed": 2,
        },
        rfc7520: { "valid: token_alg_forbidden": 3 },
        rfc7520WithKeyOps: { "valid: token_alg_forbidden": 1 },
        ec_key_for_encryption: { "invalid: token_alg_forbidden": 2 },
        base64: {
          "valid: token_alg_forbidden": 2,
          "valid: token_malformed": 1,
          "invalid: token_malformed": 6,
          "invalid: token_alg_forbidden": 1,
        },
      },
    });
  });

  it("[COM-1] [COM-4] all 11 Wycheproof keys, each with its token, by category and code", async () => {
    expect(await answersOf("wycheproof/json_web_key_test.json")).toEqual({
      judged: 11,
      answers: {
        rs256: { "invalid: token_alg_forbidden": 1 },
        keysize_too_small: { "invalid: token_malformed": 1 },
        HS256: { "invalid: token_alg_forbidden": 2 },
        HS512: { "invalid: token_alg_forbidden": 2 },
        HS384: { "valid: token_alg_forbidden": 1 },
        invalid_algorithm: { "invalid: token_alg_forbidden": 1 },
        invalid_point: { "invalid: token_claim_invalid": 1 },
        wrong_kty: { "invalid: token_alg_forbidden": 1 },
        invalid_aes_kw_key: { "invalid: token_alg_forbidden": 1 },
      },
    });
  });

  it.each([
    ["A.1", "token_alg_forbidden"],
    ["A.2", "token_alg_forbidden"],
    ["A.3", "accepted"],
    ["A.4", "token_alg_forbidden"],
    ["A.5", "token_malformed"],
    ["A.6", "token_malformed"],
    ["A.7", "token_malformed"],
  ])("[COM-4] [ECT-5] [ECT-6] the example of RFC 7515 %s: %s", async (name, code) => {
    const { jws, key } = must(read<Record<string, { jws: Json; key: Json }>>("rfc7515/examples.json")[name], name);
    expect(await codeOf(jws, key)).toBe(code);
  });

  it("[ECT-5] the unsecured example is refused for its algorithm as soon as something stands for a signature", async () => {
    const { "A.5": example } = read<Record<string, { jws: string; key: Json }>>("rfc7515/examples.json");
    const { jws, key } = must(example, "the example");
    expect(await codeOf(`${jws}AA`, key)).toBe("token_alg_forbidden");
  });

  it.each([
    "4_1.rsa_v15_signature",
    "4_2.rsa-pss_signature",
    "4_3.ecdsa_signature",
    "4_4.hmac-sha2_integrity_protection",
  ])(
    "[COM-4] [ECT-5] the example of RFC 7520 %s is on no list, and its JSON serializations are no token",
    async (name) => {
      const example = must(
        read<Record<string, { alg: string; key: Json; compact: Json; json: Json; json_flat: Json }>>(
          "jose-cookbook/jws.json",
        )[name],
        name,
      );
      expect(allowedAlgorithm(example.alg, ["ES256", "EdDSA"])).toBeNull();
      expect(await codeOf(example.compact, example.key)).toBe("token_alg_forbidden");
      expect(await codeOf(example.json, example.key)).toBe("token_malformed");
      expect(await codeOf(example.json_flat, example.key)).toBe("token_malformed");
    },
  );

  it.each(["none", "None", "HS256", "HS512", "RS256", "PS256", "ES384", "ES256K", "es256", "", undefined])(
    "[ECT-5] [ECT-6] the header algorithm %s is on no list",
    (alg) => {
      expect(allowedAlgorithm(alg, ["ES256", "EdDSA"])).toBeNull();
    },
  );
});

describe("key vectors", () => {
  it("[COM-4] of the RFC 7520 keys none verifies here: other curves, RSA, private and symmetric ones", async () => {
    const keys = Object.values(read<Record<string, Json>>("jose-cookbook/jwk.json"));
    expect(keys.length).toBe(4);
    for (const key of keys) expect(await keyCode(key)).toBe("token_alg_forbidden");
  });

  it("[COM-4] members of a key that are not known are ignored, those that are have to allow verifying", async () => {
    const { key } = must(read<Record<string, { key: JsonObject }>>("rfc7515/examples.json")["A.3"], "the example");
    const codes: [JsonObject, string][] = [
      [{ ...key, use: "sig", key_ops: ["verify"], alg: "ES256", kid: "k", x5t: "x", "com.example": 1 }, "usable"],
      [{ ...key, use: "enc" }, "token_alg_forbidden"],
      [{ ...key, key_ops: ["sign"] }, "token_alg_forbidden"],
      [{ ...key, key_ops: "verify" }, "token_alg_forbidden"],
      [{ ...key, alg: "ES384" }, "token_alg_forbidden"],
      [{ ...key, d: "AA" }, "token_claim_invalid"],
      [{ ...key, kid: 1 }, "token_claim_invalid"],
      [{ ...key, x: String(key.x).slice(1) }, "token_claim_invalid"],
      [{ ...key, y: String(key.x) }, "token_claim_invalid"],
      [{ ...key, crv: "P-384" }, "token_alg_forbidden"],
    ];
    for (const [jwk, code] of codes) expect(await keyCode(jwk)).toBe(code);
    for (const jwk of [null, [], "key", 1]) expect(await keyCode(jwk)).toBe("token_claim_invalid");
  });
});

const keyCode = async (jwk: Json): Promise<string> => {
  const key = await readVerificationKey(jwk);
  return key.ok ? "usable" : key.error.code;
};

describe("the encoding of an ES256 signature", () => {
  it("[COM-4] [ECT-S1] only r and s side by side in 64 bytes is one: not DER, nothing shorter, longer or spaced", async () => {
    const { signer, jwk: made } = await generateSigner("ES256");
    const jwk = JSON.parse(JSON.stringify(made)) as Json;
    const token = await signToken("exec+jwt", { x: 1 }, signer);
    const at = token.lastIndexOf(".") + 1;
    const bytes = must(fromBase64url(token.slice(at)), "a signature");
    const [r, s] = [bytes.slice(0, 32), bytes.slice(32)];
    const withSignature = (...parts: readonly Uint8Array[]): string =>
      token.slice(0, at) + toBase64url(Uint8Array.from(parts.flatMap((part) => [...part])));
    const zero = Uint8Array.of(0);
    expect(await codeOf(withSignature(r, s), jwk)).toBe("accepted");
    for (const changed of [
      withSignature(der(r, s)),
      withSignature(zero, r, zero, s),
      withSignature(r, s, zero),
      withSignature(r.slice(1), s),
      withSignature(r),
      withSignature(s, r),
      withSignature(new Uint8Array(64)),
    ])
      expect(await codeOf(changed, jwk)).toBe("token_signature_invalid");
    for (const end of ["=", "==", " ", "\n", "+", "/"]) expect(await codeOf(token + end, jwk)).toBe("token_malformed");
  });
});

/** SEQUENCE of two INTEGERs, as X.509 has it: without leading zeros, but never negative. */
function der(r: Uint8Array, s: Uint8Array): Uint8Array {
  const integer = (bytes: Uint8Array): number[] => {
    const from = bytes.findIndex((byte) => byte !== 0);
    const content = [...(from < 0 ? [0] : bytes.slice(from))];
    if ((content[0] ?? 0) > 0x7f) content.unshift(0);
    return [2, content.length, ...content];
  };
  const content = [...integer(r), ...integer(s)];
  return Uint8Array.from([0x30, content.length, ...content]);
}
