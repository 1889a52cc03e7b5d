import { type ReactNode, useEffect, useRef, useState } from "react";
import { useOperator } from "../../operator/operator-context.tsx";
import type { ProtectionKind } from "../../operator/session.ts";
import { Button, type ButtonVariant } from "../../ui/button.tsx";
import { KeyCap } from "../../ui/key-cap.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { changedMind, isOtherMind } from "./commit/first-verdict.tsx";
import { type DecisionTerms, type Outcome, REASON_MAX } from "./decision.ts";
import { decisionSentence } from "./decision-sentence.ts";
import { type Friction, isMedium, typedName } from "./friction.ts";
import type { GateDetail } from "./gate-detail.ts";
import { HoldButton } from "./hold-button.tsx";
import { OUTCOME_WORDS } from "./names.ts";
import { useHold } from "./use-hold.ts";
import { useArmed } from "./use-request.ts";

export interface DecisionFormProps {
  readonly detail: GateDetail;
  readonly outcome: Outcome;
  readonly terms: DecisionTerms;
  readonly friction: Friction;
  readonly reason: string;
  readonly reasonRequired: boolean;
  /** Why it cannot be given now. */
  readonly blocked: string | null;
  /** What is still to be written in `children`; null where nothing is. */
  readonly unready: string | null;
  readonly isSending: boolean;
  /** What this decision has besides a reason. */
  readonly children?: ReactNode;
  onReason(reason: string): void;
  onConfirm(): void;
  onBack(): void;
}

/**
 * The second step: what exactly is decided (F1), and why. The focus goes to the first field, never to the decision (F3), and
 * the decision does not take the press that opened this. An approval of medium risk or above is held, or given after the
 * name of what is acted on was typed and the person authenticated for it; Enter alone never gives it (F2, F3), and no Enter
 * at all gives one that a person gives alone (D6).
 */
export function DecisionForm(props: DecisionFormProps) {
  const { detail, outcome, terms, friction, reason, reasonRequired, blocked, unready, isSending } = props;
  const { onReason, onConfirm, onBack } = props;
  const root = useRef<HTMLFieldSetElement>(null);
  const { armed } = useArmed(outcome);
  const { protection } = useOperator();
  const missing = reasonRequired && reason.trim() === "";
  const [typed, setTyped] = useState("");
  const wanted = friction === "type" ? typedName(detail) : null;
  const untyped = wanted !== null && typed.trim() !== wanted.name;
  const disabled = blocked !== null || unready !== null || missing || untyped || !armed || isSending;
  const hold = useHold(friction === "hold" && !disabled, onConfirm);
  const asksTouch = wanted !== null || terms.alone;
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
          if (disabled || terms.alone) return;
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
        <span className="line-clamp-3 [overflow-wrap:anywhere]">{decisionSentence(detail, outcome, terms)}</span>
      </legend>
      {terms.committed !== null && isOtherMind(terms.committed, outcome) ? (
        <p className="text-notice">{changedMind(terms.committed, "you")} Both are recorded.</p>
      ) : null}
      {props.children}
      {wanted === null ? null : (
        <TextField
          label={`Type the ${wanted.what === "digest" ? "end of the arguments' digest" : wanted.what} to approve: ${wanted.name}`}
          value={typed}
          onChange={setTyped}
          mono
          isRequired
        />
      )}
      <TextField
        label={reasonRequired ? "Reason, recorded with the decision" : "Reason (optional), recorded with the decision"}
        value={reason}
        onChange={onReason}
        multiline
        rows={2}
        maxLength={REASON_MAX}
        isRequired={reasonRequired}
      />
      {/* Always in view, however long what is decided is (F4). */}
      <div className="sticky -bottom-3 -mb-3 space-y-1 bg-panel pt-1 pb-3">
        <div className="flex flex-wrap items-center gap-2">
          <Button onPress={onBack} shortcut="Esc">
            Back
          </Button>
          <div className="ml-auto flex items-center gap-2" data-sign>
            {terms.alone ? null : (
              <span className="hidden items-center gap-1 text-xs text-muted md:inline-flex" aria-hidden="true">
                <KeyCap>Ctrl</KeyCap>
                <KeyCap>Enter</KeyCap>
              </span>
            )}
            {friction === "hold" ? (
              <HoldButton hold={hold} isDisabled={disabled}>
                {isSending ? "Signing …" : `Sign ${OUTCOME_WORDS[outcome].noun}`}
              </HoldButton>
            ) : (
              <Button variant={VARIANTS[outcome]} isDisabled={disabled} onPress={onConfirm}>
                {isSending ? "Signing …" : `Sign ${OUTCOME_WORDS[outcome].noun}`}
              </Button>
            )}
          </div>
        </div>
        <p className="min-h-4 text-xs text-muted" role="status">
          {blocked ??
            unready ??
            statusOf({ missing, untyped, alone: terms.alone, waitsForTouch: isSending && asksTouch }, protection)}
        </p>
      </div>
    </fieldset>
  );
}

interface Status {
  readonly missing: boolean;
  readonly untyped: boolean;
  readonly alone: boolean;
  readonly waitsForTouch: boolean;
}

/** What is missing, or waited for. A passkey is asked for by the browser itself, outside of this page. */
function statusOf(now: Status, protection: ProtectionKind | null): string {
  if (now.waitsForTouch && (protection === "passkey" || protection === "passkey_asked"))
    return "Your passkey is asked for exactly this decision. Nothing is signed without it.";
  if (now.untyped) return "The name is not typed yet.";
  if (!now.missing) return "";
  return now.alone ? "Approving alone needs a reason." : "The rule asks for a reason.";
}

const VARIANTS: Record<Outcome, ButtonVariant> = {
  approve: "primary",
  modify: "primary",
  reject: "danger",
  abort: "danger",
  escalate: "plain",
};
