import type { OverrideSignal } from "../../api/contract/override.ts";

export type TargetFacts = OverrideSignal["targets"][number];

/** How many targets of a stop are known to be how far: facts counted, the command never taken for the outcome (S7). */
export interface StopCounts {
  readonly targets: number;
  readonly acknowledged: number;
  readonly verified: number;
  readonly violated: number;
  readonly unconfirmed: number;
}

export function countFacts(targets: readonly TargetFacts[]): StopCounts {
  const count = (test: (target: TargetFacts) => boolean): number => targets.filter(test).length;
  return {
    targets: targets.length,
    acknowledged: count((target) => target.acknowledgedAtMs !== null),
    verified: count((target) => statusOf(target) === "verified"),
    violated: count((target) => statusOf(target) === "violated"),
    unconfirmed: count((target) => statusOf(target) === "unconfirmed"),
  };
}

export function addCounts(all: readonly StopCounts[]): StopCounts {
  const sum = (pick: (counts: StopCounts) => number): number => all.reduce((total, counts) => total + pick(counts), 0);
  return {
    targets: sum((counts) => counts.targets),
    acknowledged: sum((counts) => counts.acknowledged),
    verified: sum((counts) => counts.verified),
    violated: sum((counts) => counts.violated),
    unconfirmed: sum((counts) => counts.unconfirmed),
  };
}

/** The status to lead with, never better than the facts: a violation outweighs everything, a claim proves nothing. */
export function statusOf(target: TargetFacts): TargetFacts["status"] {
  if (target.violatedAtMs !== null) return "violated";
  if (target.status === "violated") return "violated";
  if (target.status === "verified" && target.verifiedAtMs === null)
    return target.acknowledgedAtMs === null ? "commanded" : "acknowledged";
  if (target.status === "acknowledged" && target.acknowledgedAtMs === null) return "commanded";
  return target.status;
}

const NOBODY: Readonly<Record<string, string>> = {
  stop: "no agent was running; whatever starts in its scope is refused",
  pause: "no agent was running; whatever starts in its scope is paused",
  takeover: "no agent was running; whatever starts in its scope is taken over",
  modify: "no agent was running; whatever starts in its scope is under these limits",
};

/** What a scope reaches, in words. */
export function scopeWords(scope: OverrideSignal["scope"]): string {
  switch (scope.kind) {
    case "domain":
      return `everything in ${scope.id}`;
    case "workflow":
      return `workflow ${scope.id}`;
    case "agent":
      return `agent ${scope.id}`;
    case "task":
      return `task ${scope.id}`;
    case "group":
      return `everybody named ${scope.id}, in all workflows`;
  }
}

/** One sentence on where a signal stands. */
export function countWords(counts: StopCounts, action = "stop"): string {
  if (counts.targets === 0) return NOBODY[action] ?? "no agent was running in its scope";
  const parts = [
    `acknowledged ${counts.acknowledged}/${counts.targets}`,
    `verified ${counts.verified}/${counts.targets}`,
  ];
  if (counts.unconfirmed > 0) parts.push(`unconfirmed ${counts.unconfirmed}`);
  if (counts.violated > 0) parts.push(`VIOLATED ${counts.violated}`);
  return parts.join(" · ");
}

/** The last part of an id under which people know a person or an agent. */
export function shortId(uri: string): string {
  return uri.split("/").at(-1) ?? uri;
}
