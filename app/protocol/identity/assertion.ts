import { fromBase64url, toBase64url, utf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { PasskeyTouch } from "../acp/touch.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { EnrolledPasskey, MadePasskey } from "./passkey.ts";

/**
 * Loaded when a passkey is looked at: nothing else needs what reads its formats. Its part for certificates wants the polyfill
 * to be there before it, which bundling does not keep to by itself.
 */
async function webAuthn() {
  await import("reflect-metadata");
  const [server, helpers] = await Promise.all([
    import("@simplewebauthn/server"),
    import("@simplewebauthn/server/helpers"),
  ]);
  return { ...server, ...helpers };
}

/** The public key of a passkey that was just made, as the log keeps it; refused where what the browser gave does not fit. */
export async function readPasskey(made: MadePasskey, sha256: Sha256): Promise<Result<EnrolledPasskey, Refusal>> {
  const bytes = fromBase64url(made.authenticator_data);
  if (bytes === null) return err(unfit("its authenticator data is no base64url"));
  try {
    const { parseAuthenticatorData, decodeCredentialPublicKey } = await webAuthn();
    const { rpIdHash, credentialID, credentialPublicKey } = parseAuthenticatorData(bytes);
    if (credentialID === undefined || credentialPublicKey === undefined) return err(unfit("it names no credential"));
    if (toBase64url(rpIdHash) !== toBase64url(sha256(utf8(made.rp_id))))
      return err(unfit("it belongs to another host name"));
    decodeCredentialPublicKey(credentialPublicKey);
    const { rp_id, origin } = made;
    return ok({ cred: toBase64url(sha256(credentialID)), cose: toBase64url(credentialPublicKey), rp_id, origin });
  } catch (error) {
    return err(unfit(wordsOf(error)));
  }
}

/**
 * Whether the enrolled passkey signed exactly this challenge, at the origin it was made at, with its person verified
 * (WebAuthn section 7.2). Null when it did.
 */
export async function assertionProblem(touch: PasskeyTouch, passkey: EnrolledPasskey): Promise<string | null> {
  const publicKey = fromBase64url(passkey.cose);
  if (touch.cred !== passkey.cred || publicKey === null) return "it is not the passkey that was enrolled";
  const { verifyAuthenticationResponse } = await webAuthn();
  try {
    const { verified } = await verifyAuthenticationResponse({
      response: {
        id: touch.cred,
        rawId: touch.cred,
        type: "public-key",
        clientExtensionResults: {},
        response: {
          authenticatorData: touch.authenticator_data,
          clientDataJSON: touch.client_data_json,
          signature: touch.signature,
        },
      },
      expectedChallenge: touch.challenge,
      expectedOrigin: passkey.origin,
      expectedRPID: passkey.rp_id,
      requireUserVerification: true,
      // A passkey that lives on several devices counts on none of them; each challenge is good for one decision anyway.
      credential: { id: touch.cred, publicKey, counter: 0 },
    });
    return verified ? null : "its signature does not fit";
  } catch (error) {
    return wordsOf(error);
  }
}

const unfit = (why: string): Refusal =>
  refusal("token_claim_invalid", `the passkey cannot be enrolled: ${why}`, { claim: "passkey" });

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : "it cannot be read");
