import type { Connection } from "../../../api/client/connection.ts";
import type { SigningCheck } from "../clear-signing.ts";
import { decisionGuard, type GuardInput } from "../decision-guard.ts";
import type { GateDetail } from "../gate-detail.ts";
import { namesKnown, type RequestFlag, requestFlags } from "../request-flags.ts";

/** A request of the group with everything a decision about it rests on. */
export interface BatchMember {
  readonly detail: GateDetail;
  readonly token: string;
  readonly checks: readonly SigningCheck[];
}

export interface BatchContext {
  readonly connection: Connection["state"];
  readonly operator: GuardInput["operator"];
  readonly presenceAgeS: number;
}

/** Why a member is not decided with the others; null where it is. It then waits to be read by itself. */
export function leftOut(member: BatchMember, context: BatchContext): string | null {
  const { detail, checks } = member;
  if (detail.claims.consequence === "irreversible") return "it cannot be undone";
  if (detail.row.commitFirst) return "you say what you think of it before you read its agent's words";
  const guard = decisionGuard({ ...context, detail, checks, leftMs: detail.row.remainingMs });
  // Presence is asked for once, for all of them.
  if (guard.approve !== null && !guard.presence) return guard.approve;
  const flags: readonly RequestFlag[] = requestFlags(detail, namesKnown(detail));
  return flags.length > 0 ? "something in it has to be read twice" : null;
}
