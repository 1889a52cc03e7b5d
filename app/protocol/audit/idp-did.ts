import * as z from "zod";
import { fromBase64url, fromUtf8, toBase64url } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { parseStrictJson } from "../jcs/strict-json.ts";
import { readVerificationKey, type VerificationKey } from "../jose/public-key.ts";
import type { Refusal } from "../jose/refusal.ts";
import { idpMismatch, idpUnsupported, type ResolvedIdentity } from "./idp.ts";

export const didIdpSchema = z.looseObject({
  kind: z.literal("did"),
  did: z.string().max(2048).startsWith("did:"),
  /** Verification method id: the DID, `#`, and which of its keys. */
  vm: z.string().max(4096),
});

/**
 * The key of a DID that is its own document: `did:key` (multibase base58btc, multicodec Ed25519 or P-256) and `did:jwk`. Other
 * methods need a network, which verification does not have. Refusals: `audit_idp_unsupported`, `audit_idp_mismatch`.
 */
export async function resolveDid({
  did,
  vm,
}: z.infer<typeof didIdpSchema>): Promise<Result<ResolvedIdentity, Refusal>> {
  const method = /^did:([a-z0-9]+):(.+)$/.exec(did);
  const [, name, specific] = method ?? [];
  if (specific === undefined || (name !== "key" && name !== "jwk"))
    return err(idpUnsupported("only did:key and did:jwk are resolved here"));
  if (vm !== `${did}#${name === "key" ? specific : "0"}`)
    return err(idpMismatch("the verification method is none of this DID's", "idp.vm"));
  const jwk = name === "key" ? keyOfMultibase(specific) : jwkOf(specific);
  if (jwk === null) return err(idpUnsupported("the identifier holds no key of a kind that verifies here"));
  const key: Result<VerificationKey, Refusal> = await readVerificationKey(jwk);
  if (!key.ok) return err(idpUnsupported(key.error.detail));
  return ok({ id: did, keys: [{ ...key.value, subject: did, revokedAt: null }] });
}

function jwkOf(encoded: string): Json | null {
  const bytes = fromBase64url(encoded);
  const text = bytes === null ? null : fromUtf8(bytes);
  const value = text?.ok === true ? parseStrictJson(text.value, 4) : null;
  return value?.ok === true ? value.value : null;
}

/** Multicodec prefixes as unsigned varints: ed25519-pub 0xed, p256-pub 0x1200. */
const ED25519 = [0xed, 0x01] as const;
const P256 = [0x80, 0x24] as const;

function keyOfMultibase(text: string): Json | null {
  const bytes = text.startsWith("z") && text.length <= 64 ? fromBase58(text.slice(1)) : null;
  if (bytes === null) return null;
  const key = bytes.slice(2);
  if (startsWith(bytes, ED25519) && key.length === 32) return { kty: "OKP", crv: "Ed25519", x: toBase64url(key) };
  return startsWith(bytes, P256) && key.length === 33 ? decompressP256(key) : null;
}

const startsWith = (bytes: Uint8Array, prefix: readonly number[]): boolean =>
  prefix.every((byte, at) => bytes[at] === byte);

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

function fromBase58(text: string): Uint8Array | null {
  let value = 0n;
  for (const char of text) {
    const digit = BASE58.indexOf(char);
    if (digit < 0) return null;
    value = value * 58n + BigInt(digit);
  }
  const zeros = /^1*/.exec(text)?.[0].length ?? 0;
  return new Uint8Array([...new Array<number>(zeros).fill(0), ...bigEndian(value)]);
}

function bigEndian(value: bigint, length?: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 0xffn));
  while (length !== undefined && bytes.length < length) bytes.unshift(0);
  return bytes;
}

/** SEC 2: the field and the constant of P-256. */
const PRIME = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** SEC 1 section 2.3.4: y from x. Public values only; a point that is not on the curve is refused by the import of the key. */
function decompressP256(compressed: Uint8Array): Json | null {
  const [sign, ...rest] = compressed;
  if (sign !== 2 && sign !== 3) return null;
  const x = rest.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  if (x >= PRIME) return null;
  const square = (((x * x + PRIME - 3n) * x) % PRIME) + B;
  // The prime is 3 modulo 4.
  const root = power(square % PRIME, (PRIME + 1n) / 4n);
  if ((root * root) % PRIME !== square % PRIME) return null;
  const y = (root & 1n) === BigInt(sign & 1) ? root : PRIME - root;
  const coordinate = (value: bigint): string => toBase64url(new Uint8Array(bigEndian(value, 32)));
  return { kty: "EC", crv: "P-256", x: coordinate(x), y: coordinate(y) };
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}
