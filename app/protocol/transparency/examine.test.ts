import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { toBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import type { ReceiptClaims } from "../audit/claims.ts";
import { toCoseReceipt } from "../audit/cose-receipt.ts";
import { entryLeaf } from "../audit/entry.ts";
import { createSha256 } from "../jose/hasher.ts";
import { generateSigner } from "../jose/keys.ts";
import { signToken, tokenDigest } from "../jose/sign-token.ts";
import { cachedRangeRoot, inclusionPath, rootOf } from "../merkle/tree.ts";
import { toBase64 } from "./base64.ts";
import { examine, readKnown } from "./examine.ts";
import { besideOf, foreignOf, textOfFile } from "./foreign.ts";
import { checkpointText, cosignNote, noteSigner, signNote, verifierKeyOf } from "./sign-note.ts";

const vectors = new URL("../../../e2e/fixtures/vectors/", import.meta.url);
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, vectors)));
const textOf = (name: string): string => readFileSync(new URL(name, vectors), "utf8");
const KEY = textOf("tlog-tessera/verifier-key.txt");
const CHECKPOINT = textOf("tlog-tessera/log/checkpoint");

let sha256: Sha256;
beforeAll(async () => {
  sha256 = await createSha256();
});

/** What is seen after pasting `text` with `beside` in the field for keys. */
async function seen(text: string, beside = "", own: readonly string[] = []) {
  const given = besideOf(beside);
  const foreign = must(foreignOf(text), `nothing is recognised in ${text.slice(0, 40)}`);
  return examine(foreign, given, await readKnown(given, own, sha256), sha256);
}
const results = (examined: Awaited<ReturnType<typeof seen>>) =>
  Object.fromEntries(examined.proofs.map(({ what, result }) => [what, result]));

