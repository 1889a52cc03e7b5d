import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { concatBytes, toHex, utf8 } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import type { Sha256 } from "../../base/ports.ts";
import { createSha256 } from "../jose/hasher.ts";
import { verifyCheckpoint } from "./checkpoint.ts";
import { hintOf, type NoteKey, noteKeyOfSpki, readVerifierKey } from "./note-key.ts";
import { readNote } from "./signed-note.ts";
import { readTrustedRoot, type TrustedLog, verifyBundle } from "./sigstore-bundle.ts";

const vectors = new URL("../../../e2e/fixtures/vectors/", import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, vectors), "utf8");
const base64 = (encoded: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(encoded, "base64"));
const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

let sha256: Sha256;
let tessera: NoteKey;
beforeAll(async () => {
  sha256 = await createSha256();
  const read = await readVerifierKey(text("tlog-tessera/verifier-key.txt"), sha256);
  tessera = must(read.ok ? read.value : null, "the published key");
});

/** A signer of notes of its own. */
async function noteSigner(name: string, kind: 1 | 4) {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const encoded = concatBytes(Uint8Array.of(kind), raw);
  const hint = hintOf(name, encoded, sha256);
  const key = `${name}+${toHex(hint)}+${encode(encoded)}`;
  const line = async (body: string, timeS = 0): Promise<string> => {
    const time = new Uint8Array(8);
    new DataView(time.buffer).setBigUint64(0, BigInt(timeS));
    const signed = kind === 1 ? body : `cosignature/v1\ntime ${timeS}\n${body}`;
    const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, utf8(signed)));
    return `\u2014 ${name} ${encode(kind === 1 ? concatBytes(hint, signature) : concatBytes(hint, time, signature))}\n`;
  };
  const read = await readVerifierKey(key, sha256);
  return { line, key, noteKey: must(read.ok ? read.value : null, "its own key") };
}

const BODY = `example.org/log\n7\n${encode(new Uint8Array(32).fill(9))}\n`;

describe("a checkpoint", () => {
  it("[XA-12] of every size of the published log is read as it was signed", async () => {
    for (let size = 0; size <= 15; size += 1) {
      const note = text(`tlog-tessera/log/checkpoint.${size}`);
      const verified = await verifyCheckpoint(note, [tessera]);
      expect(verified).toMatchObject({ ok: true, value: { origin: "example.com/log/testdata", size, witnessed: [] } });
      expect(verified.ok && encode(verified.value.root)).toBe(note.split("\n")[2]);
    }
  });

  it("[XA-12] [XA-S2] with any changed character, or by another log, is none", async () => {
    const note = text("tlog-tessera/log/checkpoint.15");
    for (let at = 0; at < note.length; at += 1) {
      const changed = `${note.slice(0, at)}${note[at] === "x" ? "y" : "x"}${note.slice(at + 1)}`;
      expect((await verifyCheckpoint(changed, [tessera])).ok).toBe(false);
    }
    const other = await noteSigner("example.com/log/testdata", 1);
    expect(await verifyCheckpoint(note, [other.noteKey])).toMatchObject({ error: { code: "note_signature_missing" } });
    const elsewhere = await noteSigner("example.org/other", 1);
    expect(await verifyCheckpoint(note, [elsewhere.noteKey])).toMatchObject({
      error: { code: "checkpoint_origin_unknown" },
    });
  });

  it("[XA-12] tells which witnesses have signed it and when, and which signatures prove nothing", async () => {
    const log = await noteSigner("example.org/log", 1);
    const witness = await noteSigner("witness.example", 4);
    const stranger = await noteSigner("stranger.example", 4);
    const note = `${BODY}\n${await log.line(BODY)}${await witness.line(BODY, 1_790_000_000)}${await stranger.line(BODY, 5)}`;
    expect(await verifyCheckpoint(note, [log.noteKey], [witness.noteKey])).toMatchObject({
      ok: true,
      value: { size: 7, witnessed: [{ name: "witness.example", timeS: 1_790_000_000 }], unknown: ["stranger.example"] },
    });
    const elsewhere = BODY.replace("7", "8");
    const forged = `${BODY}\n${await log.line(BODY)}${await witness.line(elsewhere, 5)}`;
    expect(await verifyCheckpoint(forged, [log.noteKey], [witness.noteKey])).toMatchObject({
      error: { code: "note_signature_invalid" },
    });
    const unsigned = `${BODY}\n${await witness.line(BODY, 5)}`;
    expect(await verifyCheckpoint(unsigned, [log.noteKey], [witness.noteKey])).toMatchObject({
      error: { code: "note_signature_missing" },
    });
  });

  it.each([
    ["note_malformed", "no signatures at all"],
    ["note_malformed", `${BODY}\n`],
    ["note_malformed", `${BODY}\n\u2014 a+b AAAAAAA=\n`],
    ["note_malformed", `${BODY.replace("7", "7\r")}\n\u2014 a AAAAAAA=\n`],
    ["note_malformed", `${BODY}\n\u2014 a AAAAAAA=`],
    ["checkpoint_malformed", `${BODY.replace("7", "07")}\n\u2014 a AAAAAAA=\n`],
    ["checkpoint_malformed", `${BODY.replace("7", "9007199254740993")}\n\u2014 a AAAAAAA=\n`],
    ["checkpoint_malformed", `${BODY.replace("CQk", "C")}\n\u2014 a AAAAAAA=\n`],
    ["checkpoint_malformed", `${BODY}\nmore\n\n\u2014 a AAAAAAA=\n`],
  ])("[XA-12] is refused with %s when it is none: %j", async (code, note) => {
    expect(await verifyCheckpoint(note, [tessera])).toMatchObject({ ok: false, error: { code } });
  });

  it("[XA-12] a key that names another's hint, or is of an unknown kind, is none", async () => {
    const key = text("tlog-tessera/verifier-key.txt").trim();
    for (const bad of [key.replace("33d7b496", "33d7b497"), key.replace("+A", "+B"), "name only", ""])
      expect(await readVerifierKey(bad, sha256)).toMatchObject({ ok: false, error: { code: "note_key_invalid" } });
    expect(readNote(text("tlog-tessera/log/checkpoint"))).toMatchObject({ ok: true });
  });
});

