import type { OverrideSignal } from "../../api/contract/override.ts";
import { OrderDialog } from "../../operator/order-dialog.tsx";
import { SecondPerson, useSecondPerson } from "../../operator/second-person.tsx";
import { useModify, useWiden } from "../../operator/use-orders.ts";
import { modifyParamsSchema } from "../../protocol/override/params.ts";
import { Facts } from "../../ui/definition-list.tsx";
import { Remaining } from "../../ui/remaining.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { limitWords } from "./signal-words.ts";
import { scopeWords } from "./stop-facts.ts";

/** A change of limits that reverts unless somebody confirms it (S14). */
export function isConfirmable(signal: OverrideSignal): boolean {
  const { action, inForce, drill, effectUntil } = signal;
  return action === "modify" && inForce && !drill && effectUntil !== null;
}

export interface ConfirmDialogProps {
  readonly signal: OverrideSignal;
  readonly readAtMs: number;
  onClose(): void;
}

/** Keeps a change of limits: the same limits without an end of their own take its place. What may widen takes two people. */
export function ConfirmDialog({ signal, readAtMs, onClose }: ConfirmDialogProps) {
  const modify = useModify();
  const widen = useWiden();
  const people = useSecondPerson();
  const { set, only_narrow: narrows } = modifyParamsSchema.parse(signal.params);
  const { scope, jti: supersedes, priority, remainingMs } = signal;
  return (
    <OrderDialog
      title="Confirm a change of limits"
      verb="Confirm"
      busy="Confirming …"
      keep="Let it revert"
      why="Why is it kept? (recorded)"
      done="The change of limits is confirmed"
      doneDetail="The change stays until somebody undoes it."
      isReady={narrows || people.second !== null}
      run={(reason) => {
        const order = { set, reason, supersedes, priority };
        return narrows || people.second === null
          ? modify({ ...order, scopes: [scope] })
          : widen({ ...order, scope, second: people.second });
      }}
      onClose={onClose}
    >
      <Facts
        items={[
          { term: "Changed for", value: visibleText(scopeWords(signal.scope)) },
          { term: "Limits", value: limitWords(signal).join(" · ") },
          {
            term: "Reverts in",
            value: remainingMs === null ? "not known" : <Remaining remainingMs={remainingMs} readAtMs={readAtMs} />,
          },
        ]}
      />
      {narrows ? null : <SecondPerson state={people} what="Keeping a limit that may be wider" />}
      <p>
        <strong>Confirmed, it stays until somebody undoes it.</strong>
      </p>
    </OrderDialog>
  );
}
