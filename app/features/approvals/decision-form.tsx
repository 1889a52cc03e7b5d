import { useEffect, useRef } from "react";
import { Button } from "../../ui/button.tsx";
import { KeyCap } from "../../ui/key-cap.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { REASON_MAX } from "./decision.ts";
import type { GateDetail } from "./gate-detail.ts";
import { shortName } from "./names.ts";
import { useArmed } from "./use-request.ts";

export interface DecisionFormProps {
  readonly detail: GateDetail;
  readonly outcome: "approve" | "reject";
  readonly reason: string;
  readonly reasonRequired: boolean;
  /** Why it cannot be given now. */
  readonly blocked: string | null;
  readonly isSending: boolean;
  onReason(reason: string): void;
  onConfirm(): void;
  onBack(): void;
}

/**
 * The second step: what exactly is decided (F1), and why. The focus goes to the reason, never to the decision (F3), and the
 * decision does not take the press that opened this.
 */
export function DecisionForm(props: DecisionFormProps) {
  const { detail, outcome, reason, reasonRequired, blocked, isSending, onReason, onConfirm, onBack } = props;
  const root = useRef<HTMLFieldSetElement>(null);
  const { armed } = useArmed(outcome);
  const missing = reasonRequired && reason.trim() === "";
  const disabled = blocked !== null || missing || !armed || isSending;
  useEffect(() => root.current?.querySelector("textarea")?.focus({ preventScroll: true }), []);
  return (
    <fieldset
      ref={root}
      className="space-y-2"
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.preventDefault();
          event.stopPropagation();
          onBack();
        }
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat) {
          event.preventDefault();
          if (!disabled) onConfirm();
        }
      }}
    >
      <legend className="line-clamp-3 font-medium">{sentence(detail, outcome)}</legend>
      <TextField
        label={reasonRequired ? "Reason, recorded with the decision" : "Reason (optional), recorded with the decision"}
        value={reason}
        onChange={onReason}
        multiline
        rows={2}
        maxLength={REASON_MAX}
        isRequired={reasonRequired}
      />
      <div className="flex flex-wrap items-center gap-2">
        <Button onPress={onBack} shortcut="Esc">
          Back
        </Button>
        <div className="ml-auto flex items-center gap-2">
          <span className="hidden items-center gap-1 text-xs text-muted md:inline-flex" aria-hidden="true">
            <KeyCap>Ctrl</KeyCap>
            <KeyCap>Enter</KeyCap>
          </span>
          <Button variant={outcome === "approve" ? "primary" : "danger"} isDisabled={disabled} onPress={onConfirm}>
            {isSending ? "Signing …" : outcome === "approve" ? "Sign approval" : "Sign rejection"}
          </Button>
        </div>
      </div>
      <p className="min-h-4 text-xs text-muted" role="status">
        {blocked ?? (missing ? "The rule asks for a reason." : "")}
      </p>
    </fieldset>
  );
}

function sentence(detail: GateDetail, outcome: "approve" | "reject"): string {
  const { claims, follows } = detail;
  const target = claims.task.target === undefined ? "" : ` on ${visibleText(claims.task.target)}`;
  const what = `${visibleText(claims.task.exec_act)}${target} by ${visibleText(shortName(claims.iss))}`;
  if (outcome === "reject") return `Reject ${what}: it will not run.`;
  const after = follows.all === 0 ? "" : ` ${follows.all} ${follows.all === 1 ? "task follows" : "tasks follow"}.`;
  return `Approve ${what}, once.${claims.consequence === "irreversible" ? " It cannot be undone." : ""}${after}`;
}
