import { visibleText } from "../../ui/visible-text.ts";
import { type DecisionTerms, type Outcome, PLAIN } from "./decision.ts";
import type { GateDetail } from "./gate-detail.ts";
import { ESCALATION } from "./more-decisions.tsx";
import { shortName } from "./names.ts";

/** What exactly is decided and what comes of it, in one sentence (F1); names in it are an agent's. */
export function decisionSentence(detail: GateDetail, outcome: Outcome, terms: DecisionTerms = PLAIN): string {
  const { claims, follows, row } = detail;
  const target = claims.task.target === undefined ? "" : ` on ${visibleText(claims.task.target)}`;
  const what = `${visibleText(claims.task.exec_act)}${target} by ${visibleText(shortName(claims.iss))}`;
  if (outcome === "reject") return `Reject ${what}: it will not run.`;
  if (outcome === "abort") return `Abort ${what}: it will not run, and its task ends as aborted.`;
  if (outcome === "escalate") return `Escalate ${what} to ${visibleText(row.escalatesTo ?? "nobody")}. ${ESCALATION}`;
  const after = follows.all === 0 ? "" : ` ${follows.all} ${follows.all === 1 ? "task follows" : "tasks follow"}.`;
  const how =
    outcome === "modify"
      ? " with the changed arguments, once"
      : terms.alone
        ? ", once, alone in place of several people"
        : ", once";
  const review = terms.alone ? " Somebody else reviews that within 24 h." : "";
  const lasting = claims.consequence === "irreversible" ? " It cannot be undone." : "";
  return `${outcome === "modify" ? "Approve less:" : "Approve"} ${what}${how}.${lasting}${after}${review}`;
}
