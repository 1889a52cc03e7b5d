import { useState } from "react";
import type { OverrideSignal } from "../../../api/contract/override.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { endingOf, useResume } from "../../../operator/use-orders.ts";
import { Facts } from "../../../ui/definition-list.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Select } from "../../../ui/select.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { type OrderSet, whomWords } from "./in-force.ts";

export interface ResumeDialogProps {
  readonly run: RunGraph;
  readonly agents: readonly string[];
  /** Orders that may be ended here, all of one kind; the first is proposed. */
  readonly sets: readonly OrderSet[];
  readonly first: string;
  /** Every signal: another one may hold the same agents. */
  readonly signals: readonly OverrideSignal[];
  onClose(): void;
}

/** Ends one order: exactly the signals that it gave, and nothing that somebody else holds (S13). */
export function ResumeDialog({ run, agents, sets, first, signals, onClose }: ResumeDialogProps) {
  const resume = useResume();
  const [chosen, setChosen] = useState(first);
  const set = sets.find(({ key }) => key === chosen) ?? sets[0];
  const [head] = set?.signals ?? [];
  if (set === undefined || head === undefined) return null;
  const isUndo = endingOf(head) === "release";
  const words = isUndo
    ? { title: "Undo a change of limits", verb: "Undo", busy: "Undoing …", why: "Why is it undone? (recorded)" }
    : { title: "Resume what is paused", verb: "Resume", busy: "Resuming …", why: "Why may it go on? (recorded)" };
  const others = isUndo ? [] : heldByOthers(set, signals);
  return (
    <OrderDialog
      {...words}
      keep="Keep it in force"
      done={isUndo ? "Undone" : "Resumed"}
      doneDetail={isUndo ? "The limits hold as they were without it." : "What nothing else holds goes on where it was."}
      run={(reason, left) =>
        resume(
          set.signals.filter(
            ({ scope }) => left === null || left.some(({ kind, id }) => kind === scope.kind && id === scope.id),
          ),
          reason,
        )
      }
      onClose={onClose}
    >
      {sets.length === 1 ? null : (
        <Select
          label="Which one"
          items={sets.map((one) => ({ id: one.key, name: `${whomWords(one, run, agents)}: ${shortReason(one)}` }))}
          selectedKey={set.key}
          onSelectionChange={setChosen}
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
    </OrderDialog>
  );
}

const shortReason = ({ signals: [first] }: OrderSet): string => visibleText(first?.reason ?? "").slice(0, 60);

const HOLDING: ReadonlySet<string> = new Set(["stop", "pause", "takeover", "rollback"]);

function heldByOthers(set: OrderSet, signals: readonly OverrideSignal[]): readonly string[] {
  const own = new Set(set.signals.map(({ jti }) => jti));
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
