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

/** What is ended is kept: whatever was logged before goes on being checked against it (XA-64). */
export function evolveTrust(state: State, logged: LoggedFact, { claims }: FactOf<"trust-statement+jwt">): void {
  const { iss: by, jti, trust, ends, reason } = claims;
  const said = { by, at: logged.receivedAt, seq: logged.seq, reason };
  if (trust !== undefined) state.trust.set(jti, { jti, trust, ...said, ended: null });
  const item = ends === undefined ? undefined : state.trust.get(ends);
  if (item !== undefined) item.ended = said;
}
