import type { SettlementView } from "../../../api/contract/accounting-settling.ts";
import { HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { formatDecimal, money, resourceName, unitName } from "../words.ts";

export function TotalsTable({ totals, currency }: Pick<SettlementView, "totals" | "currency">) {
  return (
    <Table
      label="Totals"
      columns={[{ name: "Resource" }, { name: "Quantity", isNumber: true }, { name: "Amount", isNumber: true }]}
    >
      {totals.map(({ resource, unit, quantity, amount }) => (
        <Row key={resource}>
          <HeadCell>{resourceName(resource)}</HeadCell>
          <NumberCell>
            {formatDecimal(quantity)} {unitName(unit)}
          </NumberCell>
          <NumberCell>{money(amount, currency)}</NumberCell>
        </Row>
      ))}
    </Table>
  );
}
