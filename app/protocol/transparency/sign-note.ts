import { concatBytes, fromBase64url, toHex, utf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import type { PublicJwk } from "../identity/claims.ts";
import type { Signer } from "../jose/keys.ts";
import { toBase64 } from "./base64.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { hintOf, type NoteKey, readVerifierKey } from "./note-key.ts";

/**
 * A key that signs notes, with the name it signs under. Notes are signed by Ed25519 keys only (C2SP signed-note); a log's
 * own key is one, and it is used as it is: what is signed as a note ends in a line feed, which no JWS does. [ours]
 */
export interface NoteSigner {
  readonly name: string;
  readonly kind: "ed25519" | "cosignature";
  readonly publicKey: Uint8Array;
  readonly key: CryptoKey;
}

const KIND_BYTES = { ed25519: 1, cosignature: 4 } as const;

/** The signer of notes that a key pair makes; null for a key that is not Ed25519. */
export function noteSigner(
  name: string,
  kind: NoteSigner["kind"],
  { signer, jwk }: { readonly signer: Signer; readonly jwk: PublicJwk },
): NoteSigner | null {
  const publicKey = jwk.kty === "OKP" ? fromBase64url(jwk.x) : null;
  return publicKey === null || signer.alg !== "EdDSA" ? null : { name, kind, publicKey, key: signer.key };
}

/** The key under which others verify: `name+hint+key`. */
export function verifierKeyOf({ name, kind, publicKey }: Omit<NoteSigner, "key">, sha256: Sha256): string {
  const encoded = concatBytes(Uint8Array.of(KIND_BYTES[kind]), publicKey);
  return `${name}+${toHex(hintOf(name, encoded, sha256))}+${toBase64(encoded)}`;
}

/** The text of a checkpoint, with its last line feed: what is signed. */
export function checkpointText({ origin, size, root }: Omit<Checkpoint, "extensions">): string {
  return [origin, String(size), toBase64(root), ""].join("\n");
}

/** The note of a text with one signature. */
export async function signNote(text: string, signer: NoteSigner, sha256: Sha256): Promise<string> {
  return `${text}\n${await signatureLine(text, signer, sha256)}`;
}

/** The note with a witness's signature behind those it has; `timeS`: when it was seen, epoch seconds (C2SP tlog-cosignature). */
export async function cosignNote(note: string, signer: NoteSigner, timeS: number, sha256: Sha256): Promise<string> {
  const text = note.slice(0, note.lastIndexOf("\n\n") + 1);
  return `${note}${await signatureLine(text, signer, sha256, timeS)}`;
}

async function signatureLine(text: string, signer: NoteSigner, sha256: Sha256, timeS = 0): Promise<string> {
  const { name, kind, publicKey, key } = signer;
  const hint = hintOf(name, concatBytes(Uint8Array.of(KIND_BYTES[kind]), publicKey), sha256);
  const isCosignature = kind === "cosignature";
  const signed = utf8(isCosignature ? `cosignature/v1\ntime ${timeS}\n${text}` : text);
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", key, signed));
  return `\u2014 ${name} ${toBase64(concatBytes(hint, isCosignature ? timeBytes(timeS) : new Uint8Array(), signature))}\n`;
}

function timeBytes(timeS: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(timeS));
  return bytes;
}

/** The name of a log in notes: its id without the scheme, as C2SP tlog-checkpoint wants an origin to be. [ours] */
export const originOf = (logId: string): string => logId.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/*/, "");

/** The keys of a log as keys of its notes; those that cannot sign notes are left out. */
export async function logNoteKeys(
  logId: string,
  jwks: readonly PublicJwk[],
  sha256: Sha256,
): Promise<readonly NoteKey[]> {
  const keys: NoteKey[] = [];
  for (const jwk of jwks) {
    const publicKey = jwk.kty === "OKP" ? fromBase64url(jwk.x) : null;
    if (publicKey === null) continue;
    const key = await readVerifierKey(
      verifierKeyOf({ name: originOf(logId), kind: "ed25519", publicKey }, sha256),
      sha256,
    );
    if (key.ok) keys.push(key.value);
  }
  return keys;
}
