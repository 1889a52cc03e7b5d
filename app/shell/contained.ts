import type { OverrideSignal } from "../api/contract/override.ts";
import { standingOf } from "../protocol/behavior/standing.ts";

type Stop = Pick<OverrideSignal, "latched" | "scope"> & {
  readonly targets: readonly { readonly agent: string }[];
};

/**
 * Whether another banner says already that an agent begins nothing: it is quarantined, or a stop holds it. Its lease adds
 * nothing then, and is not asked for (A11). What is not known contains nothing.
 */
export function isContained(agent: string, quarantined: ReadonlySet<string>, stops: readonly Stop[]): boolean {
  return quarantined.has(standingOf(agent)) || stops.some((stop) => stop.latched && reaches(stop, agent));
}

function reaches({ scope, targets }: Stop, agent: string): boolean {
  if (targets.some((target) => target.agent === agent)) return true;
  switch (scope.kind) {
    case "domain":
      return agent.startsWith(`spiffe://${scope.id}/`);
    case "workflow":
      return agent.includes(`/agent/${scope.id}/`);
    case "agent":
      return scope.id === agent;
    case "task":
    case "group":
      return false;
  }
}
