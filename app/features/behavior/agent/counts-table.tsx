import type { BehaviorWindow } from "../../../api/contract/behavior.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { percent, word } from "../words.ts";
import { compareCounts } from "./counts.ts";
import { Bars } from "./mix-table.tsx";

/** What it did in one window beside what it did in another; alone where there is no other. */
export function CountsTable({
  window,
  other,
}: {
  readonly window: BehaviorWindow;
  readonly other: BehaviorWindow | null;
}) {
  const rows = compareCounts(window.counts, other?.counts ?? {});
  if (rows.length === 0) return <p className="text-muted">It did nothing in this window.</p>;
  return (
    <Table
      label="Actions of the window"
      columns={[
        "Action",
        "Beside each other",
        { name: "This window", isNumber: true },
        ...(other === null
          ? []
          : [
              { name: "Last good", isNumber: true },
              { name: "Difference", isNumber: true },
            ]),
      ]}
      isBounded
    >
      {rows.map(({ key, count, share, otherShare }) => (
        <Row key={key}>
          <HeadCell isMono>{word(key, 120)}</HeadCell>
          <Cell>
            <Bars seen={share} expected={other === null ? null : otherShare} tells={false} />
          </Cell>
          <NumberCell>
            {percent(share)} ({formatCount(count)})
          </NumberCell>
          {other === null ? null : (
            <>
              <NumberCell>{percent(otherShare)}</NumberCell>
              <NumberCell>{signed(share - otherShare)}</NumberCell>
            </>
          )}
        </Row>
      ))}
    </Table>
  );
}

const signed = (difference: number): string =>
  `${difference > 0 ? "+" : difference < 0 ? "−" : ""}${percent(Math.abs(difference))}`;
