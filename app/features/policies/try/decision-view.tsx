import type { ActionDecision, Effect } from "../../../api/contract/policy.ts";
import { formatDuration } from "../../../ui/duration.ts";
import { Mark, type MarkShape, type MarkTone } from "../../../ui/mark.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { word } from "../words.ts";

/** Colour only where the action does not simply go ahead. */
export const EFFECT_LOOK: Readonly<
  Record<Effect, { readonly shape: MarkShape; readonly tone: MarkTone; readonly label: string }>
> = {
  allow: { shape: "dot", tone: "good", label: "allowed" },
  gate: { shape: "diamond", tone: "notice", label: "waits for a human" },
  refuse: { shape: "triangle", tone: "warning", label: "refused" },
  abort: { shape: "cross", tone: "critical", label: "aborted" },
};

const STEP_WORDS = { action: "Action", constraint: "Limit", rule: "Rule" } as const;
const RESULT_LOOK: Readonly<
  Record<
    ActionDecision["reasons"][number]["result"],
    { readonly shape: MarkShape; readonly tone: MarkTone; readonly label: string }
  >
> = {
  passed: { shape: "dot", tone: "good", label: "passed" },
  failed: { shape: "cross", tone: "warning", label: "failed" },
  matched: { shape: "diamond", tone: "notice", label: "matches" },
  not_matched: { shape: "ring", tone: "neutral", label: "does not match" },
};

export function askedWords(roles: readonly { readonly role: string; readonly approvals: number }[]): string {
  return roles.map(({ role, approvals }) => `${approvals} × “${word(role)}”`).join(" and ");
}

/** What would happen, and every reason in the order of evaluation (ACP-20). */
export function DecisionView({ decision }: { readonly decision: ActionDecision }) {
  return (
    <section aria-label="Decision" className="flex flex-col gap-2">
      <p role="status" className="flex flex-wrap items-center gap-x-3 text-base">
        <Mark {...EFFECT_LOOK[decision.effect]} size={14} />
        <span className="text-sm text-muted">{consequence(decision)}</span>
      </p>
      <ol aria-label="Reasons" className="border border-line">
        {decision.reasons.map((reason) => (
          <li
            key={`${reason.step} ${reason.subject} ${reason.detail}`}
            className="grid grid-cols-[4rem_9rem_minmax(0,1fr)] items-start gap-x-3 border-b border-line px-2 py-1 last:border-b-0"
          >
            <span className="text-muted">{STEP_WORDS[reason.step]}</span>
            <Mark {...RESULT_LOOK[reason.result]} />
            <span className="font-mono text-xs leading-5 [overflow-wrap:anywhere]">{word(reason.subject)}</span>
            <span className="col-span-2 col-start-2">
              <UntrustedText text={reason.detail} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function consequence({ effect, code, constraint, roles, timeoutS, node, strongest }: ActionDecision): string {
  const at = node === null ? "" : ` at node ${word(node)}`;
  switch (effect) {
    case "allow":
      return `It goes ahead${at}${strongest === "notify" ? ", and somebody is told" : ""}.`;
    case "gate":
      return `${strongest === "pause" ? "Its agent is paused. " : ""}Needs ${askedWords(roles)} within ${formatDuration((timeoutS ?? 0) * 1000)}.`;
    case "refuse":
      return `${code ?? ""}${constraint === null ? "" : `: ${constraint}`}${at}`;
    case "abort":
      return `${code ?? ""}${at}`;
  }
}
