import { useEffect, useRef, useState } from "react";
import { Button, type ButtonVariant } from "../../ui/button.tsx";
import { KeyCap } from "../../ui/key-cap.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { type Outcome, REASON_MAX } from "./decision.ts";
import { type Friction, isMedium, typedName } from "./friction.ts";
import type { GateDetail } from "./gate-detail.ts";
import { HoldButton } from "./hold-button.tsx";
import { ESCALATION } from "./more-decisions.tsx";
import { OUTCOME_WORDS, shortName } from "./names.ts";
import { useHold } from "./use-hold.ts";
import { useArmed } from "./use-request.ts";

export interface DecisionFormProps {
  readonly detail: GateDetail;
  readonly outcome: Outcome;
  readonly friction: Friction;
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
 * The second step: what exactly is decided (F1), and why. The focus goes to the first field, never to the decision (F3), and
 * the decision does not take the press that opened this. An approval of medium risk or above is held, or given after the
 * name of what is acted on was typed; Enter alone never gives it (F2, F3).
 */
export function DecisionForm(props: DecisionFormProps) {
  const { detail, outcome, friction, reason, reasonRequired, blocked, isSending, onReason, onConfirm, onBack } = props;
  const root = useRef<HTMLFieldSetElement>(null);
  const { armed } = useArmed(outcome);
  const missing = reasonRequired && reason.trim() === "";
  const [typed, setTyped] = useState("");
  const wanted = friction === "type" ? typedName(detail) : null;
  const untyped = wanted !== null && typed.trim() !== wanted.name;
  const disabled = blocked !== null || missing || untyped || !armed || isSending;
  const hold = useHold(friction === "hold" && !disabled, onConfirm);
  useEffect(() => root.current?.querySelector<HTMLElement>("textarea, input")?.focus({ preventScroll: true }), []);
  return (
    <fieldset
      ref={root}
      className="min-w-0 space-y-2"
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.preventDefault();
          event.stopPropagation();
          onBack();
        }
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat) {
          event.preventDefault();
          if (disabled) return;
          if (friction === "hold") hold.begin("Enter");
          else onConfirm();
        }
      }}
      onKeyDownCapture={(event) => {
        // Before any control takes it: Enter on the button would press it.
        const plain = event.key === "Enter" && !event.ctrlKey && !event.metaKey;
        if (!plain || !isMedium(friction) || !(event.target instanceof Element)) return;
        if (event.target.closest("[data-sign]") === null) return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <legend className="w-full font-medium">
        <span className="line-clamp-3 [overflow-wrap:anywhere]">{sentence(detail, outcome)}</span>
      </legend>
      <TextField
        label={reasonRequired ? "Reason, recorded with the decision" : "Reason (optional), recorded with the decision"}
        value={reason}
        onChange={onReason}
        multiline
        rows={2}
        maxLength={REASON_MAX}
        isRequired={reasonRequired}
      />
      {wanted === null ? null : (
        <TextField
          label={`Type the ${wanted.what === "digest" ? "end of the arguments' digest" : wanted.what} to approve: ${wanted.name}`}
          value={typed}
          onChange={setTyped}
          mono
          isRequired
        />
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button onPress={onBack} shortcut="Esc">
          Back
        </Button>
        <div className="ml-auto flex items-center gap-2" data-sign>
          <span className="hidden items-center gap-1 text-xs text-muted md:inline-flex" aria-hidden="true">
            <KeyCap>Ctrl</KeyCap>
            <KeyCap>Enter</KeyCap>
          </span>
          {friction === "hold" ? (
            <HoldButton hold={hold} isDisabled={disabled}>
              {isSending ? "Signing …" : "Sign approval"}
            </HoldButton>
          ) : (
            <Button variant={VARIANTS[outcome]} isDisabled={disabled} onPress={onConfirm}>
              {isSending ? "Signing …" : `Sign ${OUTCOME_WORDS[outcome].noun}`}
            </Button>
          )}
        </div>
      </div>
      <p className="min-h-4 text-xs text-muted" role="status">
        {blocked ?? (missing ? "The rule asks for a reason." : untyped ? "The name is not typed yet." : "")}
      </p>
    </fieldset>
  );
}

const VARIANTS: Record<Outcome, ButtonVariant> = {
  approve: "primary",
  reject: "danger",
  abort: "danger",
  escalate: "plain",
};

function sentence(detail: GateDetail, outcome: Outcome): string {
  const { claims, follows, row } = detail;
  const target = claims.task.target === undefined ? "" : ` on ${visibleText(claims.task.target)}`;
  const what = `${visibleText(claims.task.exec_act)}${target} by ${visibleText(shortName(claims.iss))}`;
  if (outcome === "reject") return `Reject ${what}: it will not run.`;
  if (outcome === "abort") return `Abort ${what}: it will not run, and its task ends as aborted.`;
  if (outcome === "escalate") return `Escalate ${what} to ${visibleText(row.escalatesTo ?? "nobody")}. ${ESCALATION}`;
  const after = follows.all === 0 ? "" : ` ${follows.all} ${follows.all === 1 ? "task follows" : "tasks follow"}.`;
  return `Approve ${what}, once.${claims.consequence === "irreversible" ? " It cannot be undone." : ""}${after}`;
}
