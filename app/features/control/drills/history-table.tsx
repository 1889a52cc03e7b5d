import type { DrillView } from "../../../api/contract/drill.ts";
import { scriptWords } from "../../../operator/drill-scripts.ts";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { Grid, GridCell, GridHeaderCell, GridRow, rowAfterKey } from "../../../ui/grid.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { ControlSearch } from "../control-search.ts";
import { shortId } from "../stop-facts.ts";
import { RESULTS } from "./drill-words.ts";

export type PastFilter = ControlSearch["past"];

export interface HistoryTableProps {
  readonly drills: readonly DrillView[];
  readonly only: PastFilter;
  readonly selected: string | null;
  onOnly(only: PastFilter): void;
  onSelect(wid: string): void;
}

const COLUMNS = "md:grid md:grid-cols-[9rem_11rem_minmax(10rem,1fr)_5rem_8rem_10rem_minmax(7rem,1fr)]";

/** All drills that are over, newest first; arrow keys move, and the one in view is shown above. */
export function HistoryTable({ drills, only, selected, onOnly, onSelect }: HistoryTableProps) {
  const over = drills.filter(({ score }) => score !== null);
  const count = (result: PastFilter): number => over.filter(({ score }) => score?.result === result).length;
  const shown = over.filter(({ score }) => only === undefined || score?.result === only);
  return (
    <Section title="Drills so far" level={2}>
      {over.length === 0 ? (
        <p className="text-muted">No drill has been run in this log yet. What is proven above says what that means.</p>
      ) : (
        <>
          <Segmented
            label="Which drills"
            selected={only ?? "all"}
            onChange={(id) => onOnly(id === "all" ? undefined : id)}
            options={[
              { id: "all", name: `All ${formatCount(over.length)}` },
              { id: "passed", name: `Passed ${formatCount(count("passed"))}` },
              { id: "failed", name: `Failed ${formatCount(count("failed"))}` },
              { id: "aborted", name: `Aborted ${formatCount(count("aborted"))}` },
            ]}
          />
          {shown.length === 0 ? <p className="py-2 text-muted">None of that kind.</p> : null}
          <Grid aria-label="Drills" aria-rowcount={shown.length + 1} className="mt-2 border-t border-line">
            <GridRow className={`hidden gap-3 py-1 text-xs text-muted ${COLUMNS}`}>
              {["Result", "Started", "What went wrong", "Agents", "Time to stop", "Last verified", "By"].map((name) => (
                <GridHeaderCell key={name}>{name}</GridHeaderCell>
              ))}
            </GridRow>
            {shown.map((drill, at) => (
              <HistoryRow
                key={drill.wid}
                drill={drill}
                isSelected={drill.wid === selected}
                takesTab={drill.wid === selected || (at === 0 && !shown.some(({ wid }) => wid === selected))}
                onSelect={onSelect}
              />
            ))}
          </Grid>
        </>
      )}
    </Section>
  );
}

interface HistoryRowProps {
  readonly drill: DrillView;
  readonly isSelected: boolean;
  /** The one row in the order of Tab. */
  readonly takesTab: boolean;
  onSelect(wid: string): void;
}

function HistoryRow({ drill, isSelected, takesTab, onSelect }: HistoryRowProps) {
  const { score } = drill;
  if (score === null) return null;
  const { command, verified } = score;
  return (
    <GridRow
      aria-selected={isSelected}
      tabIndex={takesTab ? 0 : -1}
      onClick={() => onSelect(drill.wid)}
      onKeyDown={(event) => {
        const rows = [...(event.currentTarget.parentElement?.querySelectorAll<HTMLElement>("[aria-selected]") ?? [])];
        const to = rowAfterKey(event.key, rows.indexOf(event.currentTarget), rows.length);
        if (to === undefined && event.key !== "Enter") return;
        event.preventDefault();
        const row = to === undefined ? event.currentTarget : rows[to];
        row?.focus();
        row?.click();
      }}
      className={`flex flex-wrap gap-x-3 gap-y-0.5 border-b border-line py-1.5 -outline-offset-2 ${COLUMNS} ${isSelected ? "bg-accent-soft" : "hover:bg-sunken"}`}
    >
      <GridCell>
        <Mark {...RESULTS[score.result]} />
      </GridCell>
      <GridCell>
        <Instant epochMs={drill.startedAt * 1000} full />
      </GridCell>
      <GridCell className="font-medium">{scriptWords(drill.script).name}</GridCell>
      <GridCell className="hidden md:block">{formatCount(drill.size)}</GridCell>
      <GridCell className="tabular-nums">{command === null ? "no stop" : formatDuration(command.at_ms)}</GridCell>
      <GridCell className="hidden tabular-nums md:block">
        {command === null || verified === null ? "none" : `${formatDuration(verified.last_ms - command.at_ms)} after`}
      </GridCell>
      <GridCell className="hidden truncate md:block">{visibleText(shortId(drill.by))}</GridCell>
    </GridRow>
  );
}
