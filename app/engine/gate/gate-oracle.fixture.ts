import type { HitlDecisionClaims, HitlRequestClaims } from "../../protocol/acp/claims.ts";
import type { Fact, FactOf, LoggedFact } from "../fact.ts";
import { AGENT, STARTER, TASKS } from "./gate-world.fixture.ts";
import { ARGS_N, hashOfN } from "./gate-world-tokens.fixture.ts";

/*
 * What must be true of a log of the world, by rules written down here from docs/spec/acp-dag-hitl.md and nowhere else: no
 * line of the engine's is used, so that none of its mistakes is shared.
 */

type Typ = Fact["typ"];
type Logged<T extends Typ> = LoggedFact & { readonly fact: FactOf<T> };

const all = <T extends Typ>(log: readonly LoggedFact[], typ: T): Logged<T>[] =>
  log.filter((entry): entry is Logged<T> => entry.fact.typ === typ);
const records = (log: readonly LoggedFact[], kind: string): Logged<"record+jwt">[] =>
  all(log, "record+jwt").filter(({ fact }) => fact.claims.kind === kind);
const isPerson = (id: string): boolean => id.includes("/human/");
const ruleOf = (act: string): string => act.split("_")[0] ?? "";

/** Why this effect was let through although nobody allowed exactly it; null when it was allowed. */
export function unallowed(log: readonly LoggedFact[], effect: LoggedFact): string | null {
  const { data } = (effect.fact as FactOf<"record+jwt">).claims;
  const before = log.slice(0, effect.seq);
  const jti = String(data.task);
  const own = TASKS.find((candidate) => candidate.jti === jti);
  if (own === undefined) return "nobody knows this task";
  const latched = new Set<string>();
  for (const { fact } of all(before, "override+jwt")) {
    if (fact.claims.action === "stop") latched.add(fact.claims.jti);
    else latched.delete(String(fact.claims.params.of));
  }
  if (latched.size > 0) return "a stop was latched";
  const intent = all(before, "intent+jwt").findLast(({ fact }) => fact.claims.task === jti);
  if (intent === undefined) return "it was never asked for";
  const since = before.slice(intent.seq);
  if (records(since, "effect_started").some(({ fact }) => fact.claims.data.task === jti)) return "it ran before";

  const policy = all(before, "acp+jwt").at(-1);
  if (policy === undefined || policy.seq > intent.seq)
    return "another policy took the place of the one it was asked under";
  if (intent.fact.claims.acp.jti !== policy.fact.claims.jti) return "it was asked under another policy";
  if (effect.receivedAt > policy.fact.claims.exp) return "the policy had expired";
  if (all(before, "acp-revocation+jwt").some(({ fact }) => fact.claims.acp.jti === policy.fact.claims.jti))
    return "the policy was revoked";

  const rule = ruleOf(own.act);
  if (rule === "free") return data.args_hash === undefined ? null : "its arguments are not those asked for";
  const opened = all(since, "hitl-request+jwt").find(({ fact }) => fact.claims.task.jti === jti);
  if (opened === undefined) return unGranted(before, since, effect, own.act, jti);
  return disapproved(since, opened, effect, rule, own);
}

/** Nobody was asked: only a standing grant answers then, and only for what can be undone (ACP-40, ACP-41). */
function unGranted(
  before: readonly LoggedFact[],
  since: readonly LoggedFact[],
  effect: LoggedFact,
  act: string,
  jti: string,
): string | null {
  if (ruleOf(act) !== "std") return "no human was asked";
  const permission = records(since, "permitted").find(({ fact }) => fact.claims.data.task === jti);
  const named = permission?.fact.claims.data.grant;
  if (permission === undefined || typeof named !== "string") return "no human was asked, and no grant was named";
  const grant = all(before, "standing-grant+jwt").find(({ fact }) => fact.claims.jti === named);
  if (grant === undefined || grant.seq > permission.seq) return "the grant is not in the log";
  const { claims } = grant.fact;
  const intent = all(before, "intent+jwt").findLast(({ fact }) => fact.claims.task === jti);
  if (claims.agent !== AGENT || claims.exec_act !== act) return "the grant is for something else";
  if (claims.acp.jti !== intent?.fact.claims.acp.jti) return "the grant is under another policy";
  if (!isPerson(claims.iss)) return "the grant is by an agent";
  if (!claims.rule_ids.includes("std")) return "the grant does not name the rule";
  if (effect.receivedAt >= claims.exp) return "the grant had expired";
  const uses = records(before, "permitted").filter(
    ({ seq, fact }) => fact.claims.data.grant === named && seq <= permission.seq,
  ).length;
  if (uses > claims.max_uses) return `the grant was used ${uses} times of ${claims.max_uses}`;
  return all(before, "grant-revocation+jwt").some(({ fact }) => fact.claims.grant.jti === named)
    ? "the grant was revoked"
    : null;
}

