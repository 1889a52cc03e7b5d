import { useState } from "react";
import type { GrantRow } from "../../../api/contract/policy.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { useEndGrant } from "../../../operator/use-grant.ts";
import { useSigning } from "../../../operator/use-signing.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Identifier } from "../../../ui/identifier.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { agentName, word } from "../words.ts";

const MAX_REASON = 2000;

/** Ends a standing grant before its next use, with a reason (ACP-41). */
export function EndGrantDialog({ grant, onClose }: { readonly grant: GrantRow; onClose(): void }) {
  const { operator } = useOperator();
  const end = useEndGrant();
  const [reason, setReason] = useState("");
  const { run, isBusy, problem } = useSigning(
    () => end({ jti: grant.jti, hash: grant.hash, role: grant.role, reason: reason.trim() }),
    { title: "The grant is ended", detail: "Somebody is asked again from now on." },
    onClose,
  );
  const isReady = reason.trim() !== "" && operator !== null && !isBusy;

  return (
    <Dialog
      title="End a standing grant"
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button variant="quiet" onPress={onClose}>
            Keep it in force
          </Button>
          <Button variant="danger" onPress={run} isDisabled={!isReady}>
            {isBusy ? "Signing …" : "End it for good"}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <Facts
          items={[
            { term: "Agent", value: agentName(grant.agent) },
            { term: "Action", value: <span className="font-mono text-xs">{word(grant.execAct)}</span> },
            { term: "Used", value: `${formatCount(grant.uses)} of ${formatCount(grant.maxUses)} times` },
            { term: "Grant", value: <Identifier value={grant.jti} label="grant id" /> },
          ]}
        />
        <p>
          Its next use asks somebody again. What it let through and has not happened yet is refused; what has happened
          stays.
        </p>
        <TextField
          label="Why is it ended? (recorded)"
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
            : `Pressing End it for good signs this as ${visibleText(operator.name)}.`}
        </p>
        {problem === null ? null : <ProblemNote problem={problem} />}
      </div>
    </Dialog>
  );
}
