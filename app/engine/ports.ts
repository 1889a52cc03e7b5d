import type { Result } from "../base/result.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";

/** What the engine needs from outside, named by role. Every implementation passes the suite beside its port. */

/** Position of a log: its size and the RFC 9162 root over all its entries, with what is needed to go on appending. */
export interface LogHead {
  readonly size: number;
  /** base64url SHA-256; the empty-tree root when size is 0. */
  readonly root: string;
  /** Compact range: roots of the perfect subtrees covering [0, size), largest first, base64url. */
  readonly frontier: readonly string[];
}

/** A derived state with the position it was folded from, signed by the log; thrown away on any doubt. */
export interface Snapshot {
  readonly size: number;
  readonly root: string;
  /** Version of the state's shape; another version is as good as none. */
  readonly version: number;
  /** The state, as `snapshot-codec.ts` writes it. Never changed once they are handed over. */
  readonly bytes: Uint8Array;
  /** A compact `snapshot+jwt` of the log over size, root, version and the digest of the bytes. */
  readonly token: string;
}

/** Everything one append makes durable, together or not at all. */
export interface Frame {
  readonly entries: readonly LedgerEntry[];
  /** The head after the entries. */
  readonly head: LogHead;
  /** A compact `audit-sth+jwt` over `head`, when one is due (XA-11). */
  readonly sth?: string;
  readonly snapshot?: Snapshot;
}

/** Storage said no, and whether trying again can help. */
export type Unavailable = {
  readonly code: "storage_full" | "storage_blocked" | "storage_denied" | "storage_failed" | "not_leader";
  readonly retry: boolean;
  readonly detail: string;
};

/** `conflict`: someone else appended, reload the tail and decide again. `unknown`: read before retrying. */
export type AppendError =
  | { readonly code: "conflict"; readonly size: number }
  | { readonly code: "unknown"; readonly detail: string }
  | Unavailable;

/** The append-only log of one or more domains. */
export interface EventLog {
  /** The stored head, size 0 for a domain never written. */
  head(domain: string): Promise<Result<LogHead, Unavailable>>;
  /** Appends the frame's entries after exactly `expectedSize` entries; durable when it resolves with ok. */
  append(domain: string, expectedSize: number, frame: Frame): Promise<Result<void, AppendError>>;
  /** Entries with from <= seq < to, in order, in chunks of at most about 1,000; stops early at the end of the log. Throws nothing; damaged storage yields what is there. */
  read(domain: string, from: number, to: number): AsyncIterable<readonly LedgerEntry[]>;
  /** All signed tree heads, oldest first. */
  heads(domain: string): Promise<Result<readonly string[], Unavailable>>;
  /** The newest snapshot, or null. */
  snapshot(domain: string): Promise<Result<Snapshot | null, Unavailable>>;
  /** Forgets snapshots (on doubt). */
  dropSnapshots(domain: string): Promise<Result<void, Unavailable>>;
  close(): void;
}

/** Content-addressed objects that tokens refer to by digest (COM-11): JSON values keyed by their object digest. */
export interface ObjectStore {
  put(digest: string, value: unknown): Promise<Result<void, Unavailable>>;
  get(digest: string): Promise<Result<unknown, Unavailable>>;
  list(): Promise<Result<readonly string[], Unavailable>>;
  delete(digest: string): Promise<Result<void, Unavailable>>;
}

/** Small durable values of a host: its own keys (non-extractable CryptoKey values are allowed), settings. */
export interface KeyValueStore {
  get(key: string): Promise<Result<unknown, Unavailable>>;
  put(key: string, value: unknown): Promise<Result<void, Unavailable>>;
  /** Keys with this prefix, in order. */
  keys(prefix: string): Promise<Result<readonly string[], Unavailable>>;
  delete(key: string): Promise<Result<void, Unavailable>>;
}

/** The three together, as one storage technology provides them. */
export interface Storage {
  readonly log: EventLog;
  readonly objects: ObjectStore;
  readonly values: KeyValueStore;
}
