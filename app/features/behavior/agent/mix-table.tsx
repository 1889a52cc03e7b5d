import type { MixRow } from "../../../api/contract/behavior.ts";
import { formatCount } from "../../../ui/duration.ts";
import { MarkIcon } from "../../../ui/mark.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { percent, word } from "../words.ts";

/** Actions that say the most of a drift. */
const TELLING = 3;

/** Those that make up most of the drift first; without a baseline the most frequent. */
export function byContribution(rows: readonly MixRow[]): MixRow[] {
  return rows.toSorted(
    (a, b) => (b.contribution ?? 0) - (a.contribution ?? 0) || b.observed - a.observed || a.key.localeCompare(b.key),
  );
}

export interface MixTableProps {
  readonly rows: readonly MixRow[];
  /** Something drifts: the actions that say the most of it are marked. */
  readonly isTelling: boolean;
}

/** What the agent did beside what it is expected to do, the most telling actions first. */
export function MixTable({ rows, isTelling }: MixTableProps) {
  if (rows.length === 0) return <p className="text-muted">Nothing was counted yet.</p>;
  const hasBaseline = rows.some(({ expectedShare }) => expectedShare !== null);
  const whole = rows.reduce((sum, { contribution }) => sum + (contribution ?? 0), 0);
  return (
    <>
      {hasBaseline ? null : (
        <p className="mb-1 text-muted">Its profile has no baseline, so that nothing here is expected or drifts.</p>
      )}
      <Table
        label="Actions seen and expected"
        columns={[
          "Action",
          "Beside each other",
          { name: "Seen", isNumber: true },
          ...(hasBaseline ? [{ name: "Expected", isNumber: true }] : []),
          ...(hasBaseline ? [{ name: "Part of the drift", isNumber: true }] : []),
        ]}
        isBounded
      >
        {byContribution(rows).map((row, at) => {
          const tells = isTelling && at < TELLING && (row.contribution ?? 0) > 0;
          return (
            <Row key={row.key}>
              <HeadCell isMono>
                {tells ? (
                  <span className="mr-1 inline-block">
                    <MarkIcon shape="triangle" tone="warning" size={10} />
                    <span className="sr-only">most telling: </span>
                  </span>
                ) : null}
                {word(row.key, 120)}
              </HeadCell>
              <Cell>
                <Bars seen={row.observedShare} expected={row.expectedShare} tells={tells} />
              </Cell>
              <NumberCell>
                {percent(row.observedShare)} ({formatCount(row.observed)})
              </NumberCell>
              {hasBaseline ? (
                <NumberCell>{row.expectedShare === null ? "none" : percent(row.expectedShare)}</NumberCell>
              ) : null}
              {hasBaseline ? (
                <NumberCell>
                  {row.contribution === null || whole === 0 ? "none" : percent(row.contribution / whole)}
                </NumberCell>
              ) : null}
            </Row>
          );
        })}
      </Table>
      <p className="mt-1 text-xs text-muted">
        Upper bar: seen. Lower bar, outlined: expected by the baseline.
        {isTelling ? " A triangle marks the three that make up most of the drift." : ""}
      </p>
    </>
  );
}

/** Two bars on one scale; the numbers stand beside them. */
export function Bars({
  seen,
  expected,
  tells,
}: {
  readonly seen: number;
  readonly expected: number | null;
  readonly tells: boolean;
}) {
  return (
    <span aria-hidden="true" className="block w-24 space-y-0.5 pt-1">
      <span className={`block h-1.5 ${tells ? "bg-warning" : "bg-strong"}`} style={{ width: `${seen * 100}%` }} />
      <span className="block h-1.5 border border-strong" style={{ width: `${(expected ?? 0) * 100}%` }} />
    </span>
  );
}
