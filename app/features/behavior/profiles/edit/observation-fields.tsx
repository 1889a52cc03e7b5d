import { Select } from "../../../../ui/select.tsx";
import { TextField } from "../../../../ui/text-field.tsx";
import { NumberField } from "../../../../ui/value-fields.tsx";
import { textOfValue } from "../../../../ui/value-text.ts";
import { ASSURANCE } from "../words.ts";
import { dayOf, endOf } from "./day.ts";
import type { ProfileDocument } from "./profile-document.ts";

export interface ObservationFieldsProps {
  readonly document: ProfileDocument;
  set(path: readonly (string | number)[], value: unknown): void;
  problem(path: string): string | undefined;
}

const THRESHOLDS = [
  ["warn", "Warn at a loss of"],
  ["fail", "Fail at a loss of"],
  ["drift_warn", "Warn at a drift of"],
  ["drift_fail", "Fail at a drift of"],
] as const;

/** How it is observed and from where on it counts: window, samples, thresholds, assurance, end. */
export function ObservationFields({ document, set, problem }: ObservationFieldsProps) {
  return (
    <div className="grid grid-cols-2 items-start gap-3 md:grid-cols-4">
      <NumberField
        label="Window, s"
        value={document.window_s}
        onChange={(value) => set(["window_s"], value)}
        problem={problem("window_s")}
      />
      <NumberField
        label="Tasks at least"
        value={document.min_samples}
        description="With fewer there is no verdict."
        onChange={(value) => set(["min_samples"], value)}
        problem={problem("min_samples")}
      />
      <Select
        label="Assurance"
        className="col-span-2"
        items={ASSURANCE}
        selectedKey={textOfValue(document.assurance)}
        onSelectionChange={(id) => set(["assurance"], id)}
        errorMessage={problem("assurance")}
      />
      {THRESHOLDS.map(([member, label]) => (
        <NumberField
          key={member}
          label={label}
          value={document.thresholds[member]}
          onChange={(value) => set(["thresholds", member], value)}
          problem={problem(`thresholds.${member}`)}
        />
      ))}
      <TextField
        label="Ends after the day"
        description="Such as 2027-06-30, in UTC. Nothing: until another version."
        value={dayOf(document.not_after)}
        onChange={(text) => set(["not_after"], endOf(text))}
        errorMessage={problem("not_after")}
      />
    </div>
  );
}
