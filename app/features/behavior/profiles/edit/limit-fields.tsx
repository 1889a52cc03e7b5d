import { METRICS, QUANTITIES } from "../../../../protocol/behavior/metrics.ts";
import type { LimitRule } from "../../../../protocol/behavior/profile.ts";
import { Button } from "../../../../ui/button.tsx";
import { Select } from "../../../../ui/select.tsx";
import { NumberField, Problem, WordField } from "../../../../ui/value-fields.tsx";
import { SEVERITIES } from "../sequence/sequence-rules.tsx";
import { freeId } from "./profile-document.ts";

export interface LimitFieldsProps {
  readonly limits: readonly LimitRule[];
  readonly taken: readonly string[];
  onChange(limits: readonly LimitRule[], place: string | null): void;
  problem(path: string, except?: readonly string[]): string | undefined;
}

const METRIC_ITEMS = [...QUANTITIES, ...METRICS].map((id) => ({ id, name: id.replaceAll("_", " ") }));
const OPS = [
  { id: "<=", name: "at most" },
  { id: "<", name: "below" },
  { id: ">=", name: "at least" },
  { id: ">", name: "above" },
];
const MEMBERS = ["id", "metric", "op", "value", "severity"];

/** Quantities of one window, each with its bound. */
export function LimitFields({ limits, taken, onChange, problem }: LimitFieldsProps) {
  const change = (at: number, member: keyof LimitRule, value: unknown, place: string | null = null): void =>
    // What is no number yet stays as it is typed; the check of the whole names it.
    onChange(
      limits.map((limit, other) => (other === at ? { ...limit, [member]: value } : limit)) as LimitRule[],
      place,
    );
  return (
    <div className="flex flex-col gap-2">
      {limits.map((limit, at) => (
        <fieldset
          // A limit is its place: its name is one of its fields.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={at}
          className="grid grid-cols-2 items-start gap-2 border border-line p-2 md:grid-cols-6"
        >
          <legend className="px-1 text-xs font-medium text-muted">Limit {at + 1}</legend>
          <WordField
            label="Name of the limit"
            value={limit.id}
            onChange={(id) => change(at, "id", id, `limits.${at}.id`)}
            problem={problem(`${at}.id`)}
          />
          <Select
            label="What"
            items={METRIC_ITEMS}
            selectedKey={limit.metric}
            onSelectionChange={(metric) => change(at, "metric", metric)}
            errorMessage={problem(`${at}.metric`)}
          />
          <Select label="Is" items={OPS} selectedKey={limit.op} onSelectionChange={(op) => change(at, "op", op)} />
          <NumberField
            label="Value"
            value={limit.value}
            onChange={(value) => change(at, "value", value, `limits.${at}.value`)}
            problem={problem(`${at}.value`)}
          />
          <Select
            label="Severity"
            items={SEVERITIES}
            selectedKey={String(limit.severity)}
            onSelectionChange={(level) => change(at, "severity", Number(level))}
          />
          <Button
            size="sm"
            className="mt-5 justify-self-end"
            aria-label={`Remove limit ${at + 1}`}
            onPress={() =>
              onChange(
                limits.filter((_, other) => other !== at),
                null,
              )
            }
          >
            Remove
          </Button>
          <Problem text={problem(String(at), MEMBERS)} />
        </fieldset>
      ))}
      <Button
        className="self-start"
        onPress={() =>
          onChange(
            [...limits, { id: freeId("limit", taken), metric: "max_calls", op: "<=", value: 1000, severity: 3 }],
            null,
          )
        }
      >
        Add a limit
      </Button>
    </div>
  );
}
