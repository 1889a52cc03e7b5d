import { useState } from "react";
import { passkeyObstacle } from "../operator/passkey.ts";
import { PASSPHRASE_MIN } from "../operator/passphrase.ts";
import type { Secret } from "../operator/protection.ts";
import { Segmented } from "../ui/segmented.tsx";
import { PassphraseField } from "./passphrase-field.tsx";

const KINDS = [
  { id: "passkey", name: "Passkey" },
  { id: "passphrase", name: "Passphrase" },
] as const;

export interface NewSecret {
  readonly kind: "passkey" | "passphrase";
  readonly passphrase: string;
  readonly repeated: string;
}

/** What a new key is put under, as far as it was given; a passkey where the browser and the address allow one. */
export function useNewSecret() {
  const [obstacle] = useState(passkeyObstacle);
  const [given, setGiven] = useState<NewSecret>({
    kind: obstacle === null ? "passkey" : "passphrase",
    passphrase: "",
    repeated: "",
  });
  const isLong = [...given.passphrase].length >= PASSPHRASE_MIN;
  const secret: Secret | null =
    given.kind === "passkey"
      ? { kind: "passkey" }
      : isLong && given.repeated === given.passphrase
        ? { kind: "passphrase", passphrase: given.passphrase }
        : null;
  return { obstacle, given, setGiven, secret };
}

/** Chooses what protects a key that is about to be made. */
export function SecretFields({ obstacle, given, setGiven }: Omit<ReturnType<typeof useNewSecret>, "secret">) {
  const differs = given.repeated !== "" && !given.passphrase.startsWith(given.repeated);
  return (
    <fieldset className="space-y-3">
      <legend className="mb-1 text-xs font-medium text-muted">What opens your key</legend>
      {obstacle === null ? (
        <Segmented
          label="What opens your key"
          options={KINDS}
          selected={given.kind}
          onChange={(kind) => setGiven({ ...given, kind })}
        />
      ) : (
        <p className="text-muted">{obstacle} Here a passphrase opens it.</p>
      )}
      {given.kind === "passkey" ? (
        <p className="max-w-prose text-muted">
          Your device asks for your finger, your face or its PIN. Where the passkey can keep a secret, the key is
          wrapped with it; otherwise the passkey is asked for before each use, and the operator menu says so.
        </p>
      ) : (
        <>
          <PassphraseField
            label="Passphrase"
            value={given.passphrase}
            onChange={(passphrase) => setGiven({ ...given, passphrase })}
            isNew
            description={`At least ${PASSPHRASE_MIN} characters. Nobody can recover it: without it the key is lost, and you enrol another.`}
          />
          <PassphraseField
            label="The same again"
            value={given.repeated}
            onChange={(repeated) => setGiven({ ...given, repeated })}
            isNew
            errorMessage={differs ? "This is not the same." : undefined}
          />
        </>
      )}
    </fieldset>
  );
}
