import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { formatDuration } from "../../../ui/duration.ts";
import { MarkIcon, type MarkShape, type MarkTone } from "../../../ui/mark.tsx";
import { word } from "../words.ts";
import { escalationSentence, ruleSentence } from "./rule-words.ts";

type RuleAction = AcpClaims["hitl"]["rules"][number]["action"];

const LOOK: Readonly<Record<RuleAction, { readonly shape: MarkShape; readonly tone: MarkTone }>> = {
  abort: { shape: "cross", tone: "neutral" },
  pause: { shape: "square", tone: "neutral" },
  escalate: { shape: "triangle", tone: "neutral" },
  approve: { shape: "diamond", tone: "neutral" },
  notify: { shape: "ring", tone: "neutral" },
};

/** When a human is needed, one sentence a rule, in the order in which they are evaluated. */
export function RulesTab({ claims }: { readonly claims: AcpClaims }) {
  const { hitl } = claims;
  const escalation = escalationSentence(hitl);
  return (
    <section aria-label="Rules" className="flex max-w-3xl flex-col gap-3">
      {hitl.rules.length === 0 ? (
        <p>
          No rule: whatever a node allows goes ahead without asking anybody. That is so only where nothing is
          irreversible.
        </p>
      ) : (
        <>
          <p className="text-muted">
            All rules that match apply; the strongest decides, and each role gives its own approvals.
          </p>
          <ol className="flex flex-col gap-2">
            {hitl.rules.map((rule) => (
              <li key={rule.id} className="flex gap-2">
                <span className="mt-1">
                  <MarkIcon {...LOOK[rule.action]} />
                </span>
                <span className="[overflow-wrap:anywhere]">
                  <span className="mr-2 font-mono text-xs text-muted">{word(rule.id)}</span>
                  {ruleSentence(rule, hitl)}
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
      {escalation === null ? null : <p>{escalation}</p>}
      <p className="text-muted">
        The policy is valid for {formatDuration((claims.exp - claims.iat) * 1000)}. What no node allows is refused.
      </p>
    </section>
  );
}
