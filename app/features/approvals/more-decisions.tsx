import { Button } from "../../ui/button.tsx";
import { Details } from "../../ui/details.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import type { DecisionGuard } from "./decision-guard.ts";

/** What an escalation is not, said before it is signed. */
export const ESCALATION = "It is no approval, you cannot decide it afterwards, and the time left stays the same.";

export interface MoreDecisionsProps {
  /** Who would be asked; null where nobody is left. */
  readonly escalatesTo: string | null;
  readonly guard: Pick<DecisionGuard, "abort" | "escalate">;
  /** The request has not been in view long enough, or a decision is on its way. */
  readonly isDisabled: boolean;
  onBegin(outcome: "abort" | "escalate"): void;
}

/** The rarer decisions, beside reject and approve and behind one more press. */
export function MoreDecisions({ escalatesTo, guard, isDisabled, onBegin }: MoreDecisionsProps) {
  return (
    <Details trigger="More …" title="Other decisions" className="h-8 rounded-md px-3 text-sm">
      {(close) => {
        const begin = (outcome: "abort" | "escalate"): void => {
          close();
          onBegin(outcome);
        };
        const canAbort = !isDisabled && guard.abort === null;
        const canEscalate = !isDisabled && guard.escalate === null && escalatesTo !== null;
        return (
          <fieldset
            className="min-w-0 space-y-3"
            onKeyDown={({ key, ctrlKey, metaKey, altKey }) => {
              if (ctrlKey || metaKey || altKey) return;
              if (key === "x" && canAbort) begin("abort");
              if (key === "e" && canEscalate) begin("escalate");
            }}
          >
            <div className="space-y-1">
              <Button shortcut="x" autoFocus isDisabled={!canAbort} onPress={() => begin("abort")}>
                Abort …
              </Button>
              <p className="text-muted">The action does not run, and its task ends as aborted.</p>
            </div>
            {escalatesTo === null ? (
              <p className="text-muted">There is nobody left to escalate to.</p>
            ) : (
              <div className="space-y-1">
                <Button shortcut="e" isDisabled={!canEscalate} onPress={() => begin("escalate")}>
                  Escalate …
                </Button>
                <p className="text-muted">
                  Asks <bdi className="font-medium text-ink">{visibleText(escalatesTo)}</bdi> besides. {ESCALATION}
                </p>
              </div>
            )}
          </fieldset>
        );
      }}
    </Details>
  );
}
