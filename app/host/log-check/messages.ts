import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import type { CheckBatch, EntryCheck } from "../../protocol/audit/entry-check.ts";
import type { Binding } from "../../protocol/audit/key-book.ts";
import type { Alone } from "../../protocol/audit/token-alone.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";

/** What a check worker is told: once how it is set up, then batches; of the keys only those it has not had yet. */
export type ToCheckWorker =
  | { readonly t: "open"; readonly lock: string; readonly ownIds: readonly string[] }
  | {
      readonly t: "check";
      readonly id: number;
      readonly first: number;
      readonly entries: readonly LedgerEntry[];
      readonly bindings: readonly Binding[];
      /** Indexes of the identities among the entries: their tokens are verified already. */
      readonly identities: ReadonlySet<number>;
    };

export type FromCheckWorker =
  /** It holds its lock from here on. */
  | { readonly t: "ready" }
  | { readonly t: "checked"; readonly id: number; readonly checks: PackedChecks }
  | { readonly t: "failed"; readonly id: number; readonly detail: string };

/** The checks of a batch in few values: what is sent is copied, and an object for each entry costs more than its hash. */
interface PackedChecks {
  /** Leaves one after the other. */
  readonly leaves: Uint8Array;
  /** 1 where the stored leaf is this one. */
  readonly fits: Uint8Array;
  /** The replay scope of a token that verifies by itself, null where it has none; or why it does not. */
  readonly tokens: readonly (string | null | Refusal)[];
}

const LEAF_BYTES = 32;

export function packChecks(checks: readonly EntryCheck[]): PackedChecks {
  const leaves = new Uint8Array(checks.length * LEAF_BYTES);
  for (const [at, { leaf }] of checks.entries()) leaves.set(leaf, at * LEAF_BYTES);
  return {
    leaves,
    fits: Uint8Array.from(checks, ({ leafFits }) => (leafFits ? 1 : 0)),
    tokens: checks.map(({ alone }) => (alone === null ? null : alone.ok ? alone.value.scope : alone.error)),
  };
}

export function unpackChecks(
  { leaves, fits, tokens }: PackedChecks,
  { entries, identities }: CheckBatch,
): EntryCheck[] {
  return entries.map((_, at) => ({
    leaf: leaves.subarray(at * LEAF_BYTES, (at + 1) * LEAF_BYTES),
    leafFits: fits[at] === 1,
    alone: identities.has(at) ? null : aloneOf(tokens[at]),
  }));
}

/** What is missing in an answer is no yes. */
function aloneOf(token: string | null | Refusal | undefined): Alone | null {
  if (token === undefined) return null;
  if (token === null || typeof token === "string") return { ok: true, value: { scope: token, token: null } };
  return { ok: false, error: token };
}
