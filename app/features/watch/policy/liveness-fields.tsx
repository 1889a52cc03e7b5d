import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Select } from "../../../ui/select.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { LEASES, type LivenessChoice, PLANS } from "./liveness-choice.ts";

export interface LivenessFieldsProps {
  readonly choice: LivenessChoice;
  onChange(choice: LivenessChoice): void;
  readonly agents: readonly PlannedAgent[];
  /** How many agents may do something that cannot be undone. */
  readonly highRisk: number;
}

export interface PlannedAgent {
  readonly id: string;
  readonly name: string;
}

/** What is declared with the start: what happens to an agent that is not heard of, and who needs a lease (N8, N9). */
export function LivenessFields({ choice, onChange, agents, highRisk }: LivenessFieldsProps) {
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
      <OtherPlans choice={choice} agents={agents} onChange={onChange} />
    </div>
  );
}

/** Single agents for which another plan holds (L3). */
function OtherPlans({ choice, agents, onChange }: Omit<LivenessFieldsProps, "highRisk">) {
  const others = agents.filter(({ id }) => choice.others[id] !== undefined);
  const left = agents.filter(({ id }) => choice.others[id] === undefined);
  const set = (id: string, plan: string | null): void => {
    const { [id]: _, ...rest } = choice.others;
    onChange({ ...choice, others: plan === null ? rest : { ...rest, [id]: plan } });
  };
  if (agents.length < 2) return null;
  return (
    <div className="flex flex-col gap-2 md:col-span-2">
      {others.map(({ id, name }) => (
        <div key={id} className="flex flex-wrap items-end gap-2">
          <Select
            label={`When ${visibleText(name)} is not heard of`}
            className="min-w-56 flex-1"
            items={PLANS}
            selectedKey={choice.others[id] ?? null}
            onSelectionChange={(plan) => set(id, plan)}
          />
          <Button variant="quiet" aria-label={`As the others: ${visibleText(name)}`} onPress={() => set(id, null)}>
            As the others
          </Button>
        </div>
      ))}
      {left.length === 0 ? null : (
        <Select
          label="Another plan for one agent"
          className="max-w-md"
          placeholder="Choose an agent"
          items={left.map(({ id, name }) => ({ id, name: visibleText(name) }))}
          selectedKey={null}
          onSelectionChange={(id) => set(id, choice.plan)}
        />
      )}
    </div>
  );
}
