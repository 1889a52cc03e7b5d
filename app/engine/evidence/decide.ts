import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { tokenDraft } from "../records.ts";
import type { State } from "../state.ts";

/** XA-33: a person asks for an evidence pack. Whoever may look at the log may take it to an auditor; that they did is logged. */
export function decideEvidenceRequest(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"evidence-request+jwt">,
): Result<Draft[], Refusal> {
  const { iss, selection } = fact.claims;
  if (!isHuman(iss))
    return err(refusal("evidence_unauthorized", "evidence is asked for by a person", { claim: "iss" }));
  // Another domain's log has the records of a workflow and not the workflow: its host has looked for them.
  const isFromOutside = state.keys.get(token.key.kid)?.use === "query";
  if (selection.kind === "workflow" && !isFromOutside && !state.workflows.has(selection.wid))
    return err(refusal("workflow_unknown", "no such workflow in this log", { claim: "selection" }));
  return ok([tokenDraft(token, fact)]);
}
