import type { BenchmarkView } from "../../../api/contract/benchmark.ts";
import { Button } from "../../../ui/button.tsx";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { formatInstant, Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { word } from "../words.ts";
import { STATUS, subjectWords } from "./bench-words.ts";

export interface HistoryTableProps {
  readonly benchmarks: readonly BenchmarkView[];
  readonly selected: string | null;
  readonly compared: readonly string[];
  readonly canCompare: boolean;
  onSelect(order: string): void;
  onCompare(order: string): void;
}

/** All benchmarks that are over, newest first: one is in view, others are ticked to be held against it. */
export function HistoryTable({ benchmarks, selected, compared, canCompare, ...acts }: HistoryTableProps) {
  if (benchmarks.length === 0)
    return (
      <Section title="Benchmarks so far" level={2}>
        <p className="text-muted">No benchmark has been run in this log yet. Order one below.</p>
      </Section>
    );
  return (
    <Section title="Benchmarks so far" level={2}>
      <Table
        label="Benchmarks so far"
        isBounded
        columns={[
          "Benchmark",
          "Ordered",
          "Outcome",
          { name: "Score", isNumber: true },
          { name: "Runs", isNumber: true },
          "Measured",
          "By",
          "Compare",
        ]}
      >
        {benchmarks.map((bench) => {
          const name = `${bench.benchId}, version ${formatCount(bench.version)}`;
          const isSelected = bench.order === selected;
          return (
            <Row key={bench.order} isSelected={isSelected}>
              <HeadCell>
                {isSelected ? (
                  <span aria-current="true" className="font-semibold">
                    {name}
                  </span>
                ) : (
                  <Button
                    size="sm"
                    variant="quiet"
                    onPress={() => acts.onSelect(bench.order)}
                    aria-label={`Show ${name}, ordered ${formatInstant(bench.at * 1000)}`}
                  >
                    {name}
                  </Button>
                )}
              </HeadCell>
              <Cell>
                <Instant epochMs={bench.at * 1000} full />
              </Cell>
              <Cell>
                <Mark {...STATUS[bench.status]} />
              </Cell>
              <NumberCell>{bench.score === null ? "none" : bench.score.toFixed(1)}</NumberCell>
              <NumberCell>{formatCount(bench.runs)}</NumberCell>
              <Cell>{word(subjectWords(bench.subject))}</Cell>
              <Cell>{word(subjectWords(bench.by))}</Cell>
              <Cell>
                {isSelected || bench.status !== "done" || !canCompare ? (
                  ""
                ) : (
                  <Checkbox
                    isSelected={compared.includes(bench.order)}
                    onChange={() => acts.onCompare(bench.order)}
                    aria-label={`Compare with ${name}, ordered ${formatInstant(bench.at * 1000)}`}
                  />
                )}
              </Cell>
            </Row>
          );
        })}
      </Table>
    </Section>
  );
}
