import { problemOf } from "../../../api/client/problem.ts";
import type { BenchmarkView } from "../../../api/contract/benchmark.ts";
import type { BenchProfile } from "../../../protocol/behavior/bench-profile.ts";
import type { BenchResultClaims } from "../../../protocol/behavior/bench-result.ts";
import { scoreParts } from "../../../protocol/behavior/bench-score.ts";
import { METRICS } from "../../../protocol/behavior/metrics.ts";
import { Button } from "../../../ui/button.tsx";
import { type Fact, Facts } from "../../../ui/definition-list.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Identifier } from "../../../ui/identifier.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { Answered } from "../answered.tsx";
import { word } from "../words.ts";
import { AgainButton } from "./again-button.tsx";
import { intervalWords, metricWords, reasonWords, STATUS, scoreWords, subjectWords } from "./bench-words.ts";
import { useBenchmark, useResultProblems, useSaveResult } from "./use-benchmarks.ts";
import { scaleOf, Whisker } from "./whisker.tsx";

export interface ResultPartProps {
  readonly bench: BenchmarkView;
  /** Another one runs: this one cannot be run again now. */
  readonly isRunning: boolean;
  onOrdered(order: string): void;
}

/** One benchmark that is over: what was measured, with intervals, where, and what was otherwise than planned; or why not. */
export function ResultPart({ bench, isRunning, onOrdered }: ResultPartProps) {
  const detail = useBenchmark(bench.order);
  const save = useSaveResult();
  const { endSeq, benchId, version } = bench;
  return (
    <Section
      level={2}
      title={`${benchId}, version ${formatCount(version)}: ${bench.score === null ? "no result" : scoreWords(bench.score)}`}
      aside={<Mark {...STATUS[bench.status]} />}
    >
      {bench.aborted === null ? null : (
        <p className="mb-2 font-semibold">
          {reasonWords(bench.aborted.reason)}. <UntrustedText text={bench.aborted.detail} className="font-normal" />
        </p>
      )}
      <Answered query={detail} what="the benchmark">
        {({ profile, reason, taskSet, result }) => (
          <>
            {result === null ? null : (
              <>
                <Measures result={result} profile={profile} />
                <Recomputed result={result} profile={profile} />
              </>
            )}
            <div className="mt-3 grid gap-x-8 gap-y-3 lg:grid-cols-2">
              <Facts items={factsOf(bench, profile, reason, result)} />
              <Facts items={environmentOf(result?.environment ?? profile.environment)} />
            </div>
            <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
              <AgainButton
                bench={bench}
                profile={profile}
                taskSet={taskSet}
                isRunning={isRunning}
                onOrdered={onOrdered}
              />
              {bench.status !== "done" || endSeq === null ? null : (
                <Button
                  onPress={() => save.mutate({ seq: endSeq, name: `${benchId}-${version}-${bench.order.slice(0, 8)}` })}
                  isPending={save.isPending}
                >
                  Save the signed result
                </Button>
              )}
              {endSeq === null ? null : (
                <GoLink to="/timeline" search={{ entry: endSeq }}>
                  Entry {formatCount(endSeq)} of the log, signed by the enforcement point
                </GoLink>
              )}
            </div>
          </>
        )}
      </Answered>
      {save.isError ? <ProblemNote problem={problemOf(save.error)} /> : null}
    </Section>
  );
}

