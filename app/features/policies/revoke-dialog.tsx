import { useState } from "react";
import type { PolicyRow } from "../../api/contract/policy.ts";
import { useOperator } from "../../operator/operator-context.tsx";
import { useRevocation } from "../../operator/use-revocation.ts";
import { useSigning } from "../../operator/use-signing.ts";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/definition-list.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { ProblemNote } from "../../ui/states.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { nameOf } from "./policy-list.tsx";

const MAX_REASON = 2000;

export interface RevokeDialogProps {
  readonly policy: PolicyRow;
  onClose(): void;
}

/** Takes a policy out of force for good, with a reason: no undo, a workflow goes on only under a new start (ACP-19). */
export function RevokeDialog({ policy, onClose }: RevokeDialogProps) {
  const { operator } = useOperator();
  const revoke = useRevocation();
  const [reason, setReason] = useState("");
  const { run, isBusy, problem } = useSigning(
    () => revoke({ jti: policy.jti, hash: policy.hash, reason: reason.trim() }),
    { title: "Revoked", detail: "Nothing happens under this policy any more." },
    onClose,
  );
  const isReady = reason.trim() !== "" && operator !== null && !isBusy;

  return (
    <Dialog
      title="Revoke a policy"
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button variant="quiet" onPress={onClose}>
            Keep it in force
          </Button>
          <Button variant="danger" onPress={run} isDisabled={!isReady}>
            {isBusy ? "Revoking …" : "Revoke for good"}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <Facts
          items={[
            { term: "Policy", value: nameOf(policy) },
            { term: "Id", value: <Identifier value={policy.jti} label="policy id" /> },
            { term: "Workflow", value: <Identifier value={policy.wid} label="workflow id" /> },
          ]}
        />
        <p>
          <strong>It cannot be undone.</strong> What was asked for, waits for a human or was permitted under this
          policy, or one derived from it, and has not happened yet is refused. What is under way now ends as it ends: to
          stop agents, use the stop.
        </p>
        <TextField
          label="Why is it revoked? (recorded)"
          value={reason}
          onChange={setReason}
          multiline
          isRequired
          autoFocus
          maxLength={MAX_REASON}
        />
        <p className="text-muted">
          {operator === null
            ? "Nobody is signed in: sign in first."
            : `Pressing Revoke signs this as ${visibleText(operator.name)}.`}
        </p>
        {problem === null ? null : <ProblemNote problem={problem} />}
      </div>
    </Dialog>
  );
}
