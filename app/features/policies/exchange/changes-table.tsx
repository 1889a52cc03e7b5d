import { Cell, HeadCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import type { PolicyChange } from "./policy-changes.ts";

/** Old beside new, one change a row. */
export function ChangesTable({ changes }: { readonly changes: readonly PolicyChange[] }) {
  if (changes.length === 0) return <p>Nothing: the draft says what is in force.</p>;
  return (
    <Table label="Changes" columns={["What", "In force now", "In its place"]}>
      {changes.map(({ what, before, after }) => (
        <Row key={what}>
          <HeadCell>{what}</HeadCell>
          <Cell>{before === null ? <Nothing /> : <UntrustedText text={before} />}</Cell>
          <Cell>{after === null ? <Nothing /> : <UntrustedText text={after} />}</Cell>
        </Row>
      ))}
    </Table>
  );
}

const Nothing = () => <span className="text-muted">nothing</span>;
