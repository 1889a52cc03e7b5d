import { lazy, Suspense } from "react";
import { LIMITS, PRIORITY_AIM } from "../../../protocol/attention/limits.ts";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { shortName } from "../names.ts";
import { Gauge } from "./gauge.tsx";
import type { Overview } from "./use-attention.ts";
import { eachWords, finelyWords, kindWords, PRIORITY_WORDS, percentWords, rateWords, secondsWords } from "./words.ts";

// Drawing is a chunk of its own: the figures are there without it.
const LoadChart = lazy(() => import("./load-chart.tsx").then((loaded) => ({ default: loaded.LoadChart })));

/** How much is asked of people (A1): now, over time, and in floods. */
export function LoadPart({ told }: { readonly told: Overview }) {
  const { lastTenMinutes, lastHour, hours, floods, floodCount, floodS, from, to } = told;
  const { aim, manageable, flood } = LIMITS.tenMinutes;
  const share = floodS / Math.max(1, to - from);
  const busy = hours.filter(({ demands, operators }) => demands / Math.max(1, operators) > LIMITS.hour.warn).length;
  return (
    <Section title="Demands on each operator" level={2}>
      <div className="flex flex-wrap gap-x-6 gap-y-3">
        <Gauge
          label="In the last ten minutes"
          value={lastTenMinutes.each}
          aim={aim}
          warn={manageable}
          text={`${eachWords(lastTenMinutes.each)}: aim ${aim}, manageable ${manageable}, flood above ${flood}`}
        />
        <Gauge
          label="In the last hour"
          value={lastHour.each}
          aim={LIMITS.hour.aim}
          warn={LIMITS.hour.warn}
          text={`${eachWords(lastHour.each)}: aim ${LIMITS.hour.aim}, warn above ${LIMITS.hour.warn}`}
        />
        <Gauge
          label="Time in a flood"
          value={share * 100}
          aim={LIMITS.floodShare * 50}
          warn={LIMITS.floodShare * 100}
          text={`${finelyWords(share)}: less than ${percentWords(LIMITS.floodShare)}`}
        />
      </div>
      <p className="my-2 max-w-3xl text-xs text-muted">
        {formatCount(told.demands)} {told.demands === 1 ? "demand" : "demands"} in this time.{" "}
        {operatorsWords(lastHour.operators)} {formatCount(busy)} of {formatCount(hours.length)} hours were above{" "}
        {LIMITS.hour.warn}. The lines are the aim and the limit.
      </p>
      <Suspense fallback={<div style={{ height: 160 }} />}>
        <LoadChart hours={hours} />
      </Suspense>
      <HoursTable hours={hours} />
      <h3 className="mt-3 mb-1 text-xs font-semibold">Floods</h3>
      {floods.length === 0 ? (
        <p className="text-muted">None: ten minutes never held more than {flood} demands for each operator.</p>
      ) : (
        <Table
          label="Floods"
          isBounded
          columns={["From", "For", { name: "Demands", isNumber: true }, "Came first", "Entry"]}
        >
          {floods.toReversed().map((one) => (
            <Row key={one.from}>
              <HeadCell>
                <Instant epochMs={one.from * 1000} full />
              </HeadCell>
              <Cell>{secondsWords(one.to - one.from)}</Cell>
              <NumberCell>{formatCount(one.demands)}</NumberCell>
              <Cell isWide>
                {kindWords(one.first.kind)}: <bdi>{visibleText(one.first.about)}</bdi>
                {one.first.agent === null ? null : (
                  <>
                    {" "}
                    by <bdi>{visibleText(shortName(one.first.agent))}</bdi>
                  </>
                )}
              </Cell>
              <Cell>
                <GoLink to="/timeline" search={{ entry: one.first.seq }}>
                  {formatCount(one.first.seq)}
                </GoLink>
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {floodCount > floods.length ? <p>and {formatCount(floodCount - floods.length)} before these.</p> : null}
    </Section>
  );
}

function operatorsWords(operators: number): string {
  if (operators === 0) return "The log names nobody within the last hour: counted as one.";
  return operators === 1
    ? "The log names one person within the last hour."
    : `The log names ${formatCount(operators)} people within the last hour.`;
}

function HoursTable({ hours }: { readonly hours: Overview["hours"] }) {
  const asked = hours.filter(({ demands }) => demands > 0);
  if (asked.length === 0) return <p className="text-muted">Nothing was asked of anybody in this time.</p>;
  return (
    <details className="mt-1">
      <summary className="cursor-pointer text-xs text-muted">The same as a table</summary>
      <Table
        label="Demands by the hour"
        isBounded
        columns={[
          "Hour from",
          { name: "Demands", isNumber: true },
          { name: "Operators", isNumber: true },
          { name: "For each", isNumber: true },
        ]}
      >
        {asked.toReversed().map(({ at, demands, operators }) => (
          <Row key={at}>
            <HeadCell>
              <Instant epochMs={at * 1000} full />
            </HeadCell>
            <NumberCell>{formatCount(demands)}</NumberCell>
            <NumberCell>{formatCount(operators)}</NumberCell>
            <NumberCell>{eachWords(demands / Math.max(1, operators))}</NumberCell>
          </Row>
        ))}
      </Table>
    </details>
  );
}

/** What is asked: by priority (A2), and what is the same again and again (A4). */
export function MixPart({ told: { priorities, chatter, chatterCount } }: { readonly told: Overview }) {
  return (
    <Section title="What is asked" level={2}>
      <Table label="Priorities of the last 30 days" columns={["Priority", "Share", "Aim", "Compared"]}>
        {priorities.toReversed().map(({ priority, share, isNear }) => (
          <Row key={priority}>
            <HeadCell>{PRIORITY_WORDS[priority]}</HeadCell>
            <Cell isWide>{rateWords(share)}</Cell>
            <Cell>{percentWords(PRIORITY_AIM[priority])}</Cell>
            <Cell>
              {isNear === null ? (
                "too few to tell"
              ) : isNear ? (
                "near its aim"
              ) : (
                <Mark shape="triangle" tone="warning" label="not near its aim" />
              )}
            </Cell>
          </Row>
        ))}
      </Table>
      <h3 className="mt-3 mb-1 text-xs font-semibold">Chatter: three or more of the same within a minute</h3>
      {chatter.length === 0 ? (
        <p className="text-muted">None in this time.</p>
      ) : (
        <Table
          label="Chatter"
          isBounded
          columns={["What", "Agent", { name: "Times", isNumber: true }, "From", "Entry"]}
        >
          {chatter.map(({ demand, count, from }) => (
            <Row key={`${demand.seq} ${from}`}>
              <HeadCell>
                {kindWords(demand.kind)}: <bdi className="font-mono text-xs">{visibleText(demand.about)}</bdi>
              </HeadCell>
              <Cell>
                <bdi>{demand.agent === null ? "" : visibleText(shortName(demand.agent))}</bdi>
              </Cell>
              <NumberCell>{formatCount(count)}</NumberCell>
              <Cell>
                <Instant epochMs={from * 1000} />
              </Cell>
              <Cell>
                <GoLink to="/timeline" search={{ entry: demand.seq }}>
                  {formatCount(demand.seq)}
                </GoLink>
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {chatterCount > chatter.length ? <p>and {formatCount(chatterCount - chatter.length)} shorter runs.</p> : null}
    </Section>
  );
}
