import { ListTree, Maximize, Minus, Plus } from "lucide-react";
import { useStore } from "zustand";
import { Button, IconButton } from "../../../ui/button.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { formatInstant } from "../../../ui/instant.tsx";
import { Select } from "../../../ui/select.tsx";
import { Toolbar } from "../../../ui/toolbar.tsx";
import { GROUPING_NAMES } from "./lane-names.ts";
import { GROUPINGS, type Grouping } from "./lanes.ts";
import { lookAt, type SightStore } from "./sight-store.ts";
import type { KnownRun } from "./use-runs.ts";
import { zoomed } from "./view.ts";

export interface LanesToolbarProps {
  readonly by: Grouping;
  onGroup(by: Grouping): void;
  /** Where it is looked at; null for the table, which is scrolled. */
  readonly store: SightStore | null;
  /** Entries that are here, of how many, and how many of them the query has been tried on where not all. */
  /** Workflows that the chosen one can be compared with; null where none is chosen. */
  readonly others: readonly KnownRun[] | null;
  readonly vs: string | undefined;
  onCompare(wid: string | undefined): void;
  readonly loaded: number;
  readonly size: number;
  readonly indexed: number | null;
  readonly hasFindings: boolean;
  onFindings(): void;
}

const ZOOM = 2;
/** No workflow: a space cannot begin an id. */
const NONE = " none";

export function LanesToolbar(props: LanesToolbarProps) {
  const { by, onGroup, store, others, vs, onCompare, loaded, size, indexed, hasFindings, onFindings } = props;
  return (
    <Toolbar aria-label="Lanes" className="border-b border-line px-3 py-1 max-md:gap-1">
      {store === null ? null : (
        <Select
          label="A lane for each"
          hideLabel
          items={GROUPINGS.map((id) => ({ id, name: `Lane for each ${GROUPING_NAMES[id].toLowerCase()}` }))}
          selectedKey={by}
          onSelectionChange={(id) => onGroup(GROUPINGS.find((one) => one === id) ?? "agent")}
          className="w-30 md:w-48"
        />
      )}
      <Button onPress={onFindings} aria-pressed={hasFindings} shortcut="f">
        <ListTree aria-hidden="true" size={14} />
        Findings
      </Button>
      {store === null ? null : (
        <>
          <span className="flex">
            <IconButton label="Zoom in" icon={Plus} shortcut="+" onPress={() => zoomBy(store, ZOOM)} />
            <IconButton label="Zoom out" icon={Minus} shortcut="-" onPress={() => zoomBy(store, 1 / ZOOM)} />
            <IconButton
              label="All of time"
              icon={Maximize}
              shortcut="0"
              onPress={() => lookAt(store, store.getState().whole)}
            />
          </span>
          {others === null || others.length === 0 ? null : (
            <Select
              label="Compare with"
              hideLabel
              items={[
                { id: NONE, name: "Compare with …" },
                ...others.map(({ wid, label }) => ({ id: wid, name: `Compare with ${label}` })),
              ]}
              selectedKey={vs ?? NONE}
              onSelectionChange={(id) => onCompare(id === NONE ? undefined : id)}
              className="w-36 md:w-48"
            />
          )}
          <InView store={store} isAligned={vs !== undefined} />
        </>
      )}
      {loaded < size || indexed !== null ? (
        <p role="status" className="text-xs text-muted">
          {loaded < size
            ? `${formatCount(loaded)} of ${formatCount(size)} entries read`
            : `the query has been tried on the first ${formatCount(indexed ?? 0)} entries so far`}
        </p>
      ) : null}
    </Toolbar>
  );
}

/** Zooms around the selected entry where it is in view, otherwise around the middle. */
export function zoomBy(store: SightStore, factor: number): void {
  const { span, whole, focusMs } = store.getState();
  const isInView = focusMs !== null && focusMs >= span.fromMs && focusMs <= span.toMs;
  lookAt(store, zoomed(span, factor, isInView ? focusMs : (span.fromMs + span.toMs) / 2, whole));
}

/** Below it the view is near enough for somebody to take places within a second for times, ms. */
const NEAR_MS = 5000;

/** What of time is in view, in words. */
function InView({ store, isAligned }: { readonly store: SightStore; readonly isAligned: boolean }) {
  const span = useStore(store, (now) => now.span);
  const length = span.toMs - span.fromMs;
  return (
    <p className="text-right text-xs text-muted max-md:hidden md:ml-auto">
      {isAligned ? "" : `${formatInstant(span.fromMs, length < 60_000)}, `}
      {length < 1000 ? `${Number(length.toFixed(1))} ms` : formatDuration(length)} in view
      {length < NEAR_MS ? "; within a second entries stand in the log's order" : ""}
    </p>
  );
}
