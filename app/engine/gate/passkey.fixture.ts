import { isoCBOR } from "@simplewebauthn/server/helpers";
import { must } from "../../base/assert.ts";
import { fromBase64url, toBase64url, utf8 } from "../../base/bytes.ts";
import { challengeText, type PasskeyTouch, type Touched } from "../../protocol/acp/touch.ts";
import type { EnrolledPasskey, MadePasskey } from "../../protocol/identity/passkey.ts";

const RP_ID = "console.test";
const ORIGIN = `https://${RP_ID}`;
/** Flags of the authenticator data (WebAuthn section 6.1): present, verified, attested credential data. */
const [PRESENT, VERIFIED, ATTESTED] = [0x01, 0x04, 0x40];

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const joined = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** What an operator may do wrong, or an attacker right, with an authenticator. */
export interface Misuse {
  readonly origin?: string;
  readonly rpId?: string;
  readonly isVerified?: boolean;
  readonly type?: string;
}

/** An authenticator in software with one Ed25519 credential; what Chromium's answers with is tested in the operator's room. */
export async function softPasskey() {
  const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  const { x = "" } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const id = crypto.getRandomValues(new Uint8Array(32));
  const cred = toBase64url(await sha256(id));
  const cose = isoCBOR.encode(
    new Map<number, number | Uint8Array>([
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, must(fromBase64url(x), "an x")],
    ]),
  );
  const dataOf = async (flags: number, rpId = RP_ID): Promise<Uint8Array<ArrayBuffer>> =>
    joined(await sha256(utf8(rpId)), Uint8Array.of(flags, 0, 0, 0, 0));
  const enrolled: EnrolledPasskey = { cred, cose: toBase64url(cose), rp_id: RP_ID, origin: ORIGIN };
  return {
    enrolled,
    /** What a browser has of it when it was just made. */
    made: async (rpId = RP_ID): Promise<MadePasskey> => {
      const attested = joined(new Uint8Array(16), Uint8Array.of(0, id.length), id, cose);
      const data = joined(await dataOf(PRESENT | VERIFIED | ATTESTED, rpId), attested);
      return { rp_id: RP_ID, origin: ORIGIN, authenticator_data: toBase64url(data) };
    },
    touch: async (decision: Touched, misuse: Misuse = {}): Promise<PasskeyTouch> => {
      const { origin = ORIGIN, rpId = RP_ID, isVerified = true, type = "webauthn.get" } = misuse;
      const challenge = await challengeOf(decision);
      const client = utf8(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
      const data = await dataOf(isVerified ? PRESENT | VERIFIED : PRESENT, rpId);
      const signed = joined(data, await sha256(client));
      const signature = new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, pair.privateKey, signed));
      return {
        kind: "passkey",
        challenge,
        cred,
        authenticator_data: toBase64url(data),
        client_data_json: toBase64url(client),
        signature: toBase64url(signature),
      };
    },
  };
}

export async function challengeOf(decision: Touched): Promise<string> {
  return toBase64url(await sha256(utf8(challengeText(decision))));
}
