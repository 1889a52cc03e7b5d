import type { FactOf, LoggedFact } from "../fact.ts";
import type { GateState, Hold, State } from "../state.ts";
import { move, taskOf } from "../workflow/evolve.ts";

/** Somebody takes a request up, puts it away, takes it back, or says something to its agent: it stays pending. */
export function evolveHandling(state: State, logged: LoggedFact, { claims }: FactOf<"hitl-handling+jwt">): void {
  const gate = state.gates.get(claims.request.jti);
  if (gate === undefined) return;
  gate.entries.push(logged.seq);
  const hold: Hold = { by: claims.iss, at: logged.receivedAt, until: claims.until ?? 0, seq: logged.seq };
  switch (claims.verb) {
    case "claim":
      gate.claim = hold;
      break;
    case "unclaim":
      gate.claim = null;
      break;
    case "shelve":
      gate.shelf = { ...hold, reason: claims.reason ?? "" };
      break;
    case "unshelve":
      gate.shelf = null;
      break;
    case "defer":
    case "undefer":
      gate.deferrals = gate.deferrals.filter(({ by }) => by !== claims.iss);
      if (claims.verb === "defer") gate.deferrals.push(hold);
      break;
    case "respond":
      gate.responses.push({ by: claims.iss, text: claims.text ?? "", at: logged.receivedAt, seq: logged.seq });
  }
}

/** The agent needs no answer any more: the request ends, whatever had been decided and not used. */
export function evolveWithdrawal(state: State, logged: LoggedFact, { claims }: FactOf<"hitl-withdrawal+jwt">): void {
  const gate = state.gates.get(claims.request.jti);
  if (gate === undefined) return;
  gate.status = "withdrawn";
  gate.withdrawn = { settled: claims.settled, at: logged.receivedAt, seq: logged.seq };
  gate.closedAt = logged.receivedAt;
  gate.entries.push(logged.seq);
  const found = taskOf(state, gate.wid, gate.task);
  if (found !== null && isOpen(found.task.status)) move(found.task, "refused", logged, "hitl_withdrawn");
}

const isOpen = (status: string): boolean => status === "waiting" || status === "running";

/** What somebody else says of an approval that was given alone. */
export function evolveReview(state: State, logged: LoggedFact, { claims }: FactOf<"hitl-review+jwt">): void {
  const gate: GateState | undefined = state.gates.get(claims.request.jti);
  if (gate?.breakGlass == null) return;
  gate.breakGlass.review = {
    by: claims.iss,
    at: logged.receivedAt,
    verdict: claims.verdict,
    reason: claims.reason,
    seq: logged.seq,
  };
  gate.entries.push(logged.seq);
}

export function evolveGrant(state: State, logged: LoggedFact, { claims }: FactOf<"standing-grant+jwt">): void {
  state.grants.set(claims.jti, {
    jti: claims.jti,
    hash: logged.digest,
    seq: logged.seq,
    at: logged.receivedAt,
    claims,
    uses: 0,
    revoked: null,
  });
}

/** A grant ends; what it let through and has not happened is refused. */
export function evolveGrantRevocation(
  state: State,
  logged: LoggedFact,
  { claims }: FactOf<"grant-revocation+jwt">,
): void {
  const grant = state.grants.get(claims.grant.jti);
  if (grant === undefined) return;
  grant.revoked = { by: claims.iss, at: logged.receivedAt, reason: claims.reason, seq: logged.seq };
  const workflow = state.workflows.get(grant.claims.wid);
  for (const task of workflow?.tasks.values() ?? [])
    if (task.grant === grant.jti && task.status === "running") move(task, "refused", logged, "grant_revoked");
}
