import { readdirSync, readFileSync } from "node:fs";
import { Sign1 } from "@auth0/cose";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { decode, Tagged } from "cborg";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { fromBase64url, toBase64url, toHex, utf8 } from "../../base/bytes.ts";
import { type Algorithm, generateSigner, importPublicKey, type Signer, type TrustedKey } from "../jose/keys.ts";
import { readVerificationKey } from "../jose/public-key.ts";
import { signToken, tokenDigest } from "../jose/sign-token.ts";
import { cachedRangeRoot, consistencyPath, inclusionPath, rootOf } from "../merkle/tree.ts";
import type { ReceiptClaims } from "./claims.ts";
import { toCoseConsistency, verifyCoseConsistency } from "./cose-consistency.ts";
import type { CoseContext } from "./cose-header.ts";
import { toCoseReceipt, toReceiptToken, verifyCoseReceipt } from "./cose-receipt.ts";
import { fromCbor, readSign1, sign1Fits, toCbor, writeSign1 } from "./cose-sign1.ts";
import { entryLeaf } from "./entry.ts";

const LOG = "spiffe://ops.example/log";
const NOW = 1_772_064_100;
const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);

interface Keys {
  readonly signer: Signer;
  readonly trusted: TrustedKey;
}
const logs: Partial<Record<Algorithm, Keys>> = {};

beforeAll(async () => {
  for (const alg of ["EdDSA", "ES256"] as const) {
    const { signer, jwk } = await generateSigner(alg);
    const imported = await importPublicKey(jwk);
    const { key } = must(imported.ok ? imported.value : null, "a key");
    logs[alg] = { signer, trusted: { kid: signer.kid, subject: LOG, alg, key, revokedAt: null } };
  }
});
const keysOf = (alg: Algorithm): Keys => must(logs[alg], "made before");

function receiptOf(seq: number, size: number): { readonly claims: ReceiptClaims; readonly token: string } {
  const entries = Array.from({ length: size }, (_, at) => ({
    seq: at,
    token: `token-${at}`,
    received_at: NOW - 60 + at,
    submitter: "spiffe://ops.example/agent/planner",
  }));
  const leaves = entries.map((entry) => entryLeaf(entry, sha256));
  const { token, received_at, submitter } = must(entries[seq], "an entry");
  return {
    token,
    claims: {
      iss: LOG,
      iat: NOW,
      jti: "0195400c-0000-7000-8000-0000000000b1",
      sub_hash: tokenDigest(token, sha256),
      seq,
      received_at,
      submitter,
      tree_size: size,
      root: toBase64url(rootOf(leaves, sha256)),
      path: inclusionPath(seq, size, cachedRangeRoot(leaves, sha256)).map(toBase64url),
      vds: 1,
    },
  };
}

function contextOf(alg: Algorithm): CoseContext {
  const { trusted } = keysOf(alg);
  return { sha256, resolveKey: (kid) => (kid === trusted.kid ? trusted : undefined) };
}

