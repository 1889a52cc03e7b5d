import { Button } from "../../../ui/button.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import type { Bar } from "./bars.ts";

export interface TimeTableProps {
  readonly bars: readonly Bar[];
  /** Name of the group in view; null for none. */
  readonly group: string | null;
  onZoom(from: number, to: number): void;
}

/** What the chart shows, as numbers; a row opens its own time, as a stretch of the chart does. */
export function TimeTable({ bars, group, onZoom }: TimeTableProps) {
  const used = bars.filter(({ all, group: own }) => all !== 0 || own !== 0);
  if (used.length === 0) return <p className="py-2 text-muted">Nothing was used in this time.</p>;
  return (
    <Table
      label="Usage over time"
      columns={[
        { name: "From" },
        { name: "All", isNumber: true },
        ...(group === null ? [] : [{ name: group, isNumber: true }]),
        { name: "Closer" },
      ]}
    >
      {used.map(({ from, to, allText, groupText }) => (
        <Row key={from}>
          <HeadCell>
            <Instant epochMs={from * 1000} full />
          </HeadCell>
          <NumberCell>{allText}</NumberCell>
          {group === null ? null : <NumberCell>{groupText}</NumberCell>}
          <Cell>
            {to - from > 1 ? (
              <Button size="sm" variant="quiet" onPress={() => onZoom(from, to)}>
                Look closer
              </Button>
            ) : null}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
