import { problemOf } from "../../../api/client/problem.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { LIMITS } from "../../../protocol/attention/limits.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Section } from "../../../ui/section.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { ApprovalsSearch } from "../approvals-search.ts";
import { shortName } from "../names.ts";
import { FIGURE_COLUMNS, FigureCells, ShiftTable } from "./judged-part.tsx";
import { type People, usePeople } from "./use-attention.ts";
import { eachWords, percentWords } from "./words.ts";

/** Figures of people: one's own, or everybody's where that is one's business (R1, R12). */
export function PeoplePart({ search }: { readonly search: ApprovalsSearch }) {
  const { operator } = useOperator();
  const people = usePeople(search);
  return (
    <Section title="People" level={2}>
      {operator === null ? (
        <p className="text-muted">
          Sign in to see your own figures. Everybody else's are told in the classes above, together.
        </p>
      ) : people.data === undefined ? (
        people.isError ? (
          <ProblemNote problem={problemOf(people.error)} onRetry={() => void people.refetch()} />
        ) : (
          <Loading what="the figures of people" />
        )
      ) : (
        <Told told={people.data} own={operator.subject} />
      )}
    </Section>
  );
}

function Told({ told: { isAll, people, peopleCount }, own }: { readonly told: People; readonly own: string }) {
  const mine = people.find(({ who }) => who === own);
  return (
    <>
      <p className="mb-2 max-w-3xl text-xs text-muted">
        {isAll
          ? "You see everybody's as duty manager, safety officer or auditor."
          : "You see your own. Duty managers, safety officers and auditors see everybody's."}{" "}
        A class that nobody reads is no person's fault: what counts is how much faster than reading somebody answers
        beyond what the same classes give anybody. Demands are those on roles they held, in the hours the log names
        them; more than {LIMITS.hour.warn} an hour is too many.
      </p>
      {people.length === 0 ? (
        <p className="text-muted">
          {isAll ? "Nobody decided anything in this time." : "You decided nothing in this time."}
        </p>
      ) : (
        <Table
          label="People"
          isBounded
          columns={[
            "Person",
            "Faster than their classes",
            "Expected of the classes",
            ...FIGURE_COLUMNS,
            { name: "Demands an hour", isNumber: true },
          ]}
        >
          {people.map((one) => (
            <Row key={one.who} isSelected={one.who === own}>
              <HeadCell>
                <bdi>{visibleText(shortName(one.who))}</bdi>
                {one.who === own ? " (you)" : ""}
              </HeadCell>
              <Cell>{one.ownTooFast === null ? "too few to tell" : signedWords(one.ownTooFast)}</Cell>
              <Cell>{one.expectedTooFast === null ? "not known" : percentWords(one.expectedTooFast)}</Cell>
              <FigureCells of={one} />
              <NumberCell>{one.demandsAnHour === null ? "not known" : eachWords(one.demandsAnHour)}</NumberCell>
            </Row>
          ))}
        </Table>
      )}
      {peopleCount > people.length ? <p>and {formatCount(peopleCount - people.length)} more.</p> : null}
      {mine === undefined ? null : (
        <>
          <h3 className="mt-3 mb-1 text-xs font-semibold">Your shift</h3>
          <ShiftTable label="Your shift" shift={mine.shift} />
        </>
      )}
    </>
  );
}

/** Percent points above or below. */
function signedWords(share: number): string {
  const points = Math.round(Math.abs(share) * 1000) / 10;
  if (points === 0) return "no difference";
  return `${points} points ${share > 0 ? "more often" : "less often"}`;
}
