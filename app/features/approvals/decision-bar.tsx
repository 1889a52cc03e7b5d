import { type RefObject, useEffect, useMemo, useState } from "react";
import { useConnection } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import { useOperator } from "../../operator/operator-context.tsx";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/clock.ts";
import { formatCount } from "../../ui/duration.ts";
import { MarkIcon } from "../../ui/mark.tsx";
import { ProblemNote } from "../../ui/states.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { type ArgumentsFold, shownArguments } from "./arguments-text.ts";
import type { SigningCheck } from "./clear-signing.ts";
import { approvalSteps, type Outcome } from "./decision.ts";
import { DecisionForm } from "./decision-form.tsx";
import { decisionGuard } from "./decision-guard.ts";
import { frictionOf } from "./friction.ts";
import type { GateDetail } from "./gate-detail.ts";
import { HoldButton } from "./hold-button.tsx";
import { MoreDecisions } from "./more-decisions.tsx";
import { paneKey } from "./pane-key.ts";
import { Presence } from "./presence.tsx";
import type { RequestFlag } from "./request-flags.ts";
import { type Given, useDecide } from "./use-decide.ts";
import { useHold } from "./use-hold.ts";

export interface DecisionBarProps {
  readonly detail: GateDetail;
  readonly token: string | undefined;
  readonly checks: readonly SigningCheck[] | null;
  readonly fold: ArgumentsFold;
  readonly flags: readonly RequestFlag[];
  readonly leftMs: number | null;
  /** The request has been in view long enough for a press to be meant for it. */
  readonly armed: boolean;
  readonly shownAtMs: number;
  readonly pane: RefObject<HTMLElement | null>;
  onGiven(given: Given): void;
}

