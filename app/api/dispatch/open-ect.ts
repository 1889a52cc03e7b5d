import type * as z from "zod";
import { toBase64url } from "../../base/bytes.ts";
import { heldEcts } from "../../engine/workflow/held-ects.ts";
import type { Host } from "../../host/open-host.ts";
import {
  type LedgerEntry,
  type ReceiptClaims,
  receiptClaimsSchema,
  type SthClaims,
} from "../../protocol/audit/claims.ts";
import { STH_TYPE } from "../../protocol/audit/tree-head.ts";
import { ECT_TYP } from "../../protocol/ect/ect-token.ts";
import type { LedgerUse } from "../../protocol/ect/ledger.ts";
import { explainEct } from "../../protocol/ect/verify-ect.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import type { VerificationStep } from "../../protocol/jose/steps.ts";
import { verifyToken } from "../../protocol/jose/verify-token.ts";
import { storedEntry } from "./open-token.ts";

type WireObject = Record<string, z.core.util.JSONType>;

/** Where and when an ECT is looked at among what the log holds. */
export interface EctPlace {
  readonly wid: string | undefined;
  readonly nowS: number;
  /** Its own entry; null for a token that is not in this log, which comes after all that is. */
  readonly entry: LedgerEntry | null;
}

/**
 * Every step of D1, D2 and D4 against what the log held before it (COM-2), and, once a signed head covers it, the log's
 * receipt. The head is the one that covers it, or null.
 */
export async function explainEctAt(host: Host, token: string, { wid, nowS, entry }: EctPlace) {
  const { ports, engine } = host;
  const parsed = parseCompact(token);
  const kid = parsed.ok ? parsed.value.header.kid : undefined;
  const key = kid === undefined ? undefined : await engine.keyOf(kid);
  const head = entry === null ? null : await coveringHead(host, entry.seq);
  const digest = tokenDigest(token, ports.sha256);
  const ects = await engine.read((state) => new Map(wid === undefined ? undefined : state.workflows.get(wid)?.ects));
  const jti = parsed.ok ? parsed.value.payload.jti : undefined;
  const first = typeof jti === "string" ? ects.get(jti) : undefined;
  const before = entry?.seq ?? Number.POSITIVE_INFINITY;
  const told = await explainEct(token, {
    nowS,
    ownIds: [engine.ids.pepId, engine.ids.logId],
    resolveKey: (named) => (named === kid ? key : undefined),
    seen: () =>
      entry === null
        ? first !== undefined || isLogged(host, jti, wid)
        : first !== undefined && first.seq < entry.seq && first.digest === digest,
    algorithms: ["ES256", "EdDSA"],
    sha256: ports.sha256,
    known: heldEcts(new Map(wid === undefined ? [] : [[wid, { ects }]]), { before, covered: head?.tree_size ?? 0 }),
    ...(head === null || entry === null ? {} : { ledger: await receiptUnder(host, head, entry, digest) }),
  });
  return { ...told, parsed, digest, head };
}

/** A start of a run is a task of no agent, and is held elsewhere than those. */
function isLogged({ index }: Host, jti: unknown, wid: string | undefined): boolean {
  const seq = typeof jti === "string" ? index.seqOf(jti) : null;
  const row = seq === null ? undefined : index.row(seq);
  return row?.typ === ECT_TYP && row.wid === (wid ?? null);
}

/**
 * The ECT of an entry, verified again as of its receipt (COM-2). The level is the one it reaches so; 0 when a step fails.
 */
export async function openEct(host: Host, wid: string, seq: number) {
  const entry = await storedEntry(host, seq);
  if (entry === null) return null;
  const place = { wid, nowS: entry.received_at, entry };
  const { steps, ect, parsed, digest, head } = await explainEctAt(host, entry.token, place);
  return {
    seq,
    token: entry.token,
    header: parsed.ok ? ({ ...parsed.value.header } as WireObject) : {},
    claims: parsed.ok ? ({ ...parsed.value.payload } as WireObject) : {},
    digest,
    level: ect?.level ?? 0,
    position:
      head === null
        ? `entry ${seq}, no signed head covers it yet`
        : `entry ${seq}, under the signed head of ${head.tree_size} entries`,
    steps: steps.map(told),
  };
}

/** The newest head this log has signed, if it covers the entry. */
export async function coveringHead(host: Host, seq: number): Promise<SthClaims | null> {
  const { ports, engine } = host;
  const heads = await ports.storage.log.heads(engine.ids.domain);
  const newest = heads.ok ? heads.value.at(-1) : undefined;
  const parsed = newest === undefined ? null : parseCompact(newest);
  if (newest === undefined || parsed?.ok !== true) return null;
  const { kid } = parsed.value.header;
  const key = kid === undefined ? undefined : await engine.keyOf(kid);
  const verified = await verifyToken(STH_TYPE, newest, {
    nowS: nowS(host),
    ownIds: [],
    resolveKey: (named) => (named === kid ? key : undefined),
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256: ports.sha256,
  });
  if (!verified.ok || verified.value.claims.iss !== engine.ids.logId) return null;
  return verified.value.claims.tree_size > seq ? verified.value.claims : null;
}

/** The log's receipt for the entry under a head it has signed, to be verified like anybody's (V2). */
export async function receiptUnder(
  host: Host,
  head: SthClaims,
  entry: LedgerEntry,
  digest: string,
): Promise<LedgerUse> {
  const { ports, engine, index } = host;
  await index.catchUp();
  const claims: ReceiptClaims = {
    iss: engine.ids.logId,
    iat: nowS(host),
    jti: ports.ids.uuid(),
    sub_hash: digest,
    seq: entry.seq,
    received_at: entry.received_at,
    submitter: entry.submitter,
    tree_size: head.tree_size,
    root: head.root,
    path: index.inclusion(entry.seq, head.tree_size).map((node) => toBase64url(node)),
    vds: 1,
  };
  const receipt = await engine.signAsLog("audit-receipt+jwt", receiptClaimsSchema.parse(claims));
  const signed = parseCompact(receipt);
  const kid = signed.ok ? signed.value.header.kid : undefined;
  const key = kid === undefined ? undefined : await engine.keyOf(kid);
  return {
    receipts: [receipt],
    receiptContext: {
      nowS: claims.iat,
      resolveKey: (named) => (named === kid ? key : undefined),
      pinnedHeads: (log) => (log === engine.ids.logId ? [{ size: head.tree_size, root: head.root }] : undefined),
    },
  };
}

const nowS = (host: Host): number => Math.floor(host.ports.clock.nowMs() / 1000);

/** A step as the contract has it: numbered through, with the procedure it is from in its words. */
function told({ procedure, step, check, ...outcome }: VerificationStep, at: number): VerificationStep {
  return { ...outcome, step: at + 1, check: `${procedure ?? "CTV"}.${step} ${check}` };
}
