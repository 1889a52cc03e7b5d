import { must } from "../../base/assert.ts";
import { equalBytes, fromBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { LedgerEntry } from "./claims.ts";
import { entryLeaf } from "./entry.ts";
import type { KeyBook } from "./key-book.ts";
import { type Alone, rereadAlone, verifyAlone } from "./token-alone.ts";
import type { Learned } from "./token-walk.ts";

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

/** Who checks the entries of a file, once it is known how many it has; null where this thread does. */
export type CheckerFor = (entries: number, ownIds: readonly string[]) => EntryChecker | null;

/** Checks in this thread: hashes in between, signatures beside it by the platform. */
export function createChecker(context: CheckContext): EntryChecker {
  return { batch: 128, ahead: 2, check: async (batch) => ok(await checkEntries(batch, context)) };
}

/**
 * A checker whose tokens were looked at elsewhere, for whoever wants to see them: each is read again here, everything of it
 * but its signature looked at again.
 */
export function retelling(checker: EntryChecker, { ownIds, sha256 }: CheckContext): EntryChecker {
  return {
    ...checker,
    check: async (batch) => {
      const checked = await checker.check(batch);
      if (!checked.ok) return checked;
      const context = { keys: batch.keys, ownIds, sha256 };
      return ok(
        checked.value.map((check, index): EntryCheck => {
          const entry = batch.entries[index];
          if (entry === undefined || check.alone?.ok !== true || check.alone.value.token !== null) return check;
          return { ...check, alone: rereadAlone(entry, batch.first + index, context) };
        }),
      );
    },
  };
}

/**
 * Entries in their order with what each says by itself, batch by batch. What is begun is told later and in order: nobody who
 * checks waits for those who are checked beside it. An error is the last that is told.
 */
export async function* checkedInOrder<E extends LedgerEntry>(
  chunks: AsyncIterable<readonly E[]>,
  tokens: { learn(entries: readonly E[]): Promise<Learned> },
  checker: EntryChecker,
  signal?: AbortSignal,
): AsyncGenerator<Result<readonly CheckedEntry<E>[], CheckEnded>> {
  const begun: (() => Promise<Result<readonly CheckedEntry<E>[], CheckEnded>>)[] = [];
  for await (const chunk of chunks)
    for (let from = 0; from < chunk.length; from += checker.batch) {
      if (signal?.aborted === true) {
        yield err({ code: "verification_cancelled", detail: "it was cancelled" });
        return;
      }
      const entries = chunk.slice(from, from + checker.batch);
      const learned = await tokens.learn(entries);
      const checks = checker.check({ entries, ...learned });
      begun.push(async () => {
        const checked = await checks;
        return checked.ok
          ? ok(entries.map((entry, index) => togetherAt(index, entry, learned, checked.value)))
          : checked;
      });
      const first = begun.length > checker.ahead ? begun.shift() : undefined;
      if (first !== undefined) yield await first();
    }
  for (const rest of begun) yield await rest();
}

export interface CheckedEntry<E> {
  readonly entry: E;
  readonly check: EntryCheck;
  readonly alone: Alone;
}

function togetherAt<E>(
  index: number,
  entry: E,
  { identities }: Learned,
  checks: readonly EntryCheck[],
): CheckedEntry<E> {
  const check = must(checks[index], "a checker answers for every entry it is given");
  return { entry, check, alone: must(identities.get(index) ?? check.alone, "a token is verified by somebody") };
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
