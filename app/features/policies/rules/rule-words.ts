import type { AcpClaims, HitlRule, Trigger } from "../../../protocol/acp/claims.ts";
import { formatDuration } from "../../../ui/duration.ts";
import { listed, word } from "../words.ts";

const percent = (ratio: number): string => `${Math.round(ratio * 1000) / 10} %`;

/** Which actions a rule is about, as the beginning of a sentence. */
function triggerWords(trigger: Trigger): string {
  switch (trigger.kind) {
    case "always":
      return "Every action";
    case "action":
      return `Every ${listed(trigger.patterns, "or")}`;
    case "consequence":
      if (trigger.at_least === "none") return "Every action";
      return trigger.at_least === "irreversible"
        ? "What cannot be undone"
        : "What has a consequence, reversible or irreversible,";
    case "risk":
      return `An action of risk ${trigger.min} or more, or of unknown risk,`;
    case "confidence":
      return `An action of which its agent is less than ${percent(trigger.below)} sure, or does not say,`;
    case "limit":
      return `An action that brings ${trigger.constraint} to ${percent(trigger.ratio)} or more`;
    case "resource":
      return `An action that touches ${listed(trigger.patterns, "or")}, or does not say what it touches,`;
    case "domain":
      return "An action that reaches another trust domain";
    case "behavior":
      return `An action of an agent whose behaviour is ${listed(trigger.verdict_in, "or")}, or not known,`;
    case "cascade":
      return `An action behind a breaker that is ${listed(trigger.state_in, "or").replaceAll("_", " ")}, or not known,`;
    case "consensus":
      return `An action whose consensus is ${listed(trigger.outcome_in, "or").replaceAll("_", " ")}, or not known,`;
  }
}

const TIMEOUT_WORDS = {
  deny: "it is denied",
  abort: "the workflow is aborted",
  escalate: "it goes to the next role",
  allow: "it goes ahead",
} as const;

/** One rule in one sentence, from its members alone (ACP-6: trigger, role, action). */
export function ruleSentence(rule: HitlRule, hitl: AcpClaims["hitl"]): string {
  const about = triggerWords(rule.trigger);
  const role = `“${word(rule.role)}”`;
  if (rule.action === "abort") return `${about} is aborted; the role ${role} answers for it.`;
  if (rule.action === "notify") return `${about} goes ahead, and the role ${role} is told.`;
  const people =
    rule.approvals === 1 ? `one person of the role ${role}` : `${rule.approvals} people of the role ${role}`;
  const approve = `${people} ${rule.approvals === 1 ? "approves" : "approve"} it`;
  const wait = {
    approve: `waits until ${approve}`,
    escalate: `is escalated and waits until ${approve}`,
    pause: `pauses its agent until ${approve}`,
  }[rule.action];
  const reason = rule.reason_required ? ", with a reason" : "";
  const silence = TIMEOUT_WORDS[rule.on_timeout ?? hitl.default_on_timeout];
  const other = rule.distinct_from_requester ? "" : " The requester may be one of them.";
  return `${about} ${wait}${reason}; without an answer within ${formatDuration(rule.timeout_s * 1000)} ${silence}.${other}`;
}

/** Who is asked when nobody answers, in one sentence, or null. */
export function escalationSentence({ escalation }: AcpClaims["hitl"]): string | null {
  if (escalation === undefined || escalation.length === 0) return null;
  const steps = escalation.map(({ role, after_s }) => `after ${formatDuration(after_s * 1000)} “${word(role)}”`);
  return `Where nobody answers, others are asked: ${steps.join(", ")}.`;
}