describe("a COSE receipt", () => {
  it("[XA-13] [XA-50] carries a receipt there and back, for every entry and size", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.nat(), async (size, at) => {
        const { claims, token } = receiptOf(at % size, size);
        const { signer } = keysOf("EdDSA");
        const cose = await toCoseReceipt(claims, token, signer);
        const verified = await verifyCoseReceipt(cose, contextOf("EdDSA"));
        const back = must(verified.ok ? verified.value : null, JSON.stringify(verified));
        expect(back.claims).toEqual(claims);
        expect(back.entry.token).toBe(token);
        // The log signs the compact form anew: with a deterministic signature it is the very one.
        expect(await toReceiptToken(back, signer)).toBe(await signToken("audit-receipt+jwt", claims, signer));
        expect(await toCoseReceipt(back.claims, token, signer)).toEqual(cose);
      }),
      { numRuns: 40 },
    );
  });

  it("[XA-13] is signed by ES256 as well", async () => {
    const { claims, token } = receiptOf(3, 7);
    const cose = await toCoseReceipt(claims, token, keysOf("ES256").signer);
    expect(await verifyCoseReceipt(cose, contextOf("ES256"))).toMatchObject({ ok: true, value: { claims } });
  });

  it("[XA-S1] [XA-50] with any byte changed, left out or added is refused", async () => {
    const { claims, token } = receiptOf(2, 5);
    const cose = await toCoseReceipt(claims, token, keysOf("EdDSA").signer);
    const context = contextOf("EdDSA");
    for (let at = 0; at < cose.length; at += 1) {
      const changed = cose.slice();
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect((await verifyCoseReceipt(changed, context)).ok, `byte ${at}`).toBe(false);
    }
    expect((await verifyCoseReceipt(cose.slice(0, -1), context)).ok).toBe(false);
    expect((await verifyCoseReceipt(new Uint8Array([...cose, 0]), context)).ok).toBe(false);
  });

  it("[XA-50] [XA-S1] with another size or place beside a path that would fit is refused, since both are signed", async () => {
    const { claims, token } = receiptOf(2, 5);
    const { signer } = keysOf("EdDSA");
    const read = readSign1(await toCoseReceipt(claims, token, signer));
    const statement = must(read.ok ? read.value : null, "a statement");
    const [receipt] = statement.unprotected.get(394) as Uint8Array[]; // what toCoseReceipt has just written
    const inner = readSign1(must(receipt, "a receipt"));
    const { protectedBytes, signature } = must(inner.ok ? inner.value : null, "a receipt");
    const path = claims.path.map((hash) => must(fromBase64url(hash), "a hash"));
    for (let size = 1; size <= 9; size += 1)
      for (let index = 0; index < size; index += 1) {
        const vdp = new Map([[396, new Map([[-1, [toCbor([size, index, path])]]])]]);
        const other = toCbor(new Tagged(18, [protectedBytes, vdp, null, signature]));
        const outer = [statement.protectedBytes, new Map([[394, [other]]]), statement.payload, statement.signature];
        const verified = await verifyCoseReceipt(toCbor(new Tagged(18, outer)), contextOf("EdDSA"));
        expect([size, index, verified.ok]).toEqual([size, index, size === 5 && index === 2]);
      }
  });

  it("[XA-13] by an unknown key, or a key of somebody else, proves nothing", async () => {
    const { claims, token } = receiptOf(2, 5);
    const cose = await toCoseReceipt(claims, token, keysOf("EdDSA").signer);
    expect(await verifyCoseReceipt(cose, contextOf("ES256"))).toMatchObject({ error: { code: "cose_key_unknown" } });
    const { trusted } = keysOf("EdDSA");
    const other = { sha256, resolveKey: () => ({ ...trusted, subject: "spiffe://ops.example/pep" }) };
    expect(await verifyCoseReceipt(cose, other)).toMatchObject({ error: { code: "receipt_issuer_mismatch" } });
  });

  it.each<[string, (claims: ReceiptClaims) => ReceiptClaims, string]>([
    ["another place", (claims) => ({ ...claims, seq: 3 }), "cose_signature_invalid"],
    ["a path in another order", (claims) => ({ ...claims, path: claims.path.toReversed() }), "cose_signature_invalid"],
    ["a shorter path", (claims) => ({ ...claims, path: claims.path.slice(1) }), "receipt_proof_invalid"],
    ["another token's digest", (claims) => ({ ...claims, sub_hash: claims.root }), "receipt_subject_mismatch"],
    ["a time before it was received", (claims) => ({ ...claims, iat: NOW - 1000 }), "receipt_time_implausible"],
  ])("[XA-S1] [XA-13] signed by the log itself with %s is refused", async (_what, change, code) => {
    const { claims, token } = receiptOf(2, 5);
    const cose = await toCoseReceipt(change(claims), token, keysOf("EdDSA").signer);
    expect(await verifyCoseReceipt(cose, contextOf("EdDSA"))).toMatchObject({ ok: false, error: { code } });
  });

  it("[XA-15] with several receipts holds by one that holds", async () => {
    const { claims, token } = receiptOf(2, 5);
    const { signer } = keysOf("EdDSA");
    const read = readSign1(await toCoseReceipt(claims, token, signer));
    const { header, unprotected, payload } = must(read.ok ? read.value : null, "a statement");
    const [receipt] = unprotected.get(394) as Uint8Array[]; // what toCoseReceipt has just written
    const broken = must(receipt, "a receipt").slice();
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
    const bare = new Map([...header].filter(([label]) => label !== 1));
    const write = (receipts: readonly Uint8Array[]) =>
      writeSign1(bare, new Map([[394, receipts]]), must(payload, "attached"), signer, "attached");
    expect((await verifyCoseReceipt(await write([broken, must(receipt, "one")]), contextOf("EdDSA"))).ok).toBe(true);
    expect(await verifyCoseReceipt(await write([broken]), contextOf("EdDSA"))).toMatchObject({
      error: { code: "cose_signature_invalid" },
    });
  });

  it("[XA-50] its statement and its receipt are what another COSE library takes and makes", async () => {
    const { claims, token } = receiptOf(3, 7);
    const { signer, trusted } = keysOf("ES256");
    const cose = await toCoseReceipt(claims, token, signer);
    const statement = Sign1.decode(cose);
    await statement.verify(trusted.key);
    const [receipt] = statement.unprotectedHeaders.get(394 as never) as unknown as Uint8Array[]; // a label it has no name for
    const detached = { detachedPayload: must(fromBase64url(claims.root), "the root") };
    await Sign1.decode(must(receipt, "a receipt")).verify(trusted.key, detached);
    const theirs = await Sign1.sign([[1, -7]], [], utf8("theirs"), signer.key);
    const read = readSign1(toCbor(new Tagged(18, theirs.getContentForEncoding())));
    const ours = must(read.ok ? read.value : null, JSON.stringify(read));
    expect(await sign1Fits(ours, utf8("theirs"), trusted)).toBe(true);
    expect(await sign1Fits(ours, utf8("other"), trusted)).toBe(false);
  });
});

