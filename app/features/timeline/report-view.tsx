import type { VerifyReport } from "../../api/contract/audit.ts";
import { formatCount } from "../../ui/duration.ts";
import { Mark } from "../../ui/mark.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { OpenEntry } from "./entry-link.tsx";
import { answerMark } from "./names.ts";
import { allPassed, QUESTIONS } from "./report.ts";

export const ASKS: Record<(typeof QUESTIONS)[number], { readonly name: string; readonly question: string }> = {
  authentic: { name: "Authentic", question: "every token is signed by who it names" },
  included: { name: "Included", question: "every entry is in the tree as stored" },
  consistent: { name: "Consistent", question: "the signed heads agree with the entries" },
  complete: { name: "Complete", question: "no entry is missing" },
  plausible: { name: "Plausible", question: "times make sense" },
};

export interface ReportViewProps {
  readonly report: VerifyReport;
  /** The log contradicts what is remembered of it, whatever the report says. */
  readonly pinFailed?: boolean;
  /** Opens an entry of this log; absent for a file, whose entries are not here. */
  onOpen?(seq: number): void;
}

/** Five separate answers, and the first bad entry (XA-20). */
export function ReportView({ report, pinFailed = false, onOpen }: ReportViewProps) {
  const { firstBad } = report;
  return (
    <>
      <div role="status">
        {firstBad !== null ? (
          <FirstBad report={report} {...(onOpen === undefined ? {} : { onOpen })} />
        ) : pinFailed ? (
          <Verdict tone="critical" text="This is not the log that was verified here before." />
        ) : allPassed(report) ? (
          <Verdict tone="good" text={`All five questions are answered yes, for ${formatCount(report.size)} entries.`} />
        ) : (
          <Verdict tone="warning" text="Nothing bad was found, but not everything could be checked." />
        )}
      </div>
      <ul className="mt-3 divide-y divide-line border-t border-line" aria-label="Answers">
        {QUESTIONS.map((question) => (
          <AnswerLine key={question} {...ASKS[question]} answer={report[question]} />
        ))}
      </ul>
    </>
  );
}

export interface AnswerLineProps {
  /** A word for the answer where "not checked" would sound like a fault. */
  readonly word?: string;
  readonly name: string;
  readonly question: string;
  readonly answer: VerifyReport["authentic"];
}

export function AnswerLine({ name, question, answer, word }: AnswerLineProps) {
  const mark = answerMark(answer.result);
  return (
    <li className="py-1">
      <div className="flex gap-2">
        <span className="min-w-0 flex-1">
          <span className="font-medium">{name}</span>
          <span className="text-muted">: {question}</span>
        </span>
        {word === undefined ? <Mark {...mark} /> : <Mark shape={mark.shape} tone="neutral" label={word} />}
      </div>
      <p className="text-xs text-muted">
        <UntrustedText text={answer.detail} />
      </p>
    </li>
  );
}

function FirstBad({ report, onOpen }: { readonly report: VerifyReport; onOpen?(seq: number): void }) {
  const { firstBad, entriesBefore } = report;
  if (firstBad === null) return null;
  const before =
    entriesBefore === 0
      ? "No entry before it can be relied on."
      : `The ${formatCount(entriesBefore)} entries before it are unaffected.`;
  return (
    <div className="space-y-1 border border-critical bg-critical-soft p-3">
      <Mark shape="cross" tone="critical" label={`Entry ${formatCount(firstBad.seq)} is the first bad one`} />
      <p>
        <UntrustedText text={firstBad.detail} />
      </p>
      <p>
        {before} {onOpen === undefined ? null : <OpenEntry seq={firstBad.seq} onOpen={onOpen} />}
      </p>
      <p className="font-mono text-xs text-muted">{firstBad.code}</p>
    </div>
  );
}

function Verdict({ tone, text }: { readonly tone: "good" | "warning" | "critical"; readonly text: string }) {
  const shape = tone === "good" ? "dot" : tone === "warning" ? "triangle" : "cross";
  return (
    <p className="flex items-baseline gap-2 font-medium">
      <Mark shape={shape} tone={tone} label="" />
      {text}
    </p>
  );
}
