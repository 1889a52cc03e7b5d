import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useMemo, useRef, useState } from "react";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { formatCount } from "../../ui/duration.ts";
import { Grid, GridCell, GridHeaderCell, GridRow, GridRowGroup, rowAfterKey } from "../../ui/grid.tsx";
import { formatInstant } from "../../ui/instant.tsx";
import { Mark, type MarkShape, type MarkTone } from "../../ui/mark.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import type { ControlSearch } from "./control-search.ts";
import { countFacts, statusOf, type TargetFacts } from "./stop-facts.ts";
import { FACT_COLUMNS, type FactKey, markOf, sinceCommand } from "./stop-marks.ts";

const ROW_PX = 30;
const COLUMNS =
  "grid grid-cols-[8rem_8.5rem_9.5rem_repeat(7,5.5rem)_16rem] gap-x-3 px-3 md:grid-cols-[minmax(10rem,1.3fr)_8.5rem_9.5rem_repeat(7,minmax(5.5rem,0.7fr))_minmax(10rem,1.5fr)]";
/** The name stays in view where the facts have to be scrolled. */
const NAME = "sticky left-0 bg-surface";

/** All targets when undefined; it is in the URL. */
export type TargetsFilter = ControlSearch["targets"];

export interface TargetsTableProps {
  readonly signal: OverrideSignal;
  readonly filter: TargetsFilter;
  onFilter(filter: TargetsFilter): void;
}

/** Five facts per target and two more, each in a column of its own with its time after the command (OVR-19). */
export function TargetsTable({ signal, filter, onFilter }: TargetsTableProps) {
  const counts = countFacts(signal.targets);
  const rows = useMemo(() => worstFirst(signal.targets.filter((target) => passes(target, filter))), [signal, filter]);
  if (signal.targets.length === 0) {
    return (
      <p className="p-3 text-muted">
        {signal.action === "stop"
          ? "No agent was running in its scope. While it is in force, whatever starts there is refused."
          : "No agent was running in its scope. While it is in force, whatever starts there begins under it."}
      </p>
    );
  }
  const open = counts.targets - counts.verified;
  return (
    <div className="flex h-112 flex-none flex-col md:h-auto md:min-h-64 md:flex-1">
      <div className="flex flex-wrap items-center gap-3 px-3 py-2">
        <h3 className="font-semibold">Targets</h3>
        <Segmented
          label="Which targets"
          selected={filter ?? "all"}
          onChange={(id) => onFilter(id === "all" ? undefined : id)}
          options={[
            { id: "all", name: `All ${formatCount(counts.targets)}` },
            { id: "open", name: `Not verified ${formatCount(open)}` },
            { id: "violated", name: `Violated ${formatCount(counts.violated)}` },
          ]}
        />
        <p className="text-xs text-muted">
          Times after the command. An acknowledgement is the agent's word; verified is ours.
        </p>
      </div>
      <Rows rows={rows} commandMs={signal.at * 1000} />
    </div>
  );
}

