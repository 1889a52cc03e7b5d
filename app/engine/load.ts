import { toBase64url } from "../base/bytes.ts";
import { ok, type Result } from "../base/result.ts";
import type { LedgerEntry, SthClaims } from "../protocol/audit/claims.ts";
import { entryLeaf } from "../protocol/audit/entry.ts";
import { STH_TYPE } from "../protocol/audit/tree-head.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { tokenDigest } from "../protocol/jose/sign-token.ts";
import { appendLeaves, frontierRoot } from "../protocol/merkle/tree.ts";
import type { EnginePorts } from "./engine-ports.ts";
import { evolve } from "./evolve.ts";
import { factOfEntry } from "./fact.ts";
import { verifyOwn } from "./own-signature.ts";
import type { LogHead, Unavailable } from "./ports.ts";
import { EMPTY_POSITION, frontierBytes, type LogPosition } from "./seal.ts";
import { openSnapshot } from "./snapshot.ts";
import { initialState, type State } from "./state.ts";

const FAULT_CODES = [
  "log_gap",
  "log_leaf_mismatch",
  "log_root_mismatch",
  "log_truncated",
  "log_entry_unreadable",
  "log_unreadable",
  "log_head_invalid",
  // Found by a whole verification only.
  "log_time_order",
  "log_inconsistent",
  "log_token_refused",
  // Nothing is wrong with the entries, but nothing can be signed after them.
  "log_key_lost",
  // Nothing is wrong with the entries, but the console goes on under another name, in another log.
  "log_renamed",
] as const;

/** Why nothing is written to a log any more, with the first entry where it shows. */
export interface LogFault {
  readonly seq: number;
  readonly code: (typeof FAULT_CODES)[number];
  readonly detail: string;
}

/** The fault that a verification has found; refusals of tokens have codes of their own, which go into the detail. */
export function faultOf(bad: { readonly seq: number; readonly code: string; readonly detail: string }): LogFault {
  const code = FAULT_CODES.find((known) => known === bad.code);
  if (code !== undefined) return { seq: bad.seq, code, detail: bad.detail };
  return { seq: bad.seq, code: "log_token_refused", detail: `${bad.code}: ${bad.detail}` };
}

/** Nothing more is written to the log, and nothing is wrong with what it holds. */
export const isSound = ({ code }: LogFault): boolean => code === "log_key_lost" || code === "log_renamed";

/** What a write is answered while there is a fault. */
export function writeRefusal(fault: LogFault): Unavailable {
  const what = isSound(fault) ? fault.detail : `the log is damaged at entry ${fault.seq}: ${fault.detail}`;
  return { code: "storage_failed", retry: false, detail: `${what} (${fault.code}); nothing is written to it any more` };
}

export interface Loaded {
  readonly state: State;
  readonly position: LogPosition;
  readonly fault: LogFault | null;
}

type LoadPorts = Pick<EnginePorts, "log" | "ids" | "sha256" | "logPublicKey">;

/**
 * Loads a domain's state: the newest snapshot when this log has signed exactly it, then the tail, every leaf recomputed,
 * the root compared at every signed head that is passed, ending at the stored head. On any doubt about the snapshot it is
 * thrown away and the fold starts from the first entry; on doubt about the log it stops there and names the place.
 */
export async function loadLog(ports: LoadPorts): Promise<Result<Loaded, Unavailable>> {
  const head = await ports.log.head(ports.ids.domain);
  if (!head.ok) return head;
  const heads = await ports.log.heads(ports.ids.domain);
  if (!heads.ok) return heads;
  const signed = await readHeads(ports, heads.value, head.value);
  const start = await trustedStart(ports, signed, head.value);
  if (start !== null) {
    const folded = await fold(ports, start, signed.heads, head.value);
    if (folded.fault === null) return ok(withHeads(folded, signed));
    await ports.log.dropSnapshots(ports.ids.domain);
  }
  const first = { state: initialState(), position: EMPTY_POSITION };
  return ok(withHeads(await fold(ports, first, signed.heads, head.value), signed));
}

function withHeads(folded: Loaded, { newest, fault }: SignedHeads): Loaded {
  const sth = newest === null ? null : { size: newest.tree_size, iat: newest.iat, root: newest.root };
  return { ...folded, position: { ...folded.position, sth }, fault: folded.fault ?? fault };
}

interface SignedHead {
  readonly compact: string;
  readonly claims: SthClaims;
}

/** The heads this log has signed, by size: the newest one is verified, the others where they contradict the entries. */
interface SignedHeads {
  readonly heads: readonly SignedHead[];
  readonly newest: SthClaims | null;
  readonly fault: LogFault | null;
}