/** Approve and reject, always in view below the request, and the rarer decisions behind one more press. The focus never starts here (F3). */
export function DecisionBar(props: DecisionBarProps) {
  const { detail, token, checks, fold, flags, leftMs, armed, shownAtMs, pane, onGiven } = props;
  const connection = useConnection();
  const operator = useOperator();
  const presenceAgeS = useNow() / 1000 - operator.authTime;
  const [step, setStep] = useState<Outcome | null>(null);
  // A reason belongs to the decision it was written for: it never comes along to another one.
  const [reasons, setReasons] = useState<Readonly<Record<Outcome, string>>>(NO_REASONS);
  const decide = useDecide(detail, token, onGiven);
  const guard = decisionGuard({
    detail,
    leftMs,
    connection: connection.state,
    operator: {
      status: operator.status,
      subject: operator.operator?.subject ?? null,
      roles: operator.operator?.roles ?? [],
    },
    presenceAgeS,
    checks,
  });
  const friction = frictionOf({ ...detail.row, consequence: detail.claims.consequence }, flags);
  const steps = approvalSteps(detail);

  const { characters, charactersShown } = useMemo(
    () => shownArguments(detail.canonicalArgs, fold),
    [detail.canonicalArgs, fold],
  );

  const give = (outcome: Outcome): void =>
    decide.mutate({
      outcome,
      reason: reasons[outcome],
      shown: { form: fold.form, characters, charactersShown },
      shownAtMs,
      leftMs,
      stepUp: outcome === "approve" && friction.level === "type",
    });
  // While one decision is being prepared its form has the keys: no letter begins or gives the other.
  const ready = (outcome: Outcome): boolean => step === null && armed && !decide.isPending && guard[outcome] === null;
  const isHeld = friction.level === "hold" && !steps.confirm;
  const hold = useHold(isHeld && ready("approve"), () => {
    decide.reset();
    give("approve");
  });
  const begin = (outcome: Outcome, key: string | null): void => {
    if (!ready(outcome)) return;
    if (outcome === "approve" && isHeld) {
      hold.begin(key);
      return;
    }
    decide.reset();
    if (outcome !== "approve" || steps.confirm) setStep(outcome);
    else give(outcome);
  };
  const back = (): void => {
    setStep(null);
    pane.current?.querySelector<HTMLElement>("[data-request-body]")?.focus({ preventScroll: true });
  };
  useKeys({
    a: paneKey(pane, () => void begin("approve", "a")),
    r: paneKey(pane, () => void begin("reject", null)),
    x: paneKey(pane, () => void begin("abort", null)),
    e: paneKey(pane, () => void begin("escalate", null)),
    // Where nothing can come of it, Enter is enough; on a control it stays that control's own.
    Enter: paneKey(pane, () => (friction.level === "none" && isOnNothing() ? void begin("approve", null) : false)),
  });
  const over = leftMs !== null && leftMs <= 0;
  useEffect(() => {
    if (over) setStep(null);
  }, [over]);

  return (
    <section
      className="max-h-[60%] shrink-0 space-y-2 overflow-auto border-t border-strong bg-panel px-4 py-3"
      aria-label="Decision"
    >
      {decide.isError ? <ProblemNote problem={problemOf(decide.error)} /> : null}
      {guard.presence ? <Presence ageS={presenceAgeS} onConfirm={operator.confirmPresence} /> : null}
      {step === null ? (
        <>
          {characters === charactersShown ? null : (
            <p className="text-notice">
              {formatCount(characters - charactersShown)} characters of the arguments are folded away.
            </p>
          )}
          <Blocked text={guard.presence ? null : guard.approve} onlyApproval={guard.reject === null} />
          <div className="flex flex-wrap items-center gap-2">
            <Button
              variant="danger"
              shortcut="r"
              isDisabled={!armed || guard.reject !== null || decide.isPending}
              onPress={() => begin("reject", null)}
            >
              Reject …
            </Button>
            <MoreDecisions
              escalatesTo={detail.row.escalatesTo}
              guard={guard}
              isDisabled={!armed || decide.isPending}
              onBegin={(outcome) => begin(outcome, null)}
            />
            {/* One group, so that on a narrow screen they wrap together and stay at the right. */}
            <div className="ml-auto flex min-w-0 items-center gap-2">
              {friction.why === null ? null : (
                <span className="min-w-0 text-right text-xs text-muted">{friction.why}</span>
              )}
              {isHeld ? (
                <HoldButton hold={hold} shortcut="a" isDisabled={!armed || guard.approve !== null || decide.isPending}>
                  {decide.isPending ? "Signing …" : "Approve"}
                </HoldButton>
              ) : (
                <Button
                  variant="primary"
                  shortcut="a"
                  isDisabled={!armed || guard.approve !== null || decide.isPending}
                  onPress={() => begin("approve", null)}
                >
                  {decide.isPending ? "Signing …" : steps.confirm ? "Approve …" : "Approve"}
                </Button>
              )}
            </div>
          </div>
        </>
      ) : (
        <DecisionForm
          key={step}
          detail={detail}
          outcome={step}
          friction={step === "approve" ? friction.level : "key"}
          reason={reasons[step]}
          reasonRequired={detail.row.reasonRequired}
          blocked={guard[step]}
          isSending={decide.isPending}
          onReason={(reason) => setReasons({ ...reasons, [step]: reason })}
          onConfirm={() => give(step)}
          onBack={back}
        />
      )}
    </section>
  );
}

const NO_REASONS: Readonly<Record<Outcome, string>> = { approve: "", reject: "", abort: "", escalate: "" };

/** The focus is on the page or on the request, where Enter presses nothing. */
function isOnNothing(): boolean {
  const at = document.activeElement;
  return at === null || at === document.body || at.matches('[data-request-body], [role="listbox"]');
}

function Blocked({ text, onlyApproval }: { readonly text: string | null; readonly onlyApproval: boolean }) {
  if (text === null) return null;
  return (
    <p role="status" className="flex items-baseline gap-2 text-warning">
      <span className="self-center">
        <MarkIcon shape="triangle" tone="warning" />
      </span>
      <span>
        {onlyApproval ? "Cannot be approved: " : ""}
        {text}
      </span>
    </p>
  );
}
