import { equalBytes, fromBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { entryLeaf } from "../../protocol/audit/entry.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import { factOfEntry } from "../fact.ts";
import type { PastEntry } from "./ladder.ts";

/**
 * A stored entry for a fold of the past. Its leaf is computed again, since a log that is loaded from a snapshot has not been
 * read yet where the past is; that the leaves give the signed heads is for the verification of the log. What is not there,
 * cannot be read or is not what its leaf says is refused.
 */
export function readPastEntry(entry: LedgerEntry, expected: number, sha256: Sha256): Result<PastEntry, Refusal> {
  if (entry.seq !== expected) return err(refusal("past_unreadable", `entry ${expected} is not there`));
  const fact = factOfEntry(entry);
  const leaf = fromBase64url(entry.leaf);
  if (!fact.ok) return err(refusal("past_unreadable", fact.error.detail));
  if (leaf === null) return err(refusal("past_unreadable", `entry ${expected} has no leaf`));
  if (!equalBytes(entryLeaf(entry, sha256), leaf))
    return err(refusal("past_unreadable", `entry ${expected} is not what was logged`));
  const digest = tokenDigest(entry.token, sha256);
  return ok({ logged: { seq: entry.seq, receivedAt: entry.received_at, digest, fact: fact.value }, leaf });
}
