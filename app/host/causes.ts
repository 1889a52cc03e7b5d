import type { Fact } from "../engine/fact.ts";

/** What a token says it follows from, by token id. */
export interface Causes {
  /** Tasks or nodes that were done before (ECT `pred`). */
  readonly pred: readonly string[];
  /** The token it answers or was caused by: a request, a signal, an order, the cause of a record. */
  readonly answers: readonly string[];
}

/** Claims that name the token another one answers. A policy is no cause: all actions under it would follow from one entry. */
const ANSWERED: readonly (readonly [string, string | null])[] = [
  ["request", "jti"],
  ["signal", "jti"],
  ["cause", "jti"],
  ["cause", "of"],
  ["grant", "jti"],
  ["decision", null],
  ["handoff", "jti"],
  ["rb_id", null],
];

/** The causes a token names itself; that entries about one task follow from each other is known from the log's order. */
export function causesOf(fact: Fact): Causes {
  const claims: Readonly<Record<string, unknown>> = fact.claims;
  const own = fact.claims.jti;
  const answers = new Set<string>();
  for (const [name, member] of ANSWERED) {
    const value = claims[name];
    const jti = member === null ? value : memberOf(value, member);
    if (typeof jti === "string" && jti !== own) answers.add(jti);
  }
  if (fact.typ === "acp-revocation+jwt") answers.add(fact.claims.acp.jti);
  return { pred: predOf(fact), answers: [...answers] };
}

/** What is known of another domain's tasks is only what it handed over: those are in another log, and are not missing here. */
function predOf(fact: Fact): readonly string[] {
  if (fact.typ === "exec+jwt" || fact.typ === "intent+jwt") return fact.claims.pred;
  if (fact.typ !== "exec-audit+jwt" || fact.claims.ect !== undefined) return [];
  return fact.claims.stitch?.direction === "in" ? [] : fact.claims.pred;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined; // an object has members
}
