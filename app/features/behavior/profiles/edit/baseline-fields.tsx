import { useState } from "react";
import type { Baseline } from "../../../../protocol/behavior/profile.ts";
import { Button } from "../../../../ui/button.tsx";
import { Checkbox } from "../../../../ui/checkbox.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../../ui/table.tsx";
import { TextField } from "../../../../ui/text-field.tsx";
import { NumberField, Problem } from "../../../../ui/value-fields.tsx";
import { formatNumber, formatShare, word } from "../words.ts";

export interface BaselineFieldsProps {
  readonly baseline: Baseline | undefined;
  onChange(baseline: Baseline | undefined, place: string | null): void;
  readonly problem: string | undefined;
}

/** How often each action is expected. It is mostly learned; here it is looked at, and changed by hand. */
export function BaselineFields({ baseline, onChange, problem }: BaselineFieldsProps) {
  const [action, setAction] = useState("");
  const shares = Object.entries(baseline?.action_freq ?? {});
  const sum = shares.reduce((so, [, share]) => so + Number(share), 0);
  const put = (next: Readonly<Record<string, number>>, place: string | null): void => {
    if (Object.keys(next).length === 0) onChange(undefined, place);
    else onChange({ ...baseline, action_freq: { ...next } }, place);
  };
  const add = (): void => {
    const name = action.trim();
    if (name !== "" && !shares.some(([one]) => one === name))
      put({ ...baseline?.action_freq, [name]: Math.max(0, Number((1 - sum).toFixed(4))) }, null);
    setAction("");
  };
  return (
    <div className="flex flex-col gap-2">
      {shares.length === 0 ? (
        <p className="text-muted">None: drift is not measured. Learn it from the log, or add actions by hand.</p>
      ) : (
        <Table label="Baseline" columns={["Action", "Share", { name: "In percent", isNumber: true }, ""]} isBounded>
          {shares.map(([name, share]) => (
            <Row key={name}>
              <HeadCell isMono>{word(name)}</HeadCell>
              <Cell>
                <ShareField
                  label={`Share of ${word(name)}`}
                  share={share}
                  onChange={(value) => put({ ...baseline?.action_freq, [name]: value }, `baseline.${name}`)}
                />
              </Cell>
              <NumberCell>{formatShare(Number(share))}</NumberCell>
              <Cell>
                <Button
                  size="sm"
                  aria-label={`Remove ${word(name)} from the baseline`}
                  onPress={() => put(Object.fromEntries(shares.filter(([one]) => one !== name)), null)}
                >
                  Remove
                </Button>
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {baseline === undefined ? null : (
        <div className="flex max-w-md flex-col gap-2">
          <NumberField
            label="Strength"
            value={baseline.strength}
            description="How firmly single workflows keep to it, in tasks. Nothing: exactly."
            onChange={(value) => {
              const { strength: _before, ...rest } = baseline;
              // What is no number yet stays as it is typed; the check of the whole names it.
              onChange((value === undefined ? rest : { ...rest, strength: value }) as Baseline, "baseline.strength");
            }}
            problem={undefined}
          />
          <Checkbox
            isSelected={baseline.bursts === true}
            onChange={(on) => {
              const { bursts: _before, ...rest } = baseline;
              onChange(on ? { ...rest, bursts: true } : rest, null);
            }}
          >
            Its actions come in bursts: no sequential test
          </Checkbox>
        </div>
      )}
      {shares.length === 0 ? null : (
        <p className="text-xs text-muted">They sum to {formatNumber(sum)}; it must be 1.</p>
      )}
      <div className="flex flex-wrap items-end gap-2">
        <TextField label="Another action of the baseline" value={action} onChange={setAction} mono />
        <Button isDisabled={action.trim() === ""} onPress={add}>
          Add to the baseline
        </Button>
        {baseline === undefined ? null : <Button onPress={() => onChange(undefined, null)}>Remove the baseline</Button>}
      </div>
      <Problem text={problem} />
    </div>
  );
}

interface ShareFieldProps {
  readonly label: string;
  readonly share: number;
  onChange(share: number): void;
}

/** While it is typed it may be no number yet; the last one that was stays until then. */
function ShareField({ label, share, onChange }: ShareFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const value = typed ?? String(share);
  const isNumber = value.trim() !== "" && Number.isFinite(Number(value));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: on leaving the field inside
    <div onBlur={() => setTyped(null)}>
      <TextField
        label={label}
        value={value}
        onChange={(text) => {
          setTyped(text);
          if (text.trim() !== "" && Number.isFinite(Number(text))) onChange(Number(text));
        }}
        errorMessage={isNumber ? undefined : "a number from 0 to 1"}
      />
    </div>
  );
}
