import * as z from "zod";
import { equalBytes } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { leafHash } from "../merkle/tree.ts";
import { verifyInclusion } from "../merkle/verify.ts";
import { fromBase64 } from "./base64.ts";
import { type VerifiedCheckpoint, verifyCheckpoint } from "./checkpoint.ts";
import { type NoteKey, noteKeyOfSpki } from "./note-key.ts";

/** A log whose entries count: its id, as entries name it, and its key. */
export interface TrustedLog {
  readonly keyId: Uint8Array;
  readonly key: NoteKey;
}

/** An entry that is in a log, by a root which that log has signed. */
export interface ProvenEntry {
  readonly log: string;
  readonly index: number;
  readonly checkpoint: VerifiedCheckpoint;
}

const base64Schema = z.string().transform((text, context) => {
  const bytes = fromBase64(text);
  if (bytes !== null) return bytes;
  context.addIssue({ code: "custom", message: "not padded base64" });
  return z.NEVER;
});
/** Protobuf's JSON writes 64-bit numbers as text. */
const countSchema = z
  .union([z.string().regex(/^(0|[1-9]\d{0,15})$/), z.int().nonnegative()])
  .transform(Number)
  .pipe(z.int());

const bundleSchema = z.object({
  verificationMaterial: z.object({
    tlogEntries: z
      .array(
        z.object({
          logId: z.object({ keyId: base64Schema }),
          canonicalizedBody: base64Schema,
          inclusionProof: z.object({
            logIndex: countSchema,
            treeSize: countSchema,
            rootHash: base64Schema,
            hashes: z.array(base64Schema).max(64).default([]),
            checkpoint: z.object({ envelope: z.string() }),
          }),
        }),
      )
      .min(1)
      .max(100),
  }),
});
const trustedRootSchema = z.object({
  tlogs: z.array(
    z.object({
      baseUrl: z.url(),
      publicKey: z.object({ rawBytes: base64Schema }),
      logId: z.object({ keyId: base64Schema }),
    }),
  ),
});

/** What of a bundle is not looked at here: it may be wrong without being noticed. */
export const NOT_CHECKED = ["certificate", "signature of the artifact", "timestamps"] as const;

/** The logs of a Sigstore trusted root whose keys can be used. Refusal: `trusted_root_malformed`. */
export async function readTrustedRoot(json: Json): Promise<Result<readonly TrustedLog[], Refusal>> {
  const read = trustedRootSchema.safeParse(json);
  if (!read.success) return err(refusal("trusted_root_malformed", sentence(read.error)));
  const logs: TrustedLog[] = [];
  for (const { baseUrl, publicKey, logId } of read.data.tlogs) {
    const key = await noteKeyOfSpki(new URL(baseUrl).host, logId.keyId, publicKey.rawBytes);
    if (key.ok) logs.push({ keyId: logId.keyId, key: key.value });
  }
  return ok(logs);
}

/**
 * The log's part of a Sigstore bundle: each of its entries is in a log that is trusted, by a checkpoint of that log over the
 * root that the entry's path leads to. A path alone proves nothing. See `NOT_CHECKED` for the rest of the bundle.
 * Refusals: `bundle_malformed`, `log_unknown`, `inclusion_invalid`, `checkpoint_mismatch`, and those of `verifyCheckpoint`.
 */
export async function verifyBundle(
  json: Json,
  logs: readonly TrustedLog[],
  sha256: Sha256,
): Promise<Result<readonly ProvenEntry[], Refusal>> {
  const read = bundleSchema.safeParse(json);
  if (!read.success) return err(refusal("bundle_malformed", sentence(read.error)));
  const proven: ProvenEntry[] = [];
  for (const { logId, canonicalizedBody, inclusionProof } of read.data.verificationMaterial.tlogEntries) {
    const log = logs.find(({ keyId }) => equalBytes(keyId, logId.keyId));
    if (log === undefined) return err(refusal("log_unknown", "it is in a log whose key was not given"));
    const checkpoint = await verifyCheckpoint(inclusionProof.checkpoint.envelope, [log.key]);
    if (!checkpoint.ok) return checkpoint;
    const { root, size } = checkpoint.value;
    if (size !== inclusionProof.treeSize || !equalBytes(root, inclusionProof.rootHash))
      return err(refusal("checkpoint_mismatch", "its path leads to another root than the log has signed"));
    const leaf = leafHash(canonicalizedBody, sha256);
    const { logIndex: index, hashes: path } = inclusionProof;
    if (!verifyInclusion({ index, size, leaf, path, root }, sha256))
      return err(refusal("inclusion_invalid", "the entry is not at this place of the log"));
    proven.push({ log: log.key.name, index, checkpoint: checkpoint.value });
  }
  return ok(proven);
}

function sentence(error: z.ZodError): string {
  const issue = error.issues[0];
  return [issue?.path.join("."), issue?.message].filter(Boolean).join(": ");
}
