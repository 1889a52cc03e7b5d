import * as z from "zod";
import { must } from "../../base/assert.ts";
import { equalBytes, fromBase64url, fromUtf8, toBase64url, utf8 } from "../../base/bytes.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { parseStrictJson } from "../jcs/strict-json.ts";
import { timeSchema, uriSchema } from "../jose/formats.ts";
import type { Signer } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { signToken, tokenDigest } from "../jose/sign-token.ts";
import { leafHash } from "../merkle/tree.ts";
import { inclusionRoot } from "../merkle/verify.ts";
import { type LedgerEntry, type ReceiptClaims, receiptClaimsSchema } from "./claims.ts";
import {
  type CoseContext,
  CWT,
  checkSigner,
  LABEL,
  malformed,
  membersOf,
  PROOF,
  readReceiptHeader,
  receiptHeader,
  VDS,
} from "./cose-header.ts";
import { bytesSchema, type CoseSign1, fromCbor, readSign1, toCbor, writeSign1 } from "./cose-sign1.ts";
import { entryInput } from "./entry.ts";

/**
 * A receipt in the form of other transparency services (execution-audit.md section b, "Mapping to SCITT/COSE receipts"):
 * a signed statement whose payload is the entry input, with the receipt beside it. Both are the log's. [ours]
 */

const MAX_RECEIPTS = 8;
const MAX_PATH = 64;
const SKEW_S = 30;

export type StatedEntry = Pick<LedgerEntry, "seq" | "received_at" | "submitter" | "token">;

/** What a COSE receipt has proven: the entry, and the claims as the compact form of the receipt has them. */
export interface VerifiedCoseReceipt {
  readonly entry: StatedEntry;
  readonly claims: ReceiptClaims;
}

/** The receipt of a token as a signed statement with a COSE receipt; the log signs both. */
export async function toCoseReceipt(
  claims: ReceiptClaims,
  token: string,
  signer: Signer,
): Promise<Uint8Array<ArrayBuffer>> {
  const { iss, sub_hash, iat, jti, seq, received_at, submitter, tree_size, root, path } = claims;
  const kid = utf8(signer.kid);
  const proof = toCbor([tree_size, seq, path.map(digestBytes)]);
  const receipt = await writeSign1(
    receiptHeader({ kid: signer.kid, iss, sub: sub_hash, iat, jti, size: tree_size }),
    new Map([[LABEL.vdp, new Map([[PROOF.inclusion, [proof]]])]]),
    digestBytes(root),
    signer,
    "detached",
  );
  return writeSign1(
    new Map<number, unknown>([
      [LABEL.contentType, "application/json"],
      [LABEL.kid, kid],
      [
        LABEL.cwt,
        new Map<number, unknown>([
          [CWT.iss, iss],
          [CWT.sub, sub_hash],
        ]),
      ],
    ]),
    new Map([[LABEL.receipts, [receipt]]]),
    entryInput({ seq, received_at, submitter, token }),
    signer,
    "attached",
  );
}

/** The compact form again, signed by the log anew: a signature over one form says nothing about the other. */
export function toReceiptToken({ claims }: VerifiedCoseReceipt, signer: Signer): Promise<string> {
  return signToken("audit-receipt+jwt", claims, signer);
}

/**
 * Verifies a signed statement with its receipts from these bytes and the log's key alone (XA-13). Of several receipts one
 * that holds is enough (XA-15); where none does, the first says why. Refusals: `cose_malformed`, `cose_key_unknown`,
 * `cose_signature_invalid`, `receipt_issuer_mismatch`, `receipt_subject_mismatch`, `receipt_proof_invalid`,
 * `receipt_time_implausible`.
 */
export async function verifyCoseReceipt(
  bytes: Uint8Array,
  context: CoseContext,
): Promise<Result<VerifiedCoseReceipt, Refusal>> {
  const statement = readStatement(bytes);
  if (!statement.ok) return statement;
  const { sign1, about, payload, receipts } = statement.value;
  const signed = await checkSigner(sign1, about, payload, context);
  if (!signed.ok) return signed;
  const entry = readEntry(payload);
  if (!entry.ok) return entry;
  if (tokenDigest(entry.value.token, context.sha256) !== about.sub)
    return err(refusal("receipt_subject_mismatch", "the statement is about another token", { claim: "sub" }));
  let refused: Refusal | null = null;
  for (const receipt of receipts) {
    const claims = await checkReceipt(receipt, entry.value, payload, context);
    if (claims.ok) return ok({ entry: entry.value, claims: claims.value });
    refused ??= claims.error;
  }
  return err(refused ?? refusal("cose_malformed", "it carries no receipt"));
}

