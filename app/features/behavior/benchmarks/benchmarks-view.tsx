import type { BenchmarkView } from "../../../api/contract/benchmark.ts";
import { formatCount } from "../../../ui/duration.ts";
import { useFrozen } from "../../../ui/frozen.ts";
import { Identifier } from "../../../ui/identifier.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Empty } from "../../../ui/states.tsx";
import { Answered } from "../answered.tsx";
import type { SearchProps } from "../behavior-search.ts";
import { ComparePart } from "./compare-part.tsx";
import { HistoryTable } from "./history-table.tsx";
import { OrderForm } from "./order-form.tsx";
import { ResultPart } from "./result-part.tsx";
import { RunningBench } from "./running-bench.tsx";
import { useBenchmarks } from "./use-benchmarks.ts";

const MOST_COMPARED = 5;

/** Benchmarks (behavior.md B5, rows 100 to 102): the one that runs, a result and what it is held against, one to order, and all. */
export function BenchmarksView({ search, setSearch }: SearchProps) {
  const list = useBenchmarks();
  const frozen = useFrozen();
  return (
    <Answered query={list} what="the benchmarks">
      {({ benchmarks, position }) => {
        const running = benchmarks.find(({ status }) => status === "running");
        const over = benchmarks.filter(({ status }) => status !== "running");
        // Without a choice the newest result, which is what one has come from.
        const shown = over.find(({ order, status }) =>
          search.result === undefined ? status === "done" : order === search.result,
        );
        const compared = comparedWith(search.against, over, shown);
        const show = (order: string): void => setSearch({ result: order, against: undefined }, { replace: true });
        const compare = (order: string): void => {
          const rest = compared.filter((one) => one !== order);
          const next = rest.length === compared.length ? [...compared, order].slice(-MOST_COMPARED) : rest;
          setSearch(
            { against: next.length === 0 ? undefined : next.join(","), result: shown?.order },
            { replace: true },
          );
        };
        return (
          <div className="mx-auto max-w-5xl pb-4">
            {running === undefined ? null : (
              <RunningBench key={running.order} bench={running} isChosen={running.order === search.result} />
            )}
            {search.result !== undefined && shown === undefined && running?.order !== search.result ? (
              <Empty title="No such benchmark in this log">
                <Identifier value={search.result} label="benchmark" /> may belong to another console or to a log that
                was started anew.
              </Empty>
            ) : null}
            {shown === undefined ? null : (
              <ResultPart key={shown.order} bench={shown} isRunning={running !== undefined} onOrdered={show} />
            )}
            {shown?.status === "done" && compared.length > 0 ? (
              <ComparePart result={shown} others={compared} all={over} />
            ) : null}
            <HistoryTable
              benchmarks={over}
              selected={shown?.order ?? null}
              compared={compared}
              canCompare={shown?.status === "done"}
              onSelect={show}
              onCompare={compare}
            />
            {frozen === null ? (
              <OrderForm isRunning={running !== undefined} benchmarks={benchmarks} onOrdered={show} />
            ) : (
              <p className="py-2 text-muted">No benchmark can be ordered here: {frozen.why}</p>
            )}
            <p className="pt-2 text-xs text-muted">
              Read from the log of {position.domain} at {formatCount(position.size)} entries,{" "}
              <Ago sinceMs={position.atMs} />
            </p>
          </div>
        );
      }}
    </Answered>
  );
}

/** Results named in the address that are here and are another one than the one in view. */
function comparedWith(
  named: string | undefined,
  over: readonly BenchmarkView[],
  shown: BenchmarkView | undefined,
): readonly string[] {
  const known = new Set(over.flatMap(({ order, status }) => (status === "done" ? [order] : [])));
  return [...new Set((named ?? "").split(","))].filter((order) => known.has(order) && order !== shown?.order);
}
