import { BENCH_METRICS } from "../../../protocol/behavior/bench-measure.ts";
import type { Metric } from "../../../protocol/behavior/metrics.ts";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { Cell, HeadCell, Row, Table } from "../../../ui/table.tsx";
import { type BenchDraft, type MetricDraft, type RunFacts, suggestedTarget } from "./bench-draft.ts";
import { metricWords } from "./bench-words.ts";

export interface MetricFieldsProps {
  readonly draft: BenchDraft;
  readonly facts: RunFacts;
  readonly problem: string | undefined;
  onChange(metrics: BenchDraft["metrics"]): void;
}

/** What is measured, and how it makes up the score. */
export function MetricFields({ draft, facts, problem, onChange }: MetricFieldsProps) {
  const change = (metric: Metric, patch: Partial<MetricDraft>): void => {
    const before = draft.metrics[metric];
    if (before !== undefined) onChange({ ...draft.metrics, [metric]: { ...before, ...patch } });
  };
  return (
    <div className="flex flex-col gap-1">
      <Table label="What is measured and what it weighs" columns={["Metric", "Weight, %", "Goal", "Worst", "Unit"]}>
        {BENCH_METRICS.map((metric) => {
          const typed = draft.metrics[metric];
          if (typed === undefined) return null;
          const { name, unit } = metricWords(metric);
          const suggested = suggestedTarget(metric, draft, facts);
          const cell = (field: "weight" | "goal" | "worst", label: string, placeholder: string) => (
            <Cell>
              <input
                type="text"
                inputMode="decimal"
                autoComplete="off"
                aria-label={`${label} of ${name}`}
                value={typed[field]}
                placeholder={placeholder}
                disabled={!typed.isOn}
                onChange={(event) => change(metric, { [field]: event.target.value })}
                className="h-7 w-20 border border-strong bg-raised px-1.5 tabular-nums disabled:opacity-50"
              />
            </Cell>
          );
          return (
            <Row key={metric}>
              <HeadCell isWide>
                <Checkbox isSelected={typed.isOn} onChange={(isOn) => change(metric, { isOn })}>
                  {name}
                </Checkbox>
              </HeadCell>
              {cell("weight", "Weight", "none")}
              {cell("goal", "Goal", suggested === null ? "none" : String(suggested.goal))}
              {cell("worst", "Worst", suggested === null ? "none" : String(suggested.worst))}
              <Cell>{unit}</Cell>
            </Row>
          );
        })}
      </Table>
      {problem === undefined ? null : (
        <p role="status" className="text-xs font-medium text-critical">
          {problem}
        </p>
      )}
    </div>
  );
}