function Measures({ result, profile }: { readonly result: BenchResultClaims; readonly profile: BenchProfile }) {
  const points = new Map(scoreParts(profile, result.results).map((part) => [part.metric, part]));
  return (
    <>
      <Table
        label="What was measured"
        columns={[
          "Metric",
          { name: "Value", isNumber: true },
          "95 % interval",
          "Drawn",
          { name: "Observations", isNumber: true },
          "Goal and worst",
          { name: "Points", isNumber: true },
        ]}
      >
        {METRICS.map((metric) => {
          const measured = result.results[metric];
          if (measured === undefined) return null;
          const { name, format, most } = metricWords(metric);
          const target = profile.targets[metric];
          const part = points.get(metric);
          const goal = target?.goal;
          return (
            <Row key={metric}>
              <HeadCell>{name}</HeadCell>
              <NumberCell>{format(measured.value)}</NumberCell>
              <Cell>{intervalWords(metric, measured.ci_low, measured.ci_high)}</Cell>
              <Cell>
                <Whisker
                  value={measured.value}
                  low={measured.ci_low}
                  high={measured.ci_high}
                  goal={goal}
                  {...scaleOf([measured], goal, most)}
                />
              </Cell>
              <NumberCell>{formatCount(measured.n)}</NumberCell>
              <Cell>{target === undefined ? "none" : `${format(target.goal)}, ${format(target.worst)}`}</Cell>
              <NumberCell>
                {part === undefined ? "none" : `${part.points.toFixed(1)} of ${(part.weight * 100).toFixed(1)}`}
              </NumberCell>
            </Row>
          );
        })}
      </Table>
      <p className="mt-1 text-xs text-muted">
        A dot is the value, its whisker the 95 % interval, a hollow tick the goal. Shares: Wilson, with every task
        counted as independent. Durations: nearest rank, between order statistics. Others: mean over runs ± 1.96
        standard errors.
      </p>
      {result.deviations.length === 0 ? (
        <p className="mt-2">Nothing was otherwise than the profile has it.</p>
      ) : (
        <div className="mt-2">
          <p className="font-semibold">Otherwise than the profile has it:</p>
          <ul className="list-disc pl-4">
            {result.deviations.map((text) => (
              <li key={text}>
                <UntrustedText text={text} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

/** What this page found when it computed the result anew, which is more than the runner's word. */
function Recomputed({ profile, result }: { readonly profile: BenchProfile; readonly result: BenchResultClaims }) {
  const problems = useResultProblems(profile, result);
  if (problems === undefined) return null;
  if (problems.length === 0)
    return (
      <p className="mt-2">
        <Mark shape="dot" tone="good" label="Recomputed here:" /> score, number of runs and digests follow from what was
        ordered.
      </p>
    );
  return (
    <div className="mt-2">
      <Mark shape="cross" tone="critical" label="Recomputed here, it does not hold:" />
      <ul className="list-disc pl-4">
        {problems.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </div>
  );
}

function factsOf(
  bench: BenchmarkView,
  profile: BenchProfile,
  reason: string,
  result: BenchResultClaims | null,
): Fact[] {
  return [
    { term: "Ordered", value: <Instant epochMs={bench.at * 1000} full />, hint: `by ${word(subjectWords(bench.by))}` },
    { term: "Why", value: <UntrustedText text={reason} /> },
    { term: "Measured", value: word(subjectWords(bench.subject)) },
    {
      term: "Tasks",
      value:
        result === null
          ? `${formatCount(profile.task_set.count)} in each repetition`
          : `${formatCount(result.n)} attempted, ${formatCount(result.failed)} not completed`,
      hint: bench.secret ? "the task set was secret until the result" : undefined,
    },
    {
      term: "Runs",
      value: `${formatCount(profile.repetitions)} repetitions, ${formatCount(profile.warmup)} warm-up, ${formatCount(profile.concurrency)} at once`,
      hint: `seed ${profile.seed}, at most ${formatDuration(profile.timeout_ms)} each`,
    },
    {
      term: "Asked first",
      value: profile.gated_actions.length === 0 ? "nobody" : word(profile.gated_actions.join(", ")),
    },
    { term: "Digest", value: <Identifier value={bench.hash} label="digest of the benchmark" /> },
  ];
}

const HOST_WORDS: Readonly<Record<string, string>> = {
  "host.kind": "Host",
  "host.engine": "Engine",
  "host.cores": "Cores",
  "host.agents": "Agents run in",
  "host.isolated": "Isolated",
};

const environmentOf = (environment: Readonly<Record<string, string>>): Fact[] =>
  Object.entries(environment).map(([name, value]) => {
    const own = HOST_WORDS[name];
    return { term: own ?? word(name, 40), value: word(value), hint: own === undefined ? "declared" : undefined };
  });
