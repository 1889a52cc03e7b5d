import type { BorderChange } from "../../../protocol/audit/border-change.ts";
import { Mark } from "../../../ui/mark.tsx";
import { Cell, HeadCell, Row, Table } from "../../../ui/table.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { placeName, valueWords } from "./border-words.ts";

/** What another version says differently, and what of it lets more out or in (XDA-73). */
export function ChangeTable({ changes }: { readonly changes: readonly BorderChange[] }) {
  return (
    <Table label="What changes" columns={["What", "In force", "Then", "Wider"]}>
      {changes.map(({ what, before, after, widens }) => (
        <Row key={what}>
          <HeadCell>{visibleText(placeName(what))}</HeadCell>
          <Cell>{visibleText(valueWords(what, before))}</Cell>
          <Cell>{visibleText(valueWords(what, after))}</Cell>
          <Cell>{widens ? <Mark shape="triangle" tone="warning" label="wider" /> : "no"}</Cell>
        </Row>
      ))}
    </Table>
  );
}