describe("a proof that is brought in", () => {
  it("[XA-54] a checkpoint is verified under its key, failed when changed, and says when the key is unknown", async () => {
    const what = "signature of example.com/log/testdata";
    expect(results(await seen(CHECKPOINT.trim(), KEY))).toEqual({ [what]: "verified" });
    const known = await seen(CHECKPOINT, "", [KEY.trim()]);
    expect(known.proves).toContain("15 entries");
    const unknown = await seen(CHECKPOINT);
    expect(results(unknown)).toEqual({ [what]: "not_checked" });
    expect(unknown.proofs[0]?.detail).toContain("unknown here");
    expect(unknown.proves).toMatch(/^Nothing yet/);
    expect(results(await seen(CHECKPOINT.replace("\n15\n", "\n14\n"), KEY))).toEqual({ [what]: "failed" });
  });

  it("[XA-54] a witnessed checkpoint names who saw it, and a forged witness proves nothing", async () => {
    const signer = must(noteSigner("log.example", "ed25519", await generateSigner()), "Ed25519");
    const witness = must(noteSigner("witness.example", "cosignature", await generateSigner()), "Ed25519");
    const text = (size: number) => checkpointText({ origin: "log.example", size, root: sha256(new Uint8Array(size)) });
    const note = await cosignNote(await signNote(text(7), signer, sha256), witness, 1_790_000_000, sha256);
    const keys = `${verifierKeyOf(signer, sha256)}\n${verifierKeyOf(witness, sha256)}`;
    const good = await seen(note, keys);
    expect(results(good)).toEqual({
      "signature of log.example": "verified",
      "signature of witness.example": "verified",
    });
    expect(good.proofs[1]?.detail).toContain("2026-09-21T");
    expect(good.proves).toContain("1 known witness has seen it");
    const elsewhere = await cosignNote(await signNote(text(8), signer, sha256), witness, 5, sha256);
    const forged = `${await signNote(text(7), signer, sha256)}${elsewhere.trimEnd().split("\n").at(-1)}\n`;
    const bad = await seen(forged, keys);
    expect(results(bad)["signature of witness.example"]).toBe("failed");
    expect(bad.proves).toMatch(/^Nothing yet/);
    expect(results(await seen(note.trimEnd().split("\n").at(-1) ?? "", keys))).toEqual({ signatures: "not_checked" });
    const request = await seen(`old 0\n\n${note}`, keys);
    expect(results(request)).toMatchObject({
      "growth from 0 entries": "not_checked",
      "signature of log.example": "verified",
    });
  });

  it("[XA-54] a checkpoint that another log's key has signed is not that log's statement, and the log is no witness of itself", async () => {
    const own = must(noteSigner("log.example", "ed25519", await generateSigner()), "Ed25519");
    const other = must(noteSigner("other.example", "ed25519", await generateSigner()), "Ed25519");
    const text = checkpointText({ origin: "log.example", size: 7, root: sha256(new Uint8Array(7)) });
    const keys = `${verifierKeyOf(own, sha256)}\n${verifierKeyOf(other, sha256)}`;
    const foreign = await seen(await signNote(text, other, sha256), keys);
    expect(foreign.proofs).toMatchObject([{ result: "verified", detail: expect.stringContaining("not the log's") }]);
    expect(foreign.proves).toMatch(/^Nothing yet/);
    const itself = { ...own, kind: "cosignature" as const };
    const note = await cosignNote(await signNote(text, own, sha256), itself, 5, sha256);
    const alone = await seen(note, `${keys}\n${verifierKeyOf(itself, sha256)}`);
    expect(alone.proves).not.toContain("witness");
    expect(alone.proofs[1]?.detail).not.toContain("a witness");
    expect(alone.leavesOpen).toContain("no witness");
  });

  it("[XA-54] a tile is held against the checkpoint beside it, and is nothing by itself", async () => {
    const dropped = textOfFile(bytesOf("tlog-tessera/log/tile/0/000.p/15"), toBase64);
    const what = "being the whole of a log";
    expect(results(await seen(dropped))).toEqual({ [what]: "not_checked" });
    expect(results(await seen(dropped, `${KEY}${CHECKPOINT}`))).toEqual({ [what]: "verified" });
    expect(results(await seen(dropped, CHECKPOINT))).toEqual({ [what]: "not_checked" });
    const smaller = textOfFile(bytesOf("tlog-tessera/log/tile/0/000.p/14"), toBase64);
    expect((await seen(smaller, `${KEY}${CHECKPOINT}`)).proofs[0]?.detail).toContain("more tiles are needed");
    const changed = bytesOf("tlog-tessera/log/tile/0/000.p/15");
    changed[0] = (changed[0] ?? 0) ^ 1;
    expect(results(await seen(toBase64(changed), `${KEY}${CHECKPOINT}`))).toEqual({ [what]: "failed" });
    const bundle = textOfFile(bytesOf("tlog-tessera/log/tile/entries/000.p/15"), toBase64);
    expect(await seen(bundle, `${KEY}${CHECKPOINT}`)).toMatchObject({
      name: "Bundle of entries",
      proofs: [{ result: "verified" }],
    });
  });

  it("[XA-54] a bundle of sigstore's is in its log or not, and what is not looked at is said", async () => {
    const bundle = textOf("sigstore-bundles/happy-path-v0.3/bundle.sigstore.json");
    const key = textOf("sigstore-bundles/production-log-key.json").replaceAll("\n", " ");
    const good = await seen(bundle, JSON.stringify({ ...JSON.parse(key), name: "rekor.sigstore.dev" }));
    expect(Object.values(results(good))).toEqual(["verified", "not_checked", "not_checked", "not_checked"]);
    expect(good.leavesOpen).toContain("Whether the entry is about this artifact");
    expect(results(await seen(bundle))["inclusion in a transparency log"]).toBe("not_checked");
    const rekor = "sigstore-bundles/rekor2-happy-path";
    const trusted = textOf(`${rekor}/trusted_root.json`);
    expect(results(await seen(textOf(`${rekor}/bundle.sigstore.json`), trusted))).toMatchObject({
      certificate: "not_checked",
    });
    const failing = "sigstore-bundles/checkpoint-wrong-roothash_fail/bundle.sigstore.json";
    const bad = await seen(textOf(failing), JSON.stringify({ ...JSON.parse(key), name: "rekor.sigstore.dev" }));
    expect(bad.proofs[0]).toMatchObject({ result: "failed", code: "checkpoint_mismatch" });
  });

  it("[XA-54] [XA-13] a receipt, compact or COSE, is followed from the token to the root that its log signed", async () => {
    const { signer, jwk } = await generateSigner();
    const entry = {
      seq: 1,
      token: await signToken("exec+jwt", { iat: 100 }, signer),
      received_at: 101,
      submitter: "urn:agent:a",
    };
    const leaves = [sha256(new Uint8Array(1)), entryLeaf(entry, sha256), sha256(new Uint8Array(2))];
    const claims: ReceiptClaims = {
      iss: "spiffe://ops.example/log",
      iat: 110,
      jti: "0195400c-0000-7000-8000-0000000000b1",
      sub_hash: tokenDigest(entry.token, sha256),
      seq: 1,
      received_at: 101,
      submitter: entry.submitter,
      tree_size: 3,
      root: toBase64url(rootOf(leaves, sha256)),
      path: inclusionPath(1, 3, cachedRangeRoot(leaves, sha256)).map(toBase64url),
      vds: 1,
    };
    const receipt = await signToken("audit-receipt+jwt", claims, signer);
    const verifierKey = verifierKeyOf(
      must(noteSigner("ops.example/log", "ed25519", { signer, jwk }), "Ed25519"),
      sha256,
    );
    const whole = await seen(receipt, `${JSON.stringify(jwk)}\n${entry.token}`);
    expect(results(whole)).toMatchObject({
      "a signed receipt": "verified",
      "the token is included under the root": "verified",
      "the root agrees with the pinned heads": "not_checked",
    });
    expect(whole.proves).toContain("entry 1 of the log");
    // Of several tokens beside it the one that it is for counts.
    const several = `${JSON.stringify(jwk)}\n${await signToken("exec+jwt", { iat: 1 }, signer)}\n${entry.token}`;
    expect(results(await seen(receipt, several))["for this token"]).toBe("verified");
    const alone = await seen(receipt, "", [verifierKey]);
    expect(results(alone)).toMatchObject({ "a signed receipt": "verified", "for this token": "not_checked" });
    expect(results(await seen(receipt))["a signed receipt"]).toBe("not_checked");
    const other = await seen(receipt, `${JSON.stringify(jwk)}\n${await signToken("exec+jwt", { iat: 1 }, signer)}`);
    expect(results(other)["for this token"]).toBe("failed");

    const cose = await toCoseReceipt(claims, entry.token, signer);
    const good = await seen(toBase64(cose), verifierKey);
    expect(results(good)).toMatchObject({ inclusion: "verified", "signature of the receipt": "verified" });
    expect(good.proves).toContain("entry 1 of the log");
    expect((await seen(toBase64url(cose))).proofs[0]).toMatchObject({
      result: "not_checked",
      code: "cose_key_unknown",
    });
    const changed = cose.slice();
    changed[cose.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect((await seen(toBase64(changed), verifierKey)).proofs[0]?.result).toBe("failed");
    // A verifier key is for the log of its name, not for whatever log a statement names.
    const foreignKey = verifierKey.replace("ops.example/log", "other.example/log");
    expect((await seen(toBase64(cose), foreignKey)).proofs[0]?.result).toBe("not_checked");
  });

  it("[XA-54] what is none is none, and keys that cannot be used are told", async () => {
    for (const text of ["", "hello", "a.b.c", "{}", '{"a":', "A".repeat(60_001), "x".repeat(43)])
      expect(foreignOf(text)).toBeNull();
    const odd = besideOf('what is this\n{"kty":"RSA"}');
    expect(odd).toMatchObject({ unread: 1, json: [{ kty: "RSA" }] });
    expect((await readKnown(odd, [], sha256)).unusable).toHaveLength(1);
    const broken = await readKnown(besideOf(KEY.replace("33d7b496", "33d7b497")), [], sha256);
    expect(broken).toMatchObject({ notes: [], unusable: ["its hint is another key's"] });
  });
});
