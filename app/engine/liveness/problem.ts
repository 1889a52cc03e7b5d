import type { Consequence } from "../../protocol/acp/claims.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Subject } from "../override/scope.ts";
import type { State } from "../state.ts";
import type { AgentLiveness, LeaseState } from "./liveness-state.ts";

/**
 * Why nothing of this may go on now, for want of a lease or of a link; null when nothing is in its way. Nothing is refused for
 * good by it: the agent asks again. `consequence` is looked up only where it matters.
 */
export function livenessProblem(
  state: State,
  subject: Subject,
  consequence: () => Consequence,
  nowS: number,
): Refusal | null {
  const found = state.liveness.get(subject.agent);
  if (found === undefined) return null;
  return leaseProblem(state, found.lease, subject, nowS) ?? linkProblem(state, found, subject, consequence);
}

/** L5: without a lease in force nothing begins. What was permitted under it may end. */
function leaseProblem(state: State, lease: LeaseState | null, subject: Subject, nowS: number): Refusal | null {
  if (lease === null || (!lease.lapsed && nowS < lease.until)) return null;
  // The log may not have its end yet: by then what is under way was permitted under it.
  const ends = lease.lapsed ? mayEnd(state, subject, lease.finishing) : mayEnd(state, subject, null);
  return ends
    ? null
    : refusal("lease_expired", "the agent's lease has run out: an operator renews it", { jti: lease.jti });
}

function linkProblem(
  state: State,
  { link, plan }: AgentLiveness,
  subject: Subject,
  consequence: () => Consequence,
): Refusal | null {
  if (link === null) return null;
  if (link.stage === "planned" && plan.do !== "continue")
    return mayEnd(state, subject, link.finishing)
      ? null
      : refusal("agent_link_lost", `its link is lost and its plan is: ${plan.do} after ${plan.after_s} s`);
  const grave = consequence();
  const withheld = link.stage === "degraded" ? grave === "irreversible" : grave !== "none";
  return withheld
    ? refusal(
        "agent_degraded",
        `its link is lost: nothing ${link.stage === "degraded" ? "irreversible" : "with a consequence"} goes on (O4)`,
      )
    : null;
}

/** Tasks under way: of these, or any. Once stopped and asked for anew, a task is a new one. */
function mayEnd(state: State, { wid, task }: Subject, of: ReadonlySet<string> | null): boolean {
  if (task === undefined || (of !== null && !of.has(task))) return false;
  const status = state.workflows.get(wid)?.tasks.get(task)?.status;
  return status === "running" || status === "effect";
}
