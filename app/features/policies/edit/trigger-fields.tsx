import { type Trigger, VERDICTS } from "../../../protocol/acp/claims.ts";
import { Select } from "../../../ui/select.tsx";
import { ListField, NumberField, Problem, SomeOfField } from "../../../ui/value-fields.tsx";
import { type FormRule, textOfValue } from "./form-document.ts";
import { choices } from "./node-fields.tsx";

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
const LIMITS = ["max_calls", "rate_per_min", "max_cost", "max_tokens", "max_duration_s"];

export interface TriggerFieldsProps {
  readonly trigger: FormRule["trigger"];
  onChange(trigger: object): void;
  readonly problem: string | undefined;
}

/** When a rule matches: its kind, and what that kind needs. */
export function TriggerFields({ trigger, onChange, problem }: TriggerFieldsProps) {
  const kind = textOfValue(trigger.kind);
  const known = Object.entries(TRIGGERS).map(([id, { name, first }]) => ({ id, name, first }));
  const found = known.find(({ id }) => id === kind);
  return (
    <>
      <Select
        label="When"
        items={found === undefined ? [...known, { id: kind, name: kind === "" ? "(nothing)" : kind }] : known}
        selectedKey={kind}
        onSelectionChange={(id) => onChange(known.find((one) => one.id === id)?.first ?? trigger)}
        errorMessage={found === undefined ? problem : undefined}
      />
      {found === undefined ? <span /> : <Parameters trigger={trigger} onChange={onChange} problem={problem} />}
    </>
  );
}

function Parameters({ trigger, onChange, problem }: TriggerFieldsProps) {
  const props = (label: string, member: string) => ({
    label,
    value: trigger[member],
    onChange: (value: unknown) => onChange({ ...trigger, [member]: value }),
    problem,
  });
  const oneOf = (label: string, member: string, ids: readonly string[], errorMessage: string | undefined) => (
    <Select
      label={label}
      items={choices(ids, textOfValue(trigger[member]))}
      selectedKey={textOfValue(trigger[member])}
      onSelectionChange={(id) => onChange({ ...trigger, [member]: id })}
      errorMessage={errorMessage}
    />
  );
  switch (trigger.kind) {
    case "action":
      return <ListField {...props("Names, or beginnings ending in *", "patterns")} />;
    case "resource":
      return <ListField {...props("URIs, or beginnings ending in *", "patterns")} />;
    case "behavior":
      return <SomeOfField {...props("Verdicts", "verdict_in")} words={VERDICTS} />;
    case "cascade":
      return <SomeOfField {...props("States", "state_in")} words={["open", "half_open"]} />;
    case "consensus":
      return <SomeOfField {...props("Outcomes", "outcome_in")} words={["no_quorum", "rejected", "deadlock"]} />;
    case "risk":
      return <NumberField {...props("Risk from, 0 to 1", "min")} />;
    case "confidence":
      return <NumberField {...props("Confidence below, 0 to 1", "below")} />;
    case "consequence":
      return oneOf("At least", "at_least", ["none", "reversible", "irreversible"], problem);
    case "limit":
      return (
        <div className="flex flex-col gap-2">
          {oneOf("Limit", "constraint", LIMITS, undefined)}
          <NumberField {...props("Share, 1 for all", "ratio")} />
        </div>
      );
    default:
      // `always` and `domain` need nothing more; what else stands there is still named.
      return problem === undefined ? <span /> : <Problem text={problem} />;
  }
}