/** What people said of the request, and whether it is enough for exactly this effect. */
function disapproved(
  since: readonly LoggedFact[],
  opened: Logged<"hitl-request+jwt">,
  effect: LoggedFact,
  rule: string,
  own: { readonly act: string; readonly hash: string },
): string | null {
  const request: HitlRequestClaims = opened.fact.claims;
  const { data } = (effect.fact as FactOf<"record+jwt">).claims;
  if (all(since, "hitl-withdrawal+jwt").some(({ fact }) => fact.claims.request.jti === request.jti))
    return "it was withdrawn";
  const people = new Map<string, HitlDecisionClaims>();
  let alone = false;
  let expected: string | undefined;
  for (const entry of all(since, "hitl-decision+jwt")) {
    const { claims } = entry.fact;
    if (claims.request.jti !== request.jti) continue;
    if (claims.request.hash !== opened.digest) return "a decision is about another version of the request";
    if (claims.outcome === "reject" || claims.outcome === "abort") return `it was refused by ${claims.iss}`;
    if (claims.outcome === "escalate") continue;
    if (!isPerson(claims.iss)) return "an agent approved it";
    if (people.has(claims.iss)) return `${claims.iss} approved it twice`;
    if (claims.bind.exec_act !== own.act || claims.bind.args_hash !== own.hash)
      return "an approval is for something else";
    const manager = claims.role === "duty_manager" && wasAskedBesides(since, request.jti, entry.seq);
    if (claims.role !== "operator" && !manager) return "an approval is by a role nobody asked, or not yet";
    if (effect.receivedAt > claims.exp) return "an approval has expired";
    const age = entry.receivedAt - claims.auth_time;
    if (age > (rule === "std" ? 900 : 120)) return "an approval rests on an old authentication";
    if (rule !== "std" && claims.auth_time < opened.receivedAt)
      return "an approval rests on one from before it was asked";
    if (claims.break_glass === true) {
      if (rule !== "glass") return "one person approved alone where the rule does not let them";
      if (claims.iss === STARTER) return "who started it approved it alone";
      if ((claims.reason ?? "").trim() === "") return "one person approved alone without a reason";
      alone = true;
    }
    const changed = changeProblem(claims, rule, own.hash);
    if (changed !== null) return changed;
    if (claims.outcome === "modify") expected = claims.modified?.args_hash;
    people.set(claims.iss, claims);
  }
  if (data.args_hash !== expected) return "other arguments ran than were approved";
  if (rule === "two" && people.has(STARTER)) return "who started it approved it";
  const due = (rule === "two" || rule === "glass") && !alone ? 2 : 1;
  return people.size >= due ? null : `${people.size} of ${due} people approved`;
}

/** ACP-36: only the outcome modify changes anything, only where it is offered, and only to less of the same. */
function changeProblem(claims: HitlDecisionClaims, rule: string, hash: string): string | null {
  const { modified } = claims;
  if (claims.outcome === "approve") return modified === undefined ? null : "an approval changed something";
  if (rule !== "mod") return "what was not offered to be changed was";
  const n = modified?.args.n;
  if (typeof n !== "number" || n < 0 || n >= ARGS_N) return "an approval asks for more, or for the same";
  return modified?.args_hash === hashOfN(n) && modified.args_hash !== hash ? null : "the digest is of other arguments";
}

const wasAskedBesides = (log: readonly LoggedFact[], request: string, seq: number): boolean =>
  records(log, "gate_escalated").some((entry) => entry.seq < seq && entry.fact.claims.data.request === request) ||
  all(log, "hitl-decision+jwt").some(
    (entry) => entry.seq < seq && entry.fact.claims.request.jti === request && entry.fact.claims.outcome === "escalate",
  );

