import { problemOf } from "../../../api/client/problem.ts";
import type { BenchmarkView, MetricChangeView } from "../../../api/contract/benchmark.ts";
import { METRICS, type Metric } from "../../../protocol/behavior/metrics.ts";
import { formatCount } from "../../../ui/duration.ts";
import { formatInstant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { word } from "../words.ts";
import { intervalWords, MOVEMENTS, metricWords, subjectWords } from "./bench-words.ts";
import { useComparisons } from "./use-benchmarks.ts";
import { scaleOf, Whisker } from "./whisker.tsx";

export interface ComparePartProps {
  readonly result: BenchmarkView;
  /** Orders of the results it is held against. */
  readonly others: readonly string[];
  readonly all: readonly BenchmarkView[];
}

/**
 * A result held against others (row 101). What is not comparable is said with the reason, and nothing of it is drawn; a
 * regression is one only where the intervals have nothing in common.
 */
export function ComparePart({ result, others, all }: ComparePartProps) {
  const answers = useComparisons(result.order, others);
  const named = others.map((order, at) => ({ order, answer: answers[at], name: nameOf(all, order) }));
  const comparable = named.flatMap(({ order, name, answer }) =>
    answer?.data === undefined || answer.data.problem !== null ? [] : [{ order, name, changes: answer.data.changes }],
  );
  return (
    <Section
      level={2}
      title={`${nameOf(all, result.order)} against ${formatCount(others.length)} ${others.length === 1 ? "other" : "others"}`}
    >
      <ul aria-label="Whether they can be compared" className="mb-2 flex flex-col gap-1">
        {named.map(({ order, name, answer }) =>
          answer?.data === undefined ? (
            <li key={order}>
              {answer?.isError === true ? (
                <ProblemNote problem={problemOf(answer.error)} onRetry={() => void answer.refetch()} />
              ) : (
                <Loading what="the comparison" />
              )}
            </li>
          ) : (
            <li key={order} className="flex flex-wrap items-baseline gap-x-2">
              <span>{name}:</span>
              {answer.data.problem === null ? (
                <Told changes={answer.data.changes} />
              ) : (
                <>
                  <Mark shape="cross" tone="warning" label="not comparable" />
                  <UntrustedText text={answer.data.problem.detail} />
                </>
              )}
            </li>
          ),
        )}
      </ul>
      {comparable.length === 0 ? null : <Drawn name={nameOf(all, result.order)} others={comparable} />}
    </Section>
  );
}

function Told({ changes }: { readonly changes: readonly MetricChangeView[] }) {
  const worse = changes
    .filter(({ movement }) => movement === "regressed")
    .map(({ metric }) => metricWords(metric).name);
  const better = changes
    .filter(({ movement }) => movement === "improved")
    .map(({ metric }) => metricWords(metric).name);
  return (
    <>
      {worse.length === 0 ? null : <Mark {...MOVEMENTS.regressed} label={`worse than it: ${worse.join(", ")}`} />}
      {better.length === 0 ? null : <span>better than it: {better.join(", ")}</span>}
      {worse.length + better.length === 0 ? <span>no metric differs clearly</span> : null}
    </>
  );
}

interface Other {
  readonly order: string;
  readonly name: string;
  readonly changes: readonly MetricChangeView[];
}

function Drawn({ name, others }: { readonly name: string; readonly others: readonly Other[] }) {
  return (
    <Table
      label="Comparison"
      columns={[
        "Metric",
        "Result",
        { name: "Value", isNumber: true },
        "95 % interval",
        "Drawn",
        "Against it",
        "Difference, with its 95 % interval",
      ]}
    >
      {METRICS.map((metric) => (
        <MetricRows key={metric} metric={metric} name={name} others={others} />
      ))}
    </Table>
  );
}

function MetricRows({
  metric,
  name,
  others,
}: {
  readonly metric: Metric;
  readonly name: string;
  readonly others: readonly Other[];
}) {
  const found = others.flatMap(({ order, name, changes }) => {
    const change = changes.find((one) => one.metric === metric);
    return change === undefined ? [] : [{ order, name, change }];
  });
  const after = found[0]?.change.after;
  if (after === undefined) return null;
  const { name: words, format, most } = metricWords(metric);
  const scale = scaleOf([after, ...found.map(({ change }) => change.before)], undefined, most);
  const rows = [
    { key: "this", name, measured: after, change: null },
    ...found.map(({ order, name, change }) => ({ key: order, name, measured: change.before, change })),
  ];
  return rows.map((row, at) => (
    <Row key={row.key} isSelected={at === 0}>
      <HeadCell>{at === 0 ? words : <span className="sr-only">{words}</span>}</HeadCell>
      <Cell>{row.name}</Cell>
      <NumberCell>{format(row.measured.value)}</NumberCell>
      <Cell>{intervalWords(metric, row.measured.ci_low, row.measured.ci_high)}</Cell>
      <Cell>
        <Whisker value={row.measured.value} low={row.measured.ci_low} high={row.measured.ci_high} {...scale} />
      </Cell>
      <Cell>{row.change === null ? "" : <Mark {...MOVEMENTS[row.change.movement]} />}</Cell>
      <Cell>{row.change === null ? "" : differenceWords(metric, row.change)}</Cell>
    </Row>
  ));
}

function differenceWords(metric: Metric, { difference }: MetricChangeView): string {
  const { difference: format } = metricWords(metric);
  const sign = (value: number): string => (value > 0 ? `+${format(value)}` : format(value).replace("-", "−"));
  return `${sign(difference.value)} (${sign(difference.ci_low)} to ${sign(difference.ci_high)})`;
}

/** Two agents can be held against each other by one benchmark: whose result it is stands with it. */
const ofWhom = ({ subject }: BenchmarkView): string =>
  subject.endsWith("/agents") ? "" : `, ${word(subjectWords(subject))}`;

/** A result by its time, which is what tells runs of one benchmark apart. */
function nameOf(all: readonly BenchmarkView[], order: string): string {
  const bench = all.find((one) => one.order === order);
  return bench === undefined
    ? order.slice(0, 8)
    : `${bench.benchId} ${bench.version}${ofWhom(bench)}, ${formatInstant(bench.at * 1000)}`;
}
