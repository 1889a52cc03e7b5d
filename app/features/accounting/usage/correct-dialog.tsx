import { useState } from "react";
import type { UsageRecordView } from "../../../api/contract/accounting.ts";
import { useAccounting, useRoleProblem } from "../../../operator/use-accounting.ts";
import { useSigning } from "../../../operator/use-signing.ts";
import { signedDecimalSchema } from "../../../protocol/audit/accounting/decimal-text.ts";
import { Dialog } from "../../../ui/dialog.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { SignFooter } from "../sign-footer.tsx";
import { formatDecimal, resourceName, unitName } from "../words.ts";

/** Finance orders that a record is corrected; the record itself stays as it is (XDA-18). */
export function CorrectDialog({ record, onClose }: { readonly record: UsageRecordView; onClose(): void }) {
  const { correct } = useAccounting();
  const mayNot = useRoleProblem(["finance"]);
  const [differences, setDifferences] = useState<Readonly<Record<string, string>>>({});
  const [reason, setReason] = useState("");
  const items = Object.entries(differences)
    .map(([resource, difference]) => ({ resource, difference: difference.trim().replace("−", "-").replace(/^\+/, "") }))
    .filter(({ difference }) => difference !== "" && !/^-?0(\.0*)?$/.test(difference));
  const wrong = items.filter(({ difference }) => !signedDecimalSchema.safeParse(difference).success);
  const { run, isBusy, problem } = useSigning(
    () => correct(record.jti, items, reason.trim()),
    { title: "The correction is ordered", detail: "The metering point issues it as a record of its own." },
    onClose,
  );
  const missing =
    items.length === 0
      ? "Change a number first."
      : wrong.length > 0
        ? "A difference is no number."
        : reason.trim() === ""
          ? "Give the reason first."
          : null;
  return (
    <Dialog
      title="Correct a usage record"
      isOpen
      onOpenChange={onClose}
      footer={
        <SignFooter
          leave="Leave it as it is"
          sign="Sign the order"
          why={mayNot ?? missing}
          isBusy={isBusy}
          onLeave={onClose}
          onSign={run}
        />
      }
    >
      <div className="space-y-3">
        <p>
          The record stays. The metering point adds one with the differences, in the same period, or from now on where
          that is settled already.
        </p>
        {record.items.map(({ resource, quantity, unit }) => (
          <TextField
            key={resource}
            label={`${resourceName(resource)}, difference`}
            description={`${formatDecimal(quantity)} ${unitName(unit)} recorded; with a minus where it was less.`}
            value={differences[resource] ?? ""}
            onChange={(value) => setDifferences({ ...differences, [resource]: value })}
            errorMessage={wrong.some((item) => item.resource === resource) ? "A decimal, such as -12.5" : undefined}
          />
        ))}
        <TextField label="Why (recorded)" value={reason} onChange={setReason} multiline isRequired maxLength={2000} />
        {problem === null ? null : <ProblemNote problem={problem} />}
      </div>
    </Dialog>
  );
}
