import { useState } from "react";
import type { BorderView } from "../../../api/contract/domain-orders.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { useRoleProblem } from "../../../operator/use-accounting.ts";
import { useDomainOrder } from "../../../operator/use-domain-order.ts";
import { borderChanges } from "../../../protocol/audit/border-change.ts";
import { visibleText } from "../../../ui/visible-text.ts";
import { type BorderDraft, draftOf, policyOfDraft } from "./border-draft.ts";
import { BorderFields } from "./border-fields.tsx";
import { wideningWords } from "./border-words.ts";
import { ChangeTable } from "./change-table.tsx";

export interface BorderDialogProps {
  readonly border: BorderView;
  onClose(): void;
}

/** A safety officer writes the next version of a border policy, sees what it changes, and signs that (XDA-72, XDA-73). */
export function BorderDialog({ border, onClose }: BorderDialogProps) {
  const { domain } = border;
  // What was in force when it was opened: a change meanwhile is refused, not signed over.
  const [inForce] = useState(border.inForce);
  const [draft, setDraft] = useState<BorderDraft>(() => draftOf(inForce.policy));
  const mayNot = useRoleProblem(["safety_officer"]);
  const order = useDomainOrder();
  const read = policyOfDraft(draft);
  const changes = read.ok ? borderChanges(inForce.policy, read.policy) : [];
  const widens = changes.filter((change) => change.widens).map(({ what }) => what);
  const isWider = widens.length > 0;
  return (
    <OrderDialog
      title={`Border policy of ${visibleText(domain)}`}
      verb={isWider ? "Propose" : "Put in force"}
      busy="Signing …"
      keep="Leave it as it is"
      why="Why? (recorded)"
      done={isWider ? "It waits for a second person" : "The border policy is in force"}
      doneDetail={
        isWider
          ? "It is in the domain's log. It holds once another person has confirmed it, within a day."
          : "It is in the domain's log and holds for what crosses from here on."
      }
      size="lg"
      focusReason={false}
      isReady={changes.length > 0 && mayNot === null}
      run={async (reason) => {
        if (!read.ok) return [];
        const { version, hash: follows } = inForce;
        const { policy } = read;
        await order(domain, { kind: "border_policy", version: version + 1, follows, policy, widens }, reason);
        return [];
      }}
      onClose={onClose}
    >
      <p className="text-muted">
        Version {inForce.version} is in force
        {inForce.signed === null ? ", which came with the domain" : ""}. What you sign is version {inForce.version + 1}.
      </p>
      <BorderFields draft={draft} problems={read.ok ? {} : read.problems} onChange={setDraft} />
      <section aria-label="What you sign" className="space-y-2">
        {changes.length === 0 ? (
          <p className="text-muted">
            {read.ok ? "Nothing is different yet." : "Something on the form is not complete."}
          </p>
        ) : (
          <>
            <ChangeTable changes={changes} />
            <p className={isWider ? "font-medium" : ""}>{wideningWords(changes)}</p>
          </>
        )}
        {mayNot === null ? null : <p className="font-medium">{mayNot}</p>}
      </section>
    </OrderDialog>
  );
}
