import { assertNever } from "../base/assert.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { PasskeyTouch } from "../protocol/acp/touch.ts";
import type { PublicJwk } from "../protocol/identity/claims.ts";
import { generateSigner, type Signer } from "../protocol/jose/keys.ts";
import { OPERATOR_AMR } from "./claims.ts";
import type { KeptOperator, Protection } from "./key-store.ts";
import { askPasskey, makePasskey } from "./passkey.ts";
import { PASSPHRASE_MIN, PBKDF2_ITERATIONS, passphraseKey, SALT_BYTES } from "./passphrase.ts";
import { type KeyProblem, makeWrappedKey, randomBytes, unwrapKey } from "./wrapped-key.ts";

/** What the person gives to open or to protect a key. */
export type Secret = { readonly kind: "passkey" } | { readonly kind: "passphrase"; readonly passphrase: string };

/** A key that is open, and how its person was authenticated for it (RFC 8176). */
export interface OpenKey {
  readonly signer: Signer;
  readonly amr: readonly string[];
  /** What their passkey signed for it. */
  readonly touch: PasskeyTouch | null;
}

export interface ProtectedKey extends Omit<OpenKey, "touch"> {
  readonly jwk: PublicJwk;
  readonly protection: Protection;
}

const BY_PASSPHRASE: readonly string[] = ["pwd", "user"];

/** A new key under a secret. Where a passkey has no PRF the key cannot be wrapped with it, and the record says so. */
export async function makeProtectedKey(name: string, secret: Secret): Promise<Result<ProtectedKey, KeyProblem>> {
  if (secret.kind === "passphrase") {
    if ([...secret.passphrase].length < PASSPHRASE_MIN)
      return err({ code: "passphrase_wrong", detail: `a passphrase has at least ${PASSPHRASE_MIN} characters` });
    const salt = randomBytes(SALT_BYTES);
    const iterations = PBKDF2_ITERATIONS;
    const { wrapped, ...key } = await makeWrappedKey(await passphraseKey(secret.passphrase, salt, iterations));
    return ok({ ...key, amr: BY_PASSPHRASE, protection: { kind: "passphrase", salt, iterations, wrapped } });
  }
  const made = await makePasskey(name);
  if (!made.ok) return made;
  const { passkey, use } = made.value;
  if (use.wrapping === null) {
    const { signer, jwk } = await generateSigner("EdDSA");
    return ok({ signer, jwk, amr: use.amr, protection: { kind: "passkey_asked", passkey, signer } });
  }
  const { wrapped, ...key } = await makeWrappedKey(use.wrapping);
  return ok({ ...key, amr: use.amr, protection: { kind: "passkey", passkey, wrapped } });
}

/**
 * Opens an operator's key. A passphrase is only looked at where the key is under one, and the challenge of a decision where
 * it is behind a passkey.
 */
export async function openKey(
  { kid, protection }: Pick<KeptOperator, "kid" | "protection">,
  passphrase: string,
  challenge?: string,
): Promise<Result<OpenKey, KeyProblem>> {
  switch (protection.kind) {
    case "none":
      return ok({ signer: protection.signer, amr: OPERATOR_AMR, touch: null });
    case "passphrase": {
      const wrapping = await passphraseKey(passphrase, protection.salt, protection.iterations);
      const signer = await unwrapKey(protection.wrapped, wrapping, kid);
      return signer.ok
        ? ok({ signer: signer.value, amr: BY_PASSPHRASE, touch: null })
        : err({ code: "passphrase_wrong", detail: "this is not the passphrase of this key" });
    }
    case "passkey_asked": {
      const use = await askPasskey(protection.passkey, challenge);
      return use.ok ? ok({ signer: protection.signer, amr: use.value.amr, touch: use.value.touch }) : use;
    }
    case "passkey": {
      const use = await askPasskey(protection.passkey, challenge);
      if (!use.ok) return use;
      if (use.value.wrapping === null)
        return err({
          code: "passkey_unsupported",
          detail: "the passkey gave no secret: this key was wrapped with one",
        });
      const signer = await unwrapKey(protection.wrapped, use.value.wrapping, kid);
      return signer.ok ? ok({ signer: signer.value, amr: use.value.amr, touch: use.value.touch }) : signer;
    }
    default:
      return assertNever(protection, "protection");
  }
}
