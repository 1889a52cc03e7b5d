import { equalBytes, fromBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { ok, type Result } from "../../base/result.ts";
import type { LedgerEntry } from "./claims.ts";
import { entryLeaf } from "./entry.ts";
import type { KeyBook } from "./key-book.ts";
import { type Alone, verifyAlone } from "./token-alone.ts";

/** What an entry says by itself, recomputed from its bytes: the costly part of a log's verification, in any order. */
export interface EntryCheck {
  readonly leaf: Uint8Array;
  /** Whether the leaf that is stored is this one. */
  readonly leafFits: boolean;
  /** Null for identities, which the walk has verified itself. */
  readonly alone: Alone | null;
}

/** Entries in their order, with the keys of all identities among and before them. */
export interface CheckBatch {
  /** The place of the first one. */
  readonly first: number;
  readonly entries: readonly LedgerEntry[];
  readonly keys: KeyBook;
  /** What of them are identities, by index. */
  readonly identities: { has(index: number): boolean };
}

/** Why a verification came to no end. Nothing is said of the log then. */
export interface CheckEnded {
  readonly code: "verification_cancelled" | "verification_worker_lost";
  readonly detail: string;
}

/** Who checks entries by themselves: this thread, or workers beside it. */
export interface EntryChecker {
  /** Entries at a time: no more than keep this thread busy for a few ms. */
  readonly batch: number;
  /** Batches under way at once, so that nobody waits for the next one. */
  readonly ahead: number;
  check(batch: CheckBatch): Promise<Result<readonly EntryCheck[], CheckEnded>>;
}

interface CheckContext {
  /** Ids under which the log's host was addressed, for step 11. */
  readonly ownIds: readonly string[];
  readonly sha256: Sha256;
}

/** Checks in this thread: hashes in between, signatures beside it by the platform. */
export function createChecker(context: CheckContext): EntryChecker {
  return { batch: 128, ahead: 2, check: async (batch) => ok(await checkEntries(batch, context)) };
}

/** Checks each entry of a batch by itself. */
export function checkEntries(
  { first, entries, keys, identities }: CheckBatch,
  { ownIds, sha256 }: CheckContext,
): Promise<EntryCheck[]> {
  const context = { keys, ownIds, sha256 };
  return Promise.all(
    entries.map(async (entry, index) => {
      // Begun before the leaf is hashed: the platform checks the signature meanwhile.
      const token = identities.has(index) ? null : verifyAlone(entry, first + index, context);
      const leaf = entryLeaf(entry, sha256);
      const stored = fromBase64url(entry.leaf);
      return { leaf, leafFits: stored !== null && equalBytes(leaf, stored), alone: await token };
    }),
  );
}
