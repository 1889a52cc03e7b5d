import { useRef, useState } from "react";
import type { OverrideSignal } from "../../../api/contract/override.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { endingOf, useResume } from "../../../operator/use-orders.ts";
import type { OverrideScope } from "../../../protocol/override/claims.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Select } from "../../../ui/select.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { type OrderSet, whomWords } from "./in-force.ts";

export interface ResumeDialogProps {
  readonly run: RunGraph;
  readonly agents: readonly string[];
  /** Orders that may be ended here, all of one kind. */
  readonly sets: readonly OrderSet[];
  /** The one that was asked for, as it was then. */
  readonly first: OrderSet;
  /** Every signal: another one may hold the same agents. */
  readonly signals: readonly OverrideSignal[];
  onClose(): void;
}

/**
 * Ends one order: exactly the signals that it gave, and nothing that somebody else holds (S13). They are those of the moment
 * it was opened or chosen: where the order has ended or changed since, nothing is ended until somebody has looked again.
 */
export function ResumeDialog({ run, agents, sets, first, signals, onClose }: ResumeDialogProps) {
  const resume = useResume();
  const [set, setChosen] = useState(first);
  const [isGiving, setGiving] = useState(false);
  const lastGiven = useRef<OrderSet>(undefined);
  const [head] = set.signals;
  if (head === undefined) return null;
  const isUndo = endingOf(head) === "release";
  const words = isUndo
    ? { title: "Undo a change of limits", verb: "Undo", busy: "Undoing …", why: "Why is it undone? (recorded)" }
    : { title: "Resume what is paused", verb: "Resume", busy: "Resuming …", why: "Why may it go on? (recorded)" };
  const others = isUndo ? [] : heldByOthers(set, signals);
  const own = jtisOf(set);
  const now = sets.find((one) => one.signals.some(({ jti }) => own.has(jti)));
  const isCurrent =
    now !== undefined && own.size === now.signals.length && now.signals.every(({ jti }) => own.has(jti));
  const give = (reason: string, refused: readonly OverrideScope[] | null) => {
    // What was refused before is of what was looked at then.
    const left = lastGiven.current === set ? refused : null;
    lastGiven.current = set;
    const signals = set.signals.filter(
      ({ scope }) => left === null || left.some(({ kind, id }) => kind === scope.kind && id === scope.id),
    );
    return resume(signals, reason);
  };
  return (
    <OrderDialog
      {...words}
      keep="Keep it in force"
      done={isUndo ? "The change of limits is undone" : "The pause is ended"}
      doneDetail={isUndo ? "The limits hold as they were without it." : "What nothing else holds goes on where it was."}
      isReady={isCurrent}
      run={(reason, left) => {
        setGiving(true);
        return give(reason, left).finally(() => setGiving(false));
      }}
      onClose={onClose}
    >
      {sets.length === 1 || now === undefined ? null : (
        <Select
          label="Which one"
          items={sets.map((one) => ({ id: one.key, name: `${whomWords(one, run, agents)}: ${shortReason(one)}` }))}
          selectedKey={now.key}
          onSelectionChange={(key) => setChosen(sets.find((one) => one.key === key) ?? set)}
        />
      )}
      <Facts
        items={[
          { term: isUndo ? "Changed for" : "Paused", value: whomWords(set, run, agents) },
          {
            term: "By",
            value: (
              <>
                {visibleText(head.by.split("/").at(-1) ?? head.by)}, <Ago sinceMs={head.at * 1000} />
              </>
            ),
          },
          { term: "Because", value: <UntrustedText text={head.reason} /> },
          { term: "Signals", value: String(set.signals.length), hint: "exactly these end" },
        ]}
      />
      {others.length === 0 ? null : (
        <p className="font-medium">Another signal holds on: {others.slice(0, 5).join(", ")} will not go on yet.</p>
      )}
      {isCurrent || isGiving ? null : (
        <div role="alert" className="space-y-1 border border-warning bg-warning-soft px-3 py-2">
          <p className="font-semibold">
            {now === undefined
              ? "This order is over: nothing of it is left to end."
              : "This order has changed: other signals are in force by now."}
          </p>
          {now === undefined ? null : (
            <Button size="sm" onPress={() => setChosen(now)}>
              Show it as it is now
            </Button>
          )}
        </div>
      )}
    </OrderDialog>
  );
}

const jtisOf = ({ signals }: OrderSet): ReadonlySet<string> => new Set(signals.map(({ jti }) => jti));

const shortReason = ({ signals: [first] }: OrderSet): string => visibleText(first?.reason ?? "").slice(0, 60);

const HOLDING: ReadonlySet<string> = new Set(["stop", "pause", "takeover", "rollback"]);

function heldByOthers(set: OrderSet, signals: readonly OverrideSignal[]): readonly string[] {
  const own = jtisOf(set);
  const held = new Set(
    signals
      .filter(
        ({ jti, action, inForce, drill, scope }) =>
          inForce && !drill && HOLDING.has(action) && !own.has(jti) && scope.kind !== "task",
      )
      .flatMap(({ targets }) => targets.map(({ agent }) => agent)),
  );
  const names = set.signals.flatMap(({ targets }) => targets.filter(({ agent }) => held.has(agent)));
  return [...new Set(names.map(({ name }) => visibleText(name)))];
}
