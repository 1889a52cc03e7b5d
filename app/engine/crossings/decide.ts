import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Command, Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { roleProblem } from "../identity/roles.ts";
import { type HostIds, recordDraft, tokenDraft } from "../records.ts";
import { replayScopeOf } from "../replay.ts";
import type { State } from "../state.ts";

const MAY_HANDLE: readonly string[] = ["operator", "duty_manager", "safety_officer"];

/**
 * What a border puts into a domain's log, all or nothing: tokens that its gateway has verified or signed. A
 * countersignature that came back is noted with when it was heard, by which clocks are compared (L7).
 */
export function decideBorder(
  state: State,
  { tokens }: Extract<Command, { kind: "border" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const drafts: Draft[] = [];
  for (const { verified, fact } of tokens) {
    const replay = replayScopeOf(fact);
    if (replay !== null && state.seen.has(replay.scope))
      return err(refusal("token_replayed", "this token id was used before", { jti: fact.claims.jti }));
    drafts.push(tokenDraft(verified, fact));
    if (fact.typ !== "audit-countersign+jwt" || fact.claims.iss === ids.pepId) continue;
    const { stitch_id, jti, wid } = fact.claims;
    drafts.push(recordDraft(ids, moment, "crossing_answered", wid, { jti }, { stitch_id, heard_ms: moment.nowMs }));
  }
  return ok(drafts);
}

/** The host tells once of what it found between domains (XDA-S1). */
export function decideFinding(
  state: State,
  { finding, item, code, wid, about }: Extract<Command, { kind: "finding_due" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  if (state.findings.get(item)?.flagged?.code === code)
    return err(refusal("finding_known", "the log tells of this already"));
  const data = { finding, item, code, ...about };
  return ok([recordDraft(ids, moment, "finding_flagged", wid, { timer: "crossing_due", of: item }, data)]);
}

/** An operator assigns or resolves a finding. Refusals: `finding_role_denied`, `finding_unknown_person`, `finding_resolved`. */
export function decideHandlingOfFinding(
  state: State,
  verified: Verified<unknown>,
  fact: FactOf<"crossing-handling+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { iss, item, code, verb, to } = fact.claims;
  const about = { code: "finding_role_denied", what: "looking after a finding", claim: "role" };
  const denied = roleProblem(state, iss, MAY_HANDLE, moment.nowS, about);
  if (denied !== null) return err(denied);
  if (state.findings.get(item)?.resolved?.code === code)
    return err(refusal("finding_resolved", "it is resolved already", { claim: "item" }));
  if (verb === "assign" && !isPersonHere(state, to ?? "", moment.nowS))
    return err(refusal("finding_unknown_person", "nobody enrolled here has this id", { claim: "to" }));
  return ok([tokenDraft(verified, fact)]);
}

function isPersonHere(state: State, subject: string, nowS: number): boolean {
  return isHuman(subject) && [...state.keys.values()].some((key) => key.subject === subject && key.exp > nowS);
}
