import { useState } from "react";
import type { CrossingView } from "../../api/contract/domains.ts";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { Cell, Row, Table } from "../../ui/table.tsx";
import { shortenMiddle, visibleText } from "../../ui/visible-text.ts";
import { ASKS, missingWords, STATE_LOOK } from "./domain-words.ts";
import { type DomainsSearch, STATES } from "./domains-search.ts";

/** Rows at first, and with each press. */
const STEP = 100;

export interface CrossingListProps {
  readonly crossings: readonly CrossingView[];
  readonly counts: Readonly<Record<CrossingView["state"], number>>;
  readonly state: DomainsSearch["state"];
  readonly selected: string | undefined;
  onState(state: DomainsSearch["state"]): void;
  onSelect(stitchId: string): void;
}

/** Crossings with what asks for somebody first; one is opened by its button, j and k go through them. */
export function CrossingList({ crossings, counts, state, selected, onState, onSelect }: CrossingListProps) {
  const [most, setMost] = useState(STEP);
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const chosen = crossings.findIndex(({ stitchId }) => stitchId === selected);
  const shown = crossings.slice(0, Math.max(most, chosen + 1));
  return (
    <>
      <Segmented
        label="Which crossings"
        selected={state ?? "all"}
        onChange={(id) => onState(id === "all" ? undefined : id)}
        options={[
          { id: "all", name: `All ${formatCount(all)}` },
          ...STATES.filter((id) => counts[id] > 0 || id === state).map((id) => ({
            id,
            name: `${capital(STATE_LOOK[id].label)} ${formatCount(counts[id])}`,
          })),
        ]}
      />
      {crossings.length === 0 ? (
        <p className="py-3 text-muted">
          {all === 0 ? "Nothing has crossed between domains yet." : "No crossing is in this state."}
        </p>
      ) : (
        <div className="mt-2 space-y-2">
          <Table label="Border crossings" columns={["State", "From", "To", "Crossing", "Since", "Looked after by"]}>
            {shown.map((crossing) => (
              <CrossingRow
                key={crossing.stitchId}
                crossing={crossing}
                isSelected={crossing.stitchId === selected}
                onSelect={() => onSelect(crossing.stitchId)}
              />
            ))}
          </Table>
          {shown.length < crossings.length ? (
            <Button size="sm" onPress={() => setMost(shown.length + STEP)}>
              Show more: {formatCount(shown.length)} of {formatCount(crossings.length)} are shown
            </Button>
          ) : null}
        </div>
      )}
    </>
  );
}

interface CrossingRowProps {
  readonly crossing: CrossingView;
  readonly isSelected: boolean;
  onSelect(): void;
}

function CrossingRow({ crossing, isSelected, onSelect }: CrossingRowProps) {
  const { state, code, missing, handling } = crossing;
  return (
    <Row isSelected={isSelected}>
      <Cell>
        <Mark {...STATE_LOOK[state]} />
        {state === "verified" || state === "matched" ? null : (
          <div className="text-xs text-muted">
            {code === null || state === "dangling" ? missingWords(missing) : <code>{visibleText(code)}</code>}
          </div>
        )}
      </Cell>
      <Cell isMono>{visibleText(crossing.from)}</Cell>
      <Cell isMono>{visibleText(crossing.to)}</Cell>
      <Cell isMono>
        <button
          type="button"
          aria-pressed={isSelected}
          onClick={onSelect}
          className="min-h-6 font-mono text-xs text-accent underline underline-offset-2 hover:decoration-2"
        >
          {shortenMiddle(crossing.stitchId)}
        </button>
      </Cell>
      <Cell>
        <Instant epochMs={crossing.since * 1000} />
      </Cell>
      <Cell>
        {handling.resolved !== null ? (
          <>resolved by {visibleText(nameOf(handling.resolved.by))}</>
        ) : handling.assigned !== null ? (
          visibleText(nameOf(handling.assigned.to))
        ) : ASKS.has(state) ? (
          <span className="text-muted">nobody</span>
        ) : null}
      </Cell>
    </Row>
  );
}

/** The last part of an operator's id. */
export const nameOf = (subject: string): string => subject.split("/").at(-1) ?? subject;

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