function Rows({ rows, commandMs }: { readonly rows: readonly TargetFacts[]; readonly commandMs: number }) {
  const scroll = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const current = Math.min(at, Math.max(0, rows.length - 1));
  const chosen = rows[current];
  const move = (to: number): void => {
    setAt(to);
    virtual.scrollToIndex(to);
    // The row may have to be rendered first.
    requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-row="${to}"]`)?.focus());
  };
  return (
    <>
      <Grid
        ref={scroll}
        aria-label="Targets"
        aria-rowcount={rows.length + 1}
        tabIndex={-1}
        className="min-h-0 flex-1 overflow-auto border-t border-line"
        onKeyDown={(event) => {
          const to = rowAfterKey(event.key, current, rows.length);
          if (to === undefined) return;
          event.preventDefault();
          move(to);
        }}
      >
        <div className="min-w-[80rem]">
          <GridRow
            aria-rowindex={1}
            className={`sticky top-0 z-10 border-b border-line bg-surface py-1 text-xs text-muted ${COLUMNS}`}
          >
            <GridHeaderCell className={NAME}>Agent</GridHeaderCell>
            {["Status", "State now", ...FACT_COLUMNS.map((column) => column.name), "Detail"].map((name) => (
              <GridHeaderCell key={name}>{name}</GridHeaderCell>
            ))}
          </GridRow>
          <GridRowGroup className="relative" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const facts = rows[item.index];
              return facts === undefined ? null : (
                <TargetRow
                  key={facts.agent}
                  facts={facts}
                  commandMs={commandMs}
                  index={item.index}
                  top={item.start}
                  isCurrent={item.index === current}
                  onChoose={setAt}
                />
              );
            })}
          </GridRowGroup>
        </div>
      </Grid>
      {chosen === undefined ? null : <ChosenDetail facts={chosen} />}
    </>
  );
}

/** What is known of the row in focus, whole: in its row it is cut. */
function ChosenDetail({ facts }: { readonly facts: TargetFacts }) {
  const { detail, refused, name } = facts;
  if (refused === null && detail === "") return null;
  return (
    <p className="shrink-0 border-t border-line px-3 py-1 text-xs text-muted">
      <bdi className="font-medium text-ink">{visibleText(name)}</bdi>: <DetailWords facts={facts} />
    </p>
  );
}

interface TargetRowProps {
  readonly facts: TargetFacts;
  readonly commandMs: number;
  readonly index: number;
  readonly top: number;
  readonly isCurrent: boolean;
  onChoose(index: number): void;
}

const TargetRow = memo(function TargetRow({ facts, commandMs, index, top, isCurrent, onChoose }: TargetRowProps) {
  return (
    <GridRow
      data-row={index}
      aria-rowindex={index + 2}
      tabIndex={isCurrent ? 0 : -1}
      onFocus={() => onChoose(index)}
      style={{ height: ROW_PX, transform: `translateY(${top}px)` }}
      className={`absolute inset-x-0 top-0 items-center border-b border-line -outline-offset-2 hover:bg-sunken ${COLUMNS}`}
    >
      <GridCell className={`truncate font-medium ${NAME}`} title={visibleText(facts.agent)}>
        {visibleText(facts.name)}
      </GridCell>
      <GridCell>
        <Mark {...markOf(statusOf(facts))} />
      </GridCell>
      <GridCell className="truncate">
        <Mark {...AGENT_STATES[facts.state]} />
      </GridCell>
      {FACT_COLUMNS.map((column) => (
        <FactCell key={column.key} facts={facts} column={column.key} commandMs={commandMs} />
      ))}
      <DetailCell facts={facts} />
    </GridRow>
  );
});

/** What the log's signals make of an agent now (override.md section c). */
const AGENT_STATES: Record<TargetFacts["state"], { shape: MarkShape; tone: MarkTone; label: string }> = {
  running: { shape: "ring", tone: "neutral", label: "running" },
  constrained: { shape: "half", tone: "notice", label: "under changed limits" },
  pausing: { shape: "triangle", tone: "warning", label: "not at a safe point" },
  paused: { shape: "bar", tone: "notice", label: "paused" },
  human_control: { shape: "diamond", tone: "warning", label: "taken over" },
  rolling_back: { shape: "half", tone: "warning", label: "held by a rollback" },
  stopping: { shape: "triangle", tone: "critical", label: "stopping" },
  stopped: { shape: "square", tone: "critical", label: "stopped" },
};

function DetailCell({ facts }: { readonly facts: TargetFacts }) {
  const { detail, refused } = facts;
  const title = refused === null ? detail : `${refused.code} ${refused.alternatives ?? ""}`;
  return (
    <GridCell className={`truncate ${refused === null ? "text-muted" : ""}`} title={visibleText(title)}>
      <DetailWords facts={facts} />
    </GridCell>
  );
}

/** What it said no with, in its own words; otherwise what else is known. */
function DetailWords({ facts: { detail, refused } }: { readonly facts: TargetFacts }) {
  if (refused === null) return <UntrustedText text={detail} maxCharacters={160} />;
  const words = refused.alternatives ?? "";
  return (
    <>
      refused, {visibleText(refused.code)}
      {words === "" ? null : (
        <>
          : <UntrustedText text={words} maxCharacters={120} />
        </>
      )}
    </>
  );
}

const ALARMING: Partial<Record<FactKey, string>> = {
  violatedAtMs: "font-semibold text-critical",
  terminatedAtMs: "font-semibold text-warning",
};

function FactCell({
  facts,
  column,
  commandMs,
}: {
  readonly facts: TargetFacts;
  readonly column: FactKey;
  readonly commandMs: number;
}) {
  const atMs = facts[column];
  if (atMs === null) {
    return (
      <GridCell className="text-faint">
        <span aria-hidden="true">—</span>
        <span className="sr-only">not known</span>
      </GridCell>
    );
  }
  return (
    <GridCell tabIndex={-1} title={formatInstant(atMs, true)} className={`truncate ${ALARMING[column] ?? ""}`}>
      {sinceCommand(facts, atMs, commandMs)}
    </GridCell>
  );
}

const ORDER: Record<TargetFacts["status"], number> = {
  violated: 0,
  unconfirmed: 1,
  commanded: 2,
  acknowledged: 3,
  verified: 4,
};

const BY_NAME = new Intl.Collator("en", { numeric: true });

function worstFirst(targets: readonly TargetFacts[]): TargetFacts[] {
  return targets.toSorted((a, b) => ORDER[statusOf(a)] - ORDER[statusOf(b)] || BY_NAME.compare(a.name, b.name));
}

function passes(target: TargetFacts, filter: TargetsFilter): boolean {
  if (filter === undefined) return true;
  const status = statusOf(target);
  return filter === "violated" ? status === "violated" : status !== "verified";
}
