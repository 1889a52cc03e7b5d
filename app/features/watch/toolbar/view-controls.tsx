import { ArrowDown, ArrowRight, Group, Rows3 } from "lucide-react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { Hint } from "../../../ui/tooltip.tsx";
import { foldIsOn, type ViewGraph } from "../graph/view-graph.ts";
import type { SetSearch, WatchSearch } from "../watch-search.ts";

export interface GraphControlsProps {
  readonly search: WatchSearch;
  readonly setSearch: SetSearch;
  readonly view: ViewGraph;
}

const TOGGLE =
  "flex h-8 items-center gap-1.5 rounded-md border border-strong bg-raised px-2 text-xs whitespace-nowrap data-hovered:bg-sunken data-selected:border-accent data-selected:bg-accent-soft data-selected:font-semibold";

/** How the graph is drawn: groups, swim lanes, direction. */
export function GraphControls({ search, setSearch, view }: GraphControlsProps) {
  const set = (patch: Partial<WatchSearch>): void => setSearch(patch, { replace: true });
  const folded = foldIsOn(search.fold ?? "auto", view.tasks.tasks);
  return (
    <div className="flex flex-wrap items-center gap-2">
      {view.opened > 0 ? (
        <Button size="sm" onPress={() => set({ open: undefined })}>
          Close {formatCount(view.opened)} {view.opened === 1 ? "group" : "groups"}
        </Button>
      ) : null}
      <Hint text={folded ? "Alike tasks are drawn as one" : "Draw alike tasks as one"} placement="bottom">
        <ToggleButton
          isSelected={folded}
          onChange={(on) => set({ fold: on ? "on" : "off", open: undefined })}
          className={TOGGLE}
        >
          <Group aria-hidden="true" size={14} /> Group
        </ToggleButton>
      </Hint>
      <Hint text="A lane for each agent" placement="bottom">
        <ToggleButton
          isSelected={search.lanes ?? false}
          onChange={(on) => set({ lanes: on ? true : undefined })}
          className={TOGGLE}
        >
          <Rows3 aria-hidden="true" size={14} /> Lanes
        </ToggleButton>
      </Hint>
      <Segmented
        label="Direction"
        options={[
          { id: "down", name: "Downwards", icon: <ArrowDown aria-hidden="true" size={14} /> },
          { id: "right", name: "To the right", icon: <ArrowRight aria-hidden="true" size={14} /> },
        ]}
        selected={search.dir ?? "down"}
        onChange={(dir) => set({ dir: dir === "down" ? undefined : dir })}
      />
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
