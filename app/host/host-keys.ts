import { err, ok, type Result } from "../base/result.ts";
import type { KeyValueStore, Unavailable } from "../engine/ports.ts";
import type { PublicJwk } from "../protocol/identity/claims.ts";
import { generateSigner, type Signer } from "../protocol/jose/keys.ts";

/** A key pair of this host: the private half is non-extractable and stays in its storage. */
export interface HostKey {
  readonly signer: Signer;
  readonly jwk: PublicJwk;
}

/** The key stored under a name, or null. */
export async function loadKey(values: KeyValueStore, name: string): Promise<Result<HostKey | null, Unavailable>> {
  const stored = await values.get(name);
  if (!stored.ok) return stored;
  return ok((stored.value ?? null) as HostKey | null);
}

/** The key stored under a name; a new one where there is none yet, durable before anything is signed with it. */
export async function keyFor(values: KeyValueStore, name: string): Promise<Result<HostKey, Unavailable>> {
  const stored = await loadKey(values, name);
  if (!stored.ok) return stored;
  if (stored.value !== null) return ok(stored.value);
  const made = await generateSigner();
  const put = await values.put(name, made);
  return put.ok ? ok(made) : err(put.error);
}
