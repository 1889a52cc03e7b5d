import { fromBase64url, toBase64url } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import type { Sha256 } from "../../base/ports.ts";
import type { LedgerEntry, SthClaims } from "../audit/claims.ts";
import { STH_TYPE } from "../audit/tree-head.ts";
import { canonicalText } from "../jcs/canonical.ts";
import { normalTyp, parseCompact } from "../jose/compact.ts";
import { tokenDigest } from "../jose/sign-token.ts";
import { cachedRangeRoot, consistencyPath, inclusionPath } from "../merkle/tree.ts";
import {
  type Elsewhere,
  type EvidencePack,
  MANIFEST_MEMBERS,
  PACK_SEAL_TYP,
  type PackAnchor,
  type PackEntry,
  type PackManifest,
  type PackView,
  type SealClaims,
  type Withheld,
} from "./claims.ts";
import { noteOf, type TokenNote } from "./notes.ts";
import { digestOf } from "./pack-walk.ts";
import type { EvidenceRequestClaims } from "./request.ts";
import { elsewhereRows, gapsBetween, keyRows, objectNames, policyRows, viewRows } from "./rows.ts";

/** What the log says of one of its entries, as far as a pack is made of it; read once, small enough to hold for all. */
export interface PackNote {
  readonly seq: number;
  readonly note: TokenNote;
  readonly kid: string | null;
  readonly leaf: Uint8Array;
  digest(): string;
}

export function packNote(entry: LedgerEntry, sha256: Sha256): PackNote {
  const parsed = parseCompact(entry.token);
  const header = parsed.ok ? parsed.value.header : {};
  const digest = needsDigest(header.typ) ? tokenDigest(entry.token, sha256) : "";
  return {
    seq: entry.seq,
    note: noteOf(normalTyp(header.typ ?? ""), parsed.ok ? parsed.value.payload : {}),
    kid: header.kid ?? null,
    leaf: fromBase64url(entry.leaf) ?? new Uint8Array(),
    digest: () => digest,
  };
}

const needsDigest = (typ: string | undefined): boolean => typ === "acp+jwt" || typ === "evidence-request+jwt";

export interface PackInput {
  readonly logId: string;
  readonly domain: string;
  /** All of the log, in order, up to the last signed head. */
  readonly notes: readonly PackNote[];
  /** Every signed head, first to last; the last is over all the notes. */
  readonly heads: readonly string[];
  readonly request: { readonly seq: number; readonly hash: string; readonly claims: EvidenceRequestClaims };
  /** The entries it is about, where it is not about all. */
  selected(seq: number): boolean;
  /** Checkpoints that came back from elsewhere, of no more entries than these. */
  readonly anchors: readonly PackAnchor[];
  /** What is stored under a digest, or undefined. */
  readonly objects: ReadonlyMap<string, Json>;
  /** Epoch seconds. */
  readonly nowS: number;
  readonly jti: string;
  readonly sha256: Sha256;
}

/** A pack but for its entries, which are written one after another, and its seal's signature. */
export interface PackPlan {
  readonly pack: Omit<EvidencePack, "entries" | "seal">;
  readonly seal: SealClaims;
  readonly sealTyp: typeof PACK_SEAL_TYP;
  /** The entry as it stands in the pack; null where it is not in it. */
  entry(entry: LedgerEntry): PackEntry | null;
}

/** Leaves that are looked at between two stops. */
const SLICE = 512;

/**
 * Plans a pack (XA-30 to XA-33): what is in it, what is not and why, and what its log signs. Pure; it reads no storage. For
 * a long log it takes a while, so it stops now and then for whoever else has something to do.
 */
export function* planPack(input: PackInput): Generator<void, PackPlan> {
  const { notes, sha256, request } = input;
  const size = notes.length;
  const whole = request.claims.selection.kind === "all";
  const chosen = whole ? null : closure(input);
  const here = chosen === null ? [...notes] : notes.filter(({ seq }) => chosen.has(seq));
  const root = cachedRangeRoot(
    notes.map(({ leaf }) => leaf),
    sha256,
  );
  // Whole subtrees first, which every later root and path is made of.
  for (let from = 0; from + SLICE <= size; from += SLICE) {
    root(from, from + SLICE);
    yield;
  }
  const ranges = rangesOf(here.map(({ seq }) => seq));
  const names = objectNames(here);
  const leavesOut = request.claims.leave_out.includes("recordings");
  const held = leavesOut ? [] : [...names.keys()].filter((name) => input.objects.has(name));
  // Stored JSON values; the schema's type of them is the same one, writable.
  const objects = Object.fromEntries(held.map((name) => [name, input.objects.get(name)])) as EvidencePack["objects"];
  const redacted = new Set(request.claims.redact ?? []);
  const hidden = viewsOfRedacted(notes, redacted);
  const views: PackView[] = viewRows(here).map((row) => ({
    ...row,
    text: hidden.has(row.hash) ? null : textOf(input.objects.get(row.hash)),
  }));
  const withheld: Withheld[] = [
    ...gapsBetween(ranges, size, redacted),
    ...[...names.keys()]
      .filter((hash) => !Object.hasOwn(objects, hash))
      .map((hash): Withheld => ({ what: "object", hash, why: leavesOut ? "left_out" : "not_kept" })),
  ];
  yield;
  const known = new Set(notes.flatMap(({ note }) => (note.task === null ? [] : [note.task.jti])));
  const elsewhere: Elsewhere[] = elsewhereRows(here).map(({ jti, seq }) => ({
    ...{ jti, seq },
    why: known.has(jti) ? "not_selected" : "other_log",
  }));
  yield;
  const proofs = yield* proofsBetween(input.heads, (first, second) => consistencyPath(first, second, root));
  const leaves: string[] = [];
  for (const { leaf } of here) {
    leaves.push(toBase64url(leaf));
    if (leaves.length % SLICE === 0) yield;
  }
  const keys = keyRows(here);
  const policies = policyRows(here);
  const digests = (rows: readonly object[]): string[] => rows.map((row) => digestOf(row, sha256));
  const manifest: PackManifest = {
    log_id: input.logId,
    domain: input.domain,
    exported_at: input.nowS,
    exported_by: request.claims.iss,
    purpose: request.claims.purpose,
    request: { seq: request.seq, jti: request.claims.jti, hash: request.hash },
    selection: request.claims.selection,
    tree_size: size,
    root: toBase64url(root(0, size)),
    ranges,
    leaves,
    heads: input.heads.map((head) => tokenDigest(head, sha256)),
    parts: {
      views: digests(views),
      objects: Object.keys(objects).sort(),
      anchors: digests(input.anchors),
      withheld: digests(withheld),
      elsewhere: digests(elsewhere),
    },
    counts: {
      entries: here.length,
      heads: input.heads.length,
      proofs: proofs.length,
      anchors: input.anchors.length,
      keys: keys.length,
      policies: policies.length,
      views: views.length,
      objects: Object.keys(objects).length,
      withheld: withheld.length,
      elsewhere: elsewhere.length,
    },
  };
  const sealed: [string, string][] = [];
  for (const member of MANIFEST_MEMBERS) {
    yield;
    sealed.push([member, digestOf(manifest[member], sha256)]);
  }
  return {
    pack: {
      signalbox_pack: 1,
      manifest,
      heads: [...input.heads],
      proofs,
      anchors: [...input.anchors],
      keys,
      policies,
      views,
      objects,
      withheld,
      elsewhere,
    },
    seal: sealWith(manifest, input.jti, sealed),
    sealTyp: PACK_SEAL_TYP,
    entry: ({ seq, received_at, submitter, token }) => {
      if (chosen === null) return { seq, received_at, submitter, token };
      if (!chosen.has(seq)) return null;
      return { seq, received_at, submitter, token, path: inclusionPath(seq, size, root).map(toBase64url) };
    },
  };
}

