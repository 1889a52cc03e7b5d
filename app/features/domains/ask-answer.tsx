import type { DomainAnswer } from "../../api/contract/trail-answer.ts";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { Identifier } from "../../ui/identifier.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark, MarkIcon } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { ANSWER_LOOK, claimName, gapWords, redactionWords } from "./ask-words.ts";

const CELL = "border-t border-line px-2 py-1 text-left align-top";

export interface AskAnswerProps {
  readonly answers: readonly DomainAnswer[];
  readonly complete: boolean;
  /** The page that was asked for. */
  readonly page: number;
  /** Asks one domain the same for the page that goes on. */
  onNext(domain: string, page: number): void;
}

/** What came back, each domain by itself: what it shows, what it keeps back and why, and what is missing (XDA-3, XDA-11). */
export function AskAnswer({ answers, complete, page, onNext }: AskAnswerProps) {
  return (
    <div>
      <p className={`my-2 flex items-baseline gap-1.5 ${complete ? "" : "font-medium text-warning"}`}>
        <MarkIcon {...(complete ? { shape: "dot", tone: "good" } : { shape: "triangle", tone: "warning" })} />
        <span>
          {complete
            ? "Complete: every domain that the trail goes on in has answered in full"
            : page > 0
              ? `Not complete by itself: page ${page + 1} of an answer, what comes before it is on other pages`
              : "Not complete: something was not answered, or not in full"}
        </span>
      </p>
      {answers.map((answer) => (
        <Section key={answer.domain} title={visibleText(answer.domain)} aside={<Mark {...ANSWER_LOOK[answer.state]} />}>
          {answer.state === "answered" ? (
            <Answered answer={answer} onNext={onNext} />
          ) : (
            <>
              <p>
                <UntrustedText text={answer.detail} />{" "}
                <span className="font-mono text-xs text-muted">{answer.code}</span>
              </p>
              {answer.state === "held" ? (
                <p className="text-muted">
                  It waits under “Questions held for approval” until somebody else has decided. It stays among your
                  questions below, also after a reload: once it is approved, fetch the answer there.
                </p>
              ) : null}
            </>
          )}
        </Section>
      ))}
    </div>
  );
}

function Answered({ answer, onNext }: { readonly answer: DomainAnswer } & Pick<AskAnswerProps, "onNext">) {
  const { domain, entries, gaps, external, next } = answer;
  const withheld = redactionWords(answer);
  const others = [...new Set(external.map((end) => end.domain))];
  return (
    <div className="space-y-2">
      <p className="text-muted">
        Signed by its gateway; every record and everything disclosed of it was checked against that signature. What a
        record says is the gateway&apos;s word.
      </p>
      <ul className="list-inside list-disc">
        {withheld.length === 0 ? <li>Nothing was kept back of what you asked for</li> : null}
        {withheld.map((words) => (
          <li key={words}>{words}</li>
        ))}
        {gaps.map(({ after, before, reason }) => (
          <li key={`${after} ${before ?? ""}`}>
            <Mark shape="triangle" tone="warning" label={`Gap: ${gapWords(reason)}`} />{" "}
            <Identifier value={after} label="task id" />
          </li>
        ))}
        {others.length === 0 ? null : <li>The trail goes on in {others.map(visibleText).join(", ")}</li>}
      </ul>
      {entries.length === 0 ? <p>It has no record of this that it shows you.</p> : <Entries answer={answer} />}
      {next === null ? null : (
        <Button size="sm" onPress={() => onNext(domain, next)}>
          Ask for the next page …
        </Button>
      )}
    </div>
  );
}

function Entries({ answer: { domain, entries } }: { readonly answer: DomainAnswer }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label={`Records of ${visibleText(domain)}`} className="relative max-h-96 overflow-auto" tabIndex={0}>
      <table className="w-full min-w-max border-collapse tabular-nums">
        <caption className="sr-only">{formatCount(entries.length)} records</caption>
        <thead>
          <tr className="text-xs text-muted">
            {["Action", "Outcome", "Agent", "By its clock", "Disclosed"].map((name) => (
              <th key={name} scope="col" className="px-2 py-1 text-left font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map(({ jti, wid, execAct, outcome, actor, at, disclosed, hidden }) => (
            <tr key={`${wid ?? ""} ${jti}`}>
              <td className={CELL}>
                <UntrustedText text={execAct} />
              </td>
              <td className={CELL}>
                {outcome === "success" ? (
                  outcome
                ) : (
                  <Mark shape="triangle" tone="warning" label={visibleText(outcome)} />
                )}
              </td>
              <td className={CELL}>
                <Identifier value={actor} label="agent id" />
              </td>
              <td className={CELL}>
                <Instant epochMs={at * 1000} />
              </td>
              <td className={CELL}>
                <dl>
                  {disclosed.map(({ name, value }) => (
                    <div key={name} className="max-w-prose">
                      <dt className="text-xs text-muted">{visibleText(claimName(name))}</dt>
                      <dd>
                        <UntrustedText text={typeof value === "string" ? value : JSON.stringify(value)} mono />
                      </dd>
                    </div>
                  ))}
                </dl>
                {hidden === 0 ? null : (
                  <span className="text-muted">
                    {formatCount(hidden)} {hidden === 1 ? "claim" : "claims"} only as digests
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
