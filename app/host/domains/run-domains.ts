import type { RunPlan } from "../../engine/workflow/plan.ts";
import { domainNameSchema } from "../../protocol/audit/stitch-claims.ts";

/** The member of a recorded task that says in which trust domain its agent lives [ours]. */
const DOMAIN_ATTRIBUTE = "org.signalbox.domain";
/** More would be as many logs: nothing of such a run is let through. */
export const MOST_DOMAINS = 16;

/** What a run has to do with other domains: by task index its domain, and the crossings before each task. */
export interface RunDomains {
  readonly names: readonly string[];
  /** Null where its agent lives in the console's own domain. */
  readonly of: readonly (string | null)[];
  /** By task index, the tasks before it that are of its own domain; those of the console's own domain are seen through. */
  readonly local: readonly (readonly number[])[];
  /** By task index, by which crossings it gets what it rests on from others. */
  readonly crossings: readonly (readonly PlannedCrossing[])[];
}

/** One domain's last tasks before a task of another: several tasks that rest on the same ones share it. */
export interface PlannedCrossing {
  readonly from: string;
  readonly to: string;
  readonly last: readonly number[];
}

/** Null for a run that names no domain beside the console's own (`home`): then nothing of this concerns it. */
export function domainsOfRun(plan: RunPlan, home: string): RunDomains | null {
  const byAgent = new Map<number, string>();
  for (const [at, { attributes }] of plan.tasks.entries()) {
    const named = domainNameSchema.safeParse(attributes[DOMAIN_ATTRIBUTE]);
    const agent = plan.agentIndex[at] ?? -1;
    // An agent lives in one domain: the first that is named for it.
    if (named.success && !byAgent.has(agent)) byAgent.set(agent, named.data);
  }
  // Who is named as of the console's own domain lives in its log already: no other host is opened over that.
  for (const [agent, name] of byAgent) if (name === home) byAgent.delete(agent);
  const names = [...new Set(byAgent.values())].toSorted();
  if (names.length === 0) return null;
  const of = plan.tasks.map((_, at) => byAgent.get(plan.agentIndex[at] ?? -1) ?? null);
  const before = throughHome(plan, of);
  return {
    names,
    of,
    local: before.map((list, at) => list.filter((index) => of[index] === of[at])),
    crossings: before.map((list, at) => {
      const to = of[at];
      if (to === null || to === undefined) return [];
      const foreign = [...new Set(list.map((index) => of[index]))].filter((name) => name !== to);
      return foreign.flatMap((from) =>
        from === null || from === undefined
          ? []
          : [{ from, to, last: list.filter((index) => of[index] === from).toSorted((a, b) => a - b) }],
      );
    }),
  };
}

/**
 * What each task rests on, in the domains that are named: a task of the console's own domain leaves no trail there, so
 * that whoever rests on it rests on what it rests on itself. No border is got round by a step in between.
 */
function throughHome(plan: RunPlan, of: readonly (string | null)[]): number[][] {
  const before: number[][] = plan.tasks.map(() => []);
  for (const at of plan.order) {
    const caller = plan.caller[at] ?? -1;
    const direct = [...(plan.parents[at] ?? []), ...(caller < 0 ? [] : [caller])];
    before[at] = [...new Set(direct.flatMap((index) => (of[index] === null ? (before[index] ?? []) : [index])))];
  }
  return before;
}

/** Which crossing of a run it is: several tasks that rest on the same ones share it. */
export function plannedKey({ from, to, last }: PlannedCrossing): string {
  return `${from} ${to} ${last.join(" ")}`;
}
