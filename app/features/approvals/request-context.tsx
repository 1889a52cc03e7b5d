import { taskMark } from "../../api/client/task-marks.ts";
import { TASK_STATES } from "../../api/contract/common.ts";
import { formatCount, formatDuration } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import type { GateDetail } from "./gate-detail.ts";
import { shortName, triggerText } from "./names.ts";
import { timeoutOutcome } from "./remaining.ts";
import { Section } from "./section.tsx";

/** The agent's words, apart from the action and marked as what they are (ACP-S5, F4). */
export function AgentsWords({ detail }: { readonly detail: GateDetail }) {
  const { alternatives, confidence } = detail.claims.explanation;
  return (
    <Section title="The agent's own words">
      <p className="mb-1 text-xs text-muted">
        Written by the agent. Nobody checked it, and approving does not depend on it.
      </p>
      <blockquote className="border-l-3 border-strong bg-surface px-3 py-1.5">
        {detail.narrative === null || detail.narrative === "" ? (
          <span className="text-muted">It says nothing.</span>
        ) : (
          <UntrustedText text={detail.narrative} maxCharacters={2_000} multiline />
        )}
        {alternatives.length === 0 ? null : (
          <ul className="mt-1 list-disc pl-4" aria-label="Alternatives the agent names">
            {alternatives.map((alternative) => (
              <li key={alternative}>
                <UntrustedText text={alternative} maxCharacters={500} />
              </li>
            ))}
          </ul>
        )}
        {confidence === null ? null : (
          <p className="mt-1 text-muted">It says it is {Math.round(confidence * 100)} % confident.</p>
        )}
      </blockquote>
    </Section>
  );
}

/** What can only run after this action. */
export function Follows({ follows }: { readonly follows: GateDetail["follows"] }) {
  return (
    <Section title="What follows if approved">
      {follows.all === 0 ? (
        <p className="text-muted">No other task waits for it.</p>
      ) : (
        <>
          <p>
            {formatCount(follows.direct)} {follows.direct === 1 ? "task comes" : "tasks come"} right after it;{" "}
            {formatCount(follows.all)} in all can only run once it is done.
          </p>
          <ul className="mt-1 flex flex-wrap gap-1" aria-label="Tasks that follow">
            {follows.names.slice(0, 12).map((name, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: names repeat; the list only changes as a whole
              <li key={index} className="max-w-full truncate border border-line bg-surface px-1.5 text-xs">
                <bdi>{visibleText(name)}</bdi>
              </li>
            ))}
            {follows.direct > Math.min(12, follows.names.length) ? (
              <li className="px-1 text-xs text-muted">
                and {formatCount(follows.direct - Math.min(12, follows.names.length))} more
              </li>
            ) : null}
          </ul>
        </>
      )}
    </Section>
  );
}

/** The rules that hold the action, and what they ask. */
export function Rules({ detail }: { readonly detail: GateDetail }) {
  const { row } = detail;
  return (
    <Section title="Why a human is asked">
      <ul className="space-y-1">
        {detail.rules.map((rule) => (
          <li key={rule.id}>
            <span className="font-mono text-xs">{visibleText(rule.id)}</span>: {triggerText(rule.trigger)}. Needs{" "}
            {rule.approvals === 1 ? "one person" : `${rule.approvals} different people`} with the role{" "}
            <span className="font-medium">{visibleText(rule.role)}</span>
            {rule.reason_required ? ", who say why" : ""}.
          </li>
        ))}
      </ul>
      <p className="mt-1 text-muted">
        Asked <Instant epochMs={row.openedAt * 1000} /> with {formatDuration(row.timeoutS * 1000)} to answer; without an
        answer it is {timeoutOutcome(row.onTimeout)}.
      </p>
    </Section>
  );
}

/** The tasks this one rests on, with their state and their entry in the log. */
export function Predecessors({ detail }: { readonly detail: GateDetail }) {
  const shown = detail.predecessors.slice(0, 50);
  return (
    <Section title={`Predecessors (${formatCount(detail.predecessors.length)})`}>
      {shown.length === 0 ? <p className="text-muted">It depends on no other task.</p> : null}
      <ul className="space-y-0.5">
        {shown.map((task) => {
          const state = TASK_STATES[task.state];
          return (
            <li key={task.jti} className="flex min-w-0 items-center gap-2">
              <span className="w-20 shrink-0">{state === undefined ? null : <Mark {...taskMark(state)} />}</span>
              <bdi className="min-w-0 truncate" title={visibleText(task.action)}>
                {visibleText(task.name)}
              </bdi>
              <bdi className="min-w-0 shrink truncate text-muted" title={visibleText(task.agent)}>
                {visibleText(shortName(task.agent))}
              </bdi>
              {task.seq === null ? null : (
                <span className="ml-auto shrink-0">
                  <GoLink to="/timeline" search={{ entry: task.seq }}>
                    entry {formatCount(task.seq)}
                  </GoLink>
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {detail.predecessors.length > shown.length ? (
        <p className="text-muted">and {formatCount(detail.predecessors.length - shown.length)} more</p>
      ) : null}
    </Section>
  );
}

/** Every log entry about this request. */
export function RequestEntries({ detail }: { readonly detail: GateDetail }) {
  return (
    <Section title="In the log">
      <ul className="space-y-0.5">
        {detail.entries.map((entry) => (
          <li key={entry.seq} className="flex gap-2">
            <GoLink to="/timeline" search={{ entry: entry.seq }}>
              entry {formatCount(entry.seq)}
            </GoLink>
            <span className="text-muted">
              <Instant epochMs={entry.receivedAt * 1000} />
            </span>
            <bdi className="min-w-0 truncate">{visibleText(entry.typ.replace("+jwt", ""))}</bdi>
            {entry.outcome === null ? null : <span>{visibleText(entry.outcome)}</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
