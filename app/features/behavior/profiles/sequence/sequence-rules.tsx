import { useRef } from "react";
import type { SequenceRule } from "../../../../protocol/behavior/profile.ts";
import { Button } from "../../../../ui/button.tsx";
import { Segmented } from "../../../../ui/segmented.tsx";
import { Select } from "../../../../ui/select.tsx";
import { SuggestField } from "../../../../ui/suggest-field.tsx";
import { NumberField, Problem, WordField } from "../../../../ui/value-fields.tsx";
import { freeId } from "../edit/profile-document.ts";
import type { Seen } from "../seen.ts";
import { RuleTrack } from "./rule-track.tsx";
import {
  hasTime,
  KINDS,
  type MatchParts,
  matchOf,
  mayLast,
  PATTERNS,
  partsOf,
  swapped,
  withKind,
  withSame,
  withSpan,
} from "./sequence-track.ts";

export interface SequenceRulesProps {
  readonly rules: readonly SequenceRule[];
  /** Names that rules of any kind have already. */
  readonly taken: readonly string[];
  readonly seen: Seen;
  /** `place` is given while something is typed there. */
  onChange(rules: readonly SequenceRule[], place: string | null): void;
  /** What is wrong at `2.within_s`, or anywhere in a rule but at its members. */
  problem(path: string, except?: readonly string[]): string | undefined;
}

export const SEVERITIES = [1, 2, 3, 4, 5].map((level) => ({
  id: String(level),
  name: `${level}${level === 5 ? ", the gravest" : level === 1 ? ", the lightest" : ""}`,
}));

const MEMBERS = ["id", "a", "b", "same", "within_s", "severity"];

/** Rules of order, each drawn and with the fields that say the same. */
export function SequenceRules({ rules, taken, seen, onChange, problem }: SequenceRulesProps) {
  const change = (at: number, rule: SequenceRule | null, place: string | null = null): void =>
    onChange(
      rule === null ? rules.filter((_, other) => other !== at) : rules.map((one, other) => (other === at ? rule : one)),
      place === null ? null : `sequences.${at}.${place}`,
    );
  return (
    <div className="flex flex-col gap-3">
      {rules.length === 0 ? <p className="text-muted">No rule of order yet.</p> : null}
      {rules.map((rule, at) => (
        <RuleFields
          // A rule is its place: its name is one of its fields.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={at}
          rule={rule}
          at={at}
          seen={seen}
          onChange={(next, place) => change(at, next, place)}
          onRemove={() => change(at, null)}
          problem={(member) => (member === "" ? problem(String(at), MEMBERS) : problem(`${at}.${member}`))}
        />
      ))}
      <p className="max-w-3xl text-xs text-muted">
        A task that does not state what data it touches or where it goes counts as touching it, except where it would
        make something good. Where a rule holds for one thing at a time and a task does not say which thing it is about,
        it cannot be judged: that is told, and its window is no better than drifting. A task that failed, was stopped or
        was refused makes nothing good.
      </p>
      <div className="flex flex-wrap gap-2">
        {PATTERNS.map(({ name, rule }) => (
          <Button key={name} onPress={() => onChange([...rules, { ...rule, id: freeId("order", taken) }], null)}>
            Add: {name.toLowerCase()}
          </Button>
        ))}
      </div>
    </div>
  );
}

interface RuleFieldsProps {
  readonly rule: SequenceRule;
  readonly at: number;
  readonly seen: Seen;
  onChange(rule: SequenceRule, place?: string): void;
  onRemove(): void;
  problem(member: string): string | undefined;
}

