import { codeWords, isOver, stepsWords } from "../../../api/client/rollback-words.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Mark } from "../../../ui/mark.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { Section } from "../detail/section.tsx";
import { Who } from "./names.tsx";
import { useFirst } from "./plan-report.tsx";
import type { Shown } from "./queries.ts";

const ANSWERS = {
  ready: { shape: "dot", tone: "neutral", label: "can do it" },
  refused: { shape: "cross", tone: "warning", label: "refused" },
} as const;

/** Who takes part: their answer before anything began, and whether they have acknowledged the end (C5). */
export function Participants({ shown: { participants, rollback } }: { readonly shown: Shown }) {
  const { shown, more } = useFirst(participants);
  if (participants.length === 0) return null;
  return (
    <Section title="Who takes part" aside={formatCount(participants.length)}>
      <ul>
        {shown.map(({ agent, steps, answer, code, acknowledged }) => (
          <li key={agent} className="flex flex-wrap items-baseline gap-x-2">
            <Who id={agent} />
            <span className="text-xs text-muted">{stepsWords(steps)}</span>
            {answer === null ? (
              <Mark shape="ring" tone="neutral" size={10} label="no answer yet" />
            ) : (
              <Mark {...ANSWERS[answer]} size={10} />
            )}
            {code === null ? null : <UntrustedText text={codeWords(code)} maxCharacters={80} className="text-xs" />}
            {isOver(rollback) ? (
              <span className="text-xs text-muted">
                {acknowledged ? "has acknowledged the end" : "has not acknowledged the end"}
              </span>
            ) : null}
          </li>
        ))}
      </ul>
      {more}
    </Section>
  );
}
