import { toBase64url } from "../base/bytes.ts";
import { ok, type Result } from "../base/result.ts";
import type { LedgerEntry, SthClaims } from "../protocol/audit/claims.ts";
import { entryLeaf } from "../protocol/audit/entry.ts";
import { STH_TYPE } from "../protocol/audit/tree-head.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { tokenDigest } from "../protocol/jose/sign-token.ts";
import { type VerifyContext, verifyToken } from "../protocol/jose/verify-token.ts";
import { appendLeaves, frontierRoot } from "../protocol/merkle/tree.ts";
import type { EnginePorts } from "./engine-ports.ts";
import { evolve } from "./evolve.ts";
import { factOfEntry } from "./fact.ts";
import type { LogHead, Snapshot, Unavailable } from "./ports.ts";
import { EMPTY_POSITION, frontierBytes, type LogPosition } from "./seal.ts";
import { initialState, STATE_VERSION, type State } from "./state.ts";

/** What is wrong with the stored log, at the first place where it shows. */
export interface LogFault {
  readonly seq: number;
  readonly code:
    | "log_gap"
    | "log_leaf_mismatch"
    | "log_root_mismatch"
    | "log_truncated"
    | "log_entry_unreadable"
    | "log_unreadable"
    | "log_head_invalid";
  readonly detail: string;
}

export interface Loaded {
  readonly state: State;
  readonly position: LogPosition;
  readonly fault: LogFault | null;
}

/**
 * Loads a domain's state: the newest snapshot when a head signed by this log covers exactly it, then the tail, every
 * leaf recomputed, ending at the stored head. On any doubt about the snapshot it starts from the first entry; on doubt
 * about the log it stops there and names the place.
 */
export async function loadLog(
  ports: Pick<EnginePorts, "log" | "ids" | "sha256" | "logSigner" | "logPublicKey">,
): Promise<Result<Loaded, Unavailable>> {
  const head = await ports.log.head(ports.ids.domain);
  if (!head.ok) return head;
  const heads = await ports.log.heads(ports.ids.domain);
  if (!heads.ok) return heads;
  const snapshot = await ports.log.snapshot(ports.ids.domain);
  const start =
    snapshot.ok && snapshot.value !== null
      ? await trustedSnapshot(ports, snapshot.value, heads.value, head.value)
      : null;
  const newest = newestOf(heads.value);
  if (newest !== null && newest.tree_size > head.value.size) {
    const fault: LogFault = {
      seq: head.value.size,
      code: "log_truncated",
      detail: `the log signed a head over ${newest.tree_size} entries; only ${head.value.size} are there`,
    };
    const folded = await fold(ports, initialState(), EMPTY_POSITION, head.value);
    return ok({ ...folded, position: { ...folded.position, head: head.value }, fault: folded.fault ?? fault });
  }
  if (start !== null) {
    const folded = await fold(ports, start.state, start.position, head.value);
    if (folded.fault === null) return ok(withHead(folded, head.value, newest));
    await ports.log.dropSnapshots(ports.ids.domain);
  }
  const folded = await fold(ports, initialState(), EMPTY_POSITION, head.value);
  return ok(withHead(folded, head.value, newest));
}

function withHead(folded: Loaded, head: LogHead, newest: SthClaims | null): Loaded {
  const sth = newest === null ? null : { size: newest.tree_size, iat: newest.iat, root: newest.root };
  return { ...folded, position: { ...folded.position, head, sth } };
}

function newestOf(heads: readonly string[]): SthClaims | null {
  let newest: SthClaims | null = null;
  for (const compact of heads) {
    const claims = payloadOf(compact);
    if (claims !== null && (newest === null || claims.tree_size >= newest.tree_size)) newest = claims;
  }
  return newest;
}

