import * as z from "zod";
import { must } from "../../base/assert.ts";
import { fromBase64url, toBase64url } from "../../base/bytes.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Signer } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { consistencyRoot } from "../merkle/verify.ts";
import type { ConsistencyProof } from "./claims.ts";
import {
  type CoseContext,
  checkSigner,
  LABEL,
  malformed,
  membersOf,
  PROOF,
  type ReceiptHeader,
  readReceiptHeader,
  receiptHeader,
} from "./cose-header.ts";
import { bytesSchema, fromCbor, readSign1, toCbor, writeSign1 } from "./cose-sign1.ts";
import type { PinnedHead } from "./verify-receipt.ts";

const MAX_PATH = 64;
const proofsSchema = z.strictObject({ 396: z.map(z.literal(PROOF.consistency), z.array(bytesSchema).length(1)) });
/** `[size-1, size-2, [+ node]]`. */
const proofSchema = z.tuple([z.int().positive(), z.int().positive(), z.array(bytesSchema).min(1).max(MAX_PATH)]);

/** A consistency proof as a COSE receipt: the log signs the root of the larger tree, which is not written down. */
export function toCoseConsistency(
  { first_size, second_size, second_root, path }: ConsistencyProof,
  about: Pick<ReceiptHeader, "iss" | "iat" | "jti">,
  signer: Signer,
): Promise<Uint8Array<ArrayBuffer>> {
  const proof = toCbor([first_size, second_size, path.map(digestBytes)]);
  return writeSign1(
    receiptHeader({ ...about, kid: signer.kid, sub: null, size: second_size }),
    new Map([[LABEL.vdp, new Map([[PROOF.consistency, [proof]]])]]),
    digestBytes(second_root),
    signer,
    "detached",
  );
}

/**
 * Verifies that the log has signed a larger tree which grew out of the head that is remembered (XA-12), and gives that tree.
 * Refusals: `cose_malformed`, `cose_key_unknown`, `cose_signature_invalid`, `receipt_issuer_mismatch`,
 * `consistency_size_mismatch` for a proof from another size, `receipt_proof_invalid`.
 */
export async function verifyCoseConsistency(
  bytes: Uint8Array,
  before: PinnedHead,
  context: CoseContext,
): Promise<Result<ConsistencyProof, Refusal>> {
  const sign1 = readSign1(bytes);
  if (!sign1.ok) return sign1;
  const header = readReceiptHeader(sign1.value.header);
  const packed = membersOf(proofsSchema, sign1.value.unprotected)?.[396].get(PROOF.consistency)?.[0];
  const unpacked = packed === undefined ? null : fromCbor(packed);
  const proof = unpacked?.ok === true ? proofSchema.safeParse(unpacked.value) : null;
  if (header === null || header.sub !== null || proof?.success !== true || sign1.value.payload !== null)
    return malformed("it is no receipt with one consistency proof and a detached root");
  const [size1, size2, path] = proof.data;
  if (size1 !== before.size)
    return err(refusal("consistency_size_mismatch", `it begins at ${size1} entries; ${before.size} are remembered`));
  const root =
    size2 !== header.size
      ? null
      : consistencyRoot({ size1, size2, root1: digestBytes(before.root), path }, context.sha256);
  if (root === null)
    return err(
      refusal(
        "receipt_proof_invalid",
        "its path does not lead from the root that is remembered to a tree of the signed size",
      ),
    );
  const signed = await checkSigner(sign1.value, header, root, context);
  if (!signed.ok) return signed;
  return ok({
    first_size: size1,
    second_size: size2,
    first_root: before.root,
    second_root: toBase64url(root),
    path: path.map(toBase64url),
  });
}

const digestBytes = (digest: string): Uint8Array<ArrayBuffer> => must(fromBase64url(digest), "a digest is base64url");
