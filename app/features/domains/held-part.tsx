import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import type { HeldQuestionView } from "../../api/contract/held-questions.ts";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { Identifier } from "../../ui/identifier.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { Loading, ProblemNote } from "../../ui/states.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { purposeName } from "./ask-words.ts";
import { HELD_LOOK } from "./held-words.ts";

const HeldDialog = lazy(() => import("./held-dialog.tsx").then((loaded) => ({ default: loaded.HeldDialog })));

const CELL = "border-t border-line px-2 py-1 text-left align-top";

/** Questions that a domain answers only when one of its operators has allowed it, and what became of them (XDA-S7). */
export function HeldPart() {
  const { orpc } = useApi();
  const held = useQuery(orpc.domains.questions.queryOptions());
  const [deciding, setDeciding] = useState<HeldQuestionView | null>(null);
  return (
    <Section title="Questions held for approval" level={2}>
      {held.data === undefined ? (
        held.isError ? (
          <ProblemNote problem={problemOf(held.error)} onRetry={() => void held.refetch()} />
        ) : (
          <Loading what="the questions" />
        )
      ) : held.data.questions.length === 0 ? (
        <p className="max-w-prose text-muted">
          None. Whoever asks a domain for more than 1,000 records in an hour waits here until a duty manager or safety
          officer who did not ask has decided.
        </p>
      ) : (
        <HeldTable questions={held.data.questions} onDecide={setDeciding} />
      )}
      {deciding === null ? null : (
        <Suspense fallback={<Loading what="the question" />}>
          <HeldDialog question={deciding} onClose={() => setDeciding(null)} />
        </Suspense>
      )}
    </Section>
  );
}

interface HeldTableProps {
  readonly questions: readonly HeldQuestionView[];
  onDecide(question: HeldQuestionView): void;
}

function HeldTable({ questions, onDecide }: HeldTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label="Held questions" className="relative max-h-96 overflow-auto" tabIndex={0}>
      <table className="w-full min-w-max border-collapse tabular-nums">
        <caption className="sr-only">{formatCount(questions.length)} questions</caption>
        <thead>
          <tr className="text-xs text-muted">
            {["State", "Domain", "Purpose", "Asked by", "Held since", "Until", "Decided"].map((name) => (
              <th key={name} scope="col" className="px-2 py-1 text-left font-medium">
                {name}
              </th>
            ))}
            <th scope="col" className="px-2 py-1">
              <span className="sr-only">Decide</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {questions.map((question) => (
            <tr key={`${question.domain} ${question.jti}`}>
              <td className={CELL}>
                <Mark {...HELD_LOOK[question.state]} />
              </td>
              <td className={CELL}>{visibleText(question.domain)}</td>
              <td className={CELL}>{visibleText(purposeName(question.purpose))}</td>
              <td className={CELL}>
                <Identifier value={question.asker} label="asker's id" />
              </td>
              <td className={CELL}>
                <Instant epochMs={question.at * 1000} />
              </td>
              <td className={CELL}>
                <Instant epochMs={question.until * 1000} />
              </td>
              <td className={CELL}>
                <DecisionCell decision={question.decision} />
              </td>
              <td className={CELL}>
                {question.state === "held" ? (
                  <Button size="sm" writes onPress={() => onDecide(question)}>
                    Decide …
                  </Button>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function DecisionCell({ decision }: Pick<HeldQuestionView, "decision">) {
  if (decision === null) return <span className="text-muted">nobody yet</span>;
  const { by, reason, outcome, entries, given } = decision;
  return (
    <div className="max-w-prose space-y-0.5">
      <Identifier value={by} label="id of who decided" />
      <div>
        <UntrustedText text={reason} />
      </div>
      {outcome === "approve" ? (
        <div className="text-muted">
          {formatCount(given)} of {formatCount(entries)} records given
        </div>
      ) : null}
    </div>
  );
}
