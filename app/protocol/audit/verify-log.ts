import { equalBytes, fromBase64url, toBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, type Result } from "../../base/result.ts";
import { witClaimsSchema } from "../identity/claims.ts";
import { parseCompact, peekTyp } from "../jose/compact.ts";
import { importPublicKey, type TrustedKey } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { type Verified, type VerifyContext, verifyToken } from "../jose/verify-token.ts";
import { appendLeaves, EMPTY_ROOT, frontierRoot } from "../merkle/tree.ts";
import { tokenTypeOf } from "../token-types.ts";
import type { LedgerEntry } from "./claims.ts";
import { entryLeaf } from "./entry.ts";
import { STH_TYPE } from "./tree-head.ts";
import type { PinnedHead } from "./verify-receipt.ts";

export type Answer = { readonly result: "passed" | "failed" | "not_checked"; readonly detail: string };

export interface FirstBad {
  /** The entry it is about, or the one after the last where something is missing behind it. */
  readonly seq: number;
  readonly code: string;
  readonly detail: string;
  /** The part of the document: "entries.4", "heads.0". */
  readonly place: string;
}

/** XA-20: five separate answers, and the first bad entry. */
export interface LogReport {
  readonly size: number;
  readonly root: string;
  readonly authentic: Answer;
  readonly included: Answer;
  readonly consistent: Answer;
  readonly complete: Answer;
  readonly plausible: Answer;
  readonly firstBad: FirstBad | null;
  /** Entries before the first bad one. */
  readonly entriesBefore: number;
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
  /** Is told every token that verifies, in order. */
  verified?(seq: number, token: Verified<unknown>): void;
}

export type Question = "authentic" | "included" | "consistent" | "complete" | "plausible";
type Answers = Record<Question, Answer>;
type Bad = FirstBad & { readonly question: Question };

/** A root that a head states for a size: its own, or that of the head before it. */
interface Stated {
  readonly size: number;
  readonly root: string;
  readonly place: string;
}

/** V3 with the two reports of a monitor (XA-12): everything recomputed from the stored bytes, the first bad entry named. */
export async function verifyLog(
  log: LogToVerify,
  sha256: Sha256,
  progress?: (checked: number) => void,
): Promise<LogReport> {
  const walk = createWalk(log, sha256);
  for await (const chunk of log.entries) {
    await walk.take(chunk);
    progress?.(walk.size());
    if (walk.bad() !== null) break;
  }
  if (walk.bad() === null) await walk.finish();
  return walk.report();
}

/** An entry with the type its token says it has. */
interface Typed {
  readonly entry: LedgerEntry;
  readonly typ: string | null;
}

/** A token verified without the log around it. */
type Alone = Result<Verified<unknown>, Refusal>;

/** The type whose tokens bring the keys of the tokens after them. */
const IDENTITY = "wit+jwt";

