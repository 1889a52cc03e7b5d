import { useEffect, useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf, type ShownProblem } from "../../../api/client/problem.ts";
import type { PackReportView, PackStated } from "../../../api/contract/evidence.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { Identifier } from "../../../ui/identifier.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { QUESTIONS } from "../report.ts";
import { AnswerLine, ASKS } from "../report-view.tsx";

type State =
  | { readonly phase: "running"; readonly checked: number; readonly total: number }
  | { readonly phase: "done"; readonly stated: PackStated | null; readonly report: PackReportView }
  | { readonly phase: "failed"; readonly problem: ShownProblem };

export interface VerifiedPackProps {
  readonly name: string;
  readonly text: string;
  /** It is put away: whatever was under way for it ends with it. */
  onCancel(): void;
}

/** An evidence pack that was chosen or dropped: verified by the engine's worker, told like a log. */
export function VerifiedPack({ name, text, onCancel }: VerifiedPackProps) {
  const { client } = useApi();
  const [state, setState] = useState<State>({ phase: "running", checked: 0, total: 0 });
  useEffect(() => {
    const control = new AbortController();
    const run = async (): Promise<void> => {
      for await (const event of await client.audit.verifyPack({ text }, { signal: control.signal }))
        setState(
          event.type === "progress"
            ? { phase: "running", checked: event.checked, total: event.total }
            : { phase: "done", stated: event.stated, report: event.report },
        );
    };
    run().catch((error: unknown) => {
      if (!control.signal.aborted) setState({ phase: "failed", problem: problemOf(error) });
    });
    return () => control.abort();
  }, [client, text]);
  if (state.phase === "failed") return <ProblemNote problem={state.problem} />;
  if (state.phase === "running")
    return (
      <div className="space-y-2">
        <Progress label={`Verifying ${name}`} value={state.checked} max={state.total} />
        <Button size="sm" onPress={onCancel}>
          Cancel
        </Button>
      </div>
    );
  return (
    <>
      <Stated name={name} stated={state.stated} report={state.report} />
      <Report report={state.report} />
    </>
  );
}

interface StatedProps {
  readonly name: string;
  readonly stated: PackStated | null;
  readonly report: PackReportView;
}

/** What the file says of itself: under the log's seal where the report is a yes. */
function Stated({ name, stated, report }: StatedProps) {
  const own = report.ownKey;
  return (
    <div className="mb-3">
      <Facts
        items={[
          { term: "Evidence pack", value: <UntrustedText text={name} maxCharacters={80} /> },
          { term: "Log", value: <UntrustedText text={report.logId} maxCharacters={200} mono /> },
          {
            term: "Its key",
            value: <Identifier value={report.logKey} label="key of the log" />,
            hint:
              own === true ? "the log here" : own === false ? "not the key of the log here" : "another log: compare it",
          },
          ...(stated === null
            ? []
            : [
                { term: "Asked for by", value: <UntrustedText text={stated.exportedBy} maxCharacters={200} mono /> },
                { term: "Purpose", value: <UntrustedText text={stated.purpose} /> },
                { term: "Made", value: <Instant epochMs={stated.exportedAt * 1000} full /> },
              ]),
          { term: "Entries", value: `${formatCount(report.entries)} of ${formatCount(report.treeSize)}` },
        ]}
      />
    </div>
  );
}

function Report({ report }: { readonly report: PackReportView }) {
  const { firstBad, ownKey } = report;
  return (
    <>
      <div role="status">
        {firstBad !== null ? (
          <div className="space-y-1 border border-critical bg-critical-soft p-3">
            <Mark shape="cross" tone="critical" label="This pack does not hold" />
            <p>
              First bad place: <UntrustedText text={firstBad.place} maxCharacters={120} mono />
            </p>
            <p>
              <UntrustedText text={firstBad.detail} />
            </p>
            <p className="font-mono text-xs text-muted">{firstBad.code}</p>
          </div>
        ) : (
          <p className="flex items-baseline gap-2 font-medium">
            <Mark shape={ownKey === false ? "triangle" : "dot"} tone={ownKey === false ? "warning" : "good"} label="" />
            {ownKey === false
              ? "It holds in itself, under a key that is not this log's."
              : `All five questions are answered yes, for ${formatCount(report.checked)} entries.`}
          </p>
        )}
      </div>
      <ul className="mt-3 divide-y divide-line border-t border-line" aria-label="Answers">
        {QUESTIONS.map((question) => (
          <AnswerLine key={question} {...ASKS[question]} answer={report[question]} />
        ))}
      </ul>
      <p className="pb-3 text-xs text-muted">
        {formatCount(report.checked)} entries in {formatDuration(report.tookMs)}, <Instant epochMs={report.atMs} />
      </p>
    </>
  );
}
