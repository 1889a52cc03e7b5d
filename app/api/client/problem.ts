import { isDefinedError, ORPCError } from "@orpc/client";
import { type Problem, problemSchema } from "../contract/problem.ts";

/** A failure in the operator's words. `detail` may quote what came from outside: show it as untrusted text. */
export interface ShownProblem {
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  readonly next: string;
}

const NEXT: Readonly<Record<string, string>> = {
  connection_lost: "The console is trying to reconnect. What was acknowledged is stored.",
  part_missing: "Reload the page: the console may have been updated, or its server has ended.",
  operator_missing: "Sign in, then do it again.",
  token_key_unknown: "This console does not know your key: sign in again.",
  circuit_open: "Nothing was recorded. Do it again when the breaker lets through: Watch shows when.",
  token_replayed: "It was recorded already; look for it in the timeline.",
  override_unauthorized: "Authenticate again, then do it again.",
  override_outranked: "Somebody of a higher rank, or a signal of a higher priority, has to end it.",
  override_not_in_force: "It has ended meanwhile: Control shows what holds now.",
  override_not_latched: "It has ended meanwhile: Control shows what holds now.",
  override_state_invalid: "Look at the signal in Control: it is of another kind or scope, or has changed meanwhile.",
  override_level_too_low: "Give it at a higher level.",
  override_scope_unknown: "Choose an agent or a workflow that still runs.",
  override_rate: "Wait a minute, or give one signal for the whole workflow. Stops are not counted.",
  override_cosign_missing: "A second operator has to sign it too.",
  override_cosign_invalid: "Somebody else has to sign it: not you, with the role, and authenticated just now.",
  override_widening: "Choose a narrower value. Wider ones take two operators.",
  override_weakens_hitl: "This limit decides when a human is asked: change it in the policy.",
  override_beyond_authority: "Choose a value within what was delegated.",
  agent_paused: "Resume what holds it, in Control.",
  agent_taken_over: "Carry its steps out, or release the takeover, in Control.",
  rollback_plan_changed: "The plan is another one now: read the dry run again, then sign that.",
  rollback_conflict: "Wait until what stands against it is over: the dry run lists it.",
  rollback_irreversible: "Choose “As much as can be” to undo the others.",
  rollback_busy: "Open the rollback that is under way, and wait for its end or abort it.",
  rollback_residue_changed: "What is left has changed: read it again, then confirm that.",
  rollback_finished: "It is over: open it to see what came of it.",
  past_view: "Return to now, then do it again.",
  at_beyond_log: "Return to now, or choose an earlier entry.",
  at_before_log: "Choose a later entry.",
  storage_full: "Free disk space or remove stored runs, then try again.",
};

/** What to show for anything thrown by a client call or by our own code on the page. */
export function problemOf(error: unknown): ShownProblem {
  const problem = definedProblem(error);
  if (problem !== null) return shown(problem.title, problem.detail, problem.code, problem.retry);
  if (error instanceof TypeError && MISSING_PART.test(error.message)) {
    return shown("A part of the page could not be loaded", "Its file was not there.", "part_missing");
  }
  if (isConnectionError(error)) {
    return shown("No connection to the engine", "The engine did not answer.", "connection_lost");
  }
  const detail = error instanceof Error ? error.message : "No further detail is known.";
  return shown("This did not work", detail, "unexpected");
}

function shown(title: string, detail: string, code: string, retry?: boolean): ShownProblem {
  return { title, detail, code, next: NEXT[code] ?? (retry === true ? "Try again in a moment." : "") };
}

function definedProblem(error: unknown): Problem | null {
  if (!(error instanceof ORPCError || isDefinedError(error as Error))) return null;
  const parsed = problemSchema.safeParse((error as { data?: unknown }).data);
  return parsed.success ? parsed.data : null;
}

/** What browsers say when a chunk cannot be fetched: the server is gone, or was updated under the open page. */
const MISSING_PART = /dynamically imported module|importing a module script/i;
const NO_ANSWER: readonly string[] = ["CONNECTION_LOST", "SERVICE_UNAVAILABLE", "GATEWAY_TIMEOUT"];

/** A closed port, an aborted call, a network that is gone: nobody answered, so nobody knows whether it was done. */
function isConnectionError(error: unknown): boolean {
  if (error instanceof ORPCError) return NO_ANSWER.includes(error.code);
  if (error instanceof DOMException) return error.name === "AbortError" || error.name === "TimeoutError";
  const name = error instanceof Error ? error.name : "";
  const message = error instanceof Error ? error.message : "";
  return (
    name === "AbortError" || name === "ConnectionLostError" || /closed|disconnect|fail(ed)? to fetch/i.test(message)
  );
}