/** Cuts a chunk behind each identity, and behind the log's first entry, whose key everything rests on. */
function* runsOf(chunk: readonly LedgerEntry[], first: boolean): Iterable<readonly Typed[]> {
  let run: Typed[] = [];
  for (const [at, entry] of chunk.entries()) {
    const typ = peekTyp(entry.token);
    run.push({ entry, typ });
    if (typ !== IDENTITY && (at > 0 || !first)) continue;
    yield run;
    run = [];
  }
  if (run.length > 0) yield run;
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
  const keys = new Map<string, TrustedKey>();
  const seen = new Set<string>();

  const fail = (seq: number, code: string, detail: string, question: Question, place = `entries.${seq}`): void => {
    bad ??= { seq, code, detail, question, place };
  };

  const take = async (chunk: readonly LedgerEntry[]): Promise<void> => {
    for (const run of runsOf(chunk, size === 0)) {
      // Nothing in a run depends on another token of it, so its signatures are checked side by side; the rest in order.
      const ahead = size === 0 ? [] : await Promise.all(run.map(verifyAlone));
      for (const [at, typed] of run.entries()) {
        await takeEntry(typed, ahead[at]);
        if (bad !== null) return;
      }
    }
  };

  const takeEntry = async (typed: Typed, ahead: Alone | undefined): Promise<void> => {
    const { entry } = typed;
    if (!checkPlace(entry)) return;
    const leaf = entryLeaf(entry, sha256);
    if (toBase64url(leaf) !== entry.leaf)
      return fail(entry.seq, "log_leaf_mismatch", "the entry's bytes do not give its leaf", "included");
    if (entry.seq === 0) await trustFirst(typed);
    await checkToken(entry, ahead ?? (await verifyAlone(typed)));
    if (bad !== null) return;
    frontier = appendLeaves(frontier, size, [leaf], sha256);
    size += 1;
    lastAt = entry.received_at;
    if (size === 1) await readHeads();
    checkHeads();
  };

  const checkPlace = (entry: LedgerEntry): boolean => {
    if (entry.seq !== size)
      fail(size, "log_gap", `entry ${size} is missing; entry ${entry.seq} stands in its place`, "complete");
    else if (entry.received_at < lastAt)
      fail(entry.seq, "log_time_order", "it was received before the entry before it", "plausible");
    return bad === null;
  };

  /** What a token says by itself, with the keys known so far; whether its id is new needs the entries before it. */
  const verifyAlone = async ({ entry, typ }: Typed): Promise<Alone> => {
    const type = typ === null ? undefined : tokenTypeOf(typ);
    if (type === undefined) return err(refusal("token_wrong_type", "a token of a type no log holds"));
    const context: VerifyContext = {
      nowS: entry.received_at,
      ownIds: log.ownIds,
      resolveKey: (kid) => keys.get(kid),
      seen: () => false,
      algorithms: ["ES256", "EdDSA"],
      sha256,
    };
    return verifyToken(type, entry.token, context);
  };

  /** Keys come from the log's own identities: the first entry is the log's, signed by itself; the others are signed by the log. */
  const checkToken = async (entry: LedgerEntry, verified: Alone): Promise<void> => {
    if (!verified.ok) return fail(entry.seq, verified.error.code, verified.error.detail, "authentic");
    const { typ, claims, key } = verified.value;
    const scope = tokenTypeOf(typ)?.replayScope(claims) ?? null;
    if (scope !== null && seen.has(scope))
      return fail(entry.seq, "token_replayed", "this token id was used before", "authentic");
    if (scope !== null) seen.add(scope);
    if (typ !== IDENTITY) return log.verified?.(entry.seq, verified.value);
    if (key.subject !== log.logId)
      return fail(entry.seq, "token_issuer_mismatch", "an identity is given by the log only", "authentic");
    await trust(claims);
    log.verified?.(entry.seq, verified.value);
  };

  const trustFirst = async ({ entry, typ }: Typed): Promise<void> => {
    const parsed = parseCompact(entry.token);
    if (parsed.ok && typ === IDENTITY && parsed.value.payload.sub === log.logId) await trust(parsed.value.payload);
    if (log.pinned?.kid !== undefined && !keys.has(log.pinned.kid))
      fail(0, "receipt_log_unknown", "the log's key is not the pinned one", "authentic");
  };

  const trust = async (claims: unknown): Promise<void> => {
    const wit = witClaimsSchema.safeParse(claims);
    if (!wit.success) return;
    const imported = await importPublicKey(wit.data.cnf.jwk);
    if (imported.ok) keys.set(imported.value.kid, { ...imported.value, subject: wit.data.sub, revokedAt: null });
  };

  const readHeads = async (): Promise<void> => {
    const read: Stated[] = [];
    for (const [at, compact] of log.heads.entries()) {
      const context: VerifyContext = {
        nowS: Number.MAX_SAFE_INTEGER / 2,
        ownIds: [],
        resolveKey: (kid) => keys.get(kid),
        seen: () => false,
        algorithms: ["ES256", "EdDSA"],
        sha256,
      };
      const place = `heads.${at}`;
      const verified = await verifyToken(STH_TYPE, compact, context);
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
  };

  const finish = async (): Promise<void> => {
    const due = Math.max(log.expected.size, lastSigned, log.pinned?.size ?? 0);
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
    if (count === 0) return { result: "not_checked", detail: "no tree head was given" };
    if (stated === null) return { result: "not_checked", detail: "there is no entry that brings the log's key" };
    return {
      result: "passed",
      detail: `${count} signed ${count === 1 ? "head agrees" : "heads agree"} with the entries`,
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

  const report = (): LogReport => {
    const found = bad;
    const answers: Answers = {
      authentic: { result: "passed", detail: "every token verifies as of its receipt" },
      included: { result: "passed", detail: "every leaf and the root are recomputed" },
      consistent: consistentAnswer(),
      complete: completeAnswer(),
      plausible: { result: "passed", detail: "times of receipt never go back" },
    };
    if (found !== null) {
      for (const question of Object.keys(answers) as Question[])
        answers[question] = { result: "not_checked", detail: `checked up to entry ${found.seq} only` };
      answers[found.question] = { result: "failed", detail: found.detail };
    }
    const firstBad =
      found === null ? null : { seq: found.seq, code: found.code, detail: found.detail, place: found.place };
    return { size, root: toBase64url(root()), ...answers, firstBad, entriesBefore: found === null ? size : found.seq };
  };

  return { take, finish, report, size: () => size, bad: () => bad };
}
