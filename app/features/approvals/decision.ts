import type { HitlDecisionClaims } from "../../protocol/acp/claims.ts";
import type { Touch } from "../../protocol/acp/touch.ts";
import type { Commitment } from "./commit/commitments.ts";
import type { GateDetail } from "./gate-detail.ts";
import type { Less } from "./less/less.ts";

/** Oldest presence confirmation a decision may rest on, seconds; the engine refuses at 900, the page asks a little sooner. */
export const PRESENCE_MAX_AGE_S = 870;
/** How long an approval may wait to be used, seconds. */
export const DECISION_LIFETIME_S = 900;
/** Longest reason, characters (claims). */
export const REASON_MAX = 2000;

/**
 * What somebody may say of a request. `modify` approves less than was asked for; `abort` ends its task and says so; `escalate`
 * asks others besides, and is no approval.
 */
export type Outcome = "approve" | "modify" | "reject" | "abort" | "escalate";

/** Whether it lets something go on. */
export const isApproval = (outcome: Outcome): boolean => outcome === "approve" || outcome === "modify";

export interface DecisionInput {
  readonly common: {
    readonly iss: string;
    readonly aud: string | string[];
    readonly iat: number;
    readonly exp: number;
    readonly jti: string;
  };
  readonly detail: GateDetail;
  readonly outcome: Outcome;
  /** The role exercised. */
  readonly role: string;
  readonly reason: string;
  readonly authTime: number;
  readonly amr: readonly string[];
  readonly view: { readonly hash: string; readonly shown_at: number };
  /** That its person was there for exactly this, where that is asked (ACP-51). */
  readonly touch: Touch | null;
  readonly terms: DecisionTerms;
}

/** What an approval says besides yes. */
export interface DecisionTerms {
  /** What is approved in place of what was asked for (ACP-36). */
  readonly less: Less | null;
  /** One person in place of several (D6). */
  readonly alone: boolean;
  /** What they thought before they saw the agent's words (F6). */
  readonly committed: Commitment | null;
}

export const PLAIN: DecisionTerms = { less: null, alone: false, committed: null };

/** Claims of a `hitl-decision+jwt` for exactly the request shown: its digest, its action, inputs and arguments (ACP-11, C1). */
export function decisionClaims(input: DecisionInput): HitlDecisionClaims {
  const { claims, digest } = input.detail;
  const { less, alone, committed } = input.terms;
  const reason = input.reason.trim();
  return {
    ...input.common,
    wid: claims.wid,
    request: { jti: claims.jti, hash: digest },
    outcome: input.outcome,
    role: input.role,
    auth_time: input.authTime,
    amr: [...input.amr],
    ...(reason === "" ? {} : { reason }),
    bind: {
      exec_act: claims.task.exec_act,
      inp_hash: claims.task.inp_hash,
      ...(claims.task.args_hash === undefined ? {} : { args_hash: claims.task.args_hash }),
    },
    ...(less === null ? {} : { modified: { args_hash: less.argsHash, args: less.args } }),
    view: { ...input.view },
    ...(input.touch === null ? {} : { touch: input.touch }),
    ...(alone ? { break_glass: true as const } : {}),
    ...(committed === null ? {} : { committed: { outcome: committed.outcome, at: committed.at } }),
  };
}

/**
 * The role in which somebody decides: one that is still missing and that they hold, or else one that was escalated to (P3).
 * Null where they hold none of them; where their roles are not known the first that is missing, and the host judges.
 */
export function exercisedRole(row: GateDetail["row"], held: readonly string[]): string | null {
  const missing = row.roles.filter((one) => one.given < one.required).map((one) => one.role);
  const asked = [...missing, ...row.escalated];
  if (held.length === 0) return asked[0] ?? row.role;
  return asked.find((role) => held.includes(role)) ?? null;
}

/** Whether an approval asks for a second step, and whether a reason is needed for it. */
export function approvalSteps(detail: GateDetail): { readonly confirm: boolean; readonly reason: boolean } {
  const reason = detail.row.reasonRequired;
  return { confirm: reason || detail.claims.consequence === "irreversible", reason };
}
