import { taskMark } from "../../api/client/task-marks.ts";
import { TASK_STATES } from "../../api/contract/task-state.ts";
import { WhyButton } from "../../operator/why/why-button.tsx";
import { formatCount, formatDuration } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark, type MarkShape, type MarkTone } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { FirstVerdict } from "./commit/first-verdict.tsx";
import type { CommitmentState } from "./commit/use-commitment.ts";
import type { GateDetail } from "./gate-detail.ts";
import { shortName, triggerText } from "./names.ts";
import { timeoutOutcome } from "./remaining.ts";
import { WhoIsAsked } from "./who-is-asked.tsx";

type Words = Pick<CommitmentState, "isDue" | "given">;

/** The agent's words, apart from the action and marked as what they are (ACP-S5, F4); hidden where one's own view is due (F6). */
export function AgentsWords({ detail, commitment }: { readonly detail: GateDetail; readonly commitment: Words }) {
  const { alternatives, confidence } = detail.claims.explanation;
  if (commitment.isDue)
    return (
      <Section title="The agent's own words">
        <p>Hidden until you have said whether you would approve it: a rule asks for your own view first.</p>
      </Section>
    );
  return (
    <Section title="The agent's own words">
      {commitment.given === null ? null : <FirstVerdict committed={commitment.given} />}
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
      <WhoIsAsked detail={detail} />
      <p className="mt-1 text-muted">
        Asked <Instant epochMs={row.openedAt * 1000} /> with {formatDuration(row.timeoutS * 1000)} to answer; without an
        answer it is {timeoutOutcome(row.onTimeout)}.
      </p>
    </Section>
  );
}

/** What is known of a record: verified here again, or only said. */
const LEVELS: readonly { readonly shape: MarkShape; readonly tone: MarkTone; readonly label: string }[] = [
  { shape: "ring", tone: "warning", label: "asserted: not verified in this log" },
  { shape: "ring", tone: "warning", label: "asserted: level 1, unsigned" },
  { shape: "half", tone: "good", label: "verified: level 2, signed" },
  { shape: "dot", tone: "good", label: "verified: level 3, signed and in the ledger" },
];

function Level({ level }: { readonly level: number | undefined }) {
  const look = level === undefined ? undefined : LEVELS[level];
  return look === undefined ? <span className="text-muted">no record yet</span> : <Mark {...look} />;
}

/** Records that the agent names to support itself, apart from what its task rests on. */
function Named({ detail }: { readonly detail: GateDetail }) {
  const named = detail.evidence.filter((one) => one.source === "named");
  if (named.length === 0) return null;
  return (
    <ul className="mt-1 space-y-0.5" aria-label="Evidence the agent names">
      {named.map((one) => (
        <li key={one.jti} className="flex flex-wrap items-center gap-2">
          <span className="text-muted">named by the agent:</span>
          <Identifier value={one.jti} label="evidence id" />
          <Level level={one.level} />
          {one.seq === null ? null : (
            <GoLink to="/timeline" search={{ entry: one.seq }}>
              entry {formatCount(one.seq)}
            </GoLink>
          )}
        </li>
      ))}
    </ul>
  );
}

/** The tasks this one rests on, with their state, their entry in the log and what their record is worth. */
export function Predecessors({ detail }: { readonly detail: GateDetail }) {
  const shown = detail.predecessors.slice(0, 50);
  const levels = new Map(detail.evidence.map((one) => [one.jti, one.level]));
  return (
    <Section title={`Predecessors (${formatCount(detail.predecessors.length)})`}>
      {shown.length === 0 ? <p className="text-muted">It depends on no other task.</p> : null}
      <ul className="space-y-0.5">
        {shown.map((task) => {
          const state = TASK_STATES[task.state];
          return (
            <li key={task.jti} className="flex min-w-0 items-center gap-2 max-md:flex-wrap">
              <span className="w-20 shrink-0">{state === undefined ? null : <Mark {...taskMark(state)} />}</span>
              <bdi className="min-w-0 truncate" title={visibleText(task.action)}>
                {visibleText(task.name)}
              </bdi>
              <bdi className="min-w-0 shrink truncate text-muted" title={visibleText(task.agent)}>
                {visibleText(shortName(task.agent))}
              </bdi>
              <span className="ml-auto shrink-0 text-xs">
                <Level level={levels.get(task.jti)} />
              </span>
              {task.seq === null ? null : (
                <span className="shrink-0">
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
      <Named detail={detail} />
    </Section>
  );
}

/** Every log entry about this request. */
export function RequestEntries({ detail }: { readonly detail: GateDetail }) {
  const last = detail.entries.at(-1);
  return (
    <Section title="In the log">
      {last === undefined ? null : <WhyButton asked={{ seq: last.seq }} what="the state of this request" />}
      <ul className="mt-1 space-y-0.5">
        {detail.entries.map((entry) => (
          <li key={entry.seq} className="flex min-h-6 items-center gap-2">
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
