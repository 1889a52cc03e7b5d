/** Time, ids and hashing come in through ports, so that decisions replay (INV-1) and tests are deterministic. */

export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  nowMs(): number;
  /** Monotonic milliseconds from an arbitrary start; deadlines use this one (ACP-S6). */
  monotonicMs(): number;
  /** Runs `callback` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

export interface Ids {
  /** A new lower-case UUID (RFC 9562). */
  uuid(): string;
}

/** SHA-256 of the bytes, synchronous: bulk hashing happens in a worker (design: one hasher, no promise per digest). */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;
