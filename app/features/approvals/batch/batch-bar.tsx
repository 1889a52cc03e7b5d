import { type RefObject, useEffect, useRef, useState } from "react";
import { v4 } from "uuid";
import { useStore } from "zustand";
import { useApi } from "../../../api/client/api-context.tsx";
import { useOperatorSession } from "../../../operator/operator-context.tsx";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { TextField } from "../../../ui/text-field.tsx";
import { useKeys } from "../../../ui/use-keys.ts";
import { type ArgumentsFold, shownArguments } from "../arguments-text.ts";
import { PLAIN, PRESENCE_MAX_AGE_S, REASON_MAX } from "../decision.ts";
import { type Friction, frictionOf } from "../friction.ts";
import { HoldButton } from "../hold-button.tsx";
import type { BatchGiven } from "../next-ones/after-batch.tsx";
import { paneKey } from "../pane-key.ts";
import { Presence } from "../presence.tsx";
import { sendDecision } from "../send-decision.ts";
import { keptBackMs, undoChoice } from "../undo-choice.ts";
import { useHold } from "../use-hold.ts";
import { useOutbox } from "../use-outbox.ts";
import type { BatchMember } from "./batch-member.ts";
import { type BatchShown, batchView } from "./batch-view.ts";

export interface BatchBarProps {
  readonly members: readonly BatchMember[];
  readonly shown: BatchShown;
  /** When the batch came into view, epoch ms. */
  readonly shownAtMs: number;
  readonly fold: ArgumentsFold;
  readonly presenceAgeS: number;
  readonly sampleSize: number;
  readonly isLast: boolean;
  /** The sample that is open has been in view long enough. */
  readonly armed: boolean;
  readonly pane: RefObject<HTMLElement | null>;
  onNext(): void;
  onClose(): void;
  onGiven(requests: readonly string[], given: BatchGiven): void;
}

type Outcome = "approve" | "reject";

/** Decides all members with one press, each with a signature of its own; approving needs the whole sample opened. */
export function BatchBar(props: BatchBarProps) {
  const { members, shown, sampleSize, isLast, armed, pane, presenceAgeS, onNext, onClose } = props;
  const session = useOperatorSession();
  const give = useGive(props);
  const [reason, setReason] = useState("");
  const [isRejecting, setRejecting] = useState(false);
  const root = useRef<HTMLElement>(null);
  const due = presenceAgeS > PRESENCE_MAX_AGE_S;
  const isRead = shown.opened.length >= sampleSize;
  const reasonDue = members.some(({ detail }) => detail.row.reasonRequired);
  const missing = reasonDue && reason.trim() === "";
  const held = frictionOfAll(members) === "hold";
  const many = formatCount(members.length);
  const canApprove = isRead && !due && !missing && !isRejecting;
  const approve = (): void => give("approve", reason);
  const hold = useHold(held && canApprove, approve);
  const focusReason = (): void => root.current?.querySelector("textarea")?.focus();
  useEffect(() => {
    if (isRejecting) root.current?.querySelector("textarea")?.focus();
  }, [isRejecting]);
  const press = (): void => {
    if (isRead && missing) focusReason();
    else if (canApprove && held) hold.begin("a");
    else if (canApprove) approve();
  };
  useKeys({
    n: paneKey(pane, () => (armed && !isLast ? void onNext() : false)),
    a: paneKey(pane, () => void press()),
    r: paneKey(pane, () => void (due ? undefined : setRejecting(true))),
    Escape: paneKey(pane, () => void (isRejecting ? setRejecting(false) : onClose())),
  });
  const word = isRejecting ? "Reject" : "Approve";
  return (
    <section
      ref={root}
      className="max-h-[60%] shrink-0 space-y-2 overflow-auto border-t border-strong bg-panel px-4 py-3"
      aria-label="Decision"
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
        event.preventDefault();
        if (isRejecting && !missing) give("reject", reason);
        else if (canApprove && held) hold.begin("Enter");
        else if (canApprove) approve();
      }}
    >
      {due ? <Presence ageS={presenceAgeS} onConfirm={() => void session.confirmPresence()} /> : null}
      {reasonDue || isRejecting ? (
        <TextField
          label={`Reason${reasonDue ? "" : " (optional)"}, recorded with each of the ${many} decisions`}
          value={reason}
          onChange={setReason}
          multiline
          rows={2}
          maxLength={REASON_MAX}
          isRequired={reasonDue}
        />
      ) : null}
      <div className="flex flex-wrap items-center gap-2">
        {isRejecting ? (
          <Button onPress={() => setRejecting(false)} shortcut="Esc">
            Back
          </Button>
        ) : (
          <Button variant="danger" shortcut="r" isDisabled={due} onPress={() => setRejecting(true)}>
            Reject {many} …
          </Button>
        )}
        <p role="status" className="min-w-0 flex-1 text-right text-muted">
          {isRead
            ? `All ${sampleSize} of the sample were opened.`
            : `${shown.opened.length} of ${sampleSize} of the sample were opened.`}
        </p>
        {isLast || isRejecting ? null : (
          <Button shortcut="n" isDisabled={!armed} onPress={onNext}>
            {shown.opened.length === 0 ? "Open the sample" : "Next of the sample"}
          </Button>
        )}
        {isRejecting ? (
          <Button variant="danger" isDisabled={missing || due} onPress={() => give("reject", reason)}>
            {`Sign ${many} rejections`}
          </Button>
        ) : held ? (
          <HoldButton hold={hold} shortcut="a" isDisabled={!canApprove}>
            {`${word} ${many}`}
          </HoldButton>
        ) : (
          <Button variant="primary" shortcut="a" isDisabled={!canApprove} onPress={approve}>
            {`${word} ${many}`}
          </Button>
        )}
      </div>
    </section>
  );
}

/** The most that one of them asks of the hand; what is flagged or cannot be undone is no member. */
function frictionOfAll(members: readonly BatchMember[]): Friction {
  return members.some(({ detail }) => frictionOf(detail.row, []).level === "hold") ? "hold" : "key";
}

/** Signs and sends one decision for each member, or keeps all of them for a while. */
function useGive({ members, shown, shownAtMs, fold, onGiven }: BatchBarProps) {
  const { client } = useApi();
  const session = useOperatorSession();
  const { outbox } = useOutbox();
  const { choice } = useStore(undoChoice);
  return (outcome: Outcome, reason: string): void => {
    const by = session.store.getState().operator?.subject ?? null;
    const entries = members.map(({ detail, token }) => {
      const { characters, charactersShown } = shownArguments(detail.canonicalArgs, fold);
      const view = batchView(detail, shown, { form: fold.form, characters, charactersShown });
      return {
        request: detail.row.request,
        action: detail.claims.task.exec_act,
        outcome,
        send: () =>
          sendDecision({ client, session, by, detail, token, outcome, reason, terms: PLAIN, view, shownAtMs }),
      };
    });
    const waits = members.flatMap(({ detail }) => detail.row.remainingMs ?? []);
    const readMs = Math.max(0, Date.now() - shownAtMs);
    const leftMs = waits.length === 0 ? null : Math.min(...waits) - readMs;
    const keptMs = keptBackMs({ choice, outcome, consequence: "reversible", isBatch: true, leftMs });
    const [one] = members;
    if (one === undefined) return;
    const batch = v4();
    void outbox.give(batch, entries, keptMs);
    onGiven(
      members.map(({ detail }) => detail.row.request),
      { batch, outcome, one: one.detail },
    );
  };
}
