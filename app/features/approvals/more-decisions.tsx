import type { ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { Details } from "../../ui/details.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import type { DecisionGuard } from "./decision-guard.ts";
import type { GateDetail } from "./gate-detail.ts";

/** What an escalation is not, said before it is signed. */
export const ESCALATION = "It is no approval, you cannot decide it afterwards, and the time left stays the same.";

/** `grant` decides nothing here: it is about the next ones. */
export type MoreChoice = "modify" | "abort" | "escalate" | "alone" | "grant";

export interface MoreDecisionsProps {
  readonly row: GateDetail["row"];
  readonly guard: DecisionGuard;
  /** The request has not been in view long enough, or a decision is on its way. */
  readonly isDisabled: boolean;
  onBegin(choice: MoreChoice): void;
}

interface Choice {
  readonly id: MoreChoice;
  readonly key: string | null;
  readonly label: string;
  readonly does: ReactNode;
  readonly problem: string | null;
}

/** The rarer decisions, beside reject and approve and behind one more press. */
export function MoreDecisions({ row, guard, isDisabled, onBegin }: MoreDecisionsProps) {
  const choices = choicesOf(row, guard);
  return (
    <Details trigger="More …" title="Other decisions" className="h-8 rounded-md px-3 text-sm">
      {(close) => {
        const begin = (choice: Choice): void => {
          if (isDisabled || choice.problem !== null) return;
          close();
          onBegin(choice.id);
        };
        return (
          <fieldset
            className="min-w-0 space-y-3"
            onKeyDown={(event) => {
              const { key, ctrlKey, metaKey, altKey } = event;
              const choice = ctrlKey || metaKey || altKey ? undefined : choices.find((one) => one.key === key);
              if (choice === undefined) return;
              // The field that opens now must not be given this letter.
              event.preventDefault();
              begin(choice);
            }}
          >
            {choices.map((choice, index) => (
              <div key={choice.id} className="space-y-1">
                <Button
                  writes
                  {...(choice.key === null ? {} : { shortcut: choice.key })}
                  autoFocus={index === 0}
                  isDisabled={isDisabled || choice.problem !== null}
                  onPress={() => begin(choice)}
                >
                  {choice.label}
                </Button>
                <p className="text-muted">{choice.does}</p>
              </div>
            ))}
            {row.escalatesTo === null ? <p className="text-muted">There is nobody left to escalate to.</p> : null}
          </fieldset>
        );
      }}
    </Details>
  );
}

function choicesOf(row: GateDetail["row"], guard: DecisionGuard): readonly Choice[] {
  const abort: Choice = {
    id: "abort",
    key: "x",
    label: "Abort …",
    does: "The action does not run, and its task ends as aborted.",
    problem: guard.abort,
  };
  const modify: Choice = {
    id: "modify",
    key: "l",
    label: "Approve less …",
    does: guard.modify ?? "Smaller numbers or shorter lists in its arguments. Only those run then.",
    problem: guard.modify,
  };
  const escalate: Choice = {
    id: "escalate",
    key: "e",
    label: "Escalate …",
    does: (
      <>
        Asks <bdi className="font-medium text-ink">{visibleText(row.escalatesTo ?? "")}</bdi> besides. {ESCALATION}
      </>
    ),
    problem: guard.escalate,
  };
  const grant: Choice = {
    id: "grant",
    key: null,
    label: "Allow the next ones like this …",
    does: "A standing grant for a while. This one still waits for your decision.",
    problem: null,
  };
  const alone: Choice = {
    id: "alone",
    key: null,
    label: "Approve alone (emergency) …",
    does: guard.alone ?? "In place of several people. Somebody else reviews it within 24 h, and every view says so.",
    problem: guard.alone,
  };
  return [
    abort,
    ...(row.offersModify ? [modify] : []),
    ...(row.escalatesTo === null ? [] : [escalate]),
    ...(row.grantable ? [grant] : []),
    ...(row.breakGlassAllowed ? [alone] : []),
  ];
}
