import type { OverrideClaimsInput } from "../protocol/override/claims.ts";
import type { OverrideCosignClaims } from "../protocol/override/cosign.ts";
import type { ModifyParams, RollbackParams } from "../protocol/override/params.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import { roleFor, type SignalInput, STOPPING, signalClaims } from "./override-signal.ts";

/** Every signal but the emergency stop, which alone is there from the first screen on. */

/** Delivery windows, seconds: the longest the levels allow (override.md section b). */
const MANDATORY_LIFETIME_S = 3600;
const COSIGN_LIFETIME_S = 600;
const MANDATORY_DEADLINE_MS = 10_000;
const ADVISORY_DEADLINE_MS = 60_000;

/** The roles that may release or order, the most usual first. */
const RELEASING = ["operator", "duty_manager"] as const;

/** Claims of a stop to a safe point: what is under way may end, and at `graceMs` it becomes immediate by itself (S10). */
export function orderlyStopClaims(input: SignalInput & { readonly graceMs: number }): OverrideClaimsInput {
  return {
    ...signalClaims(input, MANDATORY_LIFETIME_S, roleFor(input.operator, STOPPING)),
    level: "mandatory",
    action: "stop",
    params: { mode: "orderly", grace_ms: input.graceMs },
    deadline_ms: MANDATORY_DEADLINE_MS,
  };
}

/** Claims of the release of a latched stop: it permits a restart and causes none (S4). `of` is the stop's jti. */
export function releaseClaims(input: SignalInput & { readonly of: string }): OverrideClaimsInput {
  return {
    ...signalClaims(input, MANDATORY_LIFETIME_S, roleFor(input.operator, RELEASING)),
    level: "mandatory",
    action: "release",
    params: { of: input.of },
    deadline_ms: MANDATORY_DEADLINE_MS,
  };
}

interface OrderInput extends SignalInput {
  /** Epoch seconds at which the effect ends by itself; absent lasts until it is ended. */
  readonly effectUntil?: number;
  /** 0 to 9; a signal of a lower one cannot undo it. */
  readonly priority?: number;
  /** A signal of the same kind and scope that this one takes the place of. */
  readonly supersedes?: string;
}

/** Claims of a pause: `now` suspends what is under way, `after_task` lets it end (override.md section c). */
export function pauseClaims(input: OrderInput & { readonly mode: "now" | "after_task" }): OverrideClaimsInput {
  return orderClaims(input, "pause", { mode: input.mode, keep_state: true });
}

/** Claims of the end of one pause: whatever else holds its agents goes on holding them (S13). */
export function resumeClaims(
  input: SignalInput & { readonly of: string; readonly priority?: number },
): OverrideClaimsInput {
  return orderClaims(input, "resume", { of: input.of });
}

/** Claims of a change of limits: only narrower, or, with a second operator's signature, within what was delegated. */
export function modifyClaims(
  input: OrderInput & { readonly set: ModifyParams["set"]; readonly onlyNarrow: boolean },
): OverrideClaimsInput {
  // A limit that is not set is no member of what is signed.
  const set = Object.fromEntries(
    Object.entries(input.set).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
  return orderClaims(input, "modify", { set, only_narrow: input.onlyNarrow });
}

/** Claims of advice, which an agent may refuse with a reason (OVR-10); `text` is never an instruction to it (OVR-S8). */
export function adviseClaims(input: OrderInput & { readonly text: string }): OverrideClaimsInput {
  return {
    ...orderClaims(input, "advise", { text: input.text }),
    level: "advisory",
    deadline_ms: ADVISORY_DEADLINE_MS,
  };
}

/** Claims of a takeover, which needs a second operator's signature and ends by itself (OVR-S4, OVR-22). */
export function takeoverClaims(input: OrderInput & { readonly effectUntil: number }): OverrideClaimsInput {
  return orderClaims(input, "takeover", {});
}

/**
 * Claims of a rollback of one workflow, which needs a second operator's signature. `planHash` is of the plan that both were
 * shown: when something else would be done by then it is refused (`rollback_plan_changed`).
 */
export function rollbackClaims(
  input: Omit<OrderInput, "scope" | "effectUntil" | "supersedes"> & {
    readonly wid: string;
    readonly target: RollbackParams["target"];
    readonly keepTarget: boolean;
    readonly bestEffort: boolean;
    readonly planHash: string;
  },
): OverrideClaimsInput {
  const { wid, target, keepTarget, bestEffort, planHash, ...rest } = input;
  return orderClaims({ ...rest, scope: { kind: "workflow", id: wid } }, "rollback", {
    target: { ...target },
    ...(keepTarget ? { keep_target: true } : {}),
    best_effort: bestEffort,
    plan_hash: planHash,
  });
}

/** Claims by which an operator carries out one task of a taken over agent (OVR-30). `of` is the takeover. */
export function carryOutClaims(
  input: Omit<SignalInput, "scope"> & { readonly task: string; readonly of: string; readonly priority?: number },
): OverrideClaimsInput {
  const { task, ...rest } = input;
  return resumeClaims({ ...rest, scope: { kind: "task", id: task } });
}

/** Claims of a second operator's signature over a signal; `digest` is that of `signalDigest` over the signal's claims. */
export function cosignClaims(
  input: Omit<SignalInput, "scope" | "reason"> & { readonly signal: { readonly jti: string; readonly digest: string } },
): OverrideCosignClaims {
  const { operator, signal, authTime, nowMs } = input;
  return {
    ...commonClaims({ iss: operator.subject, aud: [operator.pepId], lifetimeS: COSIGN_LIFETIME_S, nowMs }),
    signal: { jti: signal.jti, hash: signal.digest },
    auth_time: authTime,
    amr: [...OPERATOR_AMR],
    role: roleFor(operator, RELEASING),
  };
}

function orderClaims(
  input: OrderInput,
  action: OverrideClaimsInput["action"],
  params: OverrideClaimsInput["params"],
): OverrideClaimsInput {
  return {
    ...signalClaims(input, MANDATORY_LIFETIME_S, roleFor(input.operator, RELEASING)),
    level: "mandatory",
    action,
    params,
    deadline_ms: MANDATORY_DEADLINE_MS,
    ...(input.effectUntil === undefined ? {} : { effect_until: input.effectUntil }),
    ...(input.priority === undefined ? {} : { priority: input.priority }),
    ...(input.supersedes === undefined ? {} : { supersedes: input.supersedes }),
  };
}
