import type { OverrideSignal } from "../../api/contract/override.ts";
import { OrderDialog } from "../../operator/order-dialog.tsx";
import { useModify } from "../../operator/use-orders.ts";
import { modifyParamsSchema } from "../../protocol/override/params.ts";
import { Facts } from "../../ui/definition-list.tsx";
import { Remaining } from "../../ui/remaining.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { limitWords } from "./signal-words.ts";
import { scopeWords } from "./stop-facts.ts";

/** A change of limits that reverts unless somebody confirms it (S14); one that may widen takes two and is signed anew. */
export function isConfirmable(signal: OverrideSignal): boolean {
  const params = modifyParamsSchema.safeParse(signal.params);
  const narrows = params.success && params.data.only_narrow;
  return signal.action === "modify" && signal.inForce && !signal.drill && signal.effectUntil !== null && narrows;
}

export interface ConfirmDialogProps {
  readonly signal: OverrideSignal;
  readonly readAtMs: number;
  onClose(): void;
}

/** Keeps a change of limits: the same limits without an end of their own take its place. */
export function ConfirmDialog({ signal, readAtMs, onClose }: ConfirmDialogProps) {
  const modify = useModify();
  const { scope, jti: supersedes, priority, remainingMs } = signal;
  return (
    <OrderDialog
      title="Confirm a change of limits"
      verb="Confirm"
      busy="Confirming …"
      keep="Let it revert"
      why="Why is it kept? (recorded)"
      done="Confirmed"
      doneDetail="The change stays until somebody undoes it."
      run={(reason) => {
        const { set } = modifyParamsSchema.parse(signal.params);
        return modify({ scopes: [scope], set, reason, supersedes, priority });
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
      <p>
        <strong>Confirmed, it stays until somebody undoes it.</strong>
      </p>
    </OrderDialog>
  );
}
