import { assert, must } from "../base/assert.ts";
import { fromBase64url, toBase64url } from "../base/bytes.ts";
import type { Ids, Sha256 } from "../base/ports.ts";
import type { LedgerEntry, SthClaims } from "../protocol/audit/claims.ts";
import { entryLeaf } from "../protocol/audit/entry.ts";
import { checkSize } from "../protocol/jose/compact.ts";
import type { Signer } from "../protocol/jose/keys.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import { appendLeaves, EMPTY_ROOT, frontierRoot } from "../protocol/merkle/tree.ts";
import type { Draft } from "./command.ts";
import type { Frame, LogHead, Snapshot } from "./ports.ts";
import { type HostIds, verifierId } from "./records.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { State } from "./state.ts";

/** Where the log stands, with what the next frame needs. */
export interface LogPosition {
  readonly head: LogHead;
  /** `received_at` of the last entry: times never go back (V3). */
  readonly lastAt: number;
  readonly sth: { readonly size: number; readonly iat: number; readonly root: string } | null;
  readonly snapshotSize: number;
}

export const EMPTY_POSITION: LogPosition = {
  head: { size: 0, root: toBase64url(EMPTY_ROOT), frontier: [] },
  lastAt: 0,
  sth: null,
  snapshotSize: 0,
};

/** XA-11: a head at least every 60 s while entries arrive. */
const HEAD_EVERY_S = 60;
const SNAPSHOT_EVERY = 2000;
/** And after the log has grown by this share: no append ends while a whole state is written, so it must not come ever so often. */
const SNAPSHOT_GROWTH = 1 / 8;

export interface SealPorts {
  readonly ids: HostIds;
  readonly uuid: Ids;
  readonly sha256: Sha256;
  readonly logSigner: Signer;
  readonly pepSigner: Signer;
  readonly verifierSigner?: Signer;
}

/**
 * Turns decided drafts into one frame: signs what the host states itself, hashes the leaves, moves the head, signs a tree
 * head where one is due and takes a snapshot where one is due. All before the storage transaction opens.
 */
export async function sealFrame(
  ports: SealPorts,
  position: LogPosition,
  drafts: readonly { readonly draft: Draft; readonly seq: number }[],
  nowS: number,
  state: State,
  headDue = false,
): Promise<{ readonly frame: Frame; readonly position: LogPosition }> {
  const tokens = await Promise.all(drafts.map(({ draft }) => tokenOf(ports, draft)));
  const entries: LedgerEntry[] = [];
  const leaves: Uint8Array[] = [];
  drafts.forEach(({ draft, seq }, index) => {
    const submitter = submitterOf(ports, draft);
    const entry = { seq, token: must(tokens[index], "every draft has its token"), received_at: nowS, submitter };
    const leaf = entryLeaf(entry, ports.sha256);
    leaves.push(leaf);
    entries.push({ ...entry, leaf: toBase64url(leaf) });
  });
  const size = position.head.size + entries.length;
  const frontier = appendLeaves(frontierBytes(position.head), position.head.size, leaves, ports.sha256);
  const head: LogHead = {
    size,
    root: toBase64url(frontierRoot(frontier, size, ports.sha256)),
    frontier: frontier.map((node) => toBase64url(node)),
  };
  const snapshotDue = isSnapshotDue(size, position.snapshotSize);
  const signHead =
    headDue ||
    snapshotDue ||
    position.sth === null ||
    nowS - position.sth.iat >= HEAD_EVERY_S ||
    drafts.some(({ draft }) => isCritical(draft));
  const sth = signHead ? await signTreeHead(ports, position, head, nowS) : undefined;
  const snapshot: Snapshot | undefined = snapshotDue
    ? await takeSnapshot(ports, { state, head, lastAt: nowS })
    : undefined;
  return {
    frame: { entries, head, ...(sth === undefined ? {} : { sth }), ...(snapshot === undefined ? {} : { snapshot }) },
    position: {
      head,
      lastAt: nowS,
      sth: sth === undefined ? position.sth : { size, iat: nowS, root: head.root },
      snapshotSize: snapshotDue ? size : position.snapshotSize,
    },
  };
}

/** Whether a log of this size gets a snapshot, with the last one taken at `last`. */
export function isSnapshotDue(size: number, last: number): boolean {
  return size - last >= Math.max(SNAPSHOT_EVERY, last * SNAPSHOT_GROWTH);
}

async function tokenOf(ports: SealPorts, draft: Draft): Promise<string> {
  if (draft.kind === "token") return draft.compact;
  const { fact } = draft;
  const token = await signToken(fact.typ, fact.claims, signerOf(ports, draft.as));
  // What nobody can read back must not be appended: the log would be damaged by its own host.
  assert(checkSize(token).ok, `a ${fact.typ} of ours fits a token`);
  return token;
}

/** Who brought it: of what the host states itself, the part of it that does. */
function submitterOf({ ids }: SealPorts, draft: Draft): string {
  if (draft.kind === "token") return draft.submitter;
  if (draft.as === "verifier") return verifierId(ids);
  return draft.as === "log" ? ids.logId : ids.pepId;
}

function signerOf(ports: SealPorts, as: Extract<Draft, { kind: "sign" }>["as"]): Signer {
  if (as === "verifier") return must(ports.verifierSigner, "only a host with a verifier appraises");
  return as === "log" ? ports.logSigner : ports.pepSigner;
}

function signTreeHead(ports: SealPorts, position: LogPosition, head: LogHead, nowS: number): Promise<string> {
  const claims: SthClaims = {
    iss: ports.ids.logId,
    iat: nowS,
    jti: ports.uuid.uuid(),
    tree_size: head.size,
    root: head.root,
    prev_root: position.sth?.root ?? toBase64url(EMPTY_ROOT),
    prev_size: position.sth?.size ?? 0,
  };
  return signToken("audit-sth+jwt", claims, ports.logSigner);
}

/** Entries after which a head is due at once (XA-11): stops, and verdicts that say one did not work. */
function isCritical(draft: Draft): boolean {
  return (
    draft.fact.typ === "override+jwt" ||
    (draft.fact.typ === "exec-audit+jwt" && draft.fact.claims.severity === "critical") ||
    (draft.fact.typ === "override-compliance+jwt" && draft.fact.claims.verdict === "violated")
  );
}

export function frontierBytes(head: LogHead): Uint8Array[] {
  return head.frontier.map((node) => must(fromBase64url(node), "a stored frontier is base64url"));
}
