import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ListTree, SlidersHorizontal } from "lucide-react";
import { memo, type Ref, useCallback, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import type { ValuesOf } from "../../protocol/query/complete.ts";
import type { QueryProblem } from "../../protocol/query/expression.ts";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { Segmented } from "../../ui/segmented.tsx";
import { Select, type SelectItem } from "../../ui/select.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { shortName, shortTyp } from "./names.ts";
import { QueryBar } from "./query-bar.tsx";
import { FILTER_NAMES, filterOf, type TimelineSearch } from "./timeline-search.ts";

export interface FilterBarProps {
  readonly search: TimelineSearch;
  /** From `growthOf`: the facets are asked again when it changes. */
  readonly growth: number;
  readonly searchField: Ref<HTMLInputElement>;
  /** What the host says is wrong with the query. */
  readonly found: readonly QueryProblem[];
  /** Enter in the query: on to what it found. */
  onAsked(): void;
  /** Whether the findings are below the plain list; null where the list is not in view. */
  readonly hasFindings: boolean | null;
  onFindings(): void;
  setSearch(patch: Partial<TimelineSearch>, options?: { readonly replace?: boolean }): void;
}

const GROUPED = ["domain", "agent", "kind", "workflow"] as const;

/** No value of the log: a space cannot begin an identifier. */
const NONE = " any";
const GROUPS: readonly SelectItem[] = [
  { id: NONE, name: "no groups" },
  { id: "domain", name: "by domain" },
  { id: "agent", name: "by agent" },
  { id: "kind", name: "by type" },
  { id: "workflow", name: "by workflow" },
];
/** Values offered per filter; the most frequent ones. */
const MOST = 200;

/** The filters, all of them in the URL. */
export const FilterBar = memo(function FilterBar({
  search,
  growth,
  searchField,
  found,
  onAsked,
  hasFindings,
  onFindings,
  setSearch,
}: FilterBarProps) {
  const [unfolded, setUnfolded] = useState(false);
  const facets = useFacets(growth);
  const active = Object.keys(filterOf(search)).length;
  const set = (name: (typeof FILTER_NAMES)[number]) => (id: string) =>
    setSearch({ [name]: id === NONE ? undefined : id, at: undefined });
  return (
    <div className="flex flex-wrap items-end gap-2 border-b border-line px-3 py-1.5">
      <QueryBar
        search={search}
        found={found}
        valuesOf={facets.valuesOf}
        searchField={searchField}
        onAsked={onAsked}
        setSearch={setSearch}
      />
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
        {active === 0 && search.q === undefined ? null : (
          <Button
            variant="quiet"
            onPress={() => setSearch(Object.fromEntries([...FILTER_NAMES, "q", "at"].map((name) => [name, undefined])))}
          >
            Clear filters
          </Button>
        )}
        {search.view === "lanes" ? null : (
          <Select
            label="Group the entries"
            hideLabel
            items={GROUPS}
            selectedKey={search.group ?? NONE}
            onSelectionChange={(id) => setSearch({ group: GROUPED.find((group) => group === id) })}
            className="md:ml-auto md:w-36"
          />
        )}
        {hasFindings === null ? null : (
          <Button onPress={onFindings} aria-pressed={hasFindings} shortcut="f">
            <ListTree aria-hidden="true" size={14} />
            Findings
          </Button>
        )}
        {search.view === "lanes" ? null : (
          <Segmented
            label="Order"
            options={[
              { id: "newest", name: "Newest first" },
              { id: "oldest", name: "Oldest first" },
            ]}
            selected={search.order ?? "newest"}
            onChange={(order) => setSearch({ order: order === "newest" ? undefined : order, at: undefined })}
          />
        )}
      </div>
    </div>
  );
});

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
  const { data } = facets;
  const valuesOf = useCallback<ValuesOf>(
    (field) => {
      if (data === undefined) return [];
      const { typs, agents: by, actions: action, outcomes: outcome, workflows: wid, position } = data;
      const found: Partial<Record<typeof field, readonly (readonly [string, number])[]>> = {
        typ: typs.map(([typ, count]) => [typ.replace(/\+jwt$/, ""), count] as const),
        ...{ by, submitter: by, action, outcome, wid },
        domain: [[position.domain, position.size]],
      };
      return found[field] ?? [];
    },
    [data],
  );
  return {
    valuesOf,
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
