import { problemOf } from "../../../api/client/problem.ts";
import { PHASES, stepsWords } from "../../../api/client/rollback-words.ts";
import type { RollbackSummary } from "../../../api/contract/rollback.ts";
import { Button } from "../../../ui/button.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Empty, Loading, ProblemNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { personWords } from "./names.tsx";
import { useFirst } from "./plan-report.tsx";
import { useRollbacks } from "./queries.ts";

/** The rollbacks of a workflow, newest first. */
export function ListView({ wid, onOpen }: { readonly wid: string; onOpen(rbId: string): void }) {
  const found = useRollbacks(wid);
  const { shown, more } = useFirst(found.data?.rollbacks ?? []);
  if (found.data === undefined)
    return found.isError ? (
      <ProblemNote problem={problemOf(found.error)} onRetry={() => void found.refetch()} />
    ) : (
      <Loading what="the rollbacks" />
    );
  if (shown.length === 0) return <Empty title="This workflow was never rolled back" />;
  return (
    <>
      <ul>
        {shown.map((one) => (
          <Row key={one.rbId} rollback={one} onOpen={onOpen} />
        ))}
      </ul>
      {more}
    </>
  );
}

function Row({ rollback, onOpen }: { readonly rollback: RollbackSummary; onOpen(rbId: string): void }) {
  return (
    <li className="space-y-1 border-b border-line py-2 last:border-b-0">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <Mark {...PHASES[rollback.phase]} />
        <span className="text-xs text-muted">
          ordered <Ago sinceMs={rollback.requestedAt * 1000} /> by <bdi>{personWords(rollback.by)}</bdi>,{" "}
          {stepsWords(rollback.steps.total)}
        </span>
      </p>
      <p>
        <UntrustedText text={rollback.reason} maxCharacters={160} />
      </p>
      <Button size="sm" onPress={() => onOpen(rollback.rbId)}>
        Open
      </Button>
    </li>
  );
}
