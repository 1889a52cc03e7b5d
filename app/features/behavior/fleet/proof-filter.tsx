import type { FleetAgent } from "../../../api/contract/behavior.ts";
import { PROOF_STATES, type ProofState } from "../../../operator/self-test/proof-state.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Select } from "../../../ui/select.tsx";
import type { Proofs } from "./fleet-order.ts";
import { TILE_PROOFS } from "./tile-proof.ts";

const ALL = "all";

export interface ProofFilterProps {
  readonly agents: readonly FleetAgent[];
  readonly proofs: Proofs;
  /** All when undefined. */
  readonly selected: ProofState | undefined;
  onChange(state: ProofState | undefined): void;
}

/** How many agents' self-tests stand how (N21), and what narrows the fleet to them. */
export function ProofFilter({ agents, proofs, selected, onChange }: ProofFilterProps) {
  const count = (state: ProofState): number => agents.filter(({ agent }) => proofs.get(agent)?.state === state).length;
  return (
    <Select
      label="Self-test"
      hideLabel
      selectedKey={selected ?? ALL}
      onSelectionChange={(id) => onChange(PROOF_STATES.find((state) => state === id))}
      items={[
        { id: ALL, name: "Any self-test" },
        ...PROOF_STATES.map((state) => ({
          id: state,
          name: `${TILE_PROOFS[state].label}: ${formatCount(count(state))}`,
        })),
      ]}
    />
  );
}
