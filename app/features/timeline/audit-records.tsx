import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import type { EntryRow } from "../../api/contract/common.ts";
import { Facts } from "../../ui/definition-list.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark, MarkIcon } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { ProblemNote } from "../../ui/states.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { type AuditRecord, actorMark, levelMark, outcomeWords } from "./audit-words.ts";
import { OpenEntry } from "./entry-link.tsx";
import { answerMark } from "./names.ts";

/** Entries that a record follows: of a task, a human's decision, an order. */
const isRecorded = ({ typ, task }: EntryRow): boolean =>
  task !== null || typ === "hitl-decision+jwt" || typ === "override+jwt";

/** The domain's record of what an entry is about, and at which level this host finds it (XA-1, XA-7). */
export function AuditRecords({ row, onOpen }: { readonly row: EntryRow; onOpen(seq: number): void }) {
  const api = useApi();
  const records = useQuery({
    // Comes after the entry it is about, so it is asked again on opening.
    queryKey: ["timeline-records", row.domain, row.seq],
    queryFn: ({ signal }) => api.client.audit.records({ seq: row.seq }, { signal }),
    staleTime: 2_000,
    retry: false,
  });
  if (records.isError && records.data === undefined)
    return (
      <Section title="Audit record">
        <ProblemNote problem={problemOf(records.error)} onRetry={() => void records.refetch()} />
      </Section>
    );
  if (records.data === undefined) return null;
  const { records: found, isIssued } = records.data;
  if (found.length === 0 && !(isIssued && isRecorded(row))) return null;
  return (
    <Section title="Audit record">
      {found.length === 0 ? (
        <p className="text-muted">None. It is written a moment after what it is about is over.</p>
      ) : (
        <ul className="space-y-3">
          {found.map((record) => (
            <li key={record.seq}>
              <OneRecord record={record} isOpen={record.seq === row.seq} onOpen={onOpen} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

interface OneRecordProps {
  readonly record: AuditRecord;
  /** It is the entry that is open. */
  readonly isOpen: boolean;
  onOpen(seq: number): void;
}

function OneRecord({ record, isOpen, onOpen }: OneRecordProps) {
  const { actor, evidence, external, retentionUntil, untold } = record;
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3">
        {isOpen ? null : <OpenEntry seq={record.seq} onOpen={onOpen} />}
        <Mark {...levelMark(record)} />
      </p>
      <Facts
        items={[
          {
            term: "Recorded",
            value: (
              <>
                <UntrustedText text={record.action} mono />: {outcomeWords(record.outcome)}
              </>
            ),
          },
          ...(actor === null
            ? []
            : [
                {
                  term: "Who acted",
                  value: (
                    <>
                      <Identifier value={actor} label="who acted" whole /> <Mark {...actorMark(record)} />
                    </>
                  ),
                },
              ]),
          {
            term: "Level",
            value: `${record.level === 0 ? "none" : record.level} computed here; its issuer claims ${record.claimedLevel}`,
          },
          ...(untold === null ? [] : [{ term: "Missing here", value: <UntrustedText text={untold} /> }]),
          ...(evidence.named === 0
            ? []
            : [
                {
                  term: "Evidence",
                  value: `${evidence.found} of ${evidence.named} tokens are here and are those it names`,
                },
              ]),
          ...(external.length === 0
            ? []
            : [
                {
                  term: "Before it",
                  value: `${external.length} ${external.length === 1 ? "task" : "tasks"} outside of this log, of which ${external.filter(({ domain }) => domain !== null).length} by a handoff`,
                },
              ]),
          ...(retentionUntil === null
            ? []
            : [{ term: "Kept until", value: <Instant epochMs={retentionUntil * 1000} full /> }]),
        ]}
      />
      <EveryStep steps={record.steps} />
    </>
  );
}

/** The rows of V1, in order. */
function EveryStep({ steps }: Pick<AuditRecord, "steps">) {
  return (
    <details open={steps.some(({ result }) => result === "failed")}>
      <summary className="cursor-default py-0.5 text-muted">Every step of its verification</summary>
      <ol aria-label="V1 steps" className="mt-1 space-y-0.5">
        {steps.map(({ step, check, result, code, detail }) => {
          const mark = answerMark(result);
          return (
            <li key={step} className="flex items-baseline gap-2">
              <span className="w-5 shrink-0 text-right text-xs text-muted">{step}</span>
              <span className="self-center">
                <MarkIcon shape={mark.shape} tone={mark.tone} size={10} />
              </span>
              <span className="min-w-0">
                <span className="sr-only">{mark.label}: </span>
                {check}
                {code === undefined ? null : <span className="font-mono text-xs"> {code}</span>}
                {detail === undefined ? null : (
                  <span className="text-muted">
                    {" "}
                    <UntrustedText text={detail} />
                  </span>
                )}
              </span>
            </li>
          );
        })}
      </ol>
    </details>
  );
}
