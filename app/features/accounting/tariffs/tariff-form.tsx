import { useState } from "react";
import { useAccounting, useRoleProblem } from "../../../operator/use-accounting.ts";
import { useSigning } from "../../../operator/use-signing.ts";
import { RESOURCES, type Resource, UNIT_OF } from "../../../protocol/audit/accounting/resources.ts";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { Dialog } from "../../../ui/dialog.tsx";
import { Select } from "../../../ui/select.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { useNeighbours } from "../settlements/use-told.ts";
import { SignFooter } from "../sign-footer.tsx";
import { onePer, resourceName, unitName, word } from "../words.ts";
import { checkDraft, type DraftLine, emptyLine, type TariffDraft } from "./tariff-draft.ts";

const ROLES = ["finance", "safety_officer"];

export interface TariffFormProps {
  readonly first: TariffDraft;
  onClose(): void;
}

/** Finance writes a tariff and signs it: prices with tiers, who is charged, for which workflows. */
export function TariffForm({ first, onClose }: TariffFormProps) {
  const [draft, setDraft] = useState(first);
  const [isTried, setTried] = useState(false);
  const nowS = Math.floor(useNow() / 1000);
  const mayNot = useRoleProblem(ROLES);
  const neighbours = useNeighbours();
  const { setTariff } = useAccounting();
  const checked = checkDraft(draft, nowS);
  const { run, isBusy, problem } = useSigning(
    async () => {
      if (checked.ok) await setTariff(checked.body, checked.account, draft.reason.trim());
    },
    { title: "The tariff is in force", detail: "What is metered from now on is charged by it." },
    onClose,
  );
  const change = (patch: Partial<TariffDraft>): void => setDraft({ ...draft, ...patch });
  const changeLine = (id: number, patch: Partial<DraftLine>): void =>
    change({ lines: draft.lines.map((line) => (line.id === id ? { ...line, ...patch } : line)) });
  const errorAt = (place: string): string | undefined =>
    isTried && !checked.ok ? checked.problems.find((one) => one.place === place)?.message : undefined;
  const free = RESOURCES.filter((resource) => !draft.lines.some((line) => line.resource === resource));
  const sign = (): void => {
    setTried(true);
    if (checked.ok && mayNot === null && !isBusy) run();
  };
  return (
    <Dialog
      title="Set a tariff"
      isOpen
      onOpenChange={onClose}
      size="lg"
      isDismissable={false}
      footer={
        <SignFooter
          leave="Leave things as they are"
          sign="Sign the tariff"
          why={mayNot}
          isBusy={isBusy}
          onLeave={onClose}
          onSign={sign}
        />
      }
    >
      <div className="space-y-4">
        <div className="grid gap-3 md:grid-cols-3">
          <TextField
            label="Name"
            value={draft.id}
            onChange={(id) => change({ id })}
            errorMessage={errorAt("id")}
            mono
          />
          <TextField
            label="Version"
            value={draft.version}
            onChange={(version) => change({ version })}
            errorMessage={errorAt("version")}
          />
          <TextField
            label="Currency"
            value={draft.currency}
            onChange={(currency) => change({ currency })}
            errorMessage={errorAt("currency")}
          />
          {neighbours.length === 0 ? (
            <TextField
              label="Who is charged"
              description="A domain; your own for what nobody else pays."
              value={draft.payer}
              onChange={(payer) => change({ payer })}
              errorMessage={errorAt("payer")}
            />
          ) : (
            <Select
              label="Who is charged, for what it asked over a border"
              items={neighbours.map((id) => ({ id, name: word(id) }))}
              selectedKey={draft.payer}
              onSelectionChange={(payer) => change({ payer })}
            />
          )}
          <TextField
            label="Only for these workflows"
            description="Their ids; nothing means all that no other tariff names."
            value={draft.wids}
            onChange={(wids) => change({ wids })}
            errorMessage={errorAt("wids")}
            mono
          />
          <TextField
            label="For how many days"
            description="Nothing: until another one takes its place."
            value={draft.days}
            onChange={(days) => change({ days })}
            errorMessage={errorAt("days")}
          />
        </div>
        {draft.lines.map((line, at) => (
          <LineFields
            key={line.id}
            line={line}
            free={free}
            errorAt={(field) => errorAt(`lines.${at}.${field}`)}
            onChange={(patch) => changeLine(line.id, patch)}
            onRemove={() => change({ lines: draft.lines.filter(({ id }) => id !== line.id) })}
          />
        ))}
        {isTried && errorAt("lines") !== undefined ? <p className="text-critical">{errorAt("lines")}</p> : null}
        {free[0] === undefined ? null : (
          <Button
            size="sm"
            onPress={() =>
              change({
                lines: [
                  ...draft.lines,
                  emptyLine(Math.max(0, ...draft.lines.map(({ id }) => id)) + 1, free[0] ?? "cpu"),
                ],
              })
            }
          >
            Add a price
          </Button>
        )}
        <TextField
          label="Why (recorded)"
          value={draft.reason}
          onChange={(reason) => change({ reason })}
          errorMessage={errorAt("reason")}
          multiline
          isRequired
          maxLength={2000}
        />
        <p className="text-muted">
          It counts from your signature on; what was metered before keeps its tariff. Amounts are rounded once a line
          and month, half to even.
        </p>
        {problem === null ? null : <ProblemNote problem={problem} />}
      </div>
    </Dialog>
  );
}

