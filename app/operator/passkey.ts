import {
  base64URLStringToBuffer,
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
} from "@simplewebauthn/browser";
import { toBase64url, utf8 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { PasskeyTouch } from "../protocol/acp/touch.ts";
import type { MadePasskey } from "../protocol/identity/passkey.ts";
import { type KeyProblem, randomBytes, WRAPPING, WRAPPING_USES } from "./wrapped-key.ts";

/** A passkey as it is kept: which one to ask for, and what to ask its secret of. */
export interface Passkey {
  readonly credentialId: string;
  readonly transports: readonly string[];
  readonly salt: Uint8Array<ArrayBuffer>;
  /** What the log takes its public key from; not kept by an earlier version of the console, nor known to every browser. */
  readonly made?: MadePasskey;
}

/** One use of a passkey: the key it wraps with where it has the PRF extension, and how the person was authenticated. */
export interface PasskeyUse {
  readonly wrapping: CryptoKey | null;
  readonly amr: readonly string[];
  /** What the authenticator signed, for whoever wants to verify it. */
  readonly touch: PasskeyTouch;
}

const CHALLENGE_BYTES = 32;
const SALT_BYTES = 32;
/** Ed25519, ES256, RS256: whatever the authenticator has. */
const ALGORITHMS = [-8, -7, -257] as const;
/** Flags of the authenticator data (WebAuthn section 6.1). */
const FLAGS_AT = 32;
const USER_VERIFIED = 0x04;
const BACKUP_ELIGIBLE = 0x08;

/** Why there can be no passkey here; null where there can. */
export function passkeyObstacle(): string | null {
  if (!browserSupportsWebAuthn()) return "This browser has no passkeys.";
  if (/^[\d.]+$|:/.test(window.location.hostname))
    return "A passkey belongs to a host name, and this console is open at a bare address. Open it as “localhost” to use one.";
  return null;
}

/** Makes a passkey for an operator and uses it once, as it will be used from then on. */
export async function makePasskey(
  name: string,
): Promise<Result<{ readonly passkey: Passkey; readonly use: PasskeyUse }, KeyProblem>> {
  const salt = randomBytes(SALT_BYTES);
  try {
    const made = await startRegistration({
      optionsJSON: {
        rp: { name: "Signalbox" },
        user: { id: toBase64url(randomBytes(CHALLENGE_BYTES)), name, displayName: name },
        challenge: toBase64url(randomBytes(CHALLENGE_BYTES)),
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
        attestation: "none",
        extensions: { prf: { eval: { first: salt } } },
      },
    });
    const { transports = [], authenticatorData } = made.response;
    const { hostname, origin } = window.location;
    const passkey: Passkey = {
      credentialId: made.id,
      transports,
      salt,
      ...(authenticatorData === undefined
        ? {}
        : { made: { rp_id: hostname, origin, authenticator_data: authenticatorData } }),
    };
    // Few authenticators answer the PRF while the passkey is made, and none says so reliably: using it once tells.
    const use = await askPasskey(passkey);
    return use.ok ? ok({ passkey, use: use.value }) : use;
  } catch (error) {
    return err(refusedBecause(error));
  }
}

/**
 * Asks for the passkey, with the person verified (by a finger, a face, a PIN): a challenge of this moment is answered, or the
 * one of a decision.
 */
export async function askPasskey(
  passkey: Passkey,
  challenge: string = toBase64url(randomBytes(CHALLENGE_BYTES)),
): Promise<Result<PasskeyUse, KeyProblem>> {
  try {
    const answer = await startAuthentication({
      optionsJSON: {
        challenge,
        allowCredentials: [{ id: passkey.credentialId, type: "public-key", transports: [...passkey.transports] }],
        userVerification: "required",
        extensions: { prf: { eval: { first: passkey.salt } } },
      },
    });
    const flags = new Uint8Array(base64URLStringToBuffer(answer.response.authenticatorData))[FLAGS_AT] ?? 0;
    if (answer.id !== passkey.credentialId || challengeOf(answer.response.clientDataJSON) !== challenge)
      return err({ code: "passkey_refused", detail: "another passkey, or another moment, was answered for" });
    if ((flags & USER_VERIFIED) === 0)
      return err({ code: "passkey_refused", detail: "the authenticator did not verify who is there" });
    const secret = answer.clientExtensionResults.prf?.results?.first;
    return ok({
      wrapping: secret === undefined ? null : await prfKey(secret),
      // A passkey that may be copied to other devices is possessed, but not known to be held by hardware (RFC 8176).
      amr: [(flags & BACKUP_ELIGIBLE) === 0 ? "hwk" : "pop", "user"],
      touch: {
        kind: "passkey",
        challenge,
        cred: await thumbprintOf(answer.rawId),
        authenticator_data: answer.response.authenticatorData,
        client_data_json: answer.response.clientDataJSON,
        signature: answer.response.signature,
      },
    });
  } catch (error) {
    return err(refusedBecause(error));
  }
}

/** The credential by a digest of its id: the id itself stays here. */
async function thumbprintOf(credentialId: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", base64URLStringToBuffer(credentialId));
  return toBase64url(new Uint8Array(digest));
}

function challengeOf(clientDataJson: string): unknown {
  const read: unknown = JSON.parse(new TextDecoder().decode(base64URLStringToBuffer(clientDataJson)));
  return typeof read === "object" && read !== null && "challenge" in read ? read.challenge : undefined;
}

/** The wrapping key of what the authenticator's PRF gives (HKDF, RFC 5869, through WebCrypto). */
async function prfKey(secret: ArrayBufferLike | ArrayBufferView): Promise<CryptoKey> {
  const bytes = ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret);
  const material = await crypto.subtle.importKey("raw", bytes.slice(), "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8("signalbox operator key v1") };
  return crypto.subtle.deriveKey(derivation, material, WRAPPING, false, WRAPPING_USES);
}

/** Browsers do not say whether it was cancelled, timed out or unknown: neither can we. */
function refusedBecause(error: unknown): KeyProblem {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError")
    return { code: "passkey_refused", detail: "the passkey was not given: cancelled, too late, or not on this device" };
  return {
    code: "passkey_unsupported",
    detail: `the passkey cannot be used here: ${error instanceof Error ? error.message : "the browser refused"}`,
  };
}
