import { toBase64url } from "../../base/bytes.ts";
import type { JsonObject } from "../../base/json.ts";
import type { LedgerEntry } from "../audit/claims.ts";
import { checkedInOrder, createChecker, retelling } from "../audit/entry-check.ts";
import { createTokenWalk } from "../audit/token-walk.ts";
import type { Refusal } from "../jose/refusal.ts";
import { tokenDigest } from "../jose/sign-token.ts";
import { verifyInclusion } from "../merkle/verify.ts";
import { noteOf } from "./notes.ts";
import { bytesOf, type Found, ownIdsOf, type PackWalk } from "./pack-walk.ts";

/** Entries from one word of progress to the next. */
const TOLD_EVERY = 1000;

/** V4 step 3: each entry at its place, in its order, with its leaf, its way to the root, and its token as of its receipt. */
export async function checkEntries(walk: PackWalk): Promise<Found | null> {
  const { pack, sha256, options } = walk;
  const { manifest, entries } = pack;
  const due = seqsOf(manifest.ranges, manifest.tree_size, manifest.leaves.length);
  if (due === null || due.length !== manifest.leaves.length)
    return {
      ...{ seq: 0, code: "pack_manifest_mismatch", place: "manifest.ranges", question: "complete" },
      detail: "the stretches of entries are not in order, or not as many as the leaves",
    };
  const ownIds = ownIdsOf(manifest.log_id, manifest.domain);
  walk.tokens = createTokenWalk({
    ...{ logId: manifest.log_id, ownIds, sha256 },
    verified: (seq, token) => {
      const note = noteOf(token.typ, token.claims as JsonObject); // claims of a token are an object
      walk.notes.push({ seq, note, digest: () => tokenDigest(token.compact, sha256) });
      options.verified?.(seq, token);
    },
  });
  const given = options.checker?.(entries.length, ownIds) ?? null;
  const checker = given === null ? createChecker({ ownIds, sha256 }) : retelling(given, { ownIds, sha256 });
  // Without their ways to the root, which whoever checks them elsewhere has no use for.
  const sealed = entries.map(({ seq, token, received_at, submitter }, index) => ({
    ...{ seq, token, received_at, submitter, leaf: manifest.leaves[index] ?? "" },
  }));
  let at = 0;
  let told = 0;
  for await (const checked of checkedInOrder(inOne(sealed), walk.tokens, checker, options.signal)) {
    if (!checked.ok) {
      walk.unfinished = checked.error;
      return null;
    }
    for (const { entry, check, alone } of checked.value) {
      const found =
        checkPlace(walk, entry, at, due[at]) ??
        checkIncluded(walk, entry, at, check.leaf) ??
        refusedAt(entry, at, walk.tokens.settle(entry, alone));
      if (found !== null) return found;
      walk.lastAt = entry.received_at;
      at += 1;
    }
    if (at - told < TOLD_EVERY && at < due.length) continue;
    told = at;
    options.progress?.(at, due.length);
  }
  const missing = due[at];
  return missing === undefined ? null : gap(missing, at, `entry ${missing} is missing at the end`);
}

async function* inOne<E>(entries: readonly E[]): AsyncGenerator<readonly E[]> {
  yield entries;
}

const refusedAt = ({ seq }: LedgerEntry, at: number, refused: Refusal | null): Found | null =>
  refused === null
    ? null
    : { seq, code: refused.code, detail: refused.detail, place: `entries.${at}`, question: "authentic" };

const gap = (seq: number, at: number, detail: string): Found => ({
  ...{ seq, code: "log_gap", detail, place: `entries.${at}`, question: "complete" },
});

function checkPlace({ lastAt }: PackWalk, entry: LedgerEntry, at: number, due: number | undefined): Found | null {
  if (due === undefined) return gap(entry.seq, at, "there are more entries than the manifest has");
  if (entry.seq !== due) return gap(due, at, `entry ${due} is missing; entry ${entry.seq} stands in its place`);
  if (entry.received_at >= lastAt) return null;
  const detail = "it was received before the entry before it";
  return { seq: due, code: "log_time_order", detail, place: `entries.${at}`, question: "plausible" };
}

function checkIncluded({ pack, sha256 }: PackWalk, { seq }: LedgerEntry, at: number, leaf: Uint8Array): Found | null {
  const { leaves, root, tree_size: size, selection } = pack.manifest;
  const way = pack.entries[at]?.path;
  const bad = (code: string, detail: string): Found => ({
    ...{ seq, code, detail, place: `entries.${at}`, question: "included" },
  });
  if (toBase64url(leaf) !== leaves[at]) return bad("log_leaf_mismatch", "the entry's bytes do not give its leaf");
  if (selection.kind === "all")
    return way === undefined ? null : bad("pack_malformed", "an entry of the whole log needs no path");
  const nodes = bytesOf([root, ...(way ?? [])]);
  const [top, ...path] = nodes ?? [];
  const included = top !== undefined && verifyInclusion({ index: seq, size, leaf, path, root: top }, sha256);
  return included ? null : bad("receipt_proof_invalid", "the path does not lead from this entry to the root");
}

/** The places the manifest names, in order; null where it names one twice, backwards or beyond the log. */
function seqsOf(ranges: readonly (readonly [number, number])[], size: number, leaves: number): number[] | null {
  const seqs: number[] = [];
  let next = 0;
  for (const [from, to] of ranges) {
    // Nobody's numbers make this loop longer than the list they come with.
    if (from < next || to < from || to >= size || to - from >= leaves - seqs.length) return null;
    for (let seq = from; seq <= to; seq += 1) seqs.push(seq);
    next = to + 2;
  }
  return seqs;
}