describe("a bundle of sigstore's", () => {
  const folders = readdirSync(new URL("sigstore-bundles/", vectors), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const bundleOf = (folder: string): Json => JSON.parse(text(`sigstore-bundles/${folder}/bundle.sigstore.json`));

  async function logsOf(folder: string): Promise<readonly TrustedLog[]> {
    if (folder.startsWith("rekor2")) {
      const trusted = await readTrustedRoot(JSON.parse(text(`sigstore-bundles/${folder}/trusted_root.json`)));
      return must(trusted.ok ? trusted.value : null, "the trusted root");
    }
    const { spki } = JSON.parse(text("sigstore-bundles/production-log-key.json")) as { spki: string };
    const keyId = sha256(base64(spki));
    const key = await noteKeyOfSpki("rekor.sigstore.dev", keyId, base64(spki));
    return [{ keyId, key: must(key.ok ? key.value : null, "the published key") }];
  }

  it.each(folders)("[XA-13] [XA-S2] %s is judged as published", async (folder) => {
    const verified = await verifyBundle(bundleOf(folder), await logsOf(folder), sha256);
    expect(verified.ok).toBe(!folder.endsWith("_fail"));
  });

  it("[XA-13] each that must fail says why", async () => {
    const codes: Record<string, string> = {};
    for (const folder of folders.filter((name) => name.endsWith("_fail"))) {
      const verified = await verifyBundle(bundleOf(folder), await logsOf(folder), sha256);
      codes[folder] = verified.ok ? "" : verified.error.code;
    }
    expect(codes).toEqual({
      "checkpoint-wrong-roothash_fail": "checkpoint_mismatch",
      "rekor2-checkpoint-missing-log-signature_fail": "note_malformed",
      "rekor2-checkpoint-missing-size_fail": "checkpoint_malformed",
    });
  });

  it("[XA-13] proves nothing by a log that is not trusted, and with any change of its path", async () => {
    const logs = await logsOf("happy-path-v0.3");
    expect(await verifyBundle(bundleOf("happy-path-v0.3"), [], sha256)).toMatchObject({
      error: { code: "log_unknown" },
    });
    const whole = JSON.stringify(bundleOf("happy-path-v0.3"));
    const { tlogEntries } = JSON.parse(whole).verificationMaterial;
    const { hashes, logIndex } = tlogEntries[0].inclusionProof as { hashes: string[]; logIndex: string };
    const changed = [
      whole.replace(`"logIndex":"${logIndex}"`, `"logIndex":"${Number(logIndex) - 1}"`),
      ...hashes.map((hash, at) => whole.replace(JSON.stringify(hash), JSON.stringify(hashes.at(at - 1)))),
    ];
    for (const one of changed)
      expect(await verifyBundle(JSON.parse(one), logs, sha256)).toMatchObject({ error: { code: "inclusion_invalid" } });
  });
});
