import { err, ok, type Result } from "../../base/result.ts";
import type { RoleStatementClaims } from "../../protocol/identity/role-statement.ts";
import { ROLES } from "../../protocol/identity/roles.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Command, Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import type { HostIds } from "../records.ts";
import { tokenDraft } from "../records.ts";
import type { State } from "../state.ts";
import { witDraft } from "../workflow/decide.ts";
import { isHuman } from "./human.ts";
import { humanKeys, MAY_GRANT, roleProblem, rolesOf, safetyOfficers } from "./roles.ts";

/** Oldest authentication a grant may rest on, seconds: as for a decision (P3). */
const GRANT_AUTH_AGE_S = 900;

/** A key that is taken out of use ends this long after the entry that says so. */
const RETIRED_LIFETIME_S = 1;

/**
 * Enrols a key: of the host's own parts, or of a person, with the key for their stops. The first person of an empty log gets
 * all roles; whoever comes later is a viewer until a safety officer says more (COM-15).
 */
export function decideEnrolment(
  state: State,
  command: Extract<Command, { kind: "enrol" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const problem = enrolmentProblem(state, command, moment.nowS);
  if (problem !== null) return err(problem);
  const { subject, name, lifetimeS } = command;
  const keys: Draft[] = [witDraft(ids, moment, command, lifetimeS)];
  if (command.stop !== undefined)
    keys.push(witDraft(ids, moment, { subject, name, jwk: command.stop.jwk, use: "stop" }, lifetimeS));
  if (!isHuman(subject) || command.use !== undefined) return ok(keys);
  const isFirst = humanKeys(state).length === 0;
  return ok([
    ...(isFirst ? [] : settledDrafts(state, ids, moment)),
    ...(command.replaces === undefined ? [] : retirements(state, subject, ids, moment)),
    ...keys,
    ...(isFirst && state.roles.size === 0
      ? [statementDraft(ids, moment, subject, moment.nowS + lifetimeS, "the first operator of this log")]
      : []),
  ]);
}

function enrolmentProblem(
  state: State,
  { subject, kid, stop, replaces, use }: Extract<Command, { kind: "enrol" }>,
  nowS: number,
): Refusal | null {
  if (state.keys.has(kid) || (stop !== undefined && state.keys.has(stop.kid)))
    return refusal("key_enrolled", "this key is enrolled already");
  if (!isHuman(subject) || use !== undefined) return null;
  if (replaces !== undefined) {
    const earlier = state.keys.get(replaces);
    if (earlier?.subject !== subject || earlier.use !== "all" || earlier.exp <= nowS)
      return refusal("token_key_unknown", "the key that is to be replaced is not this person's, or not in force");
    return null;
  }
  // Another key of the same name would be another person speaking as this one.
  return humanKeys(state).some((key) => key.subject === subject)
    ? refusal("subject_taken", "another key is enrolled under this name: choose another name")
    : null;
}

/** The keys a person had before: they are good until now and sign nothing any more. */
function retirements(state: State, subject: string, ids: HostIds, moment: Moment): Draft[] {
  return humanKeys(state)
    .filter((key) => key.subject === subject && key.exp > moment.nowS)
    .map(({ name, jwk, use, passkey }) => {
      const kept = { ...(use === "stop" ? { use } : {}), ...(passkey === undefined ? {} : { passkey }) };
      return witDraft(ids, moment, { subject, name, jwk, ...kept }, RETIRED_LIFETIME_S);
    });
}

/**
 * Before the first statement of a log from before there were roles, everybody's standing is stated: they keep what they
 * had, and only whoever comes later begins as a viewer.
 */
function settledDrafts(state: State, ids: HostIds, moment: Moment): Draft[] {
  if (state.roles.size > 0) return [];
  const ends = new Map(humanKeys(state).map((key) => [key.subject, key.exp]));
  return [...ends]
    .filter(([, exp]) => exp > moment.nowS)
    .map(([subject, exp]) => statementDraft(ids, moment, subject, exp, "enrolled before this log had roles"));
}

function statementDraft(ids: HostIds, moment: Moment, subject: string, exp: number, reason: string): Draft {
  const claims: RoleStatementClaims = {
    iss: ids.logId,
    aud: ids.logId,
    sub: subject,
    roles: [...ROLES],
    iat: moment.nowS,
    exp,
    jti: moment.uuid(),
    reason,
  };
  return { kind: "sign", as: "log", fact: { typ: "role-statement+jwt", claims } };
}

/** A safety officer says what somebody may do from now on, all of it: what it does not name is withdrawn (COM-16). */
export function decideRoleStatement(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"role-statement+jwt">,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const problem = grantProblem(state, fact.claims, moment.nowS);
  if (problem !== null) return err(problem);
  return ok([...settledDrafts(state, ids, moment), tokenDraft(token, fact)]);
}

function grantProblem(state: State, claims: RoleStatementClaims, nowS: number): Refusal | null {
  const denied = roleProblem(state, claims.iss, MAY_GRANT, nowS, { code: "role_unauthorized", what: "granting roles" });
  if (denied !== null) return denied;
  if (!humanKeys(state).some((key) => key.subject === claims.sub))
    return refusal("role_subject_unknown", "nobody is enrolled under this id", { claim: "sub" });
  const { auth_time: authTime, amr } = claims;
  if (authTime === undefined || amr === undefined || nowS - authTime > GRANT_AUTH_AGE_S || authTime > nowS + 30)
    return refusal("role_auth_stale", "the safety officer's authentication is older than 900 s: authenticate again", {
      claim: "auth_time",
    });
  const officers = safetyOfficers(state, nowS);
  const held = rolesOf(state, claims.sub, nowS);
  const widens = claims.roles.some((role) => !held.includes(role));
  if (widens && claims.sub === claims.iss && officers.size > 1)
    return refusal("role_self_grant", "nobody widens their own roles: another safety officer can", { claim: "roles" });
  if (!claims.roles.includes("safety_officer") && officers.has(claims.sub) && officers.size === 1)
    return refusal("role_last_safety_officer", "this is the last safety officer: nobody could grant roles afterwards", {
      claim: "roles",
    });
  return null;
}