/** What else must hold of every log: who may say what, and that nothing counts twice. */
export function misplaced(log: readonly LoggedFact[]): string[] {
  const found: string[] = [];
  const grants = all(log, "standing-grant+jwt");
  if (new Set(grants.map(({ fact }) => fact.claims.jti)).size !== grants.length)
    found.push("a grant took another's id");
  for (const { fact, seq } of grants) {
    if (!["std", "free"].includes(ruleOf(fact.claims.exec_act)))
      found.push(`entry ${seq} grants what cannot be undone`);
    if (!isPerson(fact.claims.iss)) found.push(`entry ${seq} is a grant by an agent`);
  }
  for (const { fact, seq } of all(log, "hitl-withdrawal+jwt"))
    if (fact.claims.iss !== AGENT) found.push(`entry ${seq} withdraws somebody else's request`);
  for (const { fact, seq } of [...all(log, "grant-revocation+jwt"), ...all(log, "hitl-handling+jwt")])
    if (!isPerson(fact.claims.iss)) found.push(`entry ${seq} is by an agent`);
  for (const { fact, seq } of all(log, "hitl-decision+jwt"))
    if (fact.claims.break_glass === true && fact.claims.outcome !== "approve")
      found.push(`entry ${seq} is alone in something else than an approval`);
  for (const { fact, seq } of all(log, "acp+jwt"))
    if (!isPerson(fact.claims.iss)) found.push(`entry ${seq} is a policy by an agent`);
  for (const entry of all(log, "hitl-handling+jwt")) {
    const problem = heldTooLong(log, entry);
    if (problem !== null) found.push(`entry ${entry.seq} ${problem}`);
  }
  return [...found, ...unreviewed(log)];
}

/** ACP-37, ACP-38: what is put away comes back in time, and only what waits is put away. */
function heldTooLong(log: readonly LoggedFact[], entry: Logged<"hitl-handling+jwt">): string | null {
  const { claims } = entry.fact;
  const before = log.slice(0, entry.seq);
  const of = claims.request.jti;
  const opened = all(before, "hitl-request+jwt").find(({ fact }) => fact.claims.jti === of);
  if (opened === undefined) return "handles what is not there";
  if (all(before, "hitl-withdrawal+jwt").some(({ fact }) => fact.claims.request.jti === of))
    return "handles what was withdrawn";
  if (claims.until === undefined) return null;
  const extended = records(before, "gate_escalated").filter(
    ({ fact }) =>
      fact.claims.data.request === of && "timer" in fact.claims.cause && fact.claims.cause.timer === "gate_deadline",
  ).length;
  const ahead = claims.until - entry.receivedAt;
  if (ahead <= 0 || ahead > (claims.verb === "claim" ? 900 : 28_800)) return "holds for longer than it may";
  return claims.until < opened.receivedAt + 60 * (1 + extended) ? null : "holds beyond the deadline";
}

/** ACP-43: one review, by another person, of what was approved alone; said to be late once, and only while there is none. */
function unreviewed(log: readonly LoggedFact[]): string[] {
  const found: string[] = [];
  const given = (request: string) =>
    all(log, "hitl-decision+jwt").find(
      ({ fact }) => fact.claims.request.jti === request && fact.claims.break_glass === true,
    );
  const reviews = new Map<string, number>();
  for (const { fact, seq } of all(log, "hitl-review+jwt")) {
    const { iss, request, decision } = fact.claims;
    const alone = given(request.jti);
    if (alone?.fact.claims.jti !== decision) found.push(`entry ${seq} reviews what nobody gave alone`);
    if (alone?.fact.claims.iss === iss || !isPerson(iss)) found.push(`entry ${seq} is no review by somebody else`);
    if (reviews.has(request.jti)) found.push(`entry ${seq} reviews it again`);
    reviews.set(request.jti, seq);
  }
  const overdue = new Set<string>();
  for (const { fact, seq } of records(log, "review_overdue")) {
    const request = String(fact.claims.data.request);
    if (given(request) === undefined) found.push(`entry ${seq} misses a review that nobody owes`);
    if ((reviews.get(request) ?? Number.POSITIVE_INFINITY) < seq)
      found.push(`entry ${seq} misses a review that is there`);
    if (overdue.has(request)) found.push(`entry ${seq} says again that a review is late`);
    overdue.add(request);
  }
  return found;
}
