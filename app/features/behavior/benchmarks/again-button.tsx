import type { BenchmarkView } from "../../../api/contract/benchmark.ts";
import type { BenchProfile, BenchTaskSet } from "../../../protocol/behavior/bench-profile.ts";
import { Button } from "../../../ui/button.tsx";
import { useFrozen } from "../../../ui/frozen.ts";
import { ProblemNote } from "../../../ui/states.tsx";
import { OperatorOnly } from "./sign-in-first.tsx";
import { useOrderBench } from "./use-order-bench.ts";

export interface AgainButtonProps {
  readonly bench: BenchmarkView;
  readonly profile: BenchProfile;
  /** Null while it is secret: then only who holds it can order it again. */
  readonly taskSet: BenchTaskSet | null;
  readonly isRunning: boolean;
  onOrdered(order: string): void;
}

/** The same benchmark once more, word for word, so that the two results are comparable. */
export function AgainButton({ bench, profile, taskSet, isRunning, onOrdered }: AgainButtonProps) {
  const { order, isBusy, problem } = useOrderBench(onOrdered);
  const frozen = useFrozen();
  if (frozen !== null) return null;
  if (taskSet === null)
    return <p className="text-muted">Its tasks were never told: it cannot be run again from here.</p>;
  const agent = bench.subject.endsWith("/agents") ? null : (bench.subject.split("/").at(-1) ?? null);
  return (
    <OperatorOnly what="run it again">
      <Button
        isPending={isBusy}
        isDisabled={isRunning || isBusy}
        onPress={() =>
          order({
            set: async () => taskSet,
            profile: async () => profile,
            ...{ agent, reason: "The same benchmark again" },
          })
        }
      >
        {isBusy ? "Signing …" : "Sign and run it again"}
      </Button>
      {profile.task_set.secret === true ? (
        <span className="text-muted">Its tasks are no secret any more since it had a result.</span>
      ) : null}
      {problem === null ? null : <ProblemNote problem={problem} />}
    </OperatorOnly>
  );
}
