import { ListFilter, X } from "lucide-react";
import type { ReactNode, RefObject } from "react";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { Button } from "../../../ui/button.tsx";
import { Details } from "../../../ui/details.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { SearchField } from "../../../ui/search-field.tsx";
import { Select } from "../../../ui/select.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { SetSearch, WatchSearch } from "../watch-search.ts";

export interface FilterBarProps {
  readonly run: RunGraph;
  readonly search: WatchSearch;
  readonly setSearch: SetSearch;
  /** Tasks that pass, and whether anything is filtered at all. */
  readonly matches: number;
  readonly filtered: boolean;
  readonly searchRef: RefObject<HTMLInputElement | null>;
  /** Enter in the search field. */
  onNext(): void;
  /** Stands at the end of the row. */
  readonly children: ReactNode;
}

const ALL = "*";

/** Search and filters; in the graph what does not pass fades, in the table it is left out. */
export function FilterBar(props: FilterBarProps) {
  const { run, search, setSearch, matches, filtered } = props;
  const set = (patch: Partial<WatchSearch>): void => setSearch(patch, { replace: true });
  const active = [search.agent, search.action].filter((value) => value !== undefined).length;
  return (
    <div className="flex min-w-72 flex-1 flex-wrap items-center gap-2">
      <SearchField
        label="Search tasks"
        placeholder="Search tasks  /"
        value={search.q ?? ""}
        maxLength={200}
        onChange={(q) => set({ q: q === "" ? undefined : q })}
        onSubmit={props.onNext}
        inputRef={props.searchRef}
        className="max-w-64 min-w-24 flex-100"
      />
      <Details
        title="Filter"
        label={active === 0 ? "Filter by agent or action" : `Filter by agent or action, ${active} set`}
        placement="bottom start"
        className="h-8 gap-1.5 rounded-md border border-strong bg-raised px-2"
        trigger={
          <>
            <ListFilter aria-hidden="true" size={14} />
            <span className="hidden sm:inline">Filter</span>
            {active === 0 ? null : <b>{active}</b>}
          </>
        }
      >
        <div className="flex flex-col gap-3">
          <Select
            label="Agent"
            items={[
              { id: ALL, name: `All ${formatCount(run.agents.length)} agents` },
              ...run.agents.map((agent) => ({ id: agent.id, name: visibleText(agent.name) })),
            ]}
            selectedKey={search.agent ?? ALL}
            onSelectionChange={(id) => set({ agent: id === ALL ? undefined : id })}
          />
          <Select
            label="Action"
            items={[
              { id: ALL, name: "All actions" },
              ...[...new Set(run.actions)].sort().map((action) => ({ id: action, name: action })),
            ]}
            selectedKey={search.action ?? ALL}
            onSelectionChange={(id) => set({ action: id === ALL ? undefined : id })}
          />
        </div>
      </Details>
      {filtered ? (
        <span role="status" className="flex items-center gap-1 text-xs whitespace-nowrap">
          {formatCount(matches)} of {formatCount(run.ids.length)} tasks
          <Button
            size="sm"
            variant="quiet"
            aria-label="Clear search and filters"
            onPress={() => set({ q: undefined, agent: undefined, action: undefined, state: undefined })}
          >
            <X aria-hidden="true" size={14} />
          </Button>
        </span>
      ) : null}
      <span className="hidden flex-1 md:block" />
      {props.children}
    </div>
  );
}
