import { expect, it } from "vitest";
import { publicJwkSchema } from "../identity/claims.ts";
import { importPublicKey } from "./keys.ts";
import { signatureFits } from "./signature.fixture.ts";

interface SignatureFile {
  testGroups: {
    publicKeyJwk: unknown;
    tests: { tcId: number; comment: string; msg: string; sig: string; result: string }[];
  }[];
}

/** The browser's own cryptography answers the same attack vectors: it is what verifies tokens in the console. */
const hex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: text.length / 2 }, (_, index) => Number.parseInt(text.slice(2 * index, 2 * index + 2), 16));

it.each([
  ["ES256", "ecdsa_secp256r1_sha256_p1363_test.json", 131],
  ["Ed25519", "ed25519_test.json", 75],
])("[COM-4] judges all %s cases as published, in the browser", async (_name, name, expected) => {
  const url = new URL(`../../../e2e/fixtures/vectors/wycheproof/${name}`, import.meta.url);
  const file = (await (await fetch(url)).json()) as SignatureFile;
  const wrong: string[] = [];
  let judged = 0;
  for (const group of file.testGroups) {
    const imported = await importPublicKey(publicJwkSchema.parse(group.publicKeyJwk));
    if (!imported.ok) throw new Error(imported.error.detail);
    for (const test of group.tests) {
      judged += 1;
      const fits = await signatureFits(imported.value, hex(test.sig), hex(test.msg));
      if (fits !== (test.result === "valid")) wrong.push(`${test.tcId} ${test.comment}`);
    }
  }
  expect([judged, wrong]).toEqual([expected, []]);
});
