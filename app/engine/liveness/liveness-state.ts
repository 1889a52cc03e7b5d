import { DEFAULT_PLAN, type LinkLossPlan } from "../../protocol/liveness/terms.ts";

/** What is asked of an agent's link and of the people who let it run, and how both stand. */
export interface AgentLiveness {
  agent: string;
  wid: string;
  plan: LinkLossPlan;
  /** A start has declared the plan; otherwise it is what holds for every agent. */
  declared: boolean;
  lease: LeaseState | null;
  /** Null while the agent is heard of. */
  link: LinkLoss | null;
  /** When it was heard of again after the last loss, for how long it was away, and what was done about it meanwhile. */
  returned: { at: number; awayS: number; stage: LinkStage; seq: number } | null;
}

/** A lease (L5): the agent begins nothing after `until`. Times are epoch seconds. */
export interface LeaseState {
  /** Of the `lease+jwt` or of the `run_start` that gave it. */
  jti: string;
  by: string;
  at: number;
  until: number;
  durationS: number;
  /** It ran out, and the log says so. */
  lapsed: boolean;
  /** Tasks that were under way then, which may end (OVR-27). */
  finishing: Set<string>;
  seq: number;
}

/** How far the loss of an agent's channel has gone (O4): nothing irreversible, nothing with a consequence, its plan. */
export const LINK_STAGES = ["degraded", "restricted", "planned"] as const;
export type LinkStage = (typeof LINK_STAGES)[number];

export interface LinkLoss {
  stage: LinkStage;
  /** Epoch seconds: when it was heard of last, and when the stage began. */
  heardAt: number;
  at: number;
  /** Tasks that were under way when its plan held it, which may end. */
  finishing: Set<string>;
  seq: number;
}

/** Of an agent, also where nothing was declared for it. */
export function livenessOf(
  state: { readonly liveness: ReadonlyMap<string, AgentLiveness> },
  agent: string,
): Pick<AgentLiveness, "plan" | "declared" | "lease" | "link" | "returned"> {
  return state.liveness.get(agent) ?? NOTHING_DECLARED;
}

const NOTHING_DECLARED = { plan: DEFAULT_PLAN, declared: false, lease: null, link: null, returned: null };