function payloadOf(compact: string): SthClaims | null {
  // A head that cannot be read is no head; full verification names it.
  const parsed = parseCompact(compact);
  const claims = parsed.ok ? STH_TYPE.schema.safeParse(parsed.value.payload) : null;
  return claims?.success === true ? claims.data : null;
}

/** The snapshot, when the log itself has signed exactly its size and root. */
async function trustedSnapshot(
  ports: Pick<EnginePorts, "sha256" | "logSigner" | "ids" | "logPublicKey">,
  snapshot: Snapshot,
  heads: readonly string[],
  head: LogHead,
): Promise<{ state: State; position: LogPosition } | null> {
  if (snapshot.version !== STATE_VERSION || snapshot.size > head.size) return null;
  const covering = heads.filter((compact) => {
    const claims = payloadOf(compact);
    return claims !== null && claims.tree_size === snapshot.size && claims.root === snapshot.root;
  });
  const compact = covering[0];
  const key = ports.logPublicKey;
  if (compact === undefined) return null;
  const context: VerifyContext = {
    nowS: Number.MAX_SAFE_INTEGER / 2,
    ownIds: [],
    resolveKey: (kid) =>
      kid === ports.logSigner.kid
        ? { kid, subject: ports.ids.logId, alg: ports.logSigner.alg, key, revokedAt: null }
        : undefined,
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256: ports.sha256,
  };
  const verified = await verifyToken(STH_TYPE, compact, context);
  if (!verified.ok) return null;
  const saved = snapshot.state as { state: State; head: LogHead; lastAt: number };
  if (saved.head.size !== snapshot.size || saved.head.root !== snapshot.root) return null;
  return {
    state: saved.state,
    position: { head: saved.head, lastAt: saved.lastAt, sth: null, snapshotSize: snapshot.size },
  };
}

async function fold(
  ports: Pick<EnginePorts, "log" | "ids" | "sha256">,
  first: State,
  from: LogPosition,
  head: LogHead,
): Promise<Loaded> {
  let state = first;
  let position = from;
  let frontier = frontierBytes(from.head);
  let size = from.head.size;
  const at = (fault: LogFault | null): Loaded => ({ state, position: { ...position, head }, fault });
  for await (const chunk of ports.log.read(ports.ids.domain, size, head.size)) {
    const leaves: Uint8Array[] = [];
    for (const entry of chunk) {
      const fault = entryFault(entry, size + leaves.length, ports, leaves);
      if (fault !== null) return at(fault);
      const fact = factOfEntry(entry);
      if (!fact.ok) return at({ seq: entry.seq, code: "log_entry_unreadable", detail: fact.error.detail });
      state = evolve(state, {
        seq: entry.seq,
        receivedAt: entry.received_at,
        digest: tokenDigest(entry.token, ports.sha256),
        fact: fact.value,
      });
      position = { ...position, lastAt: entry.received_at };
    }
    frontier = appendLeaves(frontier, size, leaves, ports.sha256);
    size += leaves.length;
  }
  if (size !== head.size)
    return at({
      seq: size,
      code: "log_truncated",
      detail: `the head counts ${head.size} entries; only ${size} are there`,
    });
  if (size > 0 && toBase64url(frontierRoot(frontier, size, ports.sha256)) !== head.root) {
    return at({ seq: size - 1, code: "log_root_mismatch", detail: "the entries do not give the stored root" });
  }
  return at(null);
}

function entryFault(
  entry: LedgerEntry,
  expected: number,
  ports: Pick<EnginePorts, "sha256">,
  leaves: Uint8Array[],
): LogFault | null {
  if (entry.seq !== expected)
    return { seq: expected, code: "log_gap", detail: `entry ${expected} is missing; entry ${entry.seq} stands there` };
  const leaf = entryLeaf(entry, ports.sha256);
  if (toBase64url(leaf) !== entry.leaf)
    return { seq: entry.seq, code: "log_leaf_mismatch", detail: "the entry's bytes do not give its leaf" };
  leaves.push(leaf);
  return null;
}
