import type { SignalboxClient } from "../../api/client/client.ts";
import type { Json } from "../../base/json.ts";
import { commonClaims, OPERATOR_AMR } from "../../operator/claims.ts";
import type { OperatorSession } from "../../operator/session.ts";
import { checkRequest } from "./clear-signing.ts";
import { DECISION_LIFETIME_S, decisionClaims, exercisedRole, type Outcome } from "./decision.ts";
import type { GateDetail } from "./gate-detail.ts";
import { viewDigest } from "./shown-view.ts";

/** A decision that the host has recorded. */
export interface Decided {
  readonly request: string;
  readonly outcome: Outcome;
  readonly action: string;
  readonly seq: number;
  /** It still needs other people. */
  readonly waits: boolean;
}

export interface DecisionToSend {
  readonly client: SignalboxClient;
  readonly session: Pick<OperatorSession, "store" | "sign">;
  /** Who gave it: nobody else signs it, should they be signed in by then. */
  readonly by: string | null;
  readonly detail: GateDetail;
  readonly token: string | undefined;
  readonly outcome: Outcome;
  readonly reason: string;
  /** What was shown when it was given (C1), and when, epoch ms. */
  readonly view: Json;
  readonly shownAtMs: number;
}

/**
 * Signs and gives a decision about exactly the request shown. The checks are made once more on the very data that is signed
 * for, so that nothing can change between the look and the signature.
 */
export async function sendDecision(given: DecisionToSend): Promise<Decided> {
  const { client, session, detail, outcome } = given;
  if (outcome === "approve") await assertUnchanged(detail, given.token);
  const { operator, authTime } = session.store.getState();
  if (operator === null || given.by === null) throw new Error("Nobody is signed in.");
  if (operator.subject !== given.by) throw new Error("Somebody else is signed in than who gave this decision.");
  const { subject, logId, pepId } = operator;
  const claims = decisionClaims({
    common: commonClaims({ iss: subject, aud: [detail.claims.iss, logId, pepId], lifetimeS: DECISION_LIFETIME_S }),
    detail,
    outcome,
    role: exercisedRole(detail.row, operator.roles) ?? detail.claims.role,
    reason: given.reason,
    authTime,
    amr: OPERATOR_AMR,
    view: { hash: await viewDigest(given.view), shown_at: Math.floor(given.shownAtMs / 1000) },
  });
  const answer = await client.gate.decide({ token: await session.sign("hitl-decision+jwt", claims) });
  return {
    request: answer.request,
    outcome,
    action: detail.claims.task.exec_act,
    seq: answer.seq,
    waits: answer.state === "pending",
  };
}

async function assertUnchanged(detail: GateDetail, token: string | undefined): Promise<void> {
  const checks = token === undefined ? [] : await checkRequest(detail, token);
  const failed = checks.find((check) => !check.passed);
  if (token === undefined || failed !== undefined)
    throw new Error(
      failed === undefined ? "The request's token is not there yet." : `${failed.label}: ${failed.detail}.`,
    );
}
