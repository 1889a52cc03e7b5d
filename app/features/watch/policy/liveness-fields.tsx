import { formatCount } from "../../../ui/duration.ts";
import { Select } from "../../../ui/select.tsx";
import { LEASES, type LivenessChoice, PLANS } from "./liveness-choice.ts";

export interface LivenessFieldsProps {
  readonly choice: LivenessChoice;
  onChange(choice: LivenessChoice): void;
  /** How many agents may do something that cannot be undone. */
  readonly highRisk: number;
}

/** What is declared with the start: what happens to an agent that is not heard of, and who needs a lease (N8, N9). */
export function LivenessFields({ choice, onChange, highRisk }: LivenessFieldsProps) {
  return (
    <div className="grid grid-cols-1 gap-x-4 gap-y-3 md:grid-cols-2">
      <Select
        label="When an agent is not heard of"
        items={PLANS}
        selectedKey={choice.plan}
        onSelectionChange={(plan) => onChange({ ...choice, plan })}
      />
      <Select
        label={`Agents that may do what cannot be undone (${formatCount(highRisk)}) run`}
        items={LEASES}
        selectedKey={choice.leaseS === null ? "none" : String(choice.leaseS)}
        onSelectionChange={(id) => onChange({ ...choice, leaseS: id === "none" ? null : Number(id) })}
        isDisabled={highRisk === 0}
      />
    </div>
  );
}
