import type { OverrideScope } from "../../protocol/override/claims.ts";
import type { State } from "../state.ts";

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

/** True when the scope of a signal reaches this action. Groups are not known yet and reach nobody. */
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
      return false;
  }
}

/** The latched stop that covers this action, if any: its jti. Looked up before every permission and every effect. */
export function latchedStop(state: State, subject: Subject): string | null {
  for (const signal of state.overrides.values()) {
    if (signal.latched && scopeCovers(signal.claims.scope, subject)) return signal.jti;
  }
  return null;
}

/** Agents of unfinished workflows the scope reaches, in order of enrolment: whom a stop must hear from. */
export function targetsOf(state: State, scope: OverrideScope): string[] {
  const targets: string[] = [];
  for (const workflow of state.workflows.values()) {
    if (workflow.status === "finished") continue;
    for (const agent of workflow.agents) {
      const covered =
        scope.kind === "task"
          ? workflow.tasks.get(scope.id)?.agent === agent
          : scopeCovers(scope, { agent, wid: workflow.wid });
      if (covered) targets.push(agent);
    }
  }
  return targets;
}
