import { toHex, utf8 } from "../../base/bytes.ts";

/** The key that two gateways share for their pseudonyms: 32 bytes, used for nothing else. */
export async function importPairKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/**
 * X2: the id under which a task is known across one border. Equal for a pair of domains, in both directions, and
 * unlinkable between pairs (XDA-S3). The parts are separated by a zero byte, which no name and no id contains [ours].
 */
export async function pairwisePseudonym(
  key: CryptoKey,
  domains: readonly [string, string],
  jti: string,
): Promise<string> {
  const [first, second] = domains.toSorted();
  const mac = await crypto.subtle.sign("HMAC", key, utf8(`${first}\0${second}\0${jti}`));
  return uuidV8(new Uint8Array(mac));
}

/** RFC 9562 version 8 of the first 16 bytes: what is left of them beside version and variant. */
function uuidV8(bytes: Uint8Array): string {
  const id = bytes.slice(0, 16);
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x80;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  const hex = toHex(id);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
