import { useState } from "react";
import type { AcpClaimsInput } from "../../../protocol/acp/claims.ts";
import { CONSTRAINT_NAMES, type ConstraintName } from "../../../protocol/acp/narrow.ts";
import { Button } from "../../../ui/button.tsx";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { Select } from "../../../ui/select.tsx";
import { ListField, NumberField, WordField } from "./fields.tsx";

export type NodeInput = AcpClaimsInput["dag"]["nodes"][number];

export interface NodeFieldsProps {
  readonly node: NodeInput;
  /** Changes a member, or a limit: `["constraints", "max_calls"]`. */
  onChange(path: readonly string[], value: unknown): void;
  /** What is wrong at a member; of the node itself for the empty one. */
  problem(member: string): string | undefined;
}

const LISTS: readonly ConstraintName[] = ["resources", "data_classes", "protocols", "domains"];
const TEXTS: readonly ConstraintName[] = ["max_cost", "currency"];
const CONSEQUENCES = ["none", "reversible", "irreversible"].map((id) => ({ id, name: id }));

/** One node as fields: what its agent may do, and within which limits. */
export function NodeFields({ node, onChange, problem }: NodeFieldsProps) {
  const limits = CONSTRAINT_NAMES.filter((name) => node.constraints?.[name] !== undefined);
  const own = problem("");
  return (
    <div className="flex flex-col gap-3">
      <div className="grid grid-cols-2 items-start gap-x-3 gap-y-2 md:grid-cols-4">
        <div className="col-span-2">
          <WordField
            label="Agent"
            value={node.agent}
            onChange={(agent) => onChange(["agent"], agent)}
            problem={problem("agent")}
          />
        </div>
        <div className="col-span-2">
          <ListField
            label="May do: names, or beginnings ending in *"
            value={node.actions}
            onChange={(actions) => onChange(["actions"], actions)}
            problem={problem("actions")}
          />
        </div>
        <Select
          label="Consequence"
          items={CONSEQUENCES}
          selectedKey={node.consequence ?? "reversible"}
          onSelectionChange={(consequence) => onChange(["consequence"], consequence)}
        />
        <div className="flex items-end pt-5">
          <Checkbox isSelected={node.delegable === true} onChange={(on) => onChange(["delegable"], on)}>
            May pass it on
          </Checkbox>
        </div>
      </div>
      <div className="grid grid-cols-2 items-start gap-x-3 gap-y-2 md:grid-cols-4">
        {limits.map((name) => (
          <div key={name} className="flex flex-col items-start gap-1">
            <LimitField
              name={name}
              value={node.constraints?.[name]}
              onChange={(value) => onChange(["constraints", name], value ?? "")}
              problem={problem(`constraints.${name}`)}
            />
            <Button size="sm" aria-label={`Remove ${name}`} onPress={() => onChange(["constraints", name], undefined)}>
              Remove
            </Button>
          </div>
        ))}
        <AddLimit set={limits} onAdd={(name) => onChange(["constraints", name], FIRST[name])} />
      </div>
      {own === undefined ? null : <p className="text-xs font-medium text-critical">{own}</p>}
    </div>
  );
}

interface LimitFieldProps {
  readonly name: ConstraintName;
  readonly value: unknown;
  onChange(value: unknown): void;
  readonly problem: string | undefined;
}

function LimitField({ name, value, onChange, problem }: LimitFieldProps) {
  const props = { label: name, value, onChange, problem };
  if (name === "require_checkpoint")
    return (
      <Checkbox isSelected={value === true} onChange={onChange}>
        require_checkpoint
      </Checkbox>
    );
  if (LISTS.includes(name)) return <ListField {...props} />;
  return TEXTS.includes(name) ? <WordField {...props} /> : <NumberField {...props} />;
}

/** What a limit begins with: nothing is let through until it is said how much. */
const FIRST: Readonly<Record<ConstraintName, unknown>> = {
  not_before: Math.floor(Date.now() / 1000),
  not_after: Math.floor(Date.now() / 1000) + 3600,
  max_calls: 0,
  rate_per_min: 1,
  max_cost: "0",
  currency: "EUR",
  max_tokens: 0,
  max_duration_s: 0,
  resources: [],
  data_classes: [],
  protocols: [],
  min_level: 3,
  min_trust: 1,
  domains: [],
  require_checkpoint: true,
};

function AddLimit({ set, onAdd }: { readonly set: readonly string[]; onAdd(name: ConstraintName): void }) {
  const free = CONSTRAINT_NAMES.filter((name) => !set.includes(name));
  const [chosen, setChosen] = useState<ConstraintName | null>(null);
  const name = chosen !== null && free.includes(chosen) ? chosen : free[0];
  if (name === undefined) return null;
  return (
    <div className="flex flex-col items-start gap-1">
      <Select
        label="Another limit"
        items={free.map((id) => ({ id, name: id }))}
        selectedKey={name}
        onSelectionChange={(id) => setChosen(id as ConstraintName)}
        className="w-full"
      />
      <Button size="sm" onPress={() => onAdd(name)}>
        Add it
      </Button>
    </div>
  );
}
