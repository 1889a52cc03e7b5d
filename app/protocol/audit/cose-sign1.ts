import { decode, encode, rfc8949EncodeOptions, Tagged } from "cborg";
import * as z from "zod";
import { equalBytes } from "../../base/bytes.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Algorithm, Signer, TrustedKey } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";

/** A header of COSE: labels are numbers here. */
export type CoseHeader = ReadonlyMap<number, unknown>;

/** A COSE_Sign1 as it was read (RFC 9052 section 4.2). Nothing of it is verified yet. */
export interface CoseSign1 {
  /** What is signed of the header, in its bytes. */
  readonly protectedBytes: Uint8Array;
  readonly header: CoseHeader;
  readonly unprotected: CoseHeader;
  /** Null where it is detached: whoever verifies brings it. */
  readonly payload: Uint8Array | null;
  readonly signature: Uint8Array;
}

const COSE_SIGN1_TAG = 18;
/** A token has at most 16,384 bytes (CTV 1); this holds one with its proofs. */
export const MAX_COSE_BYTES = 65_536;
const ALGORITHMS: Readonly<Record<Algorithm, number>> = { ES256: -7, EdDSA: -8 };

export const bytesSchema = z.instanceof(Uint8Array);
const headerSchema = z.map(z.int(), z.unknown());
const sign1Schema = z.tuple([bytesSchema, headerSchema, bytesSchema.nullable(), bytesSchema]);

/** Deterministic CBOR (RFC 8949 section 4.2.1): one value has one spelling. */
export function toCbor(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode(value, rfc8949EncodeOptions));
}

/** Reads CBOR that is spelled as `toCbor` would spell it, and no other. Refusal: `cose_malformed`. */
export function fromCbor(bytes: Uint8Array): Result<unknown, Refusal> {
  if (bytes.length > MAX_COSE_BYTES) return malformed(`it has more than ${MAX_COSE_BYTES} bytes`);
  try {
    const value: unknown = decode(bytes, {
      strict: true,
      useMaps: true,
      rejectDuplicateMapKeys: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowBigInt: false,
      allowNaN: false,
      allowInfinity: false,
      tags: Tagged.preserve(COSE_SIGN1_TAG),
    });
    return equalBytes(toCbor(value), bytes) ? ok(value) : malformed("it is not in deterministic CBOR");
  } catch (error) {
    // The bytes come from outside; the library throws for every way they can be no CBOR.
    return malformed(error instanceof Error ? error.message : "it is no CBOR");
  }
}

/** Reads a tagged COSE_Sign1. Refusal: `cose_malformed`. */
export function readSign1(bytes: Uint8Array): Result<CoseSign1, Refusal> {
  const value = fromCbor(bytes);
  if (!value.ok) return value;
  if (!(value.value instanceof Tagged)) return malformed("it is no tagged COSE_Sign1");
  const parts = sign1Schema.safeParse(value.value.value);
  if (!parts.success) return malformed("it does not have the four parts of a COSE_Sign1");
  const [protectedBytes, unprotected, payload, signature] = parts.data;
  const inner = fromCbor(protectedBytes);
  if (!inner.ok) return inner;
  const header = headerSchema.safeParse(inner.value);
  return header.success
    ? ok({ protectedBytes, header: header.data, unprotected, payload, signature })
    : malformed("its protected header is no map");
}

/** Signs a payload, which is in the result only where it is not detached. `header` gets the algorithm and the key's id. */
export async function writeSign1(
  header: CoseHeader,
  unprotected: CoseHeader,
  payload: Uint8Array,
  signer: Signer,
  form: "attached" | "detached",
): Promise<Uint8Array<ArrayBuffer>> {
  const protectedBytes = toCbor(new Map([[1, ALGORITHMS[signer.alg]], ...header]));
  const signature = new Uint8Array(
    await crypto.subtle.sign(WEB_CRYPTO[signer.alg], signer.key, signedBytes(protectedBytes, payload)),
  );
  return toCbor(
    new Tagged(COSE_SIGN1_TAG, [protectedBytes, unprotected, form === "attached" ? payload : null, signature]),
  );
}

/** Whether the holder of the key has signed this payload under this header, by the algorithm of the key and no other. */
export async function sign1Fits(
  { protectedBytes, header, signature }: CoseSign1,
  payload: Uint8Array,
  { alg, key }: Pick<TrustedKey, "alg" | "key">,
): Promise<boolean> {
  if (header.get(1) !== ALGORITHMS[alg]) return false;
  return crypto.subtle.verify(WEB_CRYPTO[alg], key, new Uint8Array(signature), signedBytes(protectedBytes, payload));
}

const WEB_CRYPTO = { ES256: { name: "ECDSA", hash: "SHA-256" }, EdDSA: { name: "Ed25519" } } as const;

/** RFC 9052 section 4.4: what a signature of a COSE_Sign1 is over. It begins with 0x84, so no JWS or note has these bytes. */
function signedBytes(protectedBytes: Uint8Array, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return toCbor(["Signature1", protectedBytes, new Uint8Array(), payload]);
}

const malformed = (detail: string): Result<never, Refusal> => err(refusal("cose_malformed", detail));
