import * as z from "zod";
import { fromBase64url, toHex } from "../app/base/bytes.ts";
import type { Json } from "../app/base/json.ts";
import { ok } from "../app/base/result.ts";
import { verifyCoseConsistency } from "../app/protocol/audit/cose-consistency.ts";
import type { CoseContext } from "../app/protocol/audit/cose-header.ts";
import { verifyCoseReceipt } from "../app/protocol/audit/cose-receipt.ts";
import { digestSchema } from "../app/protocol/jose/formats.ts";
import { readVerificationKey } from "../app/protocol/jose/public-key.ts";
import { fromBase64 } from "../app/protocol/transparency/base64.ts";
import { verifyCheckpoint } from "../app/protocol/transparency/checkpoint.ts";
import { noteKeyOfSpki, readVerifierKey } from "../app/protocol/transparency/note-key.ts";
import {
  NOT_CHECKED,
  readTrustedRoot,
  type TrustedLog,
  verifyBundle,
} from "../app/protocol/transparency/sigstore-bundle.ts";
import { type Answer, type LineCommand, readLine } from "./lines.ts";

const checkpointSchema = z.strictObject({
  checkpoint: z.string(),
  key: z.string(),
  witnesses: z.array(z.string()).max(100).default([]),
});

const refused = (code: string): Json => ({ ok: false, code });

const checkpoint: Answer = async (line, sha256) => {
  const read = readLine(line, checkpointSchema);
  if (!read.ok) return read;
  const { checkpoint: note, key, witnesses } = read.value;
  const log = await readVerifierKey(key, sha256);
  if (!log.ok) return ok(refused(log.error.code));
  const known = [];
  for (const text of witnesses) {
    const witness = await readVerifierKey(text, sha256);
    if (!witness.ok) return ok(refused(witness.error.code));
    known.push(witness.value);
  }
  const verified = await verifyCheckpoint(note, [log.value], known);
  if (!verified.ok) return ok(refused(verified.error.code));
  const { origin, size, root, witnessed, unknown } = verified.value;
  return ok({
    ok: true,
    origin,
    size,
    root: Buffer.from(root).toString("base64"),
    witnessed: witnessed.map(({ name, timeS }) => ({ name, time: timeS })),
    unknown: [...unknown],
  });
};

const bundleSchema = z.strictObject({
  bundle: z.json(),
  trusted_root: z.json().optional(),
  log: z.strictObject({ name: z.string(), spki: z.string() }).optional(),
});

const bundle: Answer = async (line, sha256) => {
  const read = readLine(line, bundleSchema);
  if (!read.ok) return read;
  const logs: TrustedLog[] = [];
  if (read.value.trusted_root !== undefined) {
    const trusted = await readTrustedRoot(read.value.trusted_root);
    if (!trusted.ok) return ok(refused(trusted.error.code));
    logs.push(...trusted.value);
  }
  if (read.value.log !== undefined) {
    const spki = fromBase64(read.value.log.spki);
    // The id of a log that is known by its key alone is the digest of the key (RFC 6962 section 3.2).
    const keyId = spki === null ? null : sha256(spki);
    const key = spki === null || keyId === null ? null : await noteKeyOfSpki(read.value.log.name, keyId, spki);
    if (key?.ok !== true || keyId === null) return ok(refused("note_key_invalid"));
    logs.push({ keyId, key: key.value });
  }
  const verified = await verifyBundle(read.value.bundle, logs, sha256);
  if (!verified.ok) return ok(refused(verified.error.code));
  const entries = verified.value.map(({ log, index, checkpoint: { size, root } }) => ({
    log,
    index,
    size,
    root: toHex(root),
  }));
  return ok({ ok: true, entries, not_checked: [...NOT_CHECKED] });
};

const receiptSchema = z.strictObject({
  cose: z.string(),
  log: z.string(),
  key: z.json(),
  before: z.strictObject({ size: z.int().positive(), root: digestSchema }).optional(),
});

const receipt: Answer = async (line, sha256) => {
  const read = readLine(line, receiptSchema);
  if (!read.ok) return read;
  const { cose, log, key: jwk, before } = read.value;
  const bytes = fromBase64(cose) ?? fromBase64url(cose);
  if (bytes === null) return ok(refused("cose_malformed"));
  const key = await readVerificationKey(jwk);
  if (!key.ok) return ok(refused(key.error.code));
  const trusted = { ...key.value, subject: log, revokedAt: null };
  const context: CoseContext = { sha256, resolveKey: (kid) => (kid === trusted.kid ? trusted : undefined) };
  if (before !== undefined) {
    const grown = await verifyCoseConsistency(bytes, before, context);
    return ok(
      grown.ok ? { ok: true, size: grown.value.second_size, root: grown.value.second_root } : refused(grown.error.code),
    );
  }
  const verified = await verifyCoseReceipt(bytes, context);
  if (!verified.ok) return ok(refused(verified.error.code));
  const { entry, claims } = verified.value;
  return ok({ ok: true, claims, token: entry.token });
};

export const receiptCommand: LineCommand = {
  answer: receipt,
  help: [
    "whether a signed statement with a COSE receipt is in its log",
    '{"cose": the statement in base64, "log": the log\'s id, "key": its public JWK}; with "before": {"size", "root"} it is',
    "a receipt of consistency with that head",
    'answer: {"ok": true, "claims": those of the receipt, "token": what was logged}, of consistency {"ok": true, "size",',
    '"root"}, or {"ok": false, "code"}: consistency_size_mismatch, cose_malformed, cose_key_unknown, cose_signature_invalid,',
    "receipt_issuer_mismatch, receipt_subject_mismatch,",
    "receipt_proof_invalid, receipt_time_implausible, and the codes of unusable keys",
  ],
};
export const checkpointCommand: LineCommand = {
  answer: checkpoint,
  help: [
    "whether a log has signed a checkpoint (C2SP tlog-checkpoint), and who has witnessed it",
    '{"checkpoint": the note with its line feeds, "key": the log\'s verifier key, "witnesses"?: theirs}',
    'answer: {"ok": true, "origin", "size", "root", "witnessed": [{"name", "time"}], "unknown": names}, or',
    '{"ok": false, "code"}: note_malformed, note_key_invalid, checkpoint_malformed, checkpoint_origin_unknown,',
    "note_signature_missing, note_signature_invalid",
  ],
};
export const bundleCommand: LineCommand = {
  answer: bundle,
  help: [
    "whether the entries of a Sigstore bundle are in a log that is trusted",
    '{"bundle", "trusted_root"?: a Sigstore trusted root, "log"?: {"name", "spki": its public key in base64}}',
    'answer: {"ok": true, "entries": [{"log", "index", "size", "root"}], "not_checked": what of it was not looked at}, or',
    '{"ok": false, "code"}: bundle_malformed, trusted_root_malformed, note_key_invalid, log_unknown, checkpoint_mismatch,',
    "inclusion_invalid, and the codes of checkpoint verify",
  ],
};
