import type { FactOf, LoggedFact } from "../fact.ts";
import type { State } from "../state.ts";

/** The newest statement about a person, by its place in the log, is the one that holds (COM-16). */
export function evolveRoleStatement(state: State, logged: LoggedFact, fact: FactOf<"role-statement+jwt">): void {
  const { claims } = fact;
  state.roles.set(claims.sub, {
    roles: claims.roles,
    by: claims.iss,
    at: logged.receivedAt,
    exp: claims.exp,
    jti: claims.jti,
    seq: logged.seq,
    reason: claims.reason ?? "",
  });
}
