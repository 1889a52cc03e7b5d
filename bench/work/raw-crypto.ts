import { must } from "../../app/base/assert.ts";
import { concatBytes, fromBase64url, utf8 } from "../../app/base/bytes.ts";
import type { LedgerEntry } from "../../app/protocol/audit/claims.ts";
import { entryInput } from "../../app/protocol/audit/entry.ts";

/** An entry cut into what the platform's own functions take: the floor pays for no parsing. */
export interface RawEntry {
  readonly key: CryptoKey;
  readonly signed: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** What is hashed into the Merkle leaf (RFC 9162). */
  readonly leaf: Uint8Array<ArrayBuffer>;
  readonly signedHere: boolean;
}

/** `here`: submitters whose tokens the host signs itself. */
export function rawEntries(
  entries: readonly LedgerEntry[],
  publicKeys: ReadonlyMap<string, CryptoKey>,
  here: ReadonlySet<string>,
): RawEntry[] {
  return entries.map((entry) => {
    const [header = "", payload = "", signature = ""] = entry.token.split(".");
    const bytes = must(fromBase64url(header), "a stored header is base64url");
    const { kid } = JSON.parse(new TextDecoder().decode(bytes)) as { kid: string };
    return {
      key: must(publicKeys.get(kid), "every key of the log is known"),
      signed: utf8(`${header}.${payload}`),
      signature: must(fromBase64url(signature), "a stored signature is base64url"),
      leaf: concatBytes(Uint8Array.of(0), entryInput(entry)),
      signedHere: here.has(entry.submitter),
    };
  });
}

/** `crypto.subtle.verify` of one token; a signature that does not fit is a bug of the bench. */
export async function rawVerify(entry: RawEntry): Promise<void> {
  const good = await crypto.subtle.verify(parametersOf(entry.key), entry.key, entry.signature, entry.signed);
  if (!good) throw new Error("the floor met a signature that does not fit");
}

export function rawSign(key: CryptoKey, bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  return crypto.subtle.sign(parametersOf(key), key, bytes);
}

function parametersOf(key: CryptoKey): { name: string; hash: string } {
  return { name: key.algorithm.name, hash: "SHA-256" };
}