async function readHeads(ports: LoadPorts, stored: readonly string[], { size }: LogHead): Promise<SignedHeads> {
  const heads: SignedHead[] = [];
  for (const compact of stored) {
    const parsed = parseCompact(compact);
    const claims = parsed.ok ? STH_TYPE.schema.safeParse(parsed.value.payload) : null;
    if (claims?.success !== true) return noHeads(size, "a stored tree head cannot be read");
    heads.push({ compact, claims: claims.data });
  }
  heads.sort((a, b) => a.claims.tree_size - b.claims.tree_size);
  const newest = heads.at(-1);
  // The first frame of a log has a head: without any, they were taken away.
  if (newest === undefined) return size === 0 ? NO_HEADS : noHeads(size, "no signed tree head is there");
  const verified = await verifyOwn(ports, STH_TYPE, newest.compact);
  if (!verified.ok) return noHeads(size, `the newest tree head is not this log's: ${verified.error.detail}`);
  const due = newest.claims.tree_size;
  const detail = `the log signed a head over ${due} entries; only ${size} are there`;
  return { heads, newest: newest.claims, fault: due > size ? { seq: size, code: "log_truncated", detail } : null };
}

const NO_HEADS: SignedHeads = { heads: [], newest: null, fault: null };

function noHeads(seq: number, detail: string): SignedHeads {
  return { ...NO_HEADS, fault: { seq, code: "log_head_invalid", detail } };
}

interface Start {
  readonly state: State;
  readonly position: LogPosition;
}

/** Where the snapshot lets the fold begin; null, and the snapshot is gone, when it is not beyond doubt. */
async function trustedStart(ports: LoadPorts, { newest, fault }: SignedHeads, head: LogHead): Promise<Start | null> {
  const stored = await ports.log.snapshot(ports.ids.domain);
  if (!stored.ok || stored.value === null) return null;
  const snapshot = stored.value;
  const covered = fault === null && newest !== null && snapshot.size <= newest.tree_size && snapshot.size <= head.size;
  const content = covered ? await openSnapshot(ports, snapshot) : null;
  if (content === null) {
    await ports.log.dropSnapshots(ports.ids.domain);
    return null;
  }
  const position = { head: content.head, lastAt: content.lastAt, sth: null, snapshotSize: snapshot.size };
  return { state: content.state, position };
}

async function fold(ports: LoadPorts, start: Start, heads: readonly SignedHead[], head: LogHead): Promise<Loaded> {
  let { state, position } = start;
  let frontier = frontierBytes(position.head);
  let { size } = position.head;
  let leaves: Uint8Array[] = [];
  const due = heads.filter(({ claims }) => claims.tree_size >= size && claims.tree_size <= head.size);
  let next = 0;
  const at = (fault: LogFault | null): Loaded => ({ state, position: { ...position, head }, fault });
  const grow = (): void => {
    frontier = appendLeaves(frontier, size, leaves, ports.sha256);
    size += leaves.length;
    leaves = [];
  };
  /** What contradicts the entries so far, of the heads that are over exactly these. */
  const headFault = async (): Promise<LogFault | null> => {
    for (; due[next]?.claims.tree_size === size + leaves.length; next += 1) {
      grow();
      const signed = due[next];
      if (signed === undefined || rootOf(frontier, size, ports) === signed.claims.root) continue;
      return contradiction(ports, signed);
    }
    return null;
  };
  const before = await headFault();
  if (before !== null) return at(before);
  for await (const chunk of ports.log.read(ports.ids.domain, size, head.size)) {
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
      if (due[next]?.claims.tree_size !== size + leaves.length) continue;
      const contradicted = await headFault();
      if (contradicted !== null) return at(contradicted);
    }
    grow();
  }
  if (size !== head.size)
    return at({
      seq: size,
      code: "log_truncated",
      detail: `the head counts ${head.size} entries; only ${size} are there`,
    });
  if (size > 0 && rootOf(frontier, size, ports) !== head.root) {
    return at({ seq: size - 1, code: "log_root_mismatch", detail: "the entries do not give the stored root" });
  }
  return at(null);
}

function rootOf(frontier: readonly Uint8Array[], size: number, ports: Pick<EnginePorts, "sha256">): string {
  return toBase64url(frontierRoot(frontier, size, ports.sha256));
}

/** A head and the entries differ: which of the two is wrong, as far as the head's signature tells. */
async function contradiction(ports: LoadPorts, { compact, claims }: SignedHead): Promise<LogFault> {
  const verified = await verifyOwn(ports, STH_TYPE, compact);
  const seq = Math.max(0, claims.tree_size - 1);
  if (!verified.ok)
    return { seq, code: "log_head_invalid", detail: `a tree head is not this log's: ${verified.error.detail}` };
  const detail = `the entries up to here do not give the root that was signed over ${claims.tree_size} entries`;
  return { seq, code: "log_root_mismatch", detail };
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
