import { NO_STATEMENT, ROLES } from "../../protocol/identity/roles.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { EnrolledKey, State } from "../state.ts";
import { isHuman } from "./human.ts";

/** Who may do what, where no policy names the role (COM-18). */
export const MAY_START: readonly string[] = ["operator"];
export const MAY_STOP: readonly string[] = ["operator", "approver", "duty_manager", "safety_officer"];
export const MAY_RELEASE: readonly string[] = ["operator", "duty_manager"];
export const MAY_GRANT: readonly string[] = ["safety_officer"];
export const MAY_TRUST: readonly string[] = ["safety_officer"];

/**
 * What a person may be at a moment: what the newest statement about them says while it lasts, else a viewer (COM-16). A
 * log without any statement is from before there were roles: there everybody enrolled may do everything (COM-15).
 */
export function rolesOf(state: State, subject: string, nowS: number): readonly string[] {
  if (!isHuman(subject)) return [];
  if (state.roles.size === 0) return ROLES;
  const statement = state.roles.get(subject);
  return statement === undefined || statement.exp <= nowS ? NO_STATEMENT : statement.roles;
}

/** Whether a person holds a role, which may be one that only a policy knows. */
export function holdsRole(state: State, subject: string, role: string, nowS: number): boolean {
  if (state.roles.size === 0) return isHuman(subject);
  return rolesOf(state, subject, nowS).includes(role);
}

/** Why somebody may not do what any of these roles may; null when they may. `what` begins the sentence: "starting a workflow". */
export function roleProblem(
  state: State,
  subject: string,
  anyOf: readonly string[],
  nowS: number,
  about: { readonly code: string; readonly what: string; readonly claim?: string },
): Refusal | null {
  if (anyOf.some((role) => holdsRole(state, subject, role, nowS))) return null;
  const held = rolesOf(state, subject, nowS);
  return refusal(
    about.code,
    `${about.what} needs the role ${anyOf.map(inWords).join(" or ")}; ${subject} holds ${
      held.length === 0 ? "no role" : held.map(inWords).join(", ")
    }`,
    about.claim === undefined ? {} : { claim: about.claim },
  );
}

/** P3: whether somebody holds the role a decision is given in, as the rule or the escalation names it. */
export function decisionRoleProblem(state: State, subject: string, role: string, nowS: number): Refusal | null {
  return roleProblem(state, subject, [role], nowS, { code: "hitl_role_denied", what: "this decision", claim: "role" });
}

const inWords = (role: string): string => role.replaceAll("_", " ");

/** The keys of this domain's people, each person's own key and the one for stops. */
export function humanKeys(state: State): EnrolledKey[] {
  return [...state.keys.values()].filter(
    (key) => isHuman(key.subject) && key.use !== "settlement" && key.use !== "query",
  );
}

/** Everybody who could be a safety officer now: holds the role, and a key that still signs. */
export function safetyOfficers(state: State, nowS: number): Set<string> {
  const able = humanKeys(state).filter(
    (key) => key.use === "all" && key.exp > nowS && holdsRole(state, key.subject, "safety_officer", nowS),
  );
  return new Set(able.map((key) => key.subject));
}
