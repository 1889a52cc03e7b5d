import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { SlidersHorizontal } from "lucide-react";
import { memo, type Ref, useEffect, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { SearchField } from "../../ui/search-field.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { Select, type SelectItem } from "../../ui/select.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { shortName, shortTyp } from "./names.ts";
import { FILTER_NAMES, filterOf, type TimelineSearch } from "./timeline-search.ts";

export interface FilterBarProps {
  readonly search: TimelineSearch;
  /** From `growthOf`: the facets are asked again when it changes. */
  readonly growth: number;
  readonly searchField: Ref<HTMLInputElement>;
  setSearch(patch: Partial<TimelineSearch>, options?: { readonly replace?: boolean }): void;
}

/** No value of the log: a space cannot begin an identifier. */
const NONE = " any";
/** Values offered per filter; the most frequent ones. */
const MOST = 200;

/** The filters, all of them in the URL. */
export const FilterBar = memo(function FilterBar({ search, growth, searchField, setSearch }: FilterBarProps) {
  const [unfolded, setUnfolded] = useState(false);
  const facets = useFacets(growth);
  const active = Object.keys(filterOf(search)).length;
  const set = (name: (typeof FILTER_NAMES)[number]) => (id: string) =>
    setSearch({ [name]: id === NONE ? undefined : id, at: undefined });
  return (
    <div className="flex flex-wrap items-end gap-2 border-b border-line px-3 py-1.5">
      <TextFilter search={search} searchField={searchField} setSearch={setSearch} />
      <Button size="md" onPress={() => setUnfolded(!unfolded)} aria-expanded={unfolded} className="md:hidden">
        <SlidersHorizontal aria-hidden="true" size={14} />
        Filters{active > 0 ? ` (${active})` : ""}
      </Button>
      <div
        className={`${unfolded ? "grid" : "hidden"} w-full grid-cols-2 gap-2 md:flex md:w-auto md:flex-1 md:flex-wrap`}
      >
        <Facet
          label="Type"
          any={facets.any("any type")}
          values={facets.typs}
          chosen={search.typ}
          show={shortTyp}
          onChoose={set("typ")}
        />
        <Facet
          label="Agent"
          any={facets.any("anyone")}
          values={facets.agents}
          chosen={search.agent}
          show={shortName}
          onChoose={set("agent")}
        />
        <Facet
          label="Action"
          any={facets.any("any action")}
          values={facets.actions}
          chosen={search.action}
          onChoose={set("action")}
        />
        <Facet
          label="Outcome"
          any={facets.any("any outcome")}
          values={facets.outcomes}
          chosen={search.outcome}
          onChoose={set("outcome")}
        />
        <Facet
          label="Workflow"
          any={facets.any("any workflow")}
          values={facets.workflows}
          chosen={search.wid}
          show={facets.nameOf}
          onChoose={set("wid")}
        />
        {facets.isError ? (
          <Button variant="quiet" onPress={facets.retry}>
            Values not read: try again
          </Button>
        ) : null}
        {active === 0 ? null : (
          <Button
            variant="quiet"
            onPress={() => setSearch(Object.fromEntries([...FILTER_NAMES, "at"].map((name) => [name, undefined])))}
          >
            Clear filters
          </Button>
        )}
        <Segmented
          label="Order"
          options={[
            { id: "newest", name: "Newest first" },
            { id: "oldest", name: "Oldest first" },
          ]}
          selected={search.order ?? "newest"}
          onChange={(order) => setSearch({ order: order === "newest" ? undefined : order, at: undefined })}
          className="md:ml-auto"
        />
      </div>
    </div>
  );
});

/** Typing filters after a short rest, without a step in the browser's history per letter. */
function TextFilter({ search, searchField, setSearch }: Pick<FilterBarProps, "search" | "searchField" | "setSearch">) {
  const given = search.text ?? "";
  const [typed, setTyped] = useState(given);
  const [seen, setSeen] = useState(given);
  if (seen !== given) {
    // The URL changed from elsewhere: it wins over what stands in the field.
    setSeen(given);
    if (given !== typed.trim()) setTyped(given);
  }
  useEffect(() => {
    const text = typed.trim();
    if (text === given) return;
    const timer = setTimeout(
      () => setSearch({ text: text === "" ? undefined : text, at: undefined }, { replace: true }),
      250,
    );
    return () => clearTimeout(timer);
  }, [typed, given, setSearch]);
  return (
    <SearchField
      label="Search entries"
      placeholder="Search: action, agent, task, id"
      value={typed}
      onChange={setTyped}
      maxLength={200}
      inputRef={searchField}
      className="min-w-40 flex-1 md:max-w-64"
    />
  );
}

interface FacetProps {
  readonly label: string;
  readonly any: string;
  readonly values: readonly (readonly [string, number])[];
  readonly chosen: string | undefined;
  show?(value: string): string;
  onChoose(id: string): void;
}

function Facet({ label, any, values, chosen, show = (value) => value, onChoose }: FacetProps) {
  const items: SelectItem[] = [
    { id: NONE, name: any },
    ...values
      .slice(0, MOST)
      .map(([id, count]) => ({ id, name: `${visibleText(show(id)).slice(0, 80)} (${formatCount(count)})` })),
  ];
  if (chosen !== undefined && !items.some((item) => item.id === chosen))
    items.push({ id: chosen, name: visibleText(show(chosen)).slice(0, 80) });
  return (
    <Select
      label={label}
      hideLabel
      items={items}
      selectedKey={chosen ?? NONE}
      onSelectionChange={onChoose}
      className="md:w-36"
    />
  );
}

/** A number that changes when a log has grown by a tenth. */
export function growthOf(size: number): number {
  return Math.floor(Math.log(size + 1) / Math.log(1.1));
}

/** Values present in the log. Not asked at every notice: they only matter while somebody chooses. */
function useFacets(growth: number) {
  const api = useApi();
  const facets = useQuery({
    queryKey: ["timeline-facets", growth],
    queryFn: ({ signal }) => api.client.audit.facets(undefined, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const workflows = useQuery(api.orpc.workflow.list.queryOptions());
  const names = new Map(workflows.data?.workflows.map(({ wid, run }) => [wid, run.name]));
  const { typs = [], agents = [], actions = [], outcomes = [] } = facets.data ?? {};
  return {
    typs,
    agents,
    actions,
    outcomes,
    workflows: facets.data?.workflows ?? [],
    isError: facets.isError,
    retry: () => void facets.refetch(),
    /** Values that are not there yet never look like a log without any (L2). */
    any: (name: string): string =>
      facets.data !== undefined ? name : `${name} (${facets.isError ? "values not read" : "reading values …"})`,
    nameOf: (wid: string): string => `${names.get(wid) ?? "workflow"} ${wid.slice(0, 8)}`,
  };
}
