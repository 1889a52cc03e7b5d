import type { Sha256 } from "../base/ports.ts";

/** What is used of Node's crypto; files here are checked without Node's types. */
interface NodeCrypto {
  readonly KeyObject: { from(key: CryptoKey): object };
  sign(algorithm: null, data: Uint8Array, key: object): Uint8Array<ArrayBuffer>;
  verify(algorithm: null, data: Uint8Array, key: object, signature: Uint8Array): boolean;
  createHash(algorithm: "sha256"): { update(data: Uint8Array): { digest(): Uint8Array<ArrayBuffer> } };
}

const node = (): NodeCrypto =>
  // Only Node runs this, and its process has no type here.
  // Node's own, of which this project's core knows no types.
  (globalThis as unknown as { process: { getBuiltinModule(id: string): NodeCrypto } }).process.getBuiltinModule(
    "node:crypto",
  );

const bytesOf = (data: BufferSource): Uint8Array =>
  data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** SHA-256 by the machine's own library. */
export function nodeSha256(): Sha256 {
  const { createHash } = node();
  return (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest());
}

/**
 * From now on Ed25519 and SHA-256 of the platform answer in the same turn instead of from another thread, with the same
 * bytes: what happens then depends on nothing but the order in which it was asked. The returned function undoes it.
 */
export function withInstantCrypto(): () => void {
  const { subtle } = crypto;
  const library = node();
  const keys = new WeakMap<CryptoKey, object>();
  const keyOf = (key: CryptoKey): object => {
    const known = keys.get(key) ?? library.KeyObject.from(key);
    keys.set(key, known);
    return known;
  };
  const sha256 = nodeSha256();
  const instant = {
    sign: async (_algorithm: unknown, key: CryptoKey, data: BufferSource) =>
      new Uint8Array(library.sign(null, bytesOf(data), keyOf(key))).buffer,
    verify: async (_algorithm: unknown, key: CryptoKey, signature: BufferSource, data: BufferSource) =>
      library.verify(null, bytesOf(data), keyOf(key), bytesOf(signature)),
    digest: async (_algorithm: unknown, data: BufferSource) => sha256(bytesOf(data)).buffer,
  };
  Object.assign(subtle, instant);
  return () => {
    // Taken away, not set back: what somebody else does to the platform's own is seen again, whenever they do it.
    for (const name of Object.keys(instant)) Reflect.deleteProperty(subtle, name);
  };
}
