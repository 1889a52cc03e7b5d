import { KeyObject } from "node:crypto";
import { importPKCS8 } from "jose";
import * as z from "zod";
import { err, ok, type Result } from "../app/base/result.ts";
import type { KeyValueStore, Unavailable } from "../app/engine/ports.ts";
import { publicJwkSchema } from "../app/protocol/identity/claims.ts";

/** A host's key pair as it lies in a file that only the owner of the process can read. */
const storedSchema = z.object({
  host_key: z.literal(1),
  kid: z.string(),
  alg: z.enum(["ES256", "EdDSA"]),
  jwk: publicJwkSchema,
  pkcs8: z.string(),
});

/** A host's key pair as the host hands it over. */
const pairSchema = z.object({
  signer: z.object({ kid: z.string(), alg: z.enum(["ES256", "EdDSA"]), key: z.instanceof(CryptoKey) }),
  jwk: publicJwkSchema,
});

/**
 * Values that may be key pairs, over values that are JSON. A browser keeps a CryptoKey as it is; a file keeps its PKCS #8
 * text, and what is read back is not extractable again, so that nothing in the process hands it on by mistake (COM-12).
 */
export function withKeyPairs(values: KeyValueStore): KeyValueStore {
  return {
    ...values,
    put: async (name, value) => {
      const pair = pairSchema.safeParse(value);
      return values.put(name, pair.success ? toStored(pair.data) : value);
    },
    get: async (name) => {
      const stored = await values.get(name);
      if (!stored.ok) return stored;
      const pair = storedSchema.safeParse(stored.value);
      return pair.success ? fromStored(name, pair.data) : stored;
    },
  };
}

function toStored({ signer, jwk }: z.infer<typeof pairSchema>): z.infer<typeof storedSchema> {
  const pkcs8 = KeyObject.from(signer.key).export({ type: "pkcs8", format: "pem" }).toString();
  return { host_key: 1, kid: signer.kid, alg: signer.alg, jwk, pkcs8 };
}

async function fromStored(
  name: string,
  { kid, alg, jwk, pkcs8 }: z.infer<typeof storedSchema>,
): Promise<Result<z.infer<typeof pairSchema>, Unavailable>> {
  try {
    return ok({ signer: { kid, alg, key: await importPKCS8(pkcs8, alg, { extractable: false }) }, jwk });
  } catch {
    // Nothing of the file is repeated: it is a private key.
    return err({ code: "storage_failed", retry: false, detail: `the key stored as ${name} cannot be read` });
  }
}