/** What a header says: whose key, and about what. */
interface About {
  readonly kid: string;
  readonly iss: string;
  readonly sub: string;
}

interface Statement {
  readonly sign1: CoseSign1;
  readonly about: About;
  readonly payload: Uint8Array;
  readonly receipts: readonly Uint8Array[];
}

const statementSchema = z.strictObject({
  1: z.int(),
  3: z.literal("application/json"),
  4: bytesSchema,
  15: z.map(z.int(), z.unknown()),
});
const statementCwtSchema = z.strictObject({ 1: uriSchema, 2: z.string() });
const receiptsSchema = z.strictObject({ 394: z.array(bytesSchema).min(1).max(MAX_RECEIPTS) });
const proofsSchema = z.strictObject({ 396: z.map(z.literal(PROOF.inclusion), z.array(bytesSchema).length(1)) });
const proofSchema = z.tuple([z.int().positive(), z.int().nonnegative(), z.array(bytesSchema).max(MAX_PATH)]);
const entrySchema = z.strictObject({
  received_at: timeSchema,
  seq: z.int().nonnegative(),
  submitter: uriSchema,
  token: z.string(),
});

function readStatement(bytes: Uint8Array): Result<Statement, Refusal> {
  const sign1 = readSign1(bytes);
  if (!sign1.ok) return sign1;
  const header = membersOf(statementSchema, sign1.value.header);
  const cwt = header === null ? null : membersOf(statementCwtSchema, header[15]);
  const unprotected = membersOf(receiptsSchema, sign1.value.unprotected);
  const kid = header === null ? null : fromUtf8(header[4]);
  const { payload } = sign1.value;
  if (cwt === null || unprotected === null || kid?.ok !== true || payload === null)
    return malformed("it is no signed statement with receipts");
  return ok({
    sign1: sign1.value,
    about: { kid: kid.value, iss: cwt[1], sub: cwt[2] },
    payload,
    receipts: unprotected[394],
  });
}

/** The four members of an entry, in the one spelling that was hashed. */
function readEntry(payload: Uint8Array): Result<StatedEntry, Refusal> {
  const text = fromUtf8(payload);
  const value = text.ok ? parseStrictJson(text.value) : null;
  const entry = value?.ok === true ? entrySchema.safeParse(value.value) : null;
  return entry?.success === true && equalBytes(entryInput(entry.data), payload)
    ? ok(entry.data)
    : malformed("its payload is no entry of a log");
}

async function checkReceipt(
  bytes: Uint8Array,
  entry: StatedEntry,
  payload: Uint8Array,
  context: CoseContext,
): Promise<Result<ReceiptClaims, Refusal>> {
  const sign1 = readSign1(bytes);
  if (!sign1.ok) return sign1;
  const header = readReceiptHeader(sign1.value.header);
  const proofs = membersOf(proofsSchema, sign1.value.unprotected);
  const packed = proofs?.[396].get(PROOF.inclusion)?.[0];
  const unpacked = packed === undefined ? null : fromCbor(packed);
  const proof = unpacked?.ok === true ? proofSchema.safeParse(unpacked.value) : null;
  if (header === null || proof?.success !== true || sign1.value.payload !== null)
    return malformed("it is no receipt with one inclusion proof and a detached root");
  const [size, index, path] = proof.data;
  const leaf = leafHash(payload, context.sha256);
  const root =
    index === entry.seq && size === header.size ? inclusionRoot({ index, size, leaf, path }, context.sha256) : null;
  if (root === null)
    return err(
      refusal("receipt_proof_invalid", "the path fits no tree of the signed size with this entry at this place"),
    );
  // A path that leads elsewhere and a signature by another are one: the root is what was signed.
  const signed = await checkSigner(sign1.value, header, root, context);
  if (!signed.ok) return signed;
  if (header.sub !== tokenDigest(entry.token, context.sha256))
    return err(refusal("receipt_subject_mismatch", "the receipt is for another token", { claim: "sub" }));
  if (entry.received_at > header.iat + SKEW_S)
    return err(refusal("receipt_time_implausible", "received after the receipt was made", { claim: "received_at" }));
  const claims = receiptClaimsSchema.safeParse({
    iss: header.iss,
    iat: header.iat,
    jti: header.jti,
    sub_hash: header.sub,
    seq: index,
    received_at: entry.received_at,
    submitter: entry.submitter,
    tree_size: size,
    root: toBase64url(root),
    path: path.map(toBase64url),
    vds: VDS,
  });
  return claims.success ? ok(claims.data) : malformed("a claim of the receipt is not as it should be");
}

const digestBytes = (digest: string): Uint8Array<ArrayBuffer> => must(fromBase64url(digest), "a digest is base64url");
