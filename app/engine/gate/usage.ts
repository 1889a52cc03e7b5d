import { Decimal } from "decimal.js";
import {
  type DecisionContext,
  type IntendedAction,
  NO_USAGE,
  type NodeUsage,
} from "../../protocol/acp/decide-action.ts";
import type { IntentClaims } from "../../protocol/ect/claims.ts";
import { type KnownConduct, NOTHING_KNOWN } from "../behavior/effects.ts";
import type { PolicyUsage, WorkflowState } from "../state.ts";

/** Of the `rate_per_min` limit. */
const RATE_WINDOW_S = 60;

/** What a node has used up before now, from the permissions in the log (ACP P2 step 2). */
export function usageOf(workflow: WorkflowState, nodeId: string, nowS: number): NodeUsage {
  const used = workflow.usage.get(nodeId);
  if (used === undefined) return NO_USAGE;
  return {
    calls: used.calls,
    callsLastMinute: used.recent.reduce((sum, [at, calls]) => sum + (at > nowS - RATE_WINDOW_S ? calls : 0), 0),
    cost: used.cost,
    tokens: used.tokens,
    durationS: used.durationS,
  };
}

/** Counts a permission: what the action needs is used up from then on, whatever becomes of it. */
export function countPermission(
  workflow: WorkflowState,
  nodeId: string,
  needs: IntentClaims["needs"],
  atS: number,
): void {
  const used: PolicyUsage = workflow.usage.get(nodeId) ?? { calls: 0, recent: [], cost: {}, tokens: 0, durationS: 0 };
  workflow.usage.set(nodeId, used);
  used.calls += 1;
  const last = used.recent.at(-1);
  if (last?.[0] === atS) last[1] += 1;
  else used.recent = [...used.recent.filter(([at]) => at > atS - RATE_WINDOW_S), [atS, 1]];
  used.tokens += needs?.tokens ?? 0;
  used.durationS += needs?.duration_s ?? 0;
  const cost = needs?.cost;
  if (cost !== undefined)
    used.cost = {
      ...used.cost,
      [cost.currency]: new Decimal(used.cost[cost.currency] ?? "0").plus(cost.amount).toFixed(),
    };
}

/** What an intent says it will do and touch, as P2 reads it; what it does not state is not known. */
export function intendedAction(claims: Pick<IntentClaims, "iss" | "exec_act" | "target" | "needs">): IntendedAction {
  const { needs } = claims;
  const resources =
    needs?.resources === undefined && claims.target === undefined
      ? null
      : [...(claims.target === undefined ? [] : [claims.target]), ...(needs?.resources ?? [])];
  return {
    agent: claims.iss,
    execAct: claims.exec_act,
    resources,
    dataClasses: needs?.data_classes ?? null,
    protocol: needs?.protocol ?? null,
    domains: needs?.domains ?? null,
    cost: needs?.cost ?? null,
    tokens: needs?.tokens ?? null,
    durationS: needs?.duration_s ?? null,
    // Checkpoints are not kept by this engine yet: none covers anything.
    checkpoint: null,
  };
}

/**
 * What this engine knows at the moment of deciding, with the states of the breakers on the action's path where they are
 * given, and how the agent behaves. Votes are not known here yet: null.
 */
export function decisionContext(
  claims: Pick<IntentClaims, "needs">,
  nowS: number,
  breakers: DecisionContext["breakers"] = null,
  conduct: KnownConduct = NOTHING_KNOWN,
): DecisionContext {
  return {
    nowS,
    risk: null,
    confidence: claims.needs?.confidence ?? null,
    trust: conduct.trust,
    // An agent's signed tokens in a log with signed heads (ect.md, levels).
    level: 3,
    verdict: conduct.verdict,
    breakers,
    consensus: null,
  };
}
