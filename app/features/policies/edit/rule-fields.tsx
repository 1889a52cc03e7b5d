import { Button } from "../../../ui/button.tsx";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { Select, type SelectItem } from "../../../ui/select.tsx";
import { NumberField, Problem, WordField } from "../../../ui/value-fields.tsx";
import { type FormRule, textOfValue } from "./form-document.ts";
import { TriggerFields } from "./trigger-fields.tsx";

export interface RuleFieldsProps {
  readonly rule: FormRule;
  readonly at: number;
  onChange(member: string, value: unknown): void;
  onRemove(): void;
  /** What is wrong at a member of the rule; of the rule itself for the empty one. */
  problem(member: string): string | undefined;
}

/** Members that say themselves what is wrong with them. */
export const RULE_MEMBERS = ["id", "trigger", "role", "action", "approvals", "timeout_s", "on_timeout"] as const;

const ACTIONS = [
  { id: "approve", name: "wait for approval" },
  { id: "escalate", name: "escalate" },
  { id: "pause", name: "pause the agent" },
  { id: "abort", name: "abort" },
  { id: "notify", name: "only tell somebody" },
];
const TIMEOUTS = [
  { id: "", name: "as the policy says" },
  { id: "deny", name: "deny" },
  { id: "abort", name: "abort" },
  { id: "escalate", name: "escalate" },
  { id: "allow", name: "allow" },
];
const APPROVALS = [1, 2, 3, 4, 5].map((count) => ({ id: String(count), name: String(count) }));

/** What a rule asks for besides, and what holds where it says nothing. */
const SWITCHES: readonly (readonly [member: string, name: string, absent: boolean])[] = [
  ["distinct_from_requester", "Not whoever asks for it", true],
  ["reason_required", "With a reason", true],
  ["explain", "The agent must explain", true],
  ["break_glass", "One alone in an emergency", false],
  ["commit_first", "Verdict before the agent's words", false],
];

/** A choice among some, and whatever else stands there. */
const withOther = (items: readonly SelectItem[], value: string): readonly SelectItem[] =>
  items.some(({ id }) => id === value) ? items : [...items, { id: value, name: value }];

/** One rule as fields. */
export function RuleFields({ rule, at, onChange, onRemove, problem }: RuleFieldsProps) {
  const choice = (label: string, member: string, items: readonly SelectItem[], value: string) => (
    <Select
      label={label}
      items={withOther(items, value)}
      selectedKey={value}
      onSelectionChange={(id) => onChange(member, id === "" ? undefined : id)}
      errorMessage={problem(member)}
    />
  );
  return (
    <fieldset className="grid grid-cols-2 items-start gap-x-3 gap-y-2 border border-line p-2 md:grid-cols-4">
      <legend className="px-1 text-xs font-medium text-muted">Rule {at + 1}</legend>
      <WordField label="Name" value={rule.id} onChange={(id) => onChange("id", id)} problem={problem("id")} />
      <TriggerFields
        trigger={rule.trigger}
        onChange={(trigger) => onChange("trigger", trigger)}
        problem={problem("trigger")}
      />
      {choice("Then", "action", ACTIONS, textOfValue(rule.action))}
      <WordField label="Role" value={rule.role} onChange={(role) => onChange("role", role)} problem={problem("role")} />
      <Select
        label="Approvals"
        items={withOther(APPROVALS, textOfValue(rule.approvals ?? 1))}
        selectedKey={textOfValue(rule.approvals ?? 1)}
        onSelectionChange={(count) => onChange("approvals", Number(count))}
        errorMessage={problem("approvals")}
      />
      <NumberField
        label="Time to answer, s"
        value={rule.timeout_s}
        onChange={(seconds) => onChange("timeout_s", seconds)}
        placeholder="900"
        problem={problem("timeout_s")}
      />
      {choice("Without an answer", "on_timeout", TIMEOUTS, textOfValue(rule.on_timeout))}
      <div className="col-span-full flex flex-wrap gap-x-4 gap-y-1">
        {SWITCHES.map(([member, name, absent]) => (
          <Checkbox
            key={member}
            isSelected={(rule[member] ?? absent) === true}
            onChange={(on) => onChange(member, on === absent ? undefined : on)}
          >
            {name}
          </Checkbox>
        ))}
      </div>
      <div className="col-span-full flex flex-wrap items-center justify-between gap-2">
        <Problem text={problem("")} />
        <Button size="sm" className="ml-auto" aria-label={`Remove rule ${at + 1}`} onPress={onRemove}>
          Remove
        </Button>
      </div>
    </fieldset>
  );
}