/** What the log signs: the digest of each member of the manifest. */
export function sealOf(manifest: PackManifest, jti: string, sha256: Sha256): SealClaims {
  return sealWith(
    manifest,
    jti,
    MANIFEST_MEMBERS.map((member) => [member, digestOf(manifest[member], sha256)]),
  );
}

function sealWith(manifest: PackManifest, jti: string, digests: readonly (readonly [string, string])[]): SealClaims {
  return {
    iss: manifest.log_id,
    iat: manifest.exported_at,
    jti,
    pack_ver: 1,
    manifest: Object.fromEntries(digests) as SealClaims["manifest"], // a digest for each member of the list
  };
}

/** XA-32: what was asked for, and what it rests on: the log's identity, the request, each signer's keys, each policy named. */
function closure({ notes, request, selected }: PackInput): ReadonlySet<number> {
  const identities = new Map<string, number[]>();
  for (const { seq, note } of notes)
    if (note.key !== null) identities.set(note.key.kid, [...(identities.get(note.key.kid) ?? []), seq]);
  const policies = new Map(
    notes.flatMap(({ seq, note }) => (note.typ === "acp+jwt" && note.jti !== null ? [[note.jti, seq] as const] : [])),
  );
  const redacted = new Set(request.claims.redact ?? []);
  const chosen = new Set<number>();
  const due = [0, request.seq, ...notes.filter(({ seq }) => selected(seq) && !redacted.has(seq)).map(({ seq }) => seq)];
  for (let seq = due.pop(); seq !== undefined; seq = due.pop()) {
    const found = notes[seq];
    if (found === undefined || chosen.has(seq)) continue;
    chosen.add(seq);
    due.push(...(identities.get(found.kid ?? "") ?? []).filter((identity) => identity <= seq));
    const policy = found.note.policy === null ? undefined : policies.get(found.note.policy.jti);
    if (policy !== undefined) due.push(policy);
  }
  return chosen;
}

function rangesOf(seqs: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const seq of seqs) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === seq - 1) last[1] = seq;
    else ranges.push([seq, seq]);
  }
  return ranges;
}

/** Digests of what people were shown about a request that is taken out: it has the request's own words in it. */
function viewsOfRedacted(notes: PackInput["notes"], redacted: ReadonlySet<number>): ReadonlySet<string> {
  const requests = new Set(
    notes.flatMap(({ seq, note }) => (redacted.has(seq) && note.jti !== null ? [note.jti] : [])),
  );
  return new Set(
    notes.flatMap(({ seq, note: { view } }) =>
      view !== null && (redacted.has(seq) || requests.has(view.request ?? "")) ? [view.hash] : [],
    ),
  );
}

function* proofsBetween(
  heads: readonly string[],
  path: (first: number, second: number) => Uint8Array[],
): Generator<void, EvidencePack["proofs"]> {
  const proofs: EvidencePack["proofs"] = [];
  let first: SthClaims | null = null;
  for (const compact of heads) {
    const parsed = parseCompact(compact);
    const second: SthClaims = STH_TYPE.schema.parse(parsed.ok ? parsed.value.payload : null);
    if (first !== null) {
      proofs.push({
        first_size: first.tree_size,
        second_size: second.tree_size,
        first_root: first.root,
        second_root: second.root,
        path: path(first.tree_size, second.tree_size).map(toBase64url),
      });
      yield;
    }
    first = second;
  }
  return proofs;
}

/** The canonical text of a view that was kept; null where it was not. */
function textOf(view: Json | undefined): string | null {
  const text = view === undefined ? null : canonicalText(view);
  return text?.ok === true ? text.value : null;
}
