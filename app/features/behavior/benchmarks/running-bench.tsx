import { useEffect, useRef } from "react";
import { problemOf } from "../../../api/client/problem.ts";
import type { BenchmarkView } from "../../../api/contract/benchmark.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { useFrozen } from "../../../ui/frozen.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { Section } from "../../../ui/section.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { Answered } from "../answered.tsx";
import { STATUS } from "./bench-words.ts";
import { useBenchmark, useCancel } from "./use-benchmarks.ts";

const PHASES = {
  warmup: "Warming up: these runs are thrown away",
  running: "Measuring",
  computing: "All runs are over: computing",
} as const;

/** The benchmark that runs: how far it is, where its runs can be watched, and the way to call it off. */
export function RunningBench({ bench, isChosen }: { readonly bench: BenchmarkView; readonly isChosen: boolean }) {
  const detail = useBenchmark(bench.order);
  const cancel = useCancel(bench.order);
  const frozen = useFrozen();
  const top = useRef<HTMLDivElement>(null);
  // Who has just ordered it is at the end of the page.
  useEffect(() => {
    if (isChosen) top.current?.scrollIntoView({ block: "start" });
  }, [isChosen]);
  return (
    <div ref={top}>
      <Section
        level={2}
        title={`Running: ${bench.benchId}, version ${formatCount(bench.version)}`}
        aside={<Mark {...STATUS.running} />}
      >
        <Answered query={detail} what="the benchmark">
          {({ now, taskSet }) =>
            now === null ? (
              <p>
                {frozen === null
                  ? "It runs in another place, or how far it is is not known yet."
                  : "It was running then; how far it was is in no log."}
              </p>
            ) : (
              <div className="flex max-w-xl flex-col gap-2">
                <Progress
                  label={PHASES[now.phase]}
                  value={now.done}
                  max={now.of}
                  detail={`${formatCount(now.done)} of ${formatCount(now.of)} measured runs over`}
                />
                {taskSet?.items.some(({ drill }) => drill !== undefined) !== true ? null : (
                  <p className="font-semibold" role="status">
                    {now.isHeld
                      ? "A stop of more than the drill is in force: release it in Control, then the next drill begins."
                      : "Your part: stop all agents of the drill that runs, as you would in earnest."}
                  </p>
                )}
                <p className="text-muted">
                  Since {formatDuration(now.elapsedMs)}.
                  {now.timeouts === 0
                    ? ""
                    : ` ${formatCount(now.timeouts)} of them took too long; above a fifth there is no result.`}{" "}
                  What was signed for its runs is taken for another {formatDuration(now.leftMs)}.
                </p>
                {now.wids.length === 0 ? null : (
                  <ul aria-label="Runs that go on" className="flex flex-wrap gap-x-4">
                    {now.wids.map((wid, at) => (
                      <li key={wid}>
                        <GoLink to="/watch" search={{ wid }}>
                          Watch run {formatCount(at + 1)}
                        </GoLink>
                      </li>
                    ))}
                  </ul>
                )}
              </div>
            )
          }
        </Answered>
        {cancel.isError ? <ProblemNote problem={problemOf(cancel.error)} /> : null}
        {frozen === null ? (
          <div className="pt-2">
            <Button onPress={() => cancel.mutate()} isPending={cancel.isPending} isDisabled={!cancel.isSignedIn}>
              Call it off, without a result
            </Button>
          </div>
        ) : null}
      </Section>
    </div>
  );
}
