import { ArrowDown, ArrowRight, Group, ListChecks, Rows3 } from "lucide-react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { Hint } from "../../../ui/tooltip.tsx";
import { foldIsOn, type ViewGraph } from "../graph/view-graph.ts";
import type { SetSearch, WatchSearch } from "../watch-search.ts";

export interface DrawControlsProps {
  readonly search: WatchSearch;
  readonly setSearch: SetSearch;
  readonly view: ViewGraph;
  readonly shown: "graph" | "table";
}

const TOGGLE =
  "flex h-8 items-center gap-1.5 rounded-md border border-strong bg-raised px-2 text-xs whitespace-nowrap data-hovered:bg-sunken data-selected:border-accent data-selected:bg-accent-soft data-selected:font-semibold";

/** How tasks are put together, in graph and table alike; and the direction of the graph. */
export function DrawControls({ search, setSearch, view, shown }: DrawControlsProps) {
  const inGraph = shown === "graph";
  // Where the graph was looked at before means nothing under another grouping.
  const regroup = (patch: Partial<WatchSearch>): void => set({ ...patch, ...(inGraph ? {} : { vp: undefined }) });
  const set = (patch: Partial<WatchSearch>): void => setSearch(patch, { replace: true });
  const folded = foldIsOn(search.fold ?? "auto", view.tasks.tasks);
  return (
    <div className="flex flex-wrap items-center gap-2">
      {view.opened > 0 ? (
        <Button size="sm" onPress={() => regroup({ open: undefined })}>
          Close {formatCount(view.opened)} {view.opened === 1 ? "group" : "groups"}
        </Button>
      ) : null}
      <Hint text={folded ? "Alike tasks are shown as one" : "Show alike tasks as one"} placement="bottom">
        <ToggleButton
          isSelected={folded}
          onChange={(on) => regroup({ fold: on ? "on" : "off", open: undefined })}
          className={TOGGLE}
        >
          <Group aria-hidden="true" size={14} /> Group
        </ToggleButton>
      </Hint>
      <Hint text={inGraph ? "A lane for each agent" : "The tasks of each agent together"} placement="bottom">
        <ToggleButton
          isSelected={search.lanes ?? false}
          onChange={(on) => regroup({ lanes: on ? true : undefined, shut: undefined })}
          className={TOGGLE}
        >
          <Rows3 aria-hidden="true" size={14} /> {inGraph ? "Lanes" : "By agent"}
        </ToggleButton>
      </Hint>
      {inGraph ? (
        <Segmented
          label="Direction"
          options={[
            { id: "down", name: "Downwards", icon: <ArrowDown aria-hidden="true" size={14} /> },
            { id: "right", name: "To the right", icon: <ArrowRight aria-hidden="true" size={14} /> },
          ]}
          selected={search.dir ?? "down"}
          onChange={(dir) => set({ dir: dir === "down" ? undefined : dir, vp: undefined })}
        />
      ) : null}
    </div>
  );
}

/** Graph or table: the same tasks, the same powers. */
export function ViewSwitch({ shown, setSearch }: { readonly shown: "graph" | "table"; readonly setSearch: SetSearch }) {
  return (
    <Segmented
      label="View"
      options={[
        { id: "graph", name: "Graph" },
        { id: "table", name: "Table" },
      ]}
      selected={shown}
      onChange={(view) => setSearch({ view }, { replace: true })}
    />
  );
}

/** While it is on, each press adds a task or takes it away again: the way for who has no Control key, as on a phone. */
export function SeveralSwitch({ isOn, onChange }: { readonly isOn: boolean; onChange(isOn: boolean): void }) {
  return (
    <Hint text={isOn ? "Each press adds a task or takes it away" : "Select several tasks, press by press"}>
      <ToggleButton isSelected={isOn} onChange={onChange} className={TOGGLE}>
        <ListChecks aria-hidden="true" size={14} /> <span className="sr-only sm:not-sr-only">Select several</span>
      </ToggleButton>
    </Hint>
  );
}
