import type { Connection } from "../../api/client/connection.ts";
import { visibleText } from "../../ui/visible-text.ts";
import type { SigningCheck } from "./clear-signing.ts";
import { exercisedRole, PRESENCE_MAX_AGE_S } from "./decision.ts";
import { asksTouch } from "./friction.ts";
import type { GateDetail } from "./gate-detail.ts";

export interface GuardInput {
  readonly detail: GateDetail;
  /** Why nothing can be done, where the past is shown. */
  readonly past?: string | null;
  /** Ms left by the page's count. */
  readonly leftMs: number | null;
  readonly connection: Connection["state"];
  readonly operator: {
    readonly status: "loading" | "none" | "ready" | "failed";
    readonly subject: string | null;
    /** Empty where they are not known. */
    readonly roles: readonly string[];
  };
  /** Seconds since the operator last authenticated. */
  readonly presenceAgeS: number;
  /** Null while they are being recomputed. */
  readonly checks: readonly SigningCheck[] | null;
}

/** Why a decision cannot be given now; null when it can. `presence` asks them to authenticate again first. */
export interface DecisionGuard {
  /** Why nothing at all can be decided. */
  readonly any: string | null;
  readonly approve: string | null;
  readonly modify: string | null;
  /** By one person in place of several. */
  readonly alone: string | null;
  readonly reject: string | null;
  readonly abort: string | null;
  readonly escalate: string | null;
  readonly presence: boolean;
}

/** What stands between the operator and each decision (L1, P3, F4). Only approving needs the checks: all else is the safe side. */
export function decisionGuard(input: GuardInput): DecisionGuard {
  const either = blocksEither(input);
  const presence = either === null && input.presenceAgeS > PRESENCE_MAX_AGE_S;
  const due = presence ? "Authenticate again first." : null;
  // Where the approval itself asks for its person there is nothing to ask before.
  const approvalDue = asksTouch("approve", input.detail.claims.consequence) ? null : due;
  const checked = blocksApproval(input.checks);
  return {
    any: either,
    approve: either ?? approvalDue ?? offered(input.detail, "approve") ?? checked,
    modify: either ?? approvalDue ?? offered(input.detail, "modify") ?? checked,
    // It asks for its person itself.
    alone: either ?? offered(input.detail, "approve") ?? checked,
    reject: either ?? due ?? offered(input.detail, "reject"),
    abort: either ?? due,
    escalate: either ?? due ?? (input.detail.row.escalatesTo === null ? "There is nobody left to escalate to." : null),
    presence,
  };
}

function blocksEither({ detail, past = null, leftMs, connection, operator }: GuardInput): string | null {
  if (past !== null) return past;
  if (detail.row.state !== "pending") return "This request is settled.";
  if (leftMs !== null && leftMs <= 0) return "The time is over.";
  if (connection === "lost" || connection === "failed") return "No connection to the engine: what is shown may be old.";
  if (operator.status === "loading") return "Your key is being loaded.";
  if (operator.status !== "ready" || operator.subject === null) return "Sign in to decide.";
  const own = detail.decisions.find(({ claims }) => claims.iss === operator.subject);
  if (own !== undefined)
    return own.claims.outcome === "escalate"
      ? "You escalated it: another person decides."
      : "You decided already; it takes another person as well.";
  if (exercisedRole(detail.row, operator.roles) === null)
    return `It asks for ${rolesAsked(detail)}; you are ${operator.roles.map(visibleText).join(", ")}.`;
  return null;
}

function rolesAsked({ row }: GateDetail): string {
  const missing = row.roles.filter((one) => one.given < one.required).map((one) => one.role);
  return [...missing, ...row.escalated].map(visibleText).join(" or ");
}

function offered(detail: GateDetail, option: "approve" | "modify" | "reject"): string | null {
  return detail.claims.options.includes(option) ? null : `The request does not offer to ${option}.`;
}

function blocksApproval(checks: readonly SigningCheck[] | null): string | null {
  if (checks === null) return "Checking what you would sign for …";
  const failed = checks.find((check) => !check.passed);
  return failed === undefined ? null : `${failed.label}: ${failed.detail}.`;
}
