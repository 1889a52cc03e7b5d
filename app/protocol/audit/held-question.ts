import { assertNever } from "../../base/assert.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { AuditQueryClaims } from "./audit-query.ts";
import type { QueryDecisionClaims } from "./query-decision.ts";

/** A question that a domain did not answer before one of its operators allows it, and what its log says of it since. */
export interface HeldQuestion {
  readonly query: AuditQueryClaims;
  /** Token digest of the question. */
  readonly hash: string;
  /** When it was held, epoch s by the domain's clock. */
  readonly at: number;
  readonly decision: { readonly claims: QueryDecisionClaims; readonly at: number } | null;
  /** Entries that were given under the approval, by the page they are of: the same page again counts once (XDA-77). */
  readonly fetched: readonly FetchedPage[];
}

export interface FetchedPage extends Pick<AuditQueryClaims, "page" | "page_size"> {
  readonly entries: number;
}

/** How many different entries were given under the approval. */
export const givenOf = ({ fetched }: Pick<HeldQuestion, "fetched">): number =>
  fetched.reduce((sum, { entries }) => sum + entries, 0);

/** A question waits so long for an operator, and a refusal holds so long, seconds [ours]. */
export const HELD_FOR_S = 86_400;
/** An approval is good so long, seconds [ours]. */
const APPROVED_FOR_S = 3600;
/** Questions of one asker that may wait at a domain [ours]. */
const MAX_WAITING = 16;
/** Who decides authenticated within this time before, seconds: as for a decision about an action (P3). */
const AUTHENTICATED_WITHIN_S = 900;

/** Roles in which a held question may be decided about [ours]. */
export const MAY_DECIDE: readonly string[] = ["duty_manager", "safety_officer"];

/**
 * `held`: nobody has decided. `approved`: it is answered when it is asked again. `used`: as much was given as was
 * approved. `lapsed`: the time for it is over.
 */
export const HELD_STATES = ["held", "approved", "refused", "used", "lapsed"] as const;
export type HeldState = (typeof HELD_STATES)[number];

/**
 * What became of a question, as its asker sees it (XDA-77). `asked`: nothing came back yet. `waiting`: for an operator of the
 * domain. `approved`: its answer is to be fetched. `fetched`: as much as was approved. `expired`: nobody decided in time, or
 * nobody fetched it.
 */
export const ASKED_STATES = [
  "asked",
  "answered",
  "denied",
  "silent",
  "waiting",
  "approved",
  "fetched",
  "refused",
  "expired",
] as const;
export type AskedState = (typeof ASKED_STATES)[number];

export function heldState({ at, decision, fetched }: HeldQuestion, nowS: number): HeldState {
  if (decision === null) return nowS < at + HELD_FOR_S ? "held" : "lapsed";
  if (decision.claims.outcome === "reject") return nowS < decision.at + HELD_FOR_S ? "refused" : "lapsed";
  if (givenOf({ fetched }) >= decision.claims.shown.entries) return "used";
  return nowS < decision.at + APPROVED_FOR_S ? "approved" : "lapsed";
}

/** Until when a question is in the state it is in by time alone, epoch s. */
export function heldUntil({ at, decision }: HeldQuestion): number {
  if (decision === null) return at + HELD_FOR_S;
  return decision.at + (decision.claims.outcome === "reject" ? HELD_FOR_S : APPROVED_FOR_S);
}

/** Whether two questions ask the same of a domain, by the same person for the same purpose: one may go on where the other ended. */
export function isSameQuestion(a: AuditQueryClaims, b: AuditQueryClaims): boolean {
  return questionKey(a) === questionKey(b);
}

/** Who asks, what for, and for what: equal where two questions are the same. */
export function questionKey(query: AuditQueryClaims): string {
  const { iss, purpose, role, wid, stitch_id, agents, exec_act, from, to, outcome, min_level, fields } = query;
  const list = (of: readonly string[] | undefined) => (of === undefined ? null : [...new Set(of)].toSorted());
  const one = (of: string | number | undefined) => of ?? null;
  return JSON.stringify([
    ...[iss, purpose, role, one(wid), one(stitch_id), list(agents), one(exec_act)],
    ...[one(from), one(to), one(outcome), one(min_level), list(fields)],
  ]);
}

/** What a domain does with a question that it gives nobody so much for without leave. */
export type Leave =
  | { readonly kind: "given"; readonly decision: QueryDecisionClaims /** Entries. */; readonly most: number }
  /** The log has to have it: nothing of it waits yet. */
  | { readonly kind: "hold" }
  | { readonly kind: "waits" }
  | { readonly kind: "no"; readonly problem: Refusal };

