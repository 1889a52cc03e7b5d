import type { ProofView } from "../../../api/contract/drill.ts";
import { useMinute } from "../../../ui/clock.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago, Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Cell, HeadCell, Row, Table } from "../../../ui/table.tsx";
import { CONTROL_NAMES, HOW, isOverdue, TO_PROVE } from "./drill-words.ts";

/** Each means of control with the day it was last proven on, and what is overdue (S12). */
export function ProvenTable({ controls }: { readonly controls: readonly ProofView[] }) {
  const nowMs = useMinute();
  return (
    <Section title="Proven on" level={2}>
      <Table label="Proven on" columns={["Control", "State", "Last proven on", "By", "Due"]}>
        {controls.map((proof) => (
          <Row key={proof.control}>
            <HeadCell>{CONTROL_NAMES[proof.control]}</HeadCell>
            <Cell>
              {isOverdue(proof, nowMs) ? (
                <Mark shape="triangle" tone="warning" label={proof.last === null ? "never proven" : "overdue"} />
              ) : (
                <Mark shape="dot" tone="good" label="proven" />
              )}
            </Cell>
            <Cell isWide>
              {proof.last === null ? (
                <span className="text-muted">{TO_PROVE[proof.control]}</span>
              ) : (
                <>
                  <Instant epochMs={proof.last.at * 1000} full />, <Ago sinceMs={proof.last.at * 1000} />
                </>
              )}
            </Cell>
            <Cell>
              {proof.last === null ? null : (
                <GoLink to="/timeline" search={{ entry: proof.last.seq }}>
                  {HOW[proof.last.how]}
                </GoLink>
              )}
            </Cell>
            <Cell>{proof.dueAt === null ? "now" : <Instant epochMs={proof.dueAt * 1000} full />}</Cell>
          </Row>
        ))}
      </Table>
    </Section>
  );
}