interface LineFieldsProps {
  readonly line: DraftLine;
  readonly free: readonly Resource[];
  errorAt(field: string): string | undefined;
  onChange(patch: Partial<DraftLine>): void;
  onRemove(): void;
}

function LineFields({ line, free, errorAt, onChange, onRemove }: LineFieldsProps) {
  const { resource, tiers } = line;
  const unit = unitName(UNIT_OF[resource]);
  const changeTier = (id: number, patch: { upto?: string; price?: string }): void =>
    onChange({ tiers: tiers.map((tier) => (tier.id === id ? { ...tier, ...patch } : tier)) });
  return (
    <fieldset className="border border-line p-2">
      <legend className="px-1 font-medium">{resourceName(resource)}</legend>
      <div className="grid gap-3 md:grid-cols-4">
        <Select
          label="Resource"
          items={[resource, ...free].map((id) => ({ id, name: resourceName(id) }))}
          selectedKey={resource}
          onSelectionChange={(id) => {
            const chosen = free.find((one) => one === id);
            if (chosen !== undefined) onChange({ resource: chosen });
          }}
        />
        <TextField
          label={`${tiers.length === 0 ? "Price" : "Price beyond the tiers"} of one ${onePer(UNIT_OF[resource])}`}
          value={line.price}
          onChange={(price) => onChange({ price })}
          errorMessage={errorAt("price")}
          mono
        />
        <TextField
          label="At least, where any is used"
          value={line.minimum}
          onChange={(minimum) => onChange({ minimum })}
          errorMessage={errorAt("minimum")}
          mono
        />
        <TextField
          label="Decimal places"
          value={line.scale}
          onChange={(scale) => onChange({ scale })}
          errorMessage={errorAt("scale")}
        />
      </div>
      {errorAt("tiers") === undefined ? null : <p className="text-critical">{errorAt("tiers")}</p>}
      {tiers.map((tier, at) => (
        <div key={tier.id} className="mt-2 grid items-end gap-3 md:grid-cols-4">
          <TextField
            label={`Tier ${at + 1}: up to (${unit})`}
            value={tier.upto}
            onChange={(upto) => changeTier(tier.id, { upto })}
            errorMessage={errorAt(`tiers.${at}.upto`)}
            mono
          />
          <TextField
            label={`Tier ${at + 1}: price`}
            value={tier.price}
            onChange={(price) => changeTier(tier.id, { price })}
            errorMessage={errorAt(`tiers.${at}.price`)}
            mono
          />
          <Button
            size="sm"
            variant="quiet"
            onPress={() => onChange({ tiers: tiers.filter(({ id }) => id !== tier.id) })}
          >
            Remove tier {at + 1}
          </Button>
        </div>
      ))}
      <div className="mt-2 flex gap-2">
        {tiers.length >= 16 ? null : (
          <Button
            size="sm"
            onPress={() =>
              onChange({
                tiers: [...tiers, { id: Math.max(0, ...tiers.map(({ id }) => id)) + 1, upto: "", price: "" }],
              })
            }
          >
            Add a tier
          </Button>
        )}
        <Button size="sm" variant="quiet" onPress={onRemove}>
          Remove {resourceName(resource)}
        </Button>
      </div>
    </fieldset>
  );
}