/** Whether a page begins where another one does, or later: what comes before that was shown to nobody who decided. */
function beginsWithin(page: AuditQueryClaims, held: AuditQueryClaims): boolean {
  return page.page * page.page_size >= held.page * held.page_size;
}

/**
 * XDA-S7: what the questions that were held say about one that is answered with leave only. Refusals: `query_refused`,
 * `query_denied`; of one that fetches (`held`) also `query_not_held`, `query_lapsed`, `query_fetched`.
 */
export function leaveFor(query: AuditQueryClaims, held: readonly HeldQuestion[], nowS: number): Leave {
  const mine = held.filter((one) => one.query.iss === query.iss);
  const same = mine.filter((one) => isSameQuestion(one.query, query));
  if (query.held !== undefined) return leaveToFetch(query, same, nowS);
  let waits = false;
  for (const one of same.toReversed()) {
    const state = heldState(one, nowS);
    switch (state) {
      case "approved": {
        // What was not shown to whoever approved it is for somebody to decide anew.
        if (one.decision !== null && beginsWithin(query, one.query))
          return {
            kind: "given",
            decision: one.decision.claims,
            most: one.decision.claims.shown.entries - givenOf(one),
          };
        break;
      }
      case "held":
        waits = true;
        break;
      case "refused":
        return refused();
      case "used":
      case "lapsed":
        break;
      default:
        assertNever(state, "state");
    }
  }
  if (waits) return { kind: "waits" };
  return mine.filter((one) => heldState(one, nowS) === "held").length < MAX_WAITING
    ? { kind: "hold" }
    : {
        kind: "no",
        problem: refusal("query_denied", `${MAX_WAITING} questions of yours wait for an approval here already`),
      };
}

const no = (code: string, detail: string): Leave => ({ kind: "no", problem: refusal(code, detail) });
const refused = (): Leave =>
  no("query_refused", "an operator of this domain has refused it: it may be asked anew a day later");

/**
 * XDA-77: the answer of one certain question, under its approval or not at all. Within the approval's hour a page may be
 * fetched again by whoever lost it on the way, with as many entries as it had: nobody is given more by that.
 */
function leaveToFetch(query: AuditQueryClaims, same: readonly HeldQuestion[], nowS: number): Leave {
  const { held, page, page_size: size } = query;
  const one = same.find(({ query: { jti }, hash }) => jti === held?.jti && hash === held.hash);
  if (one === undefined || !beginsWithin(query, one.query))
    return no("query_not_held", "no question that this one goes on with was held here");
  const state = heldState(one, nowS);
  switch (state) {
    case "held":
      return { kind: "waits" };
    case "refused":
      return refused();
    case "approved":
    case "used":
    case "lapsed": {
      const { decision } = one;
      if (decision === null || nowS >= heldUntil(one))
        return no("query_lapsed", "the time to fetch what was approved is over");
      const before = one.fetched.find((of) => of.page === page && of.page_size === size)?.entries ?? 0;
      const most = decision.claims.shown.entries - givenOf(one) + before;
      return most > 0
        ? { kind: "given", decision: decision.claims, most }
        : no("query_fetched", "all that was approved has been fetched");
    }
    default:
      return assertNever(state, "state");
  }
}

/** Who decides, by what the domain knows of them. */
export interface Decider {
  /** They hold the role in which they decide. */
  readonly holdsRole: boolean;
}

/**
 * Why a decision about a held question does not count, or null. Nobody decides about their own (the second person is the
 * point of it). Refusals: `query_not_held`, `query_decided`, `query_lapsed`, `query_hash_mismatch`, `query_self_approval`,
 * `query_role_denied`, `query_auth_stale`.
 */
export function queryDecisionProblem(
  { iss, query, role, iat, auth_time }: QueryDecisionClaims,
  held: HeldQuestion | undefined,
  { holdsRole }: Decider,
  nowS: number,
): Refusal | null {
  const no = (code: string, detail: string, claim: string): Refusal => refusal(code, detail, { claim });
  if (held === undefined) return no("query_not_held", "no question of this id waits in this domain", "query");
  if (held.hash !== query.hash)
    return no("query_hash_mismatch", "it is about another question than the log has", "query");
  if (held.decision !== null) return no("query_decided", "somebody has decided about it already", "query");
  if (heldState(held, nowS) !== "held") return no("query_lapsed", "the time to decide about it is over", "query");
  if (iss === held.query.iss) return no("query_self_approval", "nobody decides about their own question", "iss");
  if (!MAY_DECIDE.includes(role) || !holdsRole)
    return no("query_role_denied", "a held question is decided about by a duty manager or safety officer", "role");
  return iat - auth_time > AUTHENTICATED_WITHIN_S
    ? no("query_auth_stale", "authenticated more than 900 s ago: authenticate again", "auth_time")
    : null;
}
