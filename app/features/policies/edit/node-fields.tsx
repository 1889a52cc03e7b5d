import { useId, useState } from "react";
import { CONSTRAINT_NAMES, type ConstraintName } from "../../../protocol/acp/narrow.ts";
import { Button } from "../../../ui/button.tsx";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { formatInstant } from "../../../ui/instant.tsx";
import { Select } from "../../../ui/select.tsx";
import { ListField, NameField, NumberField, Problem, SomeOfField, WordField } from "../../../ui/value-fields.tsx";
import { type FormNode, textOfValue } from "./form-document.ts";

export interface NodeFieldsProps {
  readonly node: FormNode;
  /** Changes a member, or a limit: `["constraints", "max_calls"]`. */
  onChange(path: readonly string[], value: unknown): void;
  onRename(id: string): void;
  /** Names that other nodes have. */
  readonly taken: readonly unknown[];
  /** What is wrong at a member; of the node itself for the empty one. */
  problem(member: string): string | undefined;
}

const NAMES: readonly string[] = CONSTRAINT_NAMES;
const LISTS: readonly string[] = ["resources", "data_classes", "domains"];
const TEXTS: readonly string[] = ["max_cost", "currency"];
const TIMES: readonly string[] = ["not_before", "not_after"];
const CONSEQUENCES = ["none", "reversible", "irreversible"];
const NAME = /^[A-Za-z0-9_-]{1,32}$/;

/** One of a few, and whatever else stands there, so that it is seen and can be changed. */
export const choices = (ids: readonly string[], value: string): { readonly id: string; readonly name: string }[] =>
  [...new Set([...ids, value])].map((id) => ({ id, name: id }));

/** One node as fields: what its agent may do, and within which limits. */
export function NodeFields({ node, onChange, onRename, taken, problem }: NodeFieldsProps) {
  const id = useId();
  // The known ones in their order, then those that nobody here knows: they can only be taken out.
  const set = Object.keys(node.constraints ?? {});
  const limits = [...NAMES.filter((name) => set.includes(name)), ...set.filter((name) => !NAMES.includes(name))];
  // A limit in force elsewhere may be wrong together with one that is not set here.
  const unset = NAMES.filter((name) => !set.includes(name)).flatMap((name) => problem(`constraints.${name}`) ?? []);
  const delegable = problem("delegable");
  return (
    <div className="flex flex-col gap-3">
      <div className="grid grid-cols-2 items-start gap-x-3 gap-y-2 md:grid-cols-4">
        <NameField
          label="Name of the node"
          value={textOfValue(node.id)}
          onCommit={onRename}
          problem={problem("id")}
          problemOf={(name) =>
            taken.includes(name)
              ? "another node has this name"
              : NAME.test(name)
                ? undefined
                : "letters, digits, - and _, at most 32"
          }
        />
        <div className="col-span-2 md:col-span-3">
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
          items={choices(CONSEQUENCES, textOfValue(node.consequence ?? "reversible"))}
          selectedKey={textOfValue(node.consequence ?? "reversible")}
          onSelectionChange={(consequence) => onChange(["consequence"], consequence)}
          errorMessage={problem("consequence")}
        />
        <div className="flex flex-col justify-end gap-1 pt-5">
          <Checkbox
            isSelected={node.delegable === true}
            onChange={(on) => onChange(["delegable"], on)}
            aria-invalid={delegable === undefined ? undefined : true}
            aria-describedby={delegable === undefined ? undefined : `${id}-delegable`}
          >
            May pass it on
          </Checkbox>
          <Problem id={`${id}-delegable`} text={delegable} />
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
        <AddLimit set={limits} onAdd={(name) => onChange(["constraints", name], firstOf(name))} />
      </div>
      <Problem text={unset.length === 0 ? undefined : unset.join(" · ")} />
      <Problem text={problem("")} />
    </div>
  );
}

interface LimitFieldProps {
  readonly name: string;
  readonly value: unknown;
  onChange(value: unknown): void;
  readonly problem: string | undefined;
}

function LimitField({ name, value, onChange, problem }: LimitFieldProps) {
  const id = useId();
  const props = { label: name, value, onChange, problem };
  if (name === "require_checkpoint")
    return (
      <div className="pt-5">
        <Checkbox
          isSelected={value === true}
          onChange={onChange}
          aria-invalid={problem === undefined ? undefined : true}
          aria-describedby={problem === undefined ? undefined : id}
        >
          require_checkpoint
        </Checkbox>
        <Problem id={id} text={problem} />
      </div>
    );
  if (name === "protocols") return <SomeOfField {...props} words={["a2a", "mcp", "http"]} />;
  if (LISTS.includes(name)) return <ListField {...props} />;
  if (TEXTS.includes(name)) return <WordField {...props} />;
  const isTime = TIMES.includes(name) && Number.isSafeInteger(value);
  return (
    <NumberField {...props} description={isTime ? `seconds; ${formatInstant(Number(value) * 1000)}` : undefined} />
  );
}

const FIRST: Readonly<Partial<Record<ConstraintName, unknown>>> = {
  rate_per_min: 1,
  max_cost: "0",
  currency: "EUR",
  resources: [],
  data_classes: [],
  protocols: [],
  min_level: 3,
  min_trust: 1,
  domains: [],
  require_checkpoint: true,
};

/** What a limit begins with: nothing is let through until it is said how much. */
function firstOf(name: ConstraintName): unknown {
  const nowS = Math.floor(Date.now() / 1000);
  if (name === "not_before" || name === "not_after") return name === "not_before" ? nowS : nowS + 3600;
  return FIRST[name] ?? 0;
}

function AddLimit({ set, onAdd }: { readonly set: readonly string[]; onAdd(name: ConstraintName): void }) {
  const free = CONSTRAINT_NAMES.filter((name) => !set.includes(name));
  const [chosen, setChosen] = useState<string | null>(null);
  const name = free.find((one) => one === chosen) ?? free[0];
  if (name === undefined) return null;
  return (
    <div className="flex flex-col items-start gap-1">
      <Select
        label="Another limit"
        items={free.map((id) => ({ id, name: id }))}
        selectedKey={name}
        onSelectionChange={setChosen}
        className="w-full"
      />
      <Button size="sm" onPress={() => onAdd(name)}>
        Add it
      </Button>
    </div>
  );
}
