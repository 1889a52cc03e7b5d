import { useState } from "react";
import { problemOf } from "../../../api/client/problem.ts";
import { isOver, PHASES, stepsWords } from "../../../api/client/rollback-words.ts";
import type { RollbackSummary } from "../../../api/contract/rollback.ts";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Empty, Loading, ProblemNote, StaleNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { LeftOver } from "./left-over.tsx";
import { person } from "./residue-work.tsx";
import { asksPerson, byNeed, hasLeft, useRollbacks } from "./use-rollbacks.ts";

const STEP = 30;

/** Rollbacks of every workflow: those that ask for a person first, and what each has left, with whom to tell (J6, N13). */
export function RollbacksView() {
  const found = useRollbacks();
  const [count, setCount] = useState(STEP);
  if (found.data === undefined)
    return found.isError ? (
      <div className="p-4">
        <ProblemNote problem={problemOf(found.error)} onRetry={() => void found.refetch()} />
      </div>
    ) : (
      <Loading what="the rollbacks" />
    );
  const all = byNeed(found.data.rollbacks);
  if (all.length === 0)
    return (
      <Empty title="Nothing was ever rolled back">
        <p>A rollback is rehearsed and signed in Watch: select the task to go back to, and press Roll back.</p>
      </Empty>
    );
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      {found.isError ? <OldNote readAtMs={found.dataUpdatedAt} /> : null}
      <ul aria-label="Rollbacks">
        {all.slice(0, count).map((one) => (
          <Row key={one.rbId} rollback={one} />
        ))}
      </ul>
      {all.length > count ? (
        <Button variant="quiet" onPress={() => setCount(count + STEP)}>
          and {formatCount(all.length - count)} more
        </Button>
      ) : null}
    </div>
  );
}

function OldNote({ readAtMs }: { readonly readAtMs: number }) {
  return <StaleNote ageMs={useNow() - readAtMs} />;
}

function Row({ rollback }: { readonly rollback: RollbackSummary }) {
  const [isOpen, setOpen] = useState(asksPerson(rollback));
  const { rbId, wid, runName, phase, steps, asked, confirmedBy, requestedAt, reason, unsettled } = rollback;
  return (
    <li className="space-y-1 border-b border-line px-3 py-2">
      <p className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <Mark {...PHASES[phase]} />
        <UntrustedText text={runName} maxCharacters={100} className="font-semibold" />
        <span className="text-muted">
          ordered <Ago sinceMs={requestedAt * 1000} /> by{" "}
          <bdi>{[rollback.by, ...rollback.cosigners].map(person).join(" and ")}</bdi>
        </span>
        <span className="tabular-nums">
          {formatCount(steps.over)} of {stepsWords(steps.total)} have an outcome
        </span>
        {asked.length === 0 ? null : (
          <span className="font-medium text-notice">{stepsWords(asked.length)} for a person</span>
        )}
        {isOver(rollback) && steps.residual > 0 ? (
          <span className={unsettled === 0 ? "text-muted" : "font-medium text-notice"}>
            {formatCount(steps.residual - unsettled)} of {formatCount(steps.residual)} left dealt with
          </span>
        ) : null}
      </p>
      <p>
        <UntrustedText text={reason} maxCharacters={200} />
      </p>
      {confirmedBy === null ? null : (
        <p>
          What is left was confirmed by <bdi>{person(confirmedBy.operator)}</bdi>:{" "}
          <UntrustedText text={confirmedBy.reason} maxCharacters={200} />
        </p>
      )}
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <GoLink to="/watch" search={{ wid, rollback: rbId }}>
          {rollback.needsPerson ? "Confirm what is left, in Watch" : "Its steps, in Watch"}
        </GoLink>
        {hasLeft(rollback) ? (
          <Button size="sm" aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
            What is left
          </Button>
        ) : isOver(rollback) && phase === "confirmed" ? (
          <span className="text-muted">Nothing is left.</span>
        ) : null}
      </p>
      {isOpen && hasLeft(rollback) ? <LeftOver rbId={rbId} wid={wid} /> : null}
    </li>
  );
}