describe("a COSE receipt of consistency", () => {
  const about = { iss: LOG, iat: NOW, jti: "0195400c-0000-7000-8000-0000000000b2" };
  const leaves = Array.from({ length: 20 }, (_, at) => sha256(utf8(`leaf ${at}`)));
  const root = (size: number): string => toBase64url(rootOf(leaves.slice(0, size), sha256));
  const proof = (first: number, second: number) => ({
    first_size: first,
    second_size: second,
    first_root: root(first),
    second_root: root(second),
    path: consistencyPath(first, second, cachedRangeRoot(leaves, sha256)).map(toBase64url),
  });

  it("[XA-50] [XA-12] leads from a remembered head to the one the log has signed, for every two sizes", async () => {
    const { signer } = keysOf("EdDSA");
    for (let second = 2; second <= leaves.length; second += 3)
      for (let first = 1; first < second; first += 1) {
        const cose = await toCoseConsistency(proof(first, second), about, signer);
        const verified = await verifyCoseConsistency(cose, { size: first, root: root(first) }, contextOf("EdDSA"));
        expect(verified).toEqual({ ok: true, value: proof(first, second) });
      }
  });

  it("[XA-50] [XA-S1] from another head, of another size, or with any byte changed is refused", async () => {
    const cose = await toCoseConsistency(proof(5, 12), about, keysOf("EdDSA").signer);
    const from = (size: number, of: string) => verifyCoseConsistency(cose, { size, root: of }, contextOf("EdDSA"));
    expect(await from(5, root(6))).toMatchObject({ error: { code: "receipt_proof_invalid" } });
    expect(await from(6, root(6))).toMatchObject({ error: { code: "consistency_size_mismatch" } });
    for (let at = 0; at < cose.length; at += 1) {
      const changed = cose.slice();
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      const verified = await verifyCoseConsistency(changed, { size: 5, root: root(5) }, contextOf("EdDSA"));
      expect(verified.ok, `byte ${at}`).toBe(false);
    }
    const { claims, token } = receiptOf(2, 5);
    const inclusion = await toCoseReceipt(claims, token, keysOf("EdDSA").signer);
    const other = await verifyCoseConsistency(inclusion, { size: 5, root: root(5) }, contextOf("EdDSA"));
    expect(other).toMatchObject({ error: { code: "cose_malformed" } });
  });
});

describe("deterministic CBOR", () => {
  it.each([
    ["a long spelling of a short number", "1801"],
    ["a map that is out of order", "a204000100"],
    ["a label that is there twice", "a201000101"],
    ["a length that is left open", "9f01ff"],
    ["something behind it", "0101"],
    ["nothing", ""],
    ["a float that is an integer", "f93c00"],
    ["nesting without an end", "81".repeat(60_000)],
  ])("[XA-50] %s is refused", (_what, hex) => {
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    expect(fromCbor(bytes)).toMatchObject({ ok: false, error: { code: "cose_malformed" } });
  });

  it("[XA-50] of any labels in any order is the same bytes", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -500, max: 500 })), (labels) => {
        const forwards = toCbor(new Map(labels.map((label) => [label, "x"])));
        expect(toHex(toCbor(new Map(labels.toReversed().map((label) => [label, "x"]))))).toBe(toHex(forwards));
        expect(decode(forwards, { useMaps: true })).toEqual(new Map(labels.map((label) => [label, "x"])));
      }),
    );
  });
});

describe("published COSE_Sign1 examples", () => {
  const folder = new URL("../../../e2e/fixtures/vectors/cose/sign1-tests/", import.meta.url);
  const examples = readdirSync(folder).filter((name) => name.includes("fail"));

  it.each(examples)("[XA-50] %s is refused", async (name) => {
    const example = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
    const { d: _private, ...jwk } = example.input.sign0.key;
    const key = await readVerificationKey(jwk);
    const { alg, key: usable } = must(key.ok ? key.value : null, "the published key");
    const read = readSign1(Uint8Array.from(Buffer.from(example.output.cbor, "hex")));
    const fits = read.ok && (await sign1Fits(read.value, read.value.payload ?? new Uint8Array(), { alg, key: usable }));
    expect(fits).toBe(false);
  });

  it("[XA-50] sign-pass-03, which lacks its tag only, holds with the tag before it", async () => {
    const example = JSON.parse(readFileSync(new URL("sign-pass-03.json", folder), "utf8"));
    const { d: _private, ...jwk } = example.input.sign0.key;
    const key = await readVerificationKey(jwk);
    const { alg, key: usable } = must(key.ok ? key.value : null, "the published key");
    const bytes = Uint8Array.from(Buffer.from(example.output.cbor, "hex"));
    expect(readSign1(bytes).ok).toBe(false);
    const read = readSign1(new Uint8Array([0xd2, ...bytes]));
    const sign1 = must(read.ok ? read.value : null, JSON.stringify(read));
    expect(await sign1Fits(sign1, must(sign1.payload, "attached"), { alg, key: usable })).toBe(true);
  });
});
