import type { Sha256 } from "../../base/ports.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import { digestsIn, type QueryDoc } from "../../protocol/query/document.ts";
import type { EntryRowCore } from "../entry-row.ts";

/** An entry as a query sees it; `entry` is null where none is stored. */
export function entryDoc(row: EntryRowCore, name: string | null, entry: LedgerEntry | null, sha256: Sha256): QueryDoc {
  const { domain, seq, receivedAt, severity, typ, iss, action, outcome, wid, task, jti, submitter } = row;
  const parts = { domain, seq, receivedAt, severity, typ, iss, action, outcome, wid, task, jti, submitter, name };
  if (entry === null) return { ...parts, digests: [] };
  const parsed = parseCompact(entry.token);
  const named = parsed.ok ? digestsIn(parsed.value.payload) : [];
  return { ...parts, digests: [...new Set([tokenDigest(entry.token, sha256), ...named])] };
}
