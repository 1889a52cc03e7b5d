import { Button } from "../../../ui/button.tsx";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { Select } from "../../../ui/select.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { WANTED } from "../ask-words.ts";
import { type BorderDraft, CLASSES, type DataClass, LEVELS, type RuleDraft, toggled } from "./border-draft.ts";

const TRANSFERS = [
  { id: "allowed", name: "Yes" },
  { id: "restricted", name: "Only to domains under the same regime" },
  { id: "forbidden", name: "No, nothing of it" },
] as const;
const ROLES = [
  "controller",
  "processor",
  "covered_entity",
  "business_associate",
  "provider",
  "deployer",
  "none",
] as const;

const LISTED = "Several with commas between them.";

export interface BorderFieldsProps {
  readonly draft: BorderDraft;
  readonly problems: Readonly<Record<string, string>>;
  onChange(draft: BorderDraft): void;
}

/** Every member of a border policy: what comes in, who is shown what, and under which regime. */
export function BorderFields({ draft, problems, onChange }: BorderFieldsProps) {
  const change = (patch: Partial<BorderDraft>): void => onChange({ ...draft, ...patch });
  return (
    <div className="space-y-4">
      <fieldset className="space-y-2">
        <legend className="font-semibold">What comes in</legend>
        <div className="grid gap-3 md:grid-cols-2">
          <Select
            label="Trails of level"
            items={LEVELS.map((level) => ({ id: String(level), name: level === 3 ? "3" : `${level} or higher` }))}
            selectedKey={String(draft.level)}
            onSelectionChange={(level) => change({ level: Number(level) })}
          />
          <TextField
            label="What is restricted to these regimes"
            description={LISTED}
            value={draft.regimes}
            onChange={(regimes) => change({ regimes })}
          />
          <TextField
            label="Works with"
            description={LISTED}
            value={draft.worksWith}
            onChange={(worksWith) => change({ worksWith })}
            mono
          />
        </div>
        <Classes label="Classes of data that are taken" of={draft.taken} onChange={(taken) => change({ taken })} />
      </fieldset>
      <fieldset className="space-y-2">
        <legend className="font-semibold">Who is shown what</legend>
        {draft.rules.map((rule) => (
          <RuleFields
            key={rule.id}
            rule={rule}
            problem={problems[`rule ${rule.id}`]}
            onChange={(next) => change({ rules: draft.rules.map((one) => (one.id === rule.id ? next : one)) })}
            onRemove={() => change({ rules: draft.rules.filter((one) => one.id !== rule.id) })}
          />
        ))}
        <Button size="sm" onPress={() => change({ rules: [...draft.rules, newRule(draft.rules)] })}>
          Add an audience
        </Button>
        <div className="flex flex-col">
          <Checkbox isSelected={draft.revealsAll} onChange={(revealsAll) => change({ revealsAll })}>
            Whoever is none of these is shown everything
          </Checkbox>
          <Checkbox isSelected={draft.pairwise} onChange={(pairwise) => change({ pairwise })}>
            Hands on names that only the pair knows
          </Checkbox>
          <Checkbox isSelected={draft.rounded} onChange={(rounded) => change({ rounded })}>
            Rounds counts of what it keeps back
          </Checkbox>
        </div>
      </fieldset>
      <fieldset className="space-y-2">
        <legend className="font-semibold">Regime</legend>
        <div className="grid gap-3 md:grid-cols-2">
          <TextField
            label="Regime"
            value={draft.regime}
            onChange={(regime) => change({ regime })}
            errorMessage={problems.regime}
          />
          <Select
            label="Role under it"
            items={ROLES.map((id) => ({ id, name: id.replaceAll("_", " ") }))}
            selectedKey={draft.role}
            onSelectionChange={(id) => change({ role: ROLES.find((role) => role === id) ?? draft.role })}
          />
          <Select
            label="May leave the domain"
            items={TRANSFERS}
            selectedKey={draft.transfer}
            onSelectionChange={(id) =>
              change({ transfer: TRANSFERS.find((transfer) => transfer.id === id)?.id ?? draft.transfer })
            }
          />
          <TextField
            label="Purpose"
            value={draft.purpose}
            onChange={(purpose) => change({ purpose })}
            errorMessage={problems.purpose}
            maxLength={256}
          />
          <TextField
            label="Kept at least, days"
            value={draft.minDays}
            onChange={(minDays) => change({ minDays })}
            errorMessage={problems.minDays}
          />
          <TextField
            label="Kept at most, days"
            value={draft.maxDays}
            onChange={(maxDays) => change({ maxDays })}
            errorMessage={problems.maxDays}
          />
          <TextField
            label="Legal basis"
            value={draft.legalBasis}
            onChange={(legalBasis) => change({ legalBasis })}
            maxLength={256}
          />
          <TextField
            label="Jurisdictions"
            description={LISTED}
            value={draft.jurisdictions}
            onChange={(jurisdictions) => change({ jurisdictions })}
          />
        </div>
        <Classes
          label="Classes of data in its records"
          of={draft.classes}
          onChange={(classes) => change({ classes })}
        />
      </fieldset>
    </div>
  );
}

const newRule = (rules: readonly RuleDraft[]): RuleDraft => ({
  id: Math.max(-1, ...rules.map(({ id }) => id)) + 1,
  ...{ kind: "role", name: "", reveal: [] },
});

interface ClassesProps {
  readonly label: string;
  readonly of: readonly DataClass[];
  onChange(of: readonly DataClass[]): void;
}

function Classes({ label, of, onChange }: ClassesProps) {
  return (
    <fieldset className="flex flex-wrap gap-x-4">
      <legend className="text-xs text-muted">{label}</legend>
      {CLASSES.map((one) => (
        <Checkbox key={one} isSelected={of.includes(one)} onChange={(isIn) => onChange(toggled(of, one, isIn))}>
          {one}
        </Checkbox>
      ))}
    </fieldset>
  );
}

interface RuleFieldsProps {
  readonly rule: RuleDraft;
  readonly problem: string | undefined;
  onChange(rule: RuleDraft): void;
  onRemove(): void;
}

function RuleFields({ rule, problem, onChange, onRemove }: RuleFieldsProps) {
  const who = rule.name.trim() === "" ? "new audience" : visibleText(rule.name);
  return (
    <fieldset className="flex flex-wrap items-end gap-x-4 gap-y-1 border border-line p-2">
      <legend className="sr-only">Audience {who}</legend>
      <Select
        label="Audience"
        items={[
          { id: "role", name: "In the role" },
          { id: "domain", name: "Of the domain" },
        ]}
        selectedKey={rule.kind}
        onSelectionChange={(kind) => onChange({ ...rule, kind: kind === "domain" ? "domain" : "role" })}
      />
      <TextField
        label="Name"
        value={rule.name}
        onChange={(name) => onChange({ ...rule, name })}
        errorMessage={problem}
        mono
      />
      <div className="flex flex-wrap gap-x-4">
        {WANTED.map(({ id, name }) => (
          <Checkbox
            key={id}
            isSelected={rule.reveal.includes(id)}
            onChange={(isIn) => onChange({ ...rule, reveal: toggled(rule.reveal, id, isIn) })}
          >
            {name}
          </Checkbox>
        ))}
      </div>
      <Button size="sm" variant="quiet" aria-label={`Remove ${who}`} onPress={onRemove}>
        Remove
      </Button>
    </fieldset>
  );
}
