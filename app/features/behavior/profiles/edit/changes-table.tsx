import { Mark, type MarkShapeProps } from "../../../../ui/mark.tsx";
import { Cell, HeadCell, Row, Table } from "../../../../ui/table.tsx";
import { phrase, word } from "../words.ts";
import type { ProfileChange } from "./profile-diff.ts";

const EFFECTS: Readonly<
  Record<NonNullable<ProfileChange["effect"]>, Pick<MarkShapeProps, "shape" | "tone"> & { readonly label: string }>
> = {
  wider: { shape: "triangle", tone: "warning", label: "lets more pass" },
  narrower: { shape: "bar", tone: "neutral", label: "lets less pass" },
  unclear: { shape: "ring", tone: "warning", label: "may let more pass" },
};

/** What a draft changes against the version in force, before it is signed. */
export function ChangesTable({ changes }: { readonly changes: readonly ProfileChange[] }) {
  return (
    <Table label="Changes" columns={["Part", "What", "So that it", "In force", "Draft"]} isBounded>
      {changes.map(({ part, what, before, after, effect }) => (
        <Row key={`${part} ${what}`}>
          <Cell>{part}</Cell>
          <HeadCell isMono>{word(what)}</HeadCell>
          <Cell>{effect === null ? "" : <Mark {...EFFECTS[effect]} />}</Cell>
          <Cell isWide>{before === null ? "—" : phrase(before)}</Cell>
          <Cell isWide>{after === null ? "—" : phrase(after)}</Cell>
        </Row>
      ))}
    </Table>
  );
}
