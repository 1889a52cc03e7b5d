import * as z from "zod";
import { fromUtf8, toHex, utf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { timeSchema, uriSchema } from "../jose/formats.ts";
import type { TrustedKey } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { bytesSchema, type CoseHeader, type CoseSign1, sign1Fits } from "./cose-sign1.ts";

/** Labels of COSE headers (RFC 9052, RFC 9597, COSE receipts) and of CWT claims (RFC 8392) that are used here. */
export const LABEL = { kid: 4, contentType: 3, cwt: 15, receipts: 394, vds: 395, vdp: 396 } as const;
export const CWT = { iss: 1, sub: 2, iat: 6, cti: 7 } as const;
/**
 * A claim of ours: the size of the tree. A root does not say it, and the proof that does is not signed, so that one path
 * would pass for trees of several sizes. Below -65536 labels are for private use. [ours]
 */
const TREE_SIZE = -65_537;
/** Proofs below `vdp`. */
export const PROOF = { inclusion: -1, consistency: -2 } as const;
/** RFC 9162 with SHA-256. */
export const VDS = 1;

export interface CoseContext {
  readonly sha256: Sha256;
  /** The key of a log that is trusted as a log. */
  resolveKey(kid: string, iss: string): TrustedKey | undefined;
}

/** Who has signed a receipt, about what and when. */
export interface ReceiptHeader {
  readonly kid: string;
  readonly iss: string;
  /** Digest of the token; null for a receipt that is about the tree alone. */
  readonly sub: string | null;
  readonly iat: number;
  readonly jti: string;
  /** Size of the tree whose root is signed. */
  readonly size: number;
}

export function receiptHeader({ kid, iss, sub, iat, jti, size }: ReceiptHeader): CoseHeader {
  const claims = new Map<number, unknown>([
    [CWT.iss, iss],
    [CWT.iat, iat],
    [CWT.cti, uuidBytes(jti)],
    [TREE_SIZE, size],
  ]);
  if (sub !== null) claims.set(CWT.sub, sub);
  return new Map<number, unknown>([
    [LABEL.kid, utf8(kid)],
    [LABEL.cwt, claims],
    [LABEL.vds, VDS],
  ]);
}

const headerSchema = z.strictObject({
  1: z.int(),
  4: bytesSchema,
  15: z.map(z.int(), z.unknown()),
  395: z.literal(VDS),
});
const cwtSchema = z.strictObject({
  1: uriSchema,
  2: z.string().optional(),
  6: timeSchema,
  7: bytesSchema,
  [TREE_SIZE]: z.int().positive(),
});

/** Null where a header is not exactly that of a receipt. */
export function readReceiptHeader(map: CoseHeader): ReceiptHeader | null {
  const header = membersOf(headerSchema, map);
  const cwt = header === null ? null : membersOf(cwtSchema, header[15]);
  const kid = header === null ? null : fromUtf8(header[4]);
  if (cwt === null || kid?.ok !== true) return null;
  return { kid: kid.value, iss: cwt[1], sub: cwt[2] ?? null, iat: cwt[6], jti: uuidText(cwt[7]), size: cwt[TREE_SIZE] };
}

/** Refusals: `cose_key_unknown`, `receipt_issuer_mismatch`, `cose_signature_invalid`. */
export async function checkSigner(
  sign1: CoseSign1,
  { kid, iss }: { readonly kid: string; readonly iss: string },
  payload: Uint8Array,
  context: CoseContext,
): Promise<Result<void, Refusal>> {
  const key = context.resolveKey(kid, iss);
  if (key === undefined) return err(refusal("cose_key_unknown", "it is signed by a key that was not given"));
  if (key.subject !== iss)
    return err(refusal("receipt_issuer_mismatch", "the key is another's than the log it names", { claim: "iss" }));
  return (await sign1Fits(sign1, payload, key))
    ? ok(undefined)
    : err(refusal("cose_signature_invalid", "the log's signature does not hold"));
}

/** The members of a map by their labels, where they are exactly those of the schema; null otherwise. */
export function membersOf<T>(schema: z.ZodType<T>, map: unknown): T | null {
  if (!(map instanceof Map)) return null;
  const read = schema.safeParse(Object.fromEntries(map));
  return read.success ? read.data : null;
}

function uuidBytes(uuid: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(uuid.replaceAll("-", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function uuidText(bytes: Uint8Array): string {
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export const malformed = (detail: string): Result<never, Refusal> => err(refusal("cose_malformed", detail));
