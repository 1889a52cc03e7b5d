import type { BehaviorStateName } from "../protocol/behavior/result.ts";
import type { Priority } from "./notify-settings.ts";

/** An agent that does not behave as it is expected to (J5). */
export interface AlarmingAgent {
  readonly agent: string;
  /** From a recording: untrusted text. */
  readonly name: string;
  readonly state: Exclude<BehaviorStateName, "conformant" | "unverified">;
}

/** More than these are told by the banner alone (A4). */
const MAX_AGENTS = 3;
const TAG = "signalbox-agent-";
export const agentTag = (agent: string): string => `${TAG}${agent}`;
export const isAgentTag = (tag: string): boolean => tag.startsWith(TAG);

/** What is worse is news. Quarantine is what was done about the worst, and none after it. */
const WORSE: Readonly<Record<AlarmingAgent["state"], number>> = {
  stale: 1,
  drifting: 2,
  nonconformant: 3,
  quarantined: 3,
};

const priorityOf = ({ state }: AlarmingAgent): Priority =>
  state === "nonconformant" || state === "quarantined" ? "high" : "normal";

/** How things stand, as `NotifyInput` has it. */
interface Standing {
  readonly agents: readonly AlarmingAgent[] | null;
  readonly leads: boolean;
  readonly canShow: boolean;
  readonly muted: boolean;
  readonly inView: { readonly agents: boolean };
  readonly discreet: boolean;
}

/** What was dealt with, as `NotifyMemory` has it. */
interface Dealt {
  readonly agents: ReadonlyMap<string, AlarmingAgent["state"]> | null;
  readonly open: ReadonlySet<string>;
  readonly discreet: boolean;
}

interface AgentNotice {
  readonly tag: string;
  readonly about: { readonly kind: "agent"; readonly agent: AlarmingAgent };
  readonly priority: Priority;
  readonly alerts: boolean;
}

interface AgentsPlan {
  readonly known: Dealt["agents"];
  readonly open: readonly string[];
  readonly show: readonly AgentNotice[];
  readonly fresh: readonly Priority[];
}

/** A notice for an agent that became worse, until it is as it should be; the worst few where there are many. */
export function planAgents(memory: Dealt, input: Standing): AgentsPlan {
  const { agents, leads, canShow, muted, inView, discreet } = input;
  const before = memory.agents;
  if (agents === null) return { known: before, open: [...memory.open].filter(isAgentTag), show: [], fresh: [] };
  const known = new Map(agents.map(({ agent, state }) => [agent, state]));
  // What was so when the page was opened stands in the banner of every view; news is what comes after.
  if (before === null || !leads || inView.agents) return { known, open: [], show: [], fresh: [] };
  if (muted) {
    // Not forgotten: what is still so when the mute ends is news then.
    const kept = new Map([...before].filter(([agent]) => known.has(agent)));
    return { known: kept, open: [], show: [], fresh: [] };
  }
  const isNew = ({ agent, state }: AlarmingAgent): boolean => {
    const then = before.get(agent);
    return then === undefined || WORSE[state] > WORSE[then];
  };
  const fresh = agents.filter(isNew);
  const heard = fresh.map(priorityOf);
  if (!canShow) return { known, open: [], show: [], fresh: heard };
  const shown = agents.filter((one) => isNew(one) || memory.open.has(agentTag(one.agent))).slice(0, MAX_AGENTS);
  const reworded = memory.discreet !== discreet;
  const show = shown
    .filter((one) => before.get(one.agent) !== one.state || reworded)
    .map(
      (one): AgentNotice => ({
        tag: agentTag(one.agent),
        about: { kind: "agent", agent: one },
        priority: priorityOf(one),
        alerts: isNew(one),
      }),
    );
  return { known, open: shown.map(({ agent }) => agentTag(agent)), show, fresh: heard };
}
