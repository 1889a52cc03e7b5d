import type { RefObject } from "react";
import { Button } from "../../../ui/button.tsx";
import { useKeys } from "../../../ui/use-keys.ts";
import { paneKey } from "../pane-key.ts";
import type { CommitmentState } from "./use-commitment.ts";

export interface CommitBarProps {
  readonly commitment: CommitmentState;
  /** Why nobody can say it now: nothing could be decided either. */
  readonly blocked: string | null;
  /** The request has been in view long enough for a press to be meant for it. */
  readonly armed: boolean;
  readonly pane: RefObject<HTMLElement | null>;
}

/**
 * In the place of the decision: what one thinks before one reads what the agent says (F6). Its keys are not those of the
 * decision, so that no habit answers it and no double press decides.
 */
export function CommitBar({ commitment, blocked, armed, pane }: CommitBarProps) {
  const can = armed && blocked === null;
  useKeys({
    1: paneKey(pane, () => (can ? void commitment.give("approve") : false)),
    2: paneKey(pane, () => (can ? void commitment.give("reject") : false)),
  });
  return (
    <section
      className="max-h-[60%] shrink-0 space-y-2 overflow-auto border-t border-strong bg-panel px-4 py-3"
      aria-label="First verdict"
    >
      <p className="font-medium">Before you read what the agent says: would you approve or reject?</p>
      <div className="flex flex-wrap items-center gap-2">
        <Button writes shortcut="2" isDisabled={!can} onPress={() => commitment.give("reject")}>
          I would reject
        </Button>
        <Button writes shortcut="1" isDisabled={!can} onPress={() => commitment.give("approve")}>
          I would approve
        </Button>
      </div>
      <p role="status" className="text-xs text-muted">
        {blocked ?? "It is recorded with your decision and decides nothing: you may change your mind."}
      </p>
    </section>
  );
}
