import { readFileSync } from "node:fs";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { must } from "../../base/assert.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { type PublicJwk, publicJwkSchema } from "../identity/claims.ts";
import { generateSigner, importPublicKey, type TrustedKey } from "./keys.ts";
import { signatureFits } from "./signature.fixture.ts";
import { tokenFits } from "./signature.ts";
import type { TokenType } from "./token-type.ts";
import { verifyToken } from "./verify-token.ts";

/** Answers that nobody here wrote: attack vectors and the examples of the RFCs, through the functions tokens go through. */
const fixtures = new URL("../../../e2e/fixtures/vectors/", import.meta.url);
const read = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, fixtures), "utf8")) as T;
const hex = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, "hex"));

interface SignatureFile {
  numberOfTests: number;
  testGroups: {
    publicKeyJwk: unknown;
    tests: {
      tcId: number;
      comment: string;
      flags: readonly string[];
      msg: string;
      sig: string;
      result: "valid" | "invalid";
    }[];
  }[];
}

async function keyOf(jwk: unknown): Promise<Pick<TrustedKey, "alg" | "key">> {
  const parsed = publicJwkSchema.parse(jwk);
  const imported = await importPublicKey(parsed);
  return must(imported.ok ? imported.value : null, "the key of a vector imports");
}

/** Ids of the cases that are judged otherwise than published, how many were judged at all, and of which categories. */
async function misjudged(path: string) {
  const file = read<SignatureFile>(path);
  const wrong: string[] = [];
  const categories: Record<string, number> = {};
  let judged = 0;
  for (const group of file.testGroups) {
    const key = await keyOf(group.publicKeyJwk);
    for (const test of group.tests) {
      judged += 1;
      for (const flag of test.flags) categories[flag] = (categories[flag] ?? 0) + 1;
      const fits = await signatureFits(key, hex(test.sig), hex(test.msg));
      if (fits !== (test.result === "valid")) wrong.push(`${test.tcId} ${test.comment}`);
    }
  }
  return { judged, expected: file.numberOfTests, wrong, categories };
}

/** A type that accepts whatever has a good signature, to leave the judgement to the steps before the claims. */
const ANY_TYPE: TokenType<unknown> = {
  typ: ["any"],
  schema: z.unknown(),
  audience: "none",
  expiry: "none",
  maxLifetimeS: () => null,
  replayScope: () => null,
};

const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);
async function codeOf(compact: string, key: TrustedKey | undefined): Promise<string> {
  const verified = await verifyToken(ANY_TYPE, compact, {
    nowS: 1_772_064_000,
    ownIds: [],
    resolveKey: () => key,
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256,
  });
  return verified.ok ? "accepted" : verified.error.code;
}

describe("signature vectors", () => {
  it("[COM-4] judges all 131 ES256 cases of r and s side by side as published", async () => {
    expect(await misjudged("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json")).toEqual({
      judged: 131,
      expected: 131,
      wrong: [],
      categories: {
        ArithmeticError: 56,
        EdgeCasePublicKey: 12,
        EdgeCaseShamirMultiplication: 1,
        IntegerOverflow: 2,
        InvalidSignature: 24,
        ModifiedInteger: 1,
        ModularInverse: 8,
        PointDuplication: 3,
        RangeCheck: 2,
        SmallRandS: 8,
        SpecialCaseHash: 27,
        ValidSignature: 3,
      },
    });
  });

  it("[COM-4] judges all 75 Ed25519 cases as published", async () => {
    expect(await misjudged("wycheproof/ed25519_test.json")).toEqual({
      judged: 75,
      expected: 75,
      wrong: [],
      categories: {
        CompressedSignature: 2,
        InvalidEncoding: 11,
        InvalidSignature: 10,
        Ktv: 20,
        SignatureMalleability: 4,
        SignatureWithGarbage: 2,
        TinkOverflow: 16,
        TruncatedSignature: 2,
        Valid: 8,
      },
    });
  });

  /** The examples of RFC 7515 A.3 and RFC 8037 A.4, whose payloads are bytes and need not be JSON. */
  it.each<[string, PublicJwk, string]>([
    [
      "RFC 7515 A.3",
      {
        kty: "EC",
        crv: "P-256",
        x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
      },
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    ],
    [
      "RFC 8037 A.4",
      { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" },
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    ],
  ])("[COM-4] the signature of %s verifies, and over other bytes it does not", async (_name, jwk, compact) => {
    const key = await keyOf(jwk);
    expect(await tokenFits(compact, key)).toBe(true);
    expect(await tokenFits(`x${compact}`, key)).toBe(false);
  });

  it("[COM-4] a header that names another algorithm than the key is for makes the same holder's signature none", async () => {
    const { signer, jwk } = await generateSigner("EdDSA");
    const key = await keyOf(jwk);
    for (const [alg, fits] of [
      ["EdDSA", true],
      ["Ed25519", true],
      ["ES256", false],
      ["none", false],
    ] as const) {
      const signed = `${toBase64url(utf8(JSON.stringify({ alg })))}.e30`;
      const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", signer.key, utf8(signed)));
      expect(await tokenFits(`${signed}.${toBase64url(signature)}`, key)).toBe(fits);
    }
  });
});

describe("numbers in signed objects", () => {
  it.each(["9007199254740993", "-9007199254740993", "1e400", "1e300", '{"a":[18446744073709551616]}'])(
    "[COM-13] refuses a token that carries %s, which reading would change",
    async (number) => {
      const encode = (text: string): string => Buffer.from(utf8(text)).toString("base64url");
      const compact = `${encode('{"alg":"ES256","typ":"any","kid":"k"}')}.${encode(`{"x":${number}}`)}.AAAA`;
      expect(await codeOf(compact, undefined)).toBe("token_malformed");
    },
  );

  it("[COM-13] takes the largest safe integer and finite decimals", async () => {
    const encode = (text: string): string => Buffer.from(utf8(text)).toString("base64url");
    const compact = `${encode('{"alg":"ES256","typ":"any","kid":"k"}')}.${encode('{"x":[9007199254740991,-0.25,1e-7]}')}.AAAA`;
    expect(await codeOf(compact, undefined)).toBe("token_key_unknown");
  });
});
