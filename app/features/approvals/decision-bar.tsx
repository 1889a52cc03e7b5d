import { type RefObject, useEffect, useMemo, useState } from "react";
import { useConnection } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import { useOperator } from "../../operator/operator-context.tsx";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/clock.ts";
import { formatCount } from "../../ui/duration.ts";
import { useFrozen } from "../../ui/frozen.ts";
import { MarkIcon } from "../../ui/mark.tsx";
import { ProblemNote } from "../../ui/states.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { AloneFacts } from "./alone/alone-facts.tsx";
import { type ArgumentsFold, shownArguments } from "./arguments-text.ts";
import type { SigningCheck } from "./clear-signing.ts";
import { CommitBar } from "./commit/commit-bar.tsx";
import { FirstSaid } from "./commit/first-verdict.tsx";
import type { CommitmentState } from "./commit/use-commitment.ts";
import { approvalSteps, type DecisionTerms, type Outcome } from "./decision.ts";
import { DecisionForm } from "./decision-form.tsx";
import { decisionGuard } from "./decision-guard.ts";
import { type Friction, frictionOf } from "./friction.ts";
import type { GateDetail } from "./gate-detail.ts";
import { HoldButton } from "./hold-button.tsx";
import { LessFields } from "./less/less-fields.tsx";
import { type LessForm, useLess } from "./less/use-less.ts";
import { type MoreChoice, MoreDecisions } from "./more-decisions.tsx";
import { GrantForm } from "./next-ones/grant-next.tsx";
import { paneKey } from "./pane-key.ts";
import { Presence } from "./presence.tsx";
import type { RequestFlag } from "./request-flags.ts";
import { type Given, useDecide } from "./use-decide.ts";
import { useHold } from "./use-hold.ts";

/** A decision that is prepared in the form: `alone` is an approval in place of several people's. */
type Step = Outcome | "alone";

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
  readonly commitment: CommitmentState;
  readonly pane: RefObject<HTMLElement | null>;
  onGiven(given: Given): void;
}

/** Approve and reject, always in view below the request, and the rarer decisions behind one more press. The focus never starts here (F3). */
export function DecisionBar(props: DecisionBarProps) {
  const { detail, token, checks, fold, flags, leftMs, armed, shownAtMs, commitment, pane, onGiven } = props;
  const connection = useConnection();
  const operator = useOperator();
  const presenceAgeS = useNow() / 1000 - operator.authTime;
  const [step, setStep] = useState<Step | null>(null);
  const [isGranting, setGranting] = useState(false);
  const less = useLess(detail);
  // A reason belongs to the decision it was written for: it never comes along to another one.
  const [reasons, setReasons] = useState<Readonly<Record<Step, string>>>(NO_REASONS);
  const decide = useDecide(detail, token, onGiven);
  const frozen = useFrozen();
  const guard = decisionGuard({
    detail,
    past: frozen?.why ?? null,
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

  const termsOf = (given: Step): DecisionTerms => ({
    less: given === "modify" ? less.less : null,
    alone: given === "alone",
    committed: commitment.given,
  });
  const give = (given: Step): void =>
    decide.mutate({
      outcome: outcomeOf(given),
      reason: reasons[given],
      terms: termsOf(given),
      shown: { form: fold.form, characters, charactersShown },
      shownAtMs,
      leftMs,
    });
  // While one decision is being prepared its form has the keys: no letter begins or gives the other.
  const ready = (wanted: Step): boolean =>
    !commitment.isDue && step === null && armed && !decide.isPending && guard[wanted] === null;
  const isHeld = friction.level === "hold" && !steps.confirm;
  const hold = useHold(isHeld && ready("approve"), () => {
    decide.reset();
    give("approve");
  });
  const begin = (wanted: Step, key: string | null = null): void => {
    if (!ready(wanted)) return;
    if (wanted === "approve" && isHeld) {
      hold.begin(key);
      return;
    }
    decide.reset();
    if (wanted !== "approve" || steps.confirm) setStep(wanted);
    else give(wanted);
  };
  const more = (choice: MoreChoice): void => (choice === "grant" ? setGranting(true) : begin(choice));
  const back = (): void => {
    setStep(null);
    pane.current?.querySelector<HTMLElement>("[data-request-body]")?.focus({ preventScroll: true });
  };
  useKeys({
    a: paneKey(pane, () => void begin("approve", "a")),
    r: paneKey(pane, () => void begin("reject")),
    x: paneKey(pane, () => void begin("abort")),
    e: paneKey(pane, () => void begin("escalate")),
    l: paneKey(pane, () => (detail.row.offersModify ? void begin("modify") : false)),
    // Where nothing can come of it, Enter is enough; on a control it stays that control's own.
    Enter: paneKey(pane, () => (friction.level === "none" && isOnNothing() ? void begin("approve") : false)),
  });
  const over = leftMs !== null && leftMs <= 0;
  useEffect(() => {
    if (over) setStep(null);
  }, [over]);
  if (commitment.isDue) return <CommitBar commitment={commitment} blocked={guard.any} armed={armed} pane={pane} />;

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
          {commitment.given === null ? null : <FirstSaid committed={commitment.given} />}
          <Blocked text={guard.presence ? null : guard.approve} onlyApproval={guard.reject === null} />
          <div className="flex flex-wrap items-center gap-2">
            <Button
              variant="danger"
              shortcut="r"
              isDisabled={!armed || guard.reject !== null || decide.isPending}
              onPress={() => begin("reject")}
            >
              Reject …
            </Button>
            <MoreDecisions row={detail.row} guard={guard} isDisabled={!armed || decide.isPending} onBegin={more} />
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
                  onPress={() => begin("approve")}
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
          outcome={outcomeOf(step)}
          terms={termsOf(step)}
          friction={frictionAt(step, friction.level)}
          reason={reasons[step]}
          reasonRequired={detail.row.reasonRequired || step === "alone"}
          blocked={guard[step]}
          unready={step === "modify" ? lessDue(less) : null}
          isSending={decide.isPending}
          onReason={(reason) => setReasons({ ...reasons, [step]: reason })}
          onConfirm={() => give(step)}
          onBack={back}
        >
          {step === "modify" ? <LessFields form={less} canonicalArgs={detail.canonicalArgs} /> : null}
          {step === "alone" ? <AloneFacts detail={detail} /> : null}
        </DecisionForm>
      )}
      {isGranting ? <GrantForm detail={detail} onClose={() => setGranting(false)} /> : null}
    </section>
  );
}

const NO_REASONS: Readonly<Record<Step, string>> = {
  approve: "",
  modify: "",
  alone: "",
  reject: "",
  abort: "",
  escalate: "",
};

const outcomeOf = (step: Step): Outcome => (step === "alone" ? "approve" : step);

/** What the form asks of the hand: approving less is an approval, and one given alone is never a light one (D6). */
function frictionAt(step: Step, approval: Friction): Friction {
  if (step === "alone") return approval === "type" ? "type" : "hold";
  return step === "approve" || step === "modify" ? approval : "key";
}

/** Why what was written cannot be approved yet. */
function lessDue({ draft, less }: LessForm): string | null {
  if (draft.kind === "same") return "Nothing is changed yet: make a number smaller or a list shorter.";
  if (draft.kind === "problem") return "This is not less than was asked for.";
  return less === null ? "Computing the new digest …" : null;
}

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
