import { toBase64url, toHex, utf8 } from "../../base/bytes.ts";

/** What a token is called across one border: a name, and what binds that name to it. */
export interface HandedName {
  readonly jti: string;
  readonly hash: string;
}

/** The key that two gateways share for what they hand each other: 32 bytes, used for nothing else. */
export async function importPairKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/**
 * X2: the name under which a task or a policy is known across one border, and the digest of its token as that pair alone
 * can compare it. Equal for a pair, in both directions, and unlinkable between pairs (XDA-S3). Ids of tasks can be guessed
 * by who knows the workflow, and every receiver has a key: what nobody but the sender can say is the digest of a token that
 * its gateway signed, so the name is made from both [ours].
 */
export async function pairwiseName(
  key: CryptoKey,
  domains: readonly [string, string],
  { jti, hash }: HandedName,
): Promise<HandedName> {
  const [name, bound] = await Promise.all([mac(key, domains, ["id", jti, hash]), mac(key, domains, ["hash", hash])]);
  return { jti: uuidV8(name), hash: toBase64url(bound) };
}

/**
 * The id of a crossing of these tasks, by the digests of their tokens: the same whenever it is computed, so that it is made
 * once (XDA-2), and nothing to whoever has another pair's key.
 */
export async function crossingId(
  key: CryptoKey,
  { from, to, last }: { readonly from: string; readonly to: string; readonly last: readonly string[] },
): Promise<string> {
  return uuidV8(await mac(key, [from, to], ["crossing", from, ...last]));
}

/** Which key a pair's names were made with: who holds another one cannot compare them. */
export async function pairKeyId(key: CryptoKey, domains: readonly [string, string]): Promise<string> {
  return toBase64url(await mac(key, domains, ["key"]));
}

/** The pair's names in code-unit order; the parts are separated by a zero byte, which none of them contains [ours]. */
async function mac(
  key: CryptoKey,
  domains: readonly [string, string],
  [label, ...parts]: readonly [string, ...string[]],
): Promise<Uint8Array> {
  const text = [label, ...domains.toSorted(), ...parts].join("\0");
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text)));
}

/** RFC 9562 version 8 of the first 16 bytes: what is left of them beside version and variant. */
function uuidV8(bytes: Uint8Array): string {
  const id = bytes.slice(0, 16);
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x80;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  const hex = toHex(id);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
