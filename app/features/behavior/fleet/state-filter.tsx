import type { FleetAgent } from "../../../api/contract/behavior.ts";
import type { BehaviorStateName } from "../../../protocol/behavior/result.ts";
import { formatCount } from "../../../ui/duration.ts";
import { MarkIcon } from "../../../ui/mark.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { STATE_LOOKS, STATE_WORDS, WORST_FIRST } from "../state-looks.ts";
import { countStates } from "./fleet-order.ts";

export interface StateFilterProps {
  readonly agents: readonly FleetAgent[];
  /** All when undefined. */
  readonly selected: BehaviorStateName | undefined;
  onChange(state: BehaviorStateName | undefined): void;
}

/** How many agents are in each state, with its shape and word: the legend of the tiles, and what narrows them. */
export function StateFilter({ agents, selected, onChange }: StateFilterProps) {
  const counts = countStates(agents);
  return (
    <Segmented
      label="Which agents"
      selected={selected ?? "all"}
      onChange={(id) => onChange(id === "all" ? undefined : id)}
      options={[
        { id: "all", name: `All ${formatCount(agents.length)}` },
        ...WORST_FIRST.map((state) => ({
          id: state,
          name: `${STATE_LOOKS[state].label} ${formatCount(counts[state])}: ${STATE_WORDS[state]}`,
          icon: <Named state={state} count={counts[state]} />,
        })),
      ]}
    />
  );
}

/** In colour only where there is one to look at. */
function Named({ state, count }: { readonly state: BehaviorStateName; readonly count: number }) {
  const { shape, tone, label } = STATE_LOOKS[state];
  return (
    <span className={`inline-flex items-center gap-1.5 ${count === 0 ? "text-muted" : ""}`}>
      <MarkIcon shape={shape} tone={count === 0 ? "neutral" : tone} size={10} />
      {label} <b>{formatCount(count)}</b>
    </span>
  );
}
