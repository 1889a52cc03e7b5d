import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import type { AskedQuestionView } from "../../api/contract/held-questions.ts";
import { useOperator } from "../../operator/operator-context.tsx";
import type { TrailQuestion } from "../../operator/use-trail-query.ts";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/clock.ts";
import { formatCount } from "../../ui/duration.ts";
import { Identifier } from "../../ui/identifier.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { ProblemNote } from "../../ui/states.tsx";
import { Cell, HeadCell, Row, Table } from "../../ui/table.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { ASKED_LOOK, purposeName } from "./ask-words.ts";

export interface AskedPartProps {
  readonly isBusy: boolean;
  /** Asks the same again, in the dialog. */
  onAsk(question: Partial<TrailQuestion>): void;
  /** Fetches what was approved, exactly as it was asked. */
  onFetch(question: TrailQuestion): void;
}

/** What whoever is signed in asked other domains, and what became of it: also after a reload and in another tab (XDA-77). */
export function AskedPart(props: AskedPartProps) {
  const { orpc } = useApi();
  const { operator } = useOperator();
  const asked = useQuery(orpc.domains.asked.queryOptions());
  if (operator === null) return null;
  if (asked.data === undefined)
    return asked.isError ? <ProblemNote problem={problemOf(asked.error)} onRetry={() => void asked.refetch()} /> : null;
  const mine = asked.data.questions.filter(({ asker }) => asker === operator.subject);
  if (mine.length === 0) return null;
  return (
    <Section title="Your questions of the last two days">
      <Table
        label="Your questions"
        columns={["Domain", "State", "Purpose", "Reason", "Asked", "Until", "Next"]}
        isBounded
      >
        {mine.map((question) => (
          <AskedRow
            key={`${question.domain} ${question.askedAt} ${JSON.stringify(question.asks)}`}
            question={question}
            {...props}
          />
        ))}
      </Table>
    </Section>
  );
}

function AskedRow({ question, isBusy, onAsk, onFetch }: AskedPartProps & { readonly question: AskedQuestionView }) {
  const { domain, asks, state, askedAt, held, fetchPage, code, detail } = question;
  const nowMs = useNow();
  const isTimed = held !== null && TIMED.has(state);
  const isOver = isTimed && held.until * 1000 <= nowMs;
  const again = { ...asks, domains: [domain] };
  return (
    <Row>
      <HeadCell>{visibleText(domain)}</HeadCell>
      <Cell>
        <Mark {...ASKED_LOOK[isOver && state !== "fetched" ? "expired" : state]} />
        {held?.approved == null ? null : (
          <div className="text-muted">
            {formatCount(held.given)} of {formatCount(held.approved)} records given
          </div>
        )}
        {TOLD.has(state) && code !== null ? (
          <div>
            <UntrustedText text={detail} /> <span className="font-mono text-xs text-muted">{code}</span>
          </div>
        ) : null}
        {held?.decision == null ? null : (
          <div>
            <Identifier value={held.decision.by} label="id of who decided" />{" "}
            <UntrustedText text={held.decision.reason} />
          </div>
        )}
      </Cell>
      <Cell>{visibleText(purposeName(asks.purpose))}</Cell>
      <Cell isWide>
        <UntrustedText text={asks.reason} />
      </Cell>
      <Cell>
        <Instant epochMs={askedAt * 1000} />
      </Cell>
      <Cell>{isTimed ? <Instant epochMs={held.until * 1000} /> : null}</Cell>
      <Cell>
        {held !== null && fetchPage !== null && !isOver ? (
          <Button
            size="sm"
            writes
            isDisabled={isBusy}
            onPress={() => onFetch({ ...again, page: fetchPage, held: { jti: held.jti, hash: held.hash } })}
          >
            {state === "approved" ? "Fetch the answer" : "Fetch it again"}
          </Button>
        ) : state === "waiting" || state === "refused" ? null : (
          <Button size="sm" writes onPress={() => onAsk(again)}>
            Ask again …
          </Button>
        )}
      </Cell>
    </Row>
  );
}

/** States that end by time. */
const TIMED: ReadonlySet<string> = new Set<AskedQuestionView["state"]>(["waiting", "approved", "fetched", "refused"]);
/** States in which what the domain said is all there is to say. */
const TOLD: ReadonlySet<string> = new Set<AskedQuestionView["state"]>(["denied", "silent"]);
