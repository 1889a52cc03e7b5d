import type { OverrideClaimsInput, OverrideScope } from "../protocol/override/claims.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import type { Operator } from "./session.ts";

export interface SignalInput {
  readonly operator: Operator;
  readonly scope: OverrideScope;
  /** 1 to 2,000 characters. */
  readonly reason: string;
  /** Epoch seconds of the last confirmation of presence. */
  readonly authTime: number;
  /** Wall clock, epoch ms. */
  readonly nowMs: number;
}

/** Delivery window, seconds: the longest the level allows (override.md section b). */
const EMERGENCY_LIFETIME_S = 300;
export const STOP_DEADLINE_MS = 1000;

/** The roles that may stop, the most usual first; whether somebody holds one is the engine's to say (COM-18). */
export const STOPPING = ["operator", "duty_manager", "safety_officer", "approver"] as const;

export const roleFor = ({ roles }: Operator, may: readonly string[]): string =>
  may.find((role) => roles.includes(role)) ?? "operator";

let lastSeq = 0;

/** Grows with every signal of this tab, and over reloads and tabs as the clock does (claim `seq`). */
function nextSeq(nowMs: number): number {
  lastSeq = Math.max(lastSeq + 1, nowMs);
  return lastSeq;
}

/** Claims of an immediate emergency stop (override.md sections a and b). The effect lasts until it is released. */
export function stopClaims(input: SignalInput): OverrideClaimsInput {
  return {
    ...signalClaims(input, EMERGENCY_LIFETIME_S, roleFor(input.operator, STOPPING)),
    level: "emergency",
    action: "stop",
    params: { mode: "immediate" },
    deadline_ms: STOP_DEADLINE_MS,
    on_no_ack: "isolate",
  };
}

/** What every signal states, whatever it orders. */
export function signalClaims(
  { operator, scope, reason, authTime, nowMs }: SignalInput,
  lifetimeS: number,
  role: string,
): Omit<OverrideClaimsInput, "level" | "action" | "params" | "deadline_ms"> {
  return {
    ...commonClaims({ iss: operator.subject, aud: audienceOf(operator, scope), lifetimeS, nowMs }),
    ovr_ver: 1,
    scope: { ...scope },
    seq: nextSeq(nowMs),
    reason,
    auth_time: authTime,
    amr: [...OPERATOR_AMR],
    role,
  };
}

/** The enforcement point always; the agents in scope by name or all of the domain. */
function audienceOf(operator: Operator, scope: OverrideScope): string[] {
  return scope.kind === "agent" ? [scope.id, operator.pepId] : [`*@${operator.domain}`, operator.pepId];
}
