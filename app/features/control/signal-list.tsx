import type { Ref } from "react";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { Grid, GridCell, GridHeaderCell, GridRow, rowAfterKey } from "../../ui/grid.tsx";
import { Age, Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Remaining } from "../../ui/remaining.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { actionWords, standingOf } from "./signal-words.ts";
import { countFacts, countWords, scopeWords, shortId } from "./stop-facts.ts";
import type { Unseen } from "./unseen.ts";

export interface SignalListProps {
  readonly signals: readonly OverrideSignal[];
  readonly selected: string | null;
  readonly unseen: readonly Unseen[];
  /** Wall clock, epoch ms, at which they were read. */
  readonly readAtMs: number;
  onSelect(jti: string): void;
  readonly ref?: Ref<HTMLDivElement>;
}

const COLUMNS =
  "md:grid md:grid-cols-[11rem_minmax(9rem,1fr)_minmax(9rem,1fr)_7rem_11rem_minmax(8rem,1fr)_minmax(13rem,1.1fr)]";

/** Every signal there was: those in force first. Arrow keys move, and what is selected is shown below. */
export function SignalList({ signals, selected, unseen, readAtMs, onSelect, ref }: SignalListProps) {
  return (
    <Grid
      ref={ref}
      aria-label="Signals"
      aria-rowcount={signals.length + 1}
      className="shrink-0 overflow-auto border-b border-strong bg-panel md:max-h-[38%]"
    >
      <GridRow
        className={`sticky top-0 z-10 hidden gap-3 border-b border-line bg-panel px-3 py-1.5 text-xs text-muted ${COLUMNS}`}
      >
        {["State", "Order", "Scope", "By", "Since", "Reason", "Known of its targets"].map((name) => (
          <GridHeaderCell key={name}>{name}</GridHeaderCell>
        ))}
      </GridRow>
      {signals.map((signal, at) => (
        <SignalRow
          key={signal.jti}
          signal={signal}
          isSelected={signal.jti === selected}
          unseen={unseen.find((one) => one.signal === signal)}
          takesTab={signal.jti === selected || (selected === null && at === 0)}
          readAtMs={readAtMs}
          onSelect={onSelect}
        />
      ))}
    </Grid>
  );
}

interface SignalRowProps {
  readonly signal: OverrideSignal;
  readonly isSelected: boolean;
  readonly unseen: Unseen | undefined;
  /** The one row in the order of Tab. */
  readonly takesTab: boolean;
  readonly readAtMs: number;
  onSelect(jti: string): void;
}

function SignalRow({ signal, isSelected, unseen, takesTab, readAtMs, onSelect }: SignalRowProps) {
  const cell = "min-w-0 truncate";
  return (
    <GridRow
      aria-selected={isSelected}
      tabIndex={takesTab ? 0 : -1}
      onClick={() => onSelect(signal.jti)}
      onKeyDown={(event) => {
        const next = nextRow(event.currentTarget, event.key);
        if (next === undefined) return;
        event.preventDefault();
        next.focus();
        next.click();
      }}
      className={`flex flex-wrap gap-x-3 gap-y-0.5 border-b border-line px-3 py-1.5 -outline-offset-2 last:border-b-0 ${COLUMNS} ${isSelected ? "bg-accent-soft" : "hover:bg-sunken"}`}
    >
      <GridCell className={cell}>
        <Mark {...standingOf(signal)} />
        {unseen === undefined ? null : (
          <strong className="ml-2 border border-critical px-1 text-xs text-critical">
            {unseen.isWorse ? "worse" : "new"}
          </strong>
        )}
        {signal.inForce && signal.remainingMs !== null ? (
          <span className="ml-2 text-xs text-muted">
            <Remaining remainingMs={signal.remainingMs} readAtMs={readAtMs} /> left
          </span>
        ) : null}
      </GridCell>
      <GridCell className={`${cell} font-medium`}>{actionWords(signal)}</GridCell>
      <GridCell tabIndex={-1} className={cell} title={visibleText(scopeWords(signal.scope))}>
        {visibleText(scopeWords(shortScope(signal.scope)))}
      </GridCell>
      <GridCell className={`${cell} hidden md:block`} title={visibleText(signal.by)}>
        {visibleText(shortId(signal.by))}
      </GridCell>
      <GridCell className={`${cell} hidden md:block`}>
        <Instant epochMs={signal.at * 1000} /> · <Age sinceMs={signal.at * 1000} />
      </GridCell>
      <GridCell className={`${cell} hidden md:block`}>
        <UntrustedText text={signal.reason} maxCharacters={120} />
      </GridCell>
      <GridCell className={cell}>
        <Summary signal={signal} />
      </GridCell>
    </GridRow>
  );
}

/** An agent by the end of its id, by which people know it; the whole id is in the title and in the detail. */
const shortScope = (scope: OverrideSignal["scope"]): OverrideSignal["scope"] =>
  scope.kind === "agent" ? { ...scope, id: shortId(scope.id) } : scope;

/** The row an arrow key leads to. */
function nextRow(row: HTMLElement, key: string): HTMLElement | undefined {
  const rows = [...(row.parentElement?.querySelectorAll<HTMLElement>("[aria-selected]") ?? [])];
  const to = rowAfterKey(key, rows.indexOf(row), rows.length);
  return to === undefined ? undefined : rows[to];
}

function Summary({ signal }: { readonly signal: OverrideSignal }) {
  const counts = countFacts(signal.targets);
  const tone = counts.violated > 0 ? "critical" : counts.unconfirmed > 0 ? "warning" : null;
  if (tone === null) return countWords(counts, signal.action);
  return (
    <Mark shape={tone === "critical" ? "cross" : "triangle"} tone={tone} label={countWords(counts, signal.action)} />
  );
}
