import { createSHA256 } from "hash-wasm";
import type { Sha256 } from "../../base/ports.ts";

/** A synchronous SHA-256 in WebAssembly, made once and used for everything that is hashed in bulk. */
export async function createSha256(): Promise<Sha256> {
  const hasher = await createSHA256();
  return (bytes) => {
    hasher.init();
    hasher.update(bytes);
    return hasher.digest("binary");
  };
}
