import type { OverrideScope } from "../../protocol/override/claims.ts";
import { isForwarded, isOfGroup } from "../../protocol/override/params.ts";
import type { OverrideState, State, WorkflowState } from "../state.ts";

/** Whom an action belongs to, as far as a scope can ask. */
export interface Subject {
  readonly agent: string;
  readonly wid: string;
  readonly task?: string;
}

/** The trust domain of an agent id, lower case; empty when it has none (README section 4). */
export function trustDomainOf(id: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#]+)/i.exec(id)?.[1]?.toLowerCase() ?? "";
}

/** True when the scope of a signal reaches this action. */
export function scopeCovers(scope: OverrideScope, subject: Subject): boolean {
  switch (scope.kind) {
    case "agent":
      return scope.id === subject.agent;
    case "workflow":
      return scope.id === subject.wid;
    case "task":
      return scope.id === subject.task;
    case "domain":
      return scope.id.toLowerCase() === trustDomainOf(subject.agent);
    case "group":
      return isOfGroup(scope.id, subject.agent);
  }
}

/** The latched stop that covers this action, if any: its jti. Looked up before every permission and every effect. */
export function latchedStop(state: State, subject: Subject): string | null {
  for (const signal of state.overrides.values()) {
    if (signal.latched && reaches(signal, subject) && !letsEnd(state, signal, subject)) return signal.jti;
  }
  return null;
}

/** Whether an order reaches this action: by its scope, or as one of those its agent had delegated to (OVR-17). */
export function reaches({ claims, targets }: Pick<OverrideState, "claims" | "targets">, subject: Subject): boolean {
  const { scope } = claims;
  return scopeCovers(scope, subject) || (scope.kind === "agent" && isForwarded(claims) && targets.has(subject.agent));
}

/** Whether this is what an orderly stop, or a pause, lets end. Once stopped and asked for anew, a task is a new one to both. */
export function letsEnd(
  state: State,
  { finishing }: Pick<OverrideState, "finishing">,
  { wid, task }: Subject,
): boolean {
  if (task === undefined || !finishing.has(task)) return false;
  const status = state.workflows.get(wid)?.tasks.get(task)?.status;
  return status === "running" || status === "effect";
}

/** An agent with all that act by its delegation, at any depth, by the policies of a workflow (OVR-17, S9). */
export function withDelegates(state: State, workflow: WorkflowState, agent: string): ReadonlySet<string> {
  const dags = [...state.policies.values()].flatMap(({ claims, replacedBy }) =>
    claims.wid === workflow.wid && replacedBy === null ? [claims.dag] : [],
  );
  const reached = new Set([agent]);
  for (let before = 0; before < reached.size; ) {
    before = reached.size;
    for (const { nodes, edges } of dags) {
      const agentOf = new Map(nodes.map((node) => [node.id, node.agent]));
      for (const { from, to, kind } of edges) {
        const child = agentOf.get(to);
        if (kind === "delegates" && child !== undefined && reached.has(agentOf.get(from) ?? "")) reached.add(child);
      }
    }
  }
  return reached;
}

/**
 * Agents of unfinished workflows the scope reaches, in order of enrolment: whom a signal must hear from. An order for an agent
 * is `forwarded` to those it delegated to.
 */
export function targetsOf(state: State, scope: OverrideScope, forwarded: boolean): string[] {
  const targets: string[] = [];
  for (const workflow of state.workflows.values()) {
    if (workflow.status === "finished") continue;
    const delegates = forwarded && scope.kind === "agent" ? withDelegates(state, workflow, scope.id) : null;
    for (const agent of workflow.agents) {
      const covered =
        scope.kind === "task"
          ? workflow.tasks.get(scope.id)?.agent === agent
          : (delegates?.has(agent) ?? scopeCovers(scope, { agent, wid: workflow.wid }));
      if (covered) targets.push(agent);
    }
  }
  return targets;
}
