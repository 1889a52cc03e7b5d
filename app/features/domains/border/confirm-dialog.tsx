import type { BorderProposalView, BorderView } from "../../../api/contract/domain-orders.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { useDomainOrder } from "../../../operator/use-domain-order.ts";
import { borderChanges } from "../../../protocol/audit/border-change.ts";
import { Identifier } from "../../../ui/identifier.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { ChangeTable } from "./change-table.tsx";

export interface ConfirmDialogProps {
  readonly border: BorderView;
  readonly proposal: BorderProposalView;
  onClose(): void;
}

/** The second person looks at a wider version and confirms exactly that (XDA-73). */
export function ConfirmDialog({ border, proposal, onClose }: ConfirmDialogProps) {
  const { operator } = useOperator();
  const order = useDomainOrder();
  const isOwn = operator?.subject === proposal.by;
  const { jti, hash, version, by, reason } = proposal;
  return (
    <OrderDialog
      title={`Version ${version} for ${visibleText(border.domain)}`}
      verb="Confirm"
      busy="Confirming …"
      keep="Leave it waiting"
      why="Why? (recorded)"
      done="The border policy is in force"
      doneDetail="It holds for what crosses from here on."
      size="lg"
      isReady={!isOwn}
      run={async (why) => {
        await order(border.domain, { kind: "confirm", proposal: { jti, hash } }, why);
        return [];
      }}
      onClose={onClose}
    >
      <p>
        Signed by <Identifier value={by} label="id of who signed it" />: <UntrustedText text={reason} />
      </p>
      <ChangeTable changes={borderChanges(border.inForce.policy, proposal.policy)} />
      {isOwn ? <p className="font-medium">You signed this yourself: somebody else has to confirm it.</p> : null}
    </OrderDialog>
  );
}
