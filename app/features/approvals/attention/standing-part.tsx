import { STALE } from "../../../protocol/attention/limits.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Age, Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Cell, HeadCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { shortName } from "../names.ts";
import type { Overview } from "./use-attention.ts";
import { kindWords, rateWords, secondsWords } from "./words.ts";

export interface StandingPartProps {
  readonly told: Overview;
  /** Shows a request in the queue. */
  onOpen(request: string): void;
}

/** What waits and for how long (R7), what stands too long (A5), and what is put away (A3). */
export function StandingPart({ told, onOpen }: StandingPartProps) {
  const { waiting, oldestS, nextDeadlineS, answered, stale, staleCount, shelf, deferred, standing } = told;
  return (
    <Section title="How long things wait" level={2}>
      <dl className="grid max-w-3xl grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5">
        <dt className="text-muted">Waiting now</dt>
        <dd>
          {formatCount(waiting)}
          {oldestS === null ? "" : `, the oldest for ${secondsWords(oldestS)}`}
          {nextDeadlineS === null ? "" : `, the nearest deadline in ${secondsWords(nextDeadlineS)}`}
        </dd>
        <dt className="text-muted">Time to decision</dt>
        <dd>
          {answered.p50S === null
            ? "nobody decided anything that was asked in this time"
            : `half within ${secondsWords(answered.p50S)}, 95 of 100 within ${secondsWords(answered.p95S)}`}
        </dd>
        <dt className="text-muted">Never answered</dt>
        <dd>{answered.expired.of === 0 ? "nothing was settled yet" : rateWords(answered.expired)}</dd>
      </dl>
      <h3 className="mt-3 mb-1 flex items-center gap-2 text-xs font-semibold">
        Standing for more than 24 h
        {staleCount < STALE.fewerThan ? null : (
          <Mark
            shape="triangle"
            tone="warning"
            label={`${formatCount(staleCount)}: should be fewer than ${STALE.fewerThan}`}
          />
        )}
      </h3>
      {stale.length === 0 ? (
        <p className="text-muted">
          {standing === 0
            ? "Nothing stands open."
            : `None; ${formatCount(standing)} ${standing === 1 ? "stands" : "stand"} open for less.`}
        </p>
      ) : (
        <Table label="Standing for more than 24 hours" isBounded columns={["What", "About", "Agent", "For", "Entry"]}>
          {stale.map(({ kind, id, about, agent, at, seq }) => (
            <Row key={`${kind} ${id} ${agent}`}>
              <HeadCell>{kindWords(kind)}</HeadCell>
              <Cell isMono>
                <bdi>{visibleText(about)}</bdi>
              </Cell>
              <Cell>
                <bdi>{agent === null ? "" : visibleText(shortName(agent))}</bdi>
              </Cell>
              <Cell>
                <Age sinceMs={at * 1000} />
              </Cell>
              <Cell>
                <GoLink to="/timeline" search={{ entry: seq }}>
                  {formatCount(seq)}
                </GoLink>
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {staleCount > stale.length ? <p>and {formatCount(staleCount - stale.length)} more.</p> : null}
      <h3 className="mt-3 mb-1 text-xs font-semibold">Put away for everybody</h3>
      {shelf.length === 0 ? (
        <p className="text-muted">Nothing is on the shelf.</p>
      ) : (
        <Table label="Shelf" isBounded columns={["Request", "Agent", "By", "Reason", "Comes back", "Open"]}>
          {shelf.map(({ request, action, agent, by, reason, until }) => (
            <Row key={request}>
              <HeadCell isMono>
                <bdi>{visibleText(action)}</bdi>
              </HeadCell>
              <Cell>
                <bdi>{visibleText(shortName(agent))}</bdi>
              </Cell>
              <Cell>
                <bdi>{visibleText(shortName(by))}</bdi>
              </Cell>
              <Cell isWide>
                <UntrustedText text={reason} maxCharacters={200} />
              </Cell>
              <Cell>
                <Instant epochMs={until * 1000} />
              </Cell>
              <Cell>
                <Button size="sm" variant="quiet" onPress={() => onOpen(request)}>
                  Open
                </Button>
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {deferred === 0 ? null : (
        <p className="mt-1 text-xs text-muted">{formatCount(deferred)} put off by somebody for themselves.</p>
      )}
    </Section>
  );
}
