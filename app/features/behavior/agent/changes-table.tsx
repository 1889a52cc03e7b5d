import type { BehaviorChange } from "../../../api/contract/behavior.ts";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { STATE_LOOKS } from "../state-looks.ts";
import { lastPart, score, word } from "../words.ts";

/** How its trust and state came to be what they are, the newest first, each with the entry that caused it (INV-1). */
export function ChangesTable({ changes }: { readonly changes: readonly BehaviorChange[] }) {
  if (changes.length === 0)
    return <p className="text-muted">Nothing has changed it yet: every agent begins at 0.50.</p>;
  return (
    <Table
      label="Trust and state"
      columns={["When", { name: "Change", isNumber: true }, { name: "Trust", isNumber: true }, "State", "Because"]}
      isBounded
    >
      {changes
        .toSorted((a, b) => b.seq - a.seq || b.at - a.at)
        .map((change) => (
          <Row key={`${change.seq} ${change.cause} ${change.delta}`}>
            <HeadCell>
              <Instant epochMs={change.at * 1000} />
              <div>
                <GoLink to="/timeline" search={{ entry: change.seq }}>
                  entry {formatCount(change.seq)}
                </GoLink>
              </div>
            </HeadCell>
            <NumberCell>{signed(change.delta)}</NumberCell>
            <NumberCell>{score(change.trust)}</NumberCell>
            <Cell>
              {change.from === change.to ? (
                <Mark {...STATE_LOOKS[change.to]} />
              ) : (
                <>
                  <Mark {...STATE_LOOKS[change.to]} />
                  <div className="text-xs text-muted">from {STATE_LOOKS[change.from].label}</div>
                </>
              )}
            </Cell>
            <Cell isWide>
              {word(change.cause.replaceAll("_", " "), 160)}
              {change.by === null ? "" : `, by ${lastPart(change.by)}`}
              {change.reason === null ? null : (
                <>
                  : <UntrustedText text={change.reason} maxCharacters={200} />
                </>
              )}
            </Cell>
          </Row>
        ))}
    </Table>
  );
}

const signed = (delta: number): string =>
  delta === 0 ? "0.00" : `${delta > 0 ? "+" : "−"}${Math.abs(delta).toFixed(2)}`;
