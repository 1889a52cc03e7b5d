import type { SignalboxClient } from "../../api/client/client.ts";
import type { Json } from "../../base/json.ts";
import { commonClaims, OPERATOR_AMR } from "../../operator/claims.ts";
import type { Operator, OperatorSession } from "../../operator/session.ts";
import { challengeText, type Touch } from "../../protocol/acp/touch.ts";
import { objectNode } from "../../protocol/ect/object-node.ts";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { webTokenDigest } from "../../protocol/jose/web-digest.ts";
import { checkRequest } from "./clear-signing.ts";
import {
  DECISION_LIFETIME_S,
  type DecisionTerms,
  decisionClaims,
  exercisedRole,
  isApproval,
  type Outcome,
} from "./decision.ts";
import { decisionSentence } from "./decision-sentence.ts";
import { asksTouch } from "./friction.ts";
import type { GateDetail } from "./gate-detail.ts";
import type { Less } from "./less/less.ts";
import { sha256Text, viewDigest } from "./shown-view.ts";

/** A decision that the host has recorded. */
export interface Decided {
  readonly request: string;
  /** Who decided. */
  readonly by: string;
  readonly outcome: Outcome;
  readonly action: string;
  readonly seq: number;
  /** It still needs other people. */
  readonly waits: boolean;
}

export interface DecisionToSend {
  readonly client: SignalboxClient;
  readonly session: Pick<OperatorSession, "store" | "sign" | "confirm">;
  /** Who gave it: nobody else signs it, should they be signed in by then. */
  readonly by: string | null;
  readonly detail: GateDetail;
  readonly token: string | undefined;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly terms: DecisionTerms;
  /** What was shown when it was given (C1), and when, epoch ms. */
  readonly view: Json;
  readonly shownAtMs: number;
}

/**
 * Signs and gives a decision about exactly the request shown. The checks are made once more on the very data that is signed
 * for, so that nothing can change between the look and the signature. What cannot be undone is approved only after its person
 * authenticated for exactly this (F2, ACP-51).
 */
export async function sendDecision(given: DecisionToSend): Promise<Decided> {
  const { client, session, detail, outcome, terms } = given;
  if (isApproval(outcome)) await assertUnchanged(detail, given.token);
  if (terms.less !== null) await assertShown(terms.less);
  signedInAs(given);
  const viewHash = await viewDigest(given.view);
  const asks = terms.alone || asksTouch(outcome, detail.claims.consequence);
  const touch = asks ? await touchFor(given, viewHash) : null;
  const { operator, authTime } = signedInAs(given);
  const { subject, logId, pepId } = operator;
  const claims = decisionClaims({
    common: commonClaims({ iss: subject, aud: [detail.claims.iss, logId, pepId], lifetimeS: DECISION_LIFETIME_S }),
    detail,
    outcome,
    role: exercisedRole(detail.row, operator.roles) ?? detail.claims.role,
    reason: given.reason,
    authTime,
    amr: OPERATOR_AMR,
    view: { hash: viewHash, shown_at: Math.floor(given.shownAtMs / 1000) },
    touch,
    terms,
  });
  const token = await session.sign("hitl-decision+jwt", claims);
  const object = { typ: "hitl-decision+jwt", jti: claims.jti, hash: await webTokenDigest(token), iss: subject };
  const node = objectNode(
    { ...object, wid: claims.wid },
    {
      execAct: "hitl_decision",
      outcome,
      aud: [logId, pepId],
      pred: detail.node === null ? [] : [detail.node],
      iat: claims.iat,
    },
  );
  const answer = await client.gate.decide({
    token,
    node: await session.sign("exec+jwt", node),
    // Plain JSON, which a message to the host takes as it is.
    view: given.view as NonNullable<Parameters<SignalboxClient["gate"]["decide"]>[0]["view"]>,
  });
  return {
    request: answer.request,
    by: subject,
    outcome,
    action: detail.claims.task.exec_act,
    seq: answer.seq,
    waits: answer.state === "pending",
  };
}

/** Whoever gave the decision, who is still the one signed in. */
function signedInAs({ session, by }: DecisionToSend): { readonly operator: Operator; readonly authTime: number } {
  const { operator, authTime } = session.store.getState();
  if (operator === null || by === null) throw new Error("Nobody is signed in.");
  if (operator.subject !== by) throw new Error("Somebody else is signed in than who gave this decision.");
  return { operator, authTime };
}

/** Has the person touch for this request in this version, this outcome, these arguments and this view, and nothing else. */
async function touchFor({ session, detail, outcome, terms }: DecisionToSend, viewHash: string): Promise<Touch> {
  const request = { jti: detail.claims.jti, hash: detail.digest };
  const challenge = await sha256Text(challengeText({ request, outcome, viewHash, argsHash: terms.less?.argsHash }));
  return session.confirm({ challenge, what: decisionSentence(detail, outcome, terms) });
}

/** The arguments that are signed for are those whose text and digest were shown. */
async function assertShown({ args, argsHash, canonicalArgs }: Less): Promise<void> {
  const text = canonicalText(args);
  if (!text.ok || text.value !== canonicalArgs || (await sha256Text(canonicalArgs)) !== argsHash)
    throw new Error("The changed arguments are not those that were shown.");
}

async function assertUnchanged(detail: GateDetail, token: string | undefined): Promise<void> {
  const checks = token === undefined ? [] : await checkRequest(detail, token);
  const failed = checks.find((check) => !check.passed);
  if (token === undefined || failed !== undefined)
    throw new Error(
      failed === undefined ? "The request's token is not there yet." : `${failed.label}: ${failed.detail}.`,
    );
}