function RuleFields({ rule, at, seen, onChange, onRemove, problem }: RuleFieldsProps) {
  const sides = useRef<HTMLDivElement>(null);
  const name = rule.id === "" ? `rule ${at + 1}` : rule.id;
  const kind = KINDS.find(({ id }) => id === rule.kind);
  const focus = (side: "a" | "b"): void =>
    sides.current?.querySelector<HTMLInputElement>(`[data-side="${side}"] input`)?.focus();
  return (
    <fieldset className="flex min-w-0 flex-col gap-2 border border-line p-2">
      <legend className="px-1 text-xs font-medium text-muted">Rule {at + 1}</legend>
      <div className="flex flex-wrap items-center gap-2">
        <Segmented
          label={`Kind of ${name}`}
          selected={rule.kind}
          onChange={(next) => onChange(withKind(rule, next))}
          options={KINDS}
        />
        <Button size="sm" onPress={() => onChange(swapped(rule))}>
          Swap A and B
        </Button>
        <Button size="sm" className="ml-auto" aria-label={`Remove ${name}`} onPress={onRemove}>
          Remove
        </Button>
      </div>
      <p className="text-xs text-muted">{kind?.told}</p>
      <RuleTrack rule={rule} onSpan={(span) => onChange(withSpan(rule, span), "within_s")} onSide={focus} />
      <div ref={sides} className="grid items-start gap-3 md:grid-cols-2">
        {(["a", "b"] as const).map((side) => (
          <div key={side} data-side={side} className="flex flex-col gap-2">
            <SideFields
              name={side.toUpperCase()}
              parts={partsOf(rule[side] ?? "")}
              seen={seen}
              onChange={(parts, place) => onChange({ ...rule, [side]: matchOf(parts) }, `${side}.${place}`)}
              problem={problem(side)}
            />
            <SuggestField
              label={`${side.toUpperCase()}: about the same thing, by argument`}
              value={rule.same?.[side] ?? ""}
              suggestions={seen.named}
              onChange={(pointer) => onChange(withSame(rule, side, pointer), `same.${side}`)}
            />
            <Problem text={problem(`same.${side}`)} />
          </div>
        ))}
      </div>
      <div className="grid grid-cols-2 items-start gap-3 md:grid-cols-3">
        <WordField
          label="Name of the rule"
          value={rule.id}
          onChange={(id) => onChange({ ...rule, id: String(id) }, "id")}
          problem={problem("id")}
        />
        {hasTime(rule.kind) ? (
          <NumberField
            label="Within, s"
            value={rule.within_s}
            description={mayLast(rule.kind) ? "Nothing: for good." : undefined}
            onChange={(seconds) => {
              const { within_s: _before, ...rest } = rule;
              // What is no number yet stays as it is typed; the check of the whole names it.
              onChange((seconds === undefined ? rest : { ...rest, within_s: seconds }) as SequenceRule, "within_s");
            }}
            problem={problem("within_s")}
          />
        ) : null}
        <Select
          label="Severity"
          items={SEVERITIES}
          selectedKey={String(rule.severity)}
          onSelectionChange={(level) => onChange({ ...rule, severity: Number(level) })}
          errorMessage={problem("severity")}
        />
      </div>
      <Problem text={problem("")} />
    </fieldset>
  );
}

interface SideFieldsProps {
  readonly name: string;
  readonly parts: MatchParts;
  readonly seen: Seen;
  onChange(parts: MatchParts, place: string): void;
  readonly problem: string | undefined;
}

/** What one side matches: the action, the data it touches, where it goes. What is empty is not asked for. */
function SideFields({ name, parts, seen, onChange, problem }: SideFieldsProps) {
  const field = (label: string, member: keyof MatchParts, suggestions: readonly string[]) => (
    <SuggestField
      label={`${name}: ${label}`}
      value={parts[member]}
      suggestions={suggestions}
      onChange={(text) => onChange({ ...parts, [member]: text }, member)}
    />
  );
  return (
    <div className="flex flex-col gap-2">
      {field("action, or a beginning ending in *", "act", seen.actions)}
      {field("data of class", "data", seen.dataClasses)}
      {field("goes to (resource or domain)", "to", seen.targets)}
      <Problem text={problem} />
    </div>
  );
}
