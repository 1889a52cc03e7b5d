import type { ErasureView } from "../../../api/contract/domain-orders.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { useRoleProblem } from "../../../operator/use-accounting.ts";
import { useDomainOrder } from "../../../operator/use-domain-order.ts";
import { Identifier } from "../../../ui/identifier.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";

/** A safety officer ends a legal hold: what it is about can be erased again (XDA-76). */
export function EndHoldDialog({ hold, onClose }: { readonly hold: ErasureView; onClose(): void }) {
  const order = useDomainOrder();
  const mayNot = useRoleProblem(["safety_officer"]);
  const { domain, about, by, reason, jti } = hold;
  return (
    <OrderDialog
      title={`End a legal hold in ${visibleText(domain)}`}
      verb="End the hold"
      busy="Signing …"
      keep="Leave it in force"
      why="Why? (recorded)"
      done="The legal hold has ended"
      doneDetail="What it is about can be erased again."
      isReady={mayNot === null}
      run={async (why) => {
        await order(domain, { kind: "end_hold", hold: jti }, why);
        return [];
      }}
      onClose={onClose}
    >
      <p>
        It is about{" "}
        <Identifier value={"subject" in about ? about.subject : about.record.jti} label="id of what is held" />, set by{" "}
        <Identifier value={by} label="id of who set it" />: <UntrustedText text={reason} />
      </p>
      {mayNot === null ? null : <p className="font-medium">{mayNot}</p>}
    </OrderDialog>
  );
}
