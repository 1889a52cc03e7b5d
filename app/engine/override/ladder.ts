import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { OverrideClaims } from "../../protocol/override/claims.ts";
import { isDrill } from "../../protocol/override/params.ts";
import type { Command, Draft, Moment } from "../command.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { OverrideState, Rung, State, TargetState } from "../state.ts";
import { witDraft } from "../workflow/decide.ts";
import { endGate, move, workflowOfAgent } from "../workflow/evolve.ts";

/** A key that is not accepted any more is so this long after the entry that says it. */
const RETIRED_LIFETIME_S = 1;

/**
 * Orders that are enforced outside the agent. Of an end, or of advice, nothing is; and a rollback needs the very agents that it
 * holds, so that it is for people what becomes of one that does not answer.
 */
const ENFORCED: readonly OverrideClaims["action"][] = ["stop", "pause", "takeover", "modify"];

/**
 * The rungs of the escalation ladder for a signal, in order (override.md section c), by its `on_no_ack`: `escalate` climbs them
 * all, `isolate` begins with the isolation. `none` counts for advice only: nothing else goes unanswered (OVR-8).
 */
export function rungsOf(claims: OverrideClaims): readonly Rung[] {
  if (isDrill(claims) || (claims.on_no_ack === "none" && claims.level === "advisory")) return [];
  if (!ENFORCED.includes(claims.action)) return ["resend", "alert"];
  return claims.on_no_ack === "isolate" ? ["isolate", "alert"] : ["resend", "enforce", "isolate", "alert"];
}

/**
 * Why an agent is climbed for, or null where it is not: it went on against the order, or neither its word nor any evidence says
 * that it is where it was ordered. What is verified needs no word: who was to stop and has lost its worker gives none.
 */
function climbedFor(
  state: State,
  signal: OverrideState,
  target: TargetState,
): "violated" | "no_acknowledgement" | null {
  const { claims } = signal;
  if (target.verdict === "violated") return "violated";
  if (isStopped(state, signal, target.agent)) return null;
  const verified = target.verdict === "compliant" || target.verdict === "late";
  const ended = claims.action === "stop" && target.terminatedAt !== null;
  return target.acknowledgedAt === null && !verified && !ended ? "no_acknowledgement" : null;
}

/**
 * Who is stopped begins nothing, as any other order wants it, and may have no worker left to say so. Who was halted by a rung
 * of this signal is climbed for on.
 */
export function isStopped(state: State, signal: OverrideState, agent: string): boolean {
  if (signal.claims.action === "stop" || isOn(signal, "enforce", agent) || isOn(signal, "isolate", agent)) return false;
  return state.workflows.get(workflowOfAgent(agent) ?? "")?.halted.has(agent) === true;
}

/** A rung is taken: an entry that names it, whom it is for and why; an isolation takes their keys out of use in the same frame. */
export function decideRung(
  state: State,
  command: Extract<Command, { kind: "override_rung" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const signal = state.overrides.get(command.signal);
  if (signal === undefined) return err(refusal("override_not_found", "no such signal", { jti: command.signal }));
  if (isOver(signal))
    return err(refusal("override_not_in_force", "that signal is not in force any more", { jti: signal.jti }));
  if (!rungsOf(signal.claims).includes(command.rung))
    return err(refusal("override_rung_not_due", "this signal is not followed so far", { jti: signal.jti }));
  const due = command.agents.flatMap((agent) => {
    const target = signal.targets.get(agent);
    const why = target === undefined || isOn(signal, command.rung, agent) ? null : climbedFor(state, signal, target);
    return why === null ? [] : [{ agent, why }];
  });
  if (due.length === 0)
    return err(refusal("override_rung_not_due", "everybody is where the signal wants them", { jti: signal.jti }));
  const agents = due.map(({ agent }) => agent);
  const record = recordDraft(
    ids,
    moment,
    "override_escalated",
    onlyWorkflow(agents),
    { timer: "override_rung", of: signal.jti },
    {
      signal: signal.jti,
      action: signal.claims.action,
      rung: command.rung,
      agents,
      violated: due.filter(({ why }) => why === "violated").map(({ agent }) => agent),
    },
  );
  return ok(command.rung === "isolate" ? [record, ...retirements(state, new Set(agents), ids, moment)] : [record]);
}

const isOver = ({ inForce, released }: OverrideState): boolean => !inForce && released !== null;

const isOn = ({ rungs }: OverrideState, rung: Rung, agent: string): boolean =>
  rungs.some((taken) => taken.rung === rung && taken.agents.includes(agent));

function onlyWorkflow(agents: readonly string[]): string | null {
  const wids = new Set(agents.map(workflowOfAgent));
  return wids.size === 1 ? ([...wids][0] ?? null) : null;
}

/** Credential revocation: what the keys of these agents sign from now on is refused, whatever it is. */
function retirements(state: State, agents: ReadonlySet<string>, ids: HostIds, moment: Moment): Draft[] {
  return [...state.keys.values()]
    .filter((key) => agents.has(key.subject) && key.exp > moment.nowS + RETIRED_LIFETIME_S)
    .map(({ subject, name, jwk }) => witDraft(ids, moment, { subject, name, jwk }, RETIRED_LIFETIME_S));
}

/**
 * What a rung does to the state. At the enforcement point an agent's authority ends with the second one: it is halted until an
 * operator starts it anew, which takes a new policy [ours: the others of its workflow keep theirs].
 */
export function evolveRung(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const signal = state.overrides.get(String(claims.data.signal));
  const rung = RUNGS.find((one) => one === claims.data.rung);
  if (signal === undefined || rung === undefined) return;
  const agents = strings(claims.data.agents);
  signal.rungs.push({ rung, at: logged.receivedAt, seq: logged.seq, agents, violated: strings(claims.data.violated) });
  if (rung === "resend" || rung === "alert") return;
  for (const agent of agents) {
    const workflow = state.workflows.get(workflowOfAgent(agent) ?? "");
    if (workflow === undefined || workflow.status === "finished") continue;
    workflow.halted.add(agent);
    for (const task of workflow.tasks.values()) {
      const open = task.status === "asked" || task.status === "waiting" || task.status === "running";
      if (!open || task.agent !== agent) continue;
      move(task, "stopped", logged, signal.jti);
      endGate(state, task.request, logged);
    }
    if (workflow.agents.every((each) => workflow.halted.has(each))) workflow.status = "stopped";
  }
}

const RUNGS: readonly Rung[] = ["resend", "enforce", "isolate", "alert"];

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
