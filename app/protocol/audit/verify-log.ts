import { equalBytes, fromBase64url, toBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { readAhead } from "../../base/read-ahead.ts";
import type { Result } from "../../base/result.ts";
import { type Verified, type VerifyContext, verifyToken } from "../jose/verify-token.ts";
import { appendLeaves, EMPTY_ROOT, frontierRoot } from "../merkle/tree.ts";
import type { LedgerEntry } from "./claims.ts";
import {
  type CheckEnded,
  type CheckedEntry,
  checkedInOrder,
  createChecker,
  type EntryCheck,
  type EntryChecker,
  retelling,
} from "./entry-check.ts";
import { type Answer, type Bad, type LogReport, type Question, reportOf } from "./log-report.ts";
import { type Alone, STORED_ALGORITHMS } from "./token-alone.ts";
import { createTokenWalk } from "./token-walk.ts";
import { STH_TYPE } from "./tree-head.ts";
import type { PinnedHead } from "./verify-receipt.ts";

export type { Answer, FirstBad, LogReport, Question } from "./log-report.ts";

/** A head of the log that somebody else has seen; `by` says who, for the report. */
export interface Anchor extends PinnedHead {
  readonly by: string;
}

export interface LogToVerify {
  readonly logId: string;
  /** Ids under which the log's host was addressed, for step 11. */
  readonly ownIds: readonly string[];
  readonly entries: AsyncIterable<readonly LedgerEntry[]> | Iterable<readonly LedgerEntry[]>;
  /** Compact tree heads. */
  readonly heads: readonly string[];
  /** What the log is claimed to be: its size and root. */
  readonly expected: { readonly size: number; readonly root: string };
  /**
   * Who claims it. The holder (the default) knows what it acknowledged; a document only says so of itself, and whoever
   * cuts its tail writes that anew: then nothing but a signed or a pinned head over the last entry makes it complete.
   */
  readonly expectedBy?: "holder" | "document";
  /** What a reader remembers of the log, from elsewhere. */
  readonly pinned?: PinnedHead & { readonly kid?: string };
  /** Heads of the log that others have witnessed and that are kept outside it (XA-52). */
  readonly anchors?: readonly Anchor[];
  /** Is told every token that verifies, in order. */
  verified?(seq: number, token: Verified<unknown>): void;
}

/** A root that a head states for a size: its own, or that of the head before it. */
interface Stated {
  readonly size: number;
  readonly root: string;
  readonly place: string;
}

interface HowToVerify {
  progress?(checked: number): void;
  /** Ends the verification: its report says that it is unfinished. */
  readonly signal?: AbortSignal;
  /** Who checks the entries by themselves; this thread where it is not given. */
  readonly checker?: EntryChecker;
}

/** Entries from one word of progress to the next. */
const TOLD_EVERY = 1000;

/** V3 with the two reports of a monitor (XA-12): everything recomputed from the stored bytes, the first bad entry named. */
export async function verifyLog(log: LogToVerify, sha256: Sha256, how: HowToVerify = {}): Promise<LogReport> {
  const { progress, signal, checker: given } = how;
  const context = { ownIds: log.ownIds, sha256 };
  const checker =
    given === undefined ? createChecker(context) : log.verified === undefined ? given : retelling(given, context);
  const walk = createWalk(log, sha256);
  let told = 0;
  for await (const checked of checkedInOrder(readAhead(log.entries), walk, checker, signal)) {
    await walk.settle(checked);
    if (walk.size() - told >= TOLD_EVERY) {
      told = walk.size();
      progress?.(told);
    }
    if (walk.isOver()) break;
  }
  if (!walk.isOver()) await walk.finish();
  if (walk.size() > told) progress?.(walk.size());
  return walk.report();
}

/** An anchor with its place among those that were given. */
type PlacedAnchor = Anchor & { readonly at: number };

/** The anchor over most entries. */
function farthest(anchors: readonly Anchor[]): PlacedAnchor | null {
  return anchors.reduce<PlacedAnchor | null>(
    (most, anchor, at) => (most === null || anchor.size > most.size ? { ...anchor, at } : most),
    null,
  );
}

function createWalk(log: LogToVerify, sha256: Sha256) {
  let size = 0;
  let lastAt = 0;
  let frontier: Uint8Array[] = [];
  let bad: Bad | null = null;
  /** What the log's heads state, smallest size first; null until the first entry has brought the log's key. */
  let stated: Stated[] | null = null;
  let nextStated = 0;
  let lastSigned = 0;
  let badHead: Bad | null = null;
  let unfinished: CheckEnded | null = null;
  const tokens = createTokenWalk({
    logId: log.logId,
    ownIds: log.ownIds,
    sha256,
    ...(log.verified === undefined ? {} : { verified: log.verified }),
  });

  const anchors = new Map<number, PlacedAnchor[]>();
  for (const [at, anchor] of (log.anchors ?? []).entries())
    anchors.set(anchor.size, [...(anchors.get(anchor.size) ?? []), { ...anchor, at }]);

  const fail = (seq: number, code: string, detail: string, question: Question, place = `entries.${seq}`): void => {
    bad ??= { seq, code, detail, question, place };
  };

  const settle = async (checked: Result<readonly CheckedEntry<LedgerEntry>[], CheckEnded>): Promise<void> => {
    if (!checked.ok) {
      unfinished ??= checked.error;
      return;
    }
    for (const { entry, check, alone } of checked.value) {
      checkEntry(entry, check, alone);
      if (size === 1 && stated === null) await readHeads();
      if (bad === null) checkHeads();
      if (bad !== null) return;
    }
  };

  const checkEntry = (entry: LedgerEntry, { leaf, leafFits }: EntryCheck, alone: Alone): void => {
    if (!checkPlace(entry)) return;
    if (!leafFits) fail(entry.seq, "log_leaf_mismatch", "the entry's bytes do not give its leaf", "included");
    else {
      if (entry.seq === 0) checkPinnedKey();
      const refused = tokens.settle(entry, alone);
      if (refused !== null) fail(entry.seq, refused.code, refused.detail, "authentic");
    }
    if (bad !== null) return;
    frontier = appendLeaves(frontier, size, [leaf], sha256);
    size += 1;
    lastAt = entry.received_at;
  };

  const checkPlace = (entry: LedgerEntry): boolean => {
    if (entry.seq !== size)
      fail(size, "log_gap", `entry ${size} is missing; entry ${entry.seq} stands in its place`, "complete");
    else if (entry.received_at < lastAt)
      fail(entry.seq, "log_time_order", "it was received before the entry before it", "plausible");
    return bad === null;
  };

  const checkPinnedKey = (): void => {
    if (log.pinned?.kid !== undefined && tokens.key(log.pinned.kid, 1) === undefined)
      fail(0, "receipt_log_unknown", "the log's key is not the pinned one", "authentic");
  };

  const readHeads = async (): Promise<void> => {
    const read: Stated[] = [];
    const context: VerifyContext = {
      nowS: Number.MAX_SAFE_INTEGER / 2,
      ownIds: [],
      resolveKey: (kid) => tokens.key(kid, 1),
      seen: () => false,
      algorithms: STORED_ALGORITHMS,
      sha256,
    };
    const heads = await Promise.all(log.heads.map((compact) => verifyToken(STH_TYPE, compact, context)));
    for (const [at, verified] of heads.entries()) {
      const place = `heads.${at}`;
      if (verified.ok && verified.value.key.subject === log.logId) {
        const { tree_size, root: signed, prev_size, prev_root } = verified.value.claims;
        read.push({ size: tree_size, root: signed, place }, { size: prev_size, root: prev_root, place });
        lastSigned = Math.max(lastSigned, tree_size);
      } else
        badHead ??= {
          seq: 0,
          code: verified.ok ? "token_issuer_mismatch" : verified.error.code,
          detail: `tree head ${at} is not the log's: ${verified.ok ? "another signed it" : verified.error.detail}`,
          question: "consistent",
          place,
        };
    }
    stated = read.sort((a, b) => a.size - b.size);
  };

  const root = (): Uint8Array => (size === 0 ? EMPTY_ROOT : frontierRoot(frontier, size, sha256));

  const checkHeads = (): void => {
    const due = stated ?? [];
    for (let head = due[nextStated]; head !== undefined && head.size <= size; head = due[nextStated]) {
      nextStated += 1;
      // Asked after every entry, so what is due is over exactly these, or over none.
      const known = head.size === 0 ? EMPTY_ROOT : root();
      const signed = fromBase64url(head.root);
      if (signed === null || !equalBytes(signed, known))
        fail(
          Math.max(0, head.size - 1),
          "log_root_mismatch",
          `the entries up to here do not give the root that was signed over ${head.size} entries`,
          "consistent",
          head.place,
        );
    }
    const pin = log.pinned;
    if (pin !== undefined && pin.size === size && pin.root !== toBase64url(root()))
      fail(size - 1, "log_inconsistent", "the root is not the one seen earlier at this size", "consistent");
    checkAnchors();
  };

  const checkAnchors = (): void => {
    for (const { at, root: witnessed, by } of anchors.get(size) ?? [])
      if (witnessed !== toBase64url(root()))
        fail(
          size - 1,
          "log_inconsistent",
          `the first ${size} entries are not those that ${by} witnessed`,
          "consistent",
          `anchors.${at}`,
        );
  };

  const finish = async (): Promise<void> => {
    const anchor = farthest(log.anchors ?? []);
    const due = Math.max(log.expected.size, lastSigned, log.pinned?.size ?? 0);
    if (anchor !== null && anchor.size > Math.max(size, due))
      return fail(
        size,
        "log_truncated",
        `${anchor.by} witnessed ${anchor.size} entries; the last ${anchor.size - size} are not there`,
        "complete",
        `anchors.${anchor.at}`,
      );
    if (size < due)
      return fail(
        size,
        "log_truncated",
        `${due} entries are accounted for; the last ${due - size} are not there`,
        "complete",
      );
    if (size > log.expected.size)
      return fail(log.expected.size, "log_gap", "there are more entries than the log counts", "complete");
    if (toBase64url(root()) !== log.expected.root)
      return fail(Math.max(0, size - 1), "log_root_mismatch", "the entries do not give the log's root", "included");
    // Last, so that a head which was tampered with takes nothing from what the entries say for themselves.
    if (badHead !== null) bad = { ...badHead, seq: Math.max(0, size - 1) };
  };

  const consistentAnswer = (): Answer => {
    const count = log.heads.length;
    const kept = log.anchors?.length ?? 0;
    const anchored = kept === 0 ? "" : `, and so ${kept === 1 ? "does the anchor" : `do all ${kept} anchors`}`;
    if (count === 0) return { result: "not_checked", detail: "no tree head was given" };
    if (stated === null) return { result: "not_checked", detail: "there is no entry that brings the log's key" };
    return {
      result: "passed",
      detail: `${count} signed ${count === 1 ? "head agrees" : "heads agree"} with the entries${anchored}`,
    };
  };

  const completeAnswer = (): Answer => {
    if (log.expectedBy !== "document") return { result: "passed", detail: "no gap up to the newest head" };
    if (size > 0 && log.pinned?.size === size)
      return { result: "passed", detail: `no gap up to the pinned head over all ${size} entries` };
    if (size > 0 && lastSigned === size)
      return {
        result: "passed",
        detail: `no gap up to the newest signed head in the file, over all ${size} entries; only a pinned head tells of a newer one`,
      };
    return {
      result: "not_checked",
      detail: `no head covers the last entry: the newest signed one is over ${lastSigned} of ${size} entries`,
    };
  };

  const report = (): LogReport =>
    reportOf({
      ...{ size, root: toBase64url(root()), bad, unfinished },
      consistent: consistentAnswer(),
      complete: completeAnswer(),
    });

  return {
    learn: tokens.learn,
    settle,
    finish,
    report,
    size: () => size,
    isOver: () => bad !== null || unfinished !== null,
  };
}
