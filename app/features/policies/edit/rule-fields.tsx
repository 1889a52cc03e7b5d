import type { AcpClaimsInput, Trigger } from "../../../protocol/acp/claims.ts";
import { Button } from "../../../ui/button.tsx";
import { Select } from "../../../ui/select.tsx";
import { ListField, NumberField, WordField } from "./fields.tsx";

export type RuleInput = AcpClaimsInput["hitl"]["rules"][number];

export interface RuleFieldsProps {
  readonly rule: RuleInput;
  readonly at: number;
  onChange(member: keyof RuleInput, value: unknown): void;
  onRemove(): void;
  /** What is wrong at a member of the rule; of the rule itself for the empty one. */
  problem(member: string): string | undefined;
}

/** Each kind of trigger as it begins, and what is said of it. */
const TRIGGERS: { readonly [Kind in Trigger["kind"]]: { readonly name: string; readonly first: Trigger } } = {
  consequence: {
    name: "consequence at least …",
    first: { kind: "consequence", at_least: "irreversible" },
  },
  action: { name: "an action by name", first: { kind: "action", patterns: ["name"] } },
  always: { name: "every action", first: { kind: "always" } },
  limit: { name: "a share of a limit", first: { kind: "limit", constraint: "max_calls", ratio: 0.9 } },
  resource: { name: "a touched resource", first: { kind: "resource", patterns: ["file:/*"] } },
  domain: { name: "another trust domain", first: { kind: "domain", external: true } },
  confidence: { name: "low confidence", first: { kind: "confidence", below: 0.5 } },
  risk: { name: "high risk", first: { kind: "risk", min: 0.7 } },
  behavior: { name: "a verdict on behaviour", first: { kind: "behavior", verdict_in: ["nonconformant"] } },
  cascade: { name: "a breaker's state", first: { kind: "cascade", state_in: ["open"] } },
  consensus: { name: "a failed consensus", first: { kind: "consensus", outcome_in: ["no_quorum"] } },
};

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

/** One rule as fields. */
export function RuleFields({ rule, at, onChange, onRemove, problem }: RuleFieldsProps) {
  const own = problem("");
  return (
    <fieldset className="grid grid-cols-2 items-start gap-x-3 gap-y-2 border border-line p-2 md:grid-cols-4">
      <legend className="px-1 text-xs font-medium text-muted">Rule {at + 1}</legend>
      <WordField label="Name" value={rule.id} onChange={(id) => onChange("id", id)} problem={problem("id")} />
      <Select
        label="When"
        items={Object.entries(TRIGGERS).map(([id, { name }]) => ({ id, name }))}
        selectedKey={rule.trigger.kind}
        onSelectionChange={(kind) => onChange("trigger", TRIGGERS[kind as Trigger["kind"]].first)}
      />
      <TriggerFields
        trigger={rule.trigger}
        onChange={(trigger) => onChange("trigger", trigger)}
        problem={problem("trigger")}
      />
      <Select
        label="Then"
        items={ACTIONS}
        selectedKey={rule.action}
        onSelectionChange={(action) => onChange("action", action)}
      />
      <WordField label="Role" value={rule.role} onChange={(role) => onChange("role", role)} problem={problem("role")} />
      <Select
        label="Approvals"
        items={APPROVALS}
        selectedKey={String(rule.approvals ?? 1)}
        onSelectionChange={(count) => onChange("approvals", Number(count))}
      />
      <NumberField
        label="Time to answer, s"
        value={rule.timeout_s ?? 900}
        onChange={(seconds) => onChange("timeout_s", seconds)}
        problem={problem("timeout_s")}
      />
      <Select
        label="Without an answer"
        items={TIMEOUTS}
        selectedKey={rule.on_timeout ?? ""}
        onSelectionChange={(id) => onChange("on_timeout", id === "" ? undefined : id)}
      />
      <div className="col-span-full flex flex-wrap items-center justify-between gap-2">
        <p className="text-xs font-medium text-critical">{own}</p>
        <Button size="sm" aria-label={`Remove rule ${at + 1}`} onPress={onRemove}>
          Remove
        </Button>
      </div>
    </fieldset>
  );
}

interface TriggerFieldsProps {
  readonly trigger: Trigger;
  onChange(trigger: object): void;
  readonly problem: string | undefined;
}

function TriggerFields({ trigger, onChange, problem }: TriggerFieldsProps) {
  const list = (label: string, member: string, value: readonly string[]) => (
    <ListField
      label={label}
      value={value}
      onChange={(next) => onChange({ ...trigger, [member]: next })}
      problem={problem}
    />
  );
  const number = (label: string, member: string, value: number) => (
    <NumberField
      label={label}
      value={value}
      onChange={(next) => onChange({ ...trigger, [member]: next })}
      problem={problem}
    />
  );
  switch (trigger.kind) {
    case "action":
      return list("Names, or beginnings ending in *", "patterns", trigger.patterns);
    case "resource":
      return list("URIs, or beginnings ending in *", "patterns", trigger.patterns);
    case "behavior":
      return list("Verdicts", "verdict_in", trigger.verdict_in);
    case "cascade":
      return list("States: open half_open", "state_in", trigger.state_in);
    case "consensus":
      return list("Outcomes", "outcome_in", trigger.outcome_in);
    case "risk":
      return number("Risk from, 0 to 1", "min", trigger.min);
    case "confidence":
      return number("Confidence below, 0 to 1", "below", trigger.below);
    case "consequence":
      return (
        <Select
          label="At least"
          items={["none", "reversible", "irreversible"].map((id) => ({ id, name: id }))}
          selectedKey={trigger.at_least}
          onSelectionChange={(at_least) => onChange({ ...trigger, at_least })}
        />
      );
    case "limit":
      return (
        <div className="flex flex-col gap-2">
          <Select
            label="Limit"
            items={["max_calls", "rate_per_min", "max_cost", "max_tokens", "max_duration_s"].map((id) => ({
              id,
              name: id,
            }))}
            selectedKey={trigger.constraint}
            onSelectionChange={(constraint) => onChange({ ...trigger, constraint })}
          />
          {number("Share, 1 for all", "ratio", trigger.ratio)}
        </div>
      );
    case "domain":
    case "always":
      return <span />;
  }
}
