import * as z from "zod";
import { AUDIT_EXT, READ_ACT } from "../../engine/audit/statement.ts";
import { type FactOf, factOfEntry } from "../../engine/fact.ts";
import type { AuditQueryClaims } from "../../protocol/audit/audit-query.ts";
import type { AuditTokenClaims } from "../../protocol/audit/audit-token.ts";
import { type FetchedPage, HELD_FOR_S, type HeldQuestion } from "../../protocol/audit/held-question.ts";
import type { QueryDecisionClaims } from "../../protocol/audit/query-decision.ts";
import { parseStrictJson } from "../../protocol/jcs/strict-json.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import type { EntryRowCore } from "../entry-row.ts";
import type { AnsweringSeat } from "./trail-seat.ts";

/** What a domain's log says of a question that it was asked, beside who asked and what came of it [ours]. */
const QUERY_EXT = {
  purpose: "org.signalbox.purpose",
  role: "org.signalbox.role",
  query: "org.signalbox.query",
  queryHash: "org.signalbox.query_hash",
  entries: "org.signalbox.entries",
  /** The decision by which it was given although so much needs one. */
  approval: "org.signalbox.approval",
} as const;
/** As `AUDIT_EXT.read` names it. */
const TRAIL_QUERY = "trail_query";

/** A question that is on record in a domain's log. */
export interface PastRead {
  readonly querier: string;
  readonly queryJti: string;
  /** When, epoch s by the domain's clock. */
  readonly at: number;
  /** How many entries they were given, of which page, and by which decision where it needed one. */
  readonly entries: number;
  readonly page: Pick<AuditQueryClaims, "page" | "page_size"> | null;
  readonly approval: string | null;
}

/** What came of a question. */
export interface ReadCame {
  readonly entries: number;
  readonly denied: string | null;
  readonly approval?: string;
}

/** What the record of a question says: all it asked for, and nothing of what was answered but how much (XDA-12). */
export function readClaims(
  query: AuditQueryClaims,
  queryHash: string,
  came: ReadCame,
): Pick<AuditTokenClaims, "exec_act" | "pred" | "outcome" | "actor" | "ect_ext" | "severity"> {
  const { iss, wid, stitch_id, agents, exec_act, from, to, outcome, min_level, fields, page, page_size } = query;
  const wanted = { wid, stitch_id, agents, exec_act, from, to, outcome, min_level, fields, page, page_size };
  return {
    exec_act: READ_ACT,
    pred: [],
    outcome: came.denied === null ? "success" : "denied",
    ...(came.denied === null ? {} : { severity: "warning" as const }),
    actor: { sub: iss },
    ect_ext: {
      [AUDIT_EXT.read]: TRAIL_QUERY,
      [AUDIT_EXT.object]: JSON.stringify(wanted),
      ...(came.denied === null ? {} : { [AUDIT_EXT.code]: came.denied }),
      [QUERY_EXT.purpose]: query.purpose,
      [QUERY_EXT.role]: query.role,
      [QUERY_EXT.query]: query.jti,
      [QUERY_EXT.queryHash]: queryHash,
      [QUERY_EXT.entries]: came.entries,
      ...(came.approval === undefined ? {} : { [QUERY_EXT.approval]: came.approval }),
    },
  };
}

/** A held question with its token as it stands in the log. */
export interface LoggedQuestion extends HeldQuestion {
  readonly seq: number;
  readonly compact: string;
}

/** What a domain's log tells of questions: whoever harvests, and what waits, is known after a restart too (XDA-S7). */
export interface PastQuestions {
  readonly reads: readonly PastRead[];
  /** In the order they were held. */
  readonly held: readonly LoggedQuestion[];
}

/** As long as anything in the log may still bear on a question: it waited, was refused, and the refusal held. */
const BEARS_FOR_S = 2 * HELD_FOR_S;

export async function pastQuestions(of: Pick<AnsweringSeat, "domain" | "host">, nowS: number): Promise<PastQuestions> {
  const { domain, host } = of;
  await host.index.catchUp();
  const reads: PastRead[] = [];
  const questions: Omit<LoggedQuestion, "decision" | "fetched">[] = [];
  const decisions = new Map<string, { readonly claims: QueryDecisionClaims; readonly at: number }>();
  for (const row of rowsSince(host.index.rows(), nowS - BEARS_FOR_S)) {
    for await (const entries of host.ports.storage.log.read(domain, row.seq, row.seq + 1))
      for (const entry of entries) {
        const { seq, token: compact, received_at: at } = entry;
        const read = factOfEntry(entry);
        if (!read.ok) continue;
        const { typ, claims } = read.value;
        if (typ === "exec-audit+jwt") reads.push(...readOf(claims, at));
        if (typ === "audit-query+jwt")
          questions.push({ query: claims, hash: tokenDigest(compact, host.ports.sha256), at, seq, compact });
        if (typ === "audit-query-decision+jwt" && !decisions.has(claims.query.hash))
          decisions.set(claims.query.hash, { claims, at });
      }
  }
  return {
    reads,
    held: questions.map((question) => {
      const decision = decisions.get(question.hash) ?? null;
      return { ...question, decision, fetched: fetchedUnder(decision?.claims.jti, reads) };
    }),
  };
}

/** Pages that were given under a decision: one that was fetched again counts with the most it ever had. */
function fetchedUnder(decision: string | undefined, reads: readonly PastRead[]): FetchedPage[] {
  const pages = new Map<string, FetchedPage>();
  for (const { approval, entries, page } of reads) {
    if (decision === undefined || approval !== decision) continue;
    // Without a page it counts by itself.
    const of = page ?? { page: -1 - pages.size, page_size: 0 };
    const key = `${of.page} ${of.page_size}`;
    pages.set(key, { ...of, entries: Math.max(entries, pages.get(key)?.entries ?? 0) });
  }
  return [...pages.values()];
}

const OF_QUESTIONS: ReadonlySet<string> = new Set(["audit-query+jwt", "audit-query-decision+jwt"] satisfies FactOf<
  "audit-query+jwt" | "audit-query-decision+jwt"
>["typ"][]);

/** Oldest first. */
function rowsSince(rows: readonly EntryRowCore[], sinceS: number): EntryRowCore[] {
  const found: EntryRowCore[] = [];
  for (let at = rows.length - 1; at >= 0; at -= 1) {
    const row = rows[at];
    if (row === undefined || row.receivedAt < sinceS) break;
    if (row.action === READ_ACT || OF_QUESTIONS.has(row.typ)) found.push(row);
  }
  return found.reverse();
}

function readOf({ actor, ect_ext = {} }: AuditTokenClaims, at: number): PastRead[] {
  const { [QUERY_EXT.query]: queryJti, [QUERY_EXT.entries]: entries, [QUERY_EXT.approval]: approval } = ect_ext;
  if (actor === undefined || typeof queryJti !== "string" || typeof entries !== "number") return [];
  const page = pageOf(ect_ext[AUDIT_EXT.object]);
  return [
    { querier: actor.sub, queryJti, at, entries, page, approval: typeof approval === "string" ? approval : null },
  ];
}

/** What a page of lower levels has changes as entries are proven: the same again may be other entries. */
const pageSchema = z.object({
  page: z.int().nonnegative(),
  page_size: z.int().positive(),
  min_level: z.undefined().optional(),
});

/** As `readClaims` writes what was asked for; null where the same page again may not be the same entries. */
function pageOf(object: unknown): PastRead["page"] {
  if (typeof object !== "string") return null;
  const read = parseStrictJson(object);
  const page = pageSchema.safeParse(read.ok ? read.value : null);
  return page.success ? page.data : null;
}
